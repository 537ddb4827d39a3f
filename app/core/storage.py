"""Where files are kept outside the database: what such a place can do."""

from collections.abc import Iterator
from typing import IO, Protocol

from app.core.errors import Unavailable


class StorageAway(Unavailable):
    """The place of the files cannot be reached, or lacks one that should be there."""

    code = "storage-away"
    title = "The stored files cannot be reached"


class ObjectStorage(Protocol):
    """Blocks: for worker threads. Keys are ours, of letters, digits, `-`, `.` and `/`.

    Each of them raises StorageAway.
    """

    def put(self, key: str, source: IO[bytes]) -> None:
        """Store all of `source`; what has the key already is replaced as a whole."""

    def read(self, key: str) -> Iterator[bytes]:
        """The file, in pieces."""

    def delete(self, key: str) -> None:
        """Also of a file that is not there any more."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Those of all files whose key begins so; `prefix` ends with `/`."""
