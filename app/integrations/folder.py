"""Files in a folder of this machine: for development, and for a single machine."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.core.storage import StorageAway

PIECE = 256 * 1024


class FolderStorage:
    """The `ObjectStorage` below `root`; nobody else may look into it."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put(self, key: str, source: IO[bytes]) -> None:
        path = self._path(key)
        unfinished = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                shutil.copyfileobj(source, file, PIECE)
            unfinished.replace(path)
        except OSError as error:
            raise StorageAway(f"It cannot be written: {error.strerror}") from error

    def read(self, key: str) -> Iterator[bytes]:
        try:
            with self._path(key).open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as error:
            raise StorageAway(f"It cannot be read: {error.strerror}") from error

    def delete(self, key: str) -> None:
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageAway(f"It cannot be deleted: {error.strerror}") from error

    def keys(self, prefix: str) -> Iterator[str]:
        folder = self._path(prefix)
        try:
            found = sorted(folder.rglob("*")) if folder.is_dir() else []
        except OSError as error:
            raise StorageAway(f"It cannot be listed: {error.strerror}") from error
        for path in found:
            if path.is_file() and path.suffix != ".part":
                yield path.relative_to(self._root.resolve()).as_posix()

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.is_relative_to(self._root):
            raise ValueError(f"the key {key!r} leads out of the folder")
        return path
