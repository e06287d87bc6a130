"""What may go away while a run lasts: the cluster, and what runner and workers share. Each is told as such, never as a fault of ours."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

from workbook.errors import ClusterLost
from workbook.text import msg

RUNNING = "running"  # a client whose scheduler answers


@contextlib.contextmanager
def asking(client: Any, scheduler: str) -> Iterator[None]:
    """Ask a cluster something. Raises `ClusterLost` where it no longer answers, before anything is asked and after."""
    if client.status == RUNNING:
        try:
            yield
            return
        except (OSError, RuntimeError, CancelledError) as error:
            if client.status == RUNNING and not isinstance(error, OSError | CancelledError):
                raise
    raise ClusterLost(msg("the scheduler of the cluster no longer answers, and what its workers had begun is lost; --resume goes on with what is finished"),
                      where=scheduler)  # fmt: skip


@contextlib.contextmanager
def sharing(url: str) -> Iterator[None]:
    """Use what runner and workers share; each file system has errors of its own. Raises `ClusterLost`; a full disk here stays one."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise ClusterLost(msg("the folder that runner and workers share cannot be used: {url}: {why}", url=url, why=why), where=url) from error


def at_leisure(cleaning: Callable[[], object]) -> None:
    """Clean up what may be gone already: the run ends as it does without."""
    with contextlib.suppress(Exception):
        cleaning()
