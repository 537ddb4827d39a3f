"""The peers that a benchmark measures beside ours, each with a Python of its own."""

from pathlib import Path

from tests.bench.loopback import is_alone

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "peers"


class LeftOut(Exception):
    """The peer is not measured; the reason is a sentence for the reader."""


class PeerFailed(Exception):
    """The peer was started and did not do its work: there is nothing to compare."""


def environment_of(name: str, root: Path = ROOT) -> Path:
    """The folder with the peer's programs. Raises LeftOut."""
    if not is_alone():
        raise LeftOut("no network without a way out can be made here")
    directory = root / ".local/peers" / name
    if not (directory / ".installed").is_file():
        raise LeftOut(
            f"it is not installed; `make {directory.relative_to(root)}/.installed`"
        )
    return directory / "bin"
