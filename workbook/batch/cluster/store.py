"""Folders that runner and workers both reach: in a shared file system, or under any URL that fsspec knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

OPEN = "open"  # a file that stands as long as somebody waits for what is returned


class Store:
    """A folder by its URL; a path is a URL too."""

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs

        fs, path = url_to_fs(url)
        self.url, self._fs, self._path = url.rstrip("/"), fs, str(path).rstrip("/")

    def below(self, name: str) -> Store:
        """Return a folder in this one."""
        return Store(f"{self.url}/{name}")

    @property
    def local(self) -> Path | None:
        """Its path, where it is one of this machine's file system."""
        return Path(self._path) if "file" in _protocols(self._fs) else None

    def put(self, folder: Path, names: tuple[str, ...] | None = None) -> None:
        """Copy a folder's files here, or only those below some names."""
        found = [folder] if names is None else [folder / name for name in names]
        for path in (file for start in found for file in _files(start)):
            there = f"{self._path}/{path.relative_to(folder).as_posix()}"
            self._fs.makedirs(there.rpartition("/")[0], exist_ok=True)
            self._fs.put_file(str(path), there)

    def get(self, folder: Path) -> None:
        """Copy all files from here to a folder."""
        for there in self._fs.find(self._path):
            path = folder / str(there).removeprefix(self._path).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fs.get_file(there, str(path))

    def write(self, name: str, text: str) -> None:
        """Write a file of a few words, and the folder around it."""
        self._fs.makedirs(self._path, exist_ok=True)
        self._fs.pipe_file(f"{self._path}/{name}", text.encode())

    def texts(self) -> dict[str, str]:
        """Return the files in it by name, each of a few words."""
        return {str(there).rpartition("/")[2]: self._fs.cat_file(there).decode() for there in self._fs.find(self._path)}

    def open(self) -> None:
        """Make the folder, and say that what is put here is waited for."""
        self.write(OPEN, "")

    def is_open(self) -> bool:
        """Tell whether anybody still waits for what is put here."""
        return bool(self._fs.exists(f"{self._path}/{OPEN}"))

    def remove(self) -> None:
        """Remove it with all that it holds."""
        if self._fs.exists(self._path):
            self._fs.rm(self._path, recursive=True)

    def remove_below(self, prefix: str) -> None:
        """Remove the folders in here whose names begin so."""
        if self._fs.exists(self._path):
            for there in self._fs.ls(self._path, detail=False):
                if str(there).rstrip("/").rpartition("/")[2].startswith(prefix):
                    self._fs.rm(there, recursive=True)


def _files(start: Path) -> list[Path]:
    return [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
