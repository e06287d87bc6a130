"""A kernel provisioner that forks: papermill and nbclient start, interrupt, kill and restart its kernels as ordinary ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from workbook.batch.kernels.client import ADDRESS_VARIABLE, ZygoteGone, fork
from workbook.batch.kernels.ends import ended

PROVISIONER = "workbook-fork"  # the entry point's name
KERNEL = "workbook"
PARTS = "workbook.batch.kernels.kernel"
OPTIONS = (
    "--HistoryManager.hist_file=:memory:",
    f"--IPKernelApp.outstream_class={PARTS}.PromptStream",
    f"--IPKernelApp.kernel_class={PARTS}.PromptKernel",
    "--IPythonKernel._execute_sleep=0",  # half a millisecond per cell, for clients that do not wait for the end of what is shown
)
FAREWELL_SECONDS = 1.0


class ForkProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Starts kernels by fork from the zygote that the environment names; without one, or if it fails, the ordinary way."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start a kernel. cmd: as in the kernelspec, `python -m ipykernel_launcher -f FILE`."""
        address = os.environ.get(ADDRESS_VARIABLE, "")
        environment = dict(kwargs.get("env") or os.environ)
        if address:
            try:
                arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
                cwd = str(kwargs.get("cwd") or Path.cwd())
                self.process = fork(address, "kernel", arguments, env=environment, cwd=cwd)
                self.pid = self.pgid = self.process.pid
                return self.connection_info
            except (ZygoteGone, ValueError):
                pass
        return await super().launch_kernel(cmd, **kwargs)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait until the kernel has ended; its manager would look every tenth of a second, and does so afterwards."""
        if self.pid is not None:
            await ended(self.pid, FAREWELL_SECONDS)


def write_kernelspec(folder: Path) -> None:
    """Write the kernelspec below `<folder>/kernels/`; with `folder` on JUPYTER_PATH the kernel is found by its name."""
    target = folder / "kernels" / KERNEL
    target.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}", *OPTIONS],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": PROVISIONER}, "debugger": False},
    }
    (target / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def is_registered() -> bool:
    """Tell whether this installation knows the provisioner: it is an entry point, written when the package is installed."""
    from importlib.metadata import entry_points

    return any(point.name == PROVISIONER for point in entry_points(group="jupyter_client.kernel_provisioners"))
