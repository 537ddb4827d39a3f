"""What is told of peers: the ratios, and that none is made up for one left out."""

from pathlib import Path

import pytest

from tests.bench import loopback, peer
from tests.bench.peer import LeftOut
from tests.bench.schedule_peers import REDBEAT, Beside, PeerBurst, best

OTHER = "sqlalchemy-celery-beat"
HEADER = "Iface\tDestination\tGateway\n"
LOCAL = f"{0:032} 80 {0:032} 00 {0:032} 00000100 1 0 00000001"


def burst(per_second: float) -> PeerBurst:
    return PeerBurst(100, 90, per_second, 1000, 60)


def network(directory: Path, four: str, six: str | None) -> Path:
    (directory / "route").write_text(HEADER + four)
    if six is not None:
        (directory / "ipv6_route").write_text(six)
    return directory


@pytest.mark.parametrize(
    ("four", "six", "alone"),
    [
        ("", f"{LOCAL}       lo\n", True),
        ("", None, True),
        ("lo\t0000007F\t0\n", "", True),
        ("eth0\t00000000\t0102A8C0\n", "", False),
        ("", f"{LOCAL}       lo\n{LOCAL}     eth0\n", False),
    ],
)
def test_a_way_out_is_seen(
    tmp_path: Path, four: str, six: str | None, alone: bool
) -> None:
    assert loopback.is_alone(network(tmp_path, four, six)) is alone


def test_where_the_kernel_tells_nothing_no_one_is_alone(tmp_path: Path) -> None:
    assert not loopback.is_alone(tmp_path / "none")


def test_a_peer_is_left_out_where_there_is_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path)
    monkeypatch.setattr(peer, "is_alone", lambda: False)
    with pytest.raises(LeftOut, match="network"):
        peer.environment_of("beats", tmp_path)


def test_a_peer_is_left_out_until_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "is_alone", lambda: True)
    with pytest.raises(LeftOut, match=r"make .local/peers/beats/.installed"):
        peer.environment_of("beats", tmp_path)
    made = installed(tmp_path)
    assert peer.environment_of("beats", tmp_path) == made / "bin"


def installed(root: Path) -> Path:
    made = root / ".local/peers/beats"
    made.mkdir(parents=True)
    (made / ".installed").touch()
    return made


def test_the_best_round_of_a_peer_counts() -> None:
    rounds = [{REDBEAT: burst(300)}, {REDBEAT: burst(500)}, {REDBEAT: burst(400)}]
    beside = best(rounds)
    assert beside.peers == {REDBEAT: burst(500)}
    assert beside.ratios(5000) == {"dispatch_vs_redbeat": 10}


def test_a_peer_left_out_has_a_reason_and_no_ratio() -> None:
    beside = best([{REDBEAT: LeftOut("it is not there"), OTHER: burst(50)}])
    assert beside.ratios(5000) == {"dispatch_vs_sqlalchemy_celery_beat": 100}
    assert f"  {REDBEAT}: left out, it is not there" in beside.lines()
    assert beside.is_as_promised(1)


@pytest.mark.parametrize(("ours", "kept"), [(2500, True), (2400, False)])
def test_the_promise_is_of_redbeat(ours: float, kept: bool) -> None:
    beside = Beside({REDBEAT: burst(500), OTHER: burst(5000)})
    assert beside.is_as_promised(ours) is kept
