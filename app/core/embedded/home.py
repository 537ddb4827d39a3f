"""Where a server's files lie and as whom it runs, so that PostgreSQL, which refuses
root, also starts for root."""

import os
import pwd
import shutil
import tempfile
from pathlib import Path

from app.core.embedded.process import Account, NotReachable, can_reach

# Only root needs it, when the account `nobody` cannot reach the checkout; it must
# outlive a restart of the machine, which /tmp does not.
OUTSIDE = Path("/var/tmp")  # noqa: S108 # the directory made in it has a random name


def home(directory: Path) -> Path:
    """The directory of a server's files; at the first start it is made.

    For root and a `directory` that `nobody` cannot reach it becomes a link to one
    that it can, so that no directory of somebody else has to be opened.
    """
    if directory.is_symlink() and not directory.exists():
        raise NotReachable(
            f"{directory} leads to {directory.readlink()}, which is gone, and the data "
            f"with it: remove the link {directory} to begin with an empty server"
        )
    if not directory.exists():
        directory.parent.mkdir(parents=True, exist_ok=True)
        _make(directory)
    return directory.resolve()


def account_of(home: Path) -> Account:
    """Whom the server runs as: the owner of its files."""
    owner = home.stat()
    if os.geteuid() not in {0, owner.st_uid}:
        name = pwd.getpwuid(owner.st_uid).pw_name
        raise NotReachable(
            f"{home} belongs to {name}: start as that user or as root, "
            "or remove the directory to begin with an empty server"
        )
    return Account(owner.st_uid, owner.st_gid)


def remove(directory: Path) -> None:
    """Delete a server's files, which must be stopped, wherever they lie."""
    if directory.exists():
        shutil.rmtree(directory.resolve())
    directory.unlink(missing_ok=True)


def _make(directory: Path) -> None:
    if os.geteuid() != 0:
        directory.mkdir(0o700)
        return
    entry = pwd.getpwnam("nobody")
    nobody = Account(entry.pw_uid, entry.pw_gid)
    if not can_reach(directory.parent, nobody):
        outside = Path(tempfile.mkdtemp(prefix="cloudrota-", dir=OUTSIDE))
        nobody.own(outside)
        directory.symlink_to(outside)
    else:
        directory.mkdir(0o700)
        nobody.own(directory)
