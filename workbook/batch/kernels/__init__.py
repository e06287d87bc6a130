"""Processes by fork from one that has imported everything once; where fork is not to be had, ordinary ones.

A chapter takes two processes: one that runs papermill, one that is its kernel. Each would import what it needs anew, several
seconds every time. Two zygotes do it once: one imports papermill and forks workers, one imports what the notebooks use (pandas,
Ibis, matplotlib) and forks kernels.
The only room that may use what POSIX alone has.
"""

from workbook.batch.kernels.client import ForkedProcess, Zygote, Zygotes, can_fork
from workbook.batch.kernels.provisioner import KERNEL, PROVISIONER, ForkProvisioner

__all__ = ["KERNEL", "PROVISIONER", "ForkProvisioner", "ForkedProcess", "Zygote", "Zygotes", "can_fork"]
