"""Folders that runner and workers both reach: in a shared file system, or under any URL that fsspec knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

BEGUN = "begun"  # the folder, in an order's, in which each attempt says at which worker it began
OPEN = "open"  # a file that stands as long as somebody waits for what is returned


class Store:
    """A folder by its URL; a path is a URL too. What others did in it is seen: listings that fsspec remembers are forgotten.

    What fails is tried once more over a new connection: one that was idle for long may have been closed at its other end.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._connect()

    def _connect(self) -> None:
        from fsspec.core import url_to_fs

        self._fs, path = url_to_fs(self.url)
        self._path = str(path).rstrip("/")

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
            self._tried(partial(self._put, path, there))

    def _put(self, path: Path, there: str) -> None:
        self._fs.makedirs(there.rpartition("/")[0], exist_ok=True)
        self._fs.put_file(str(path), there)

    def _fetch(self, there: str, path: Path) -> None:
        self._fs.get_file(there, str(path))

    def get(self, folder: Path) -> None:
        """Copy all files from here to a folder."""
        for there in self._found():
            path = folder / there.removeprefix(self._path).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._tried(partial(self._fetch, there, path))

    def write(self, name: str, text: str) -> None:
        """Write a file of a few words, and the folder around it."""
        self._tried(lambda: self._fs.makedirs(self._path, exist_ok=True))
        self._tried(lambda: self._fs.pipe_file(f"{self._path}/{name}", text.encode()))

    def texts(self) -> dict[str, str]:
        """Return the files in it by name, each of a few words."""
        return {there.rpartition("/")[2]: self._text(there) for there in self._found()}

    def _text(self, there: str) -> str:
        return str(self._tried(lambda: self._fs.cat_file(there)).decode())

    def open(self) -> None:
        """Make the folder, and say that what is put here is waited for."""
        self.write(OPEN, "")

    def is_open(self) -> bool:
        """Tell whether anybody still waits for what is put here."""
        return self._exists(f"{self._path}/{OPEN}")

    def remove(self) -> None:
        """Remove it with all that it holds."""
        if self._exists(self._path):
            self._tried(lambda: self._fs.rm(self._path, recursive=True))

    def remove_below(self, prefix: str) -> None:
        """Remove the folders in here whose names begin so."""
        for name in sorted(_name(about) for about in self._listed(self._path)):
            if name.startswith(prefix):
                self.below(name).remove()

    def _exists(self, path: str) -> bool:
        return bool(self._tried(lambda: self._fs.exists(path)))

    def _found(self) -> list[str]:
        """Return its files, those of folders in it included; fsspec's own search leaves out what it could not list, and says nothing."""
        files, folders = [], [self._path]
        while folders:
            here = folders.pop()
            for about in self._listed(here):
                there = f"{here}/{_name(about)}"
                if about["type"] == "directory":
                    folders.append(there)
                elif about["type"] == "file":
                    files.append(there)
        return sorted(files)

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        try:
            return list(self._tried(lambda: self._fs.ls(folder, detail=True)))
        except FileNotFoundError:
            return []

    def _tried(self, asked: Callable[[], Any]) -> Any:
        self._fs.invalidate_cache()
        try:
            return asked()
        except FileNotFoundError:
            raise
        except Exception:
            if self.local is not None:
                raise
            type(self._fs).clear_instance_cache()
            self._connect()
            return asked()


def _name(about: dict[str, Any]) -> str:
    return str(about["name"]).rstrip("/").rpartition("/")[2]


def _files(start: Path) -> list[Path]:
    return [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
