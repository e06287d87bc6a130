"""Processes by fork from one that has imported everything once; where fork is not to be had, ordinary ones.

A chapter takes two processes: one that runs papermill, one that is its kernel. Each would import pandas, Ibis, matplotlib and
statsmodels anew, several seconds every time. The zygote imports them once and forks a copy for each.
The only room that may use what POSIX alone has.
"""

from workbook.batch.kernels.client import ForkedProcess, Zygote, can_fork
from workbook.batch.kernels.provisioner import KERNEL, PROVISIONER, ForkProvisioner

__all__ = ["KERNEL", "PROVISIONER", "ForkProvisioner", "ForkedProcess", "Zygote", "can_fork"]
