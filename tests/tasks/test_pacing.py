"""The pace of AWS calls: one rate for all workers, a share of it without Redis."""

import threading
from collections.abc import Iterator

import pytest
from redis import Redis

from app.aws.call import Pacing
from app.core.clock import monotonic
from app.core.settings import Settings
from app.tasks import pacing
from app.tasks.pacing import Pacer
from app.tasks.stopping import Stop, Stopped, StopReason

PLACE = ("123456789012", "eu-central-1", "ec2")


def go() -> None:
    """Nobody asks to stop."""


@pytest.fixture
def redis(worker_settings: Settings) -> Iterator[str]:
    url = worker_settings.redis_url.get_secret_value()
    with Redis.from_url(url) as server:
        for key in server.scan_iter("pace:*"):
            server.delete(key)
        yield url


def asked(pacer: Pacer, times: int, place: tuple[str, str, str] = PLACE) -> set[Pacing]:
    return {pacer(*place, go) for _ in range(times)}


def seconds_for(pacers: list[Pacer], times: int) -> float:
    """How long the pacers take together, each asked as often."""
    began = monotonic()
    threads = [threading.Thread(target=asked, args=(one, times)) for one in pacers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return monotonic() - began


def test_two_processes_keep_one_rate_together(redis: str) -> None:
    pacers = [Pacer(redis, rate=100, burst=20, processes=1) for _ in range(2)]
    # 80 calls, 20 of them at once: 60 are waited for at 100 a second.
    assert seconds_for(pacers, 40) > 0.5


def test_what_comes_at_once_after_a_pause_is_not_held_up(redis: str) -> None:
    pacer = Pacer(redis, rate=1, burst=40, processes=1)
    assert seconds_for([pacer], 32) < 5
    assert asked(pacer, 1) == {"shared"}


def test_each_account_region_and_service_has_its_own_rate(redis: str) -> None:
    pacer = Pacer(redis, rate=0.001, burst=1, processes=1)
    account, region, service = PLACE
    for place in (
        PLACE,
        ("999999999999", region, service),
        (account, "us-east-1", service),
        (account, region, "rds"),
    ):
        assert asked(pacer, 1, place) == {"shared"}
    stop = Stop(deadline=monotonic() + 0.3)
    with pytest.raises(Stopped):
        pacer(*PLACE, stop.check)


def test_a_service_that_throttles_early_is_asked_more_slowly(
    redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "SLOW_SERVICES", {"ec2": 0.001})
    pacer = Pacer(redis, rate=1000, burst=1000, processes=1)
    asked(pacer, 50, ("123456789012", "eu-central-1", "rds"))
    asked(pacer, 1)
    stop = Stop(deadline=monotonic() + 0.3)
    with pytest.raises(Stopped):
        pacer(*PLACE, stop.check)


def test_who_waits_stops_when_asked_to(redis: str) -> None:
    pacer = Pacer(redis, rate=0.001, burst=1, processes=1)
    asked(pacer, 1)
    stop = Stop(deadline=monotonic() + 60)
    threading.Timer(0.2, stop.ask, [StopReason.CANCELLED]).start()
    began = monotonic()
    with pytest.raises(Stopped) as stopped:
        pacer(*PLACE, stop.check)
    assert stopped.value.reason is StopReason.CANCELLED
    assert monotonic() - began < 10


def test_while_redis_is_away_each_process_keeps_to_its_share() -> None:
    away = "redis://127.0.0.1:1/0"
    alone = Pacer(away, rate=200, burst=4, processes=1)
    one_of_four = Pacer(away, rate=200, burst=4, processes=4)
    assert asked(alone, 1) == {"local"}
    # 40 calls beyond the first at 50 a second.
    assert seconds_for([one_of_four], 41) > 0.7


def test_a_redis_that_hangs_holds_nothing_up_and_is_asked_again(
    redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "AWAY_SECONDS", 0.0)
    pacer = Pacer(redis, rate=100, burst=8, processes=1)
    with Redis.from_url(redis) as server:
        server.execute_command("CLIENT", "PAUSE", 60_000, "WRITE")
        try:
            assert asked(pacer, 1) == {"local"}
        finally:
            server.execute_command("CLIENT", "UNPAUSE")
    assert asked(pacer, 2) == {"shared"}
