"""Starts one process under test: `python -m tests.chaos.launch [--plant=NAME]
[--clock=SECONDS] [--heartbeat=SECONDS] worker|beat|api|probe …`. Without options it is
the product's own command.

`--plant` sabotages it (tests/chaos/plants), `--clock` sets its clock wrong, and
`--heartbeat` makes a short scene shorter.
"""

import importlib
import sys
import time

PLANT, CLOCK, HEARTBEAT = "--plant=", "--clock=", "--heartbeat="


def main() -> None:
    arguments = sys.argv[1:]
    while arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option.startswith(CLOCK):
            _set_clock_wrong(float(option.removeprefix(CLOCK)))
        elif option.startswith(HEARTBEAT):
            _set_heartbeat(int(option.removeprefix(HEARTBEAT)))
        else:
            name = option.removeprefix(PLANT)
            importlib.import_module(f"tests.chaos.plants.{name}").plant()
    if arguments[0] == "api":
        _serve(int(arguments[1]))
    elif arguments[0] == "probe":
        from tests.chaos import probe  # noqa: PLC0415 — after the sabotage

        probe.main(arguments[1])
    else:
        from celery.__main__ import main as celery  # noqa: PLC0415 — after the clock

        sys.argv = ["celery", "-A", "app.tasks.celery_app", *arguments]
        celery()


def _serve(port: int) -> None:
    import uvicorn  # noqa: PLC0415 — after the clock

    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        server_header=False,
        log_level="warning",
    )


def _set_clock_wrong(by: float) -> None:
    """The wall clock of this process, wherever Python asks for it; the one that only
    measures durations is right, as it is on a machine whose date is wrong."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 — only here

    from app.core import clock  # noqa: PLC0415 — before anything imports from it

    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + by
    time.time_ns = lambda: right_ns() + int(by * 1e9)
    clock.now = lambda: datetime.now(UTC) + timedelta(seconds=by)


def _set_heartbeat(seconds: int) -> None:
    from app.tasks import worker  # noqa: PLC0415 — after the sabotage

    worker.HEARTBEAT_SECONDS = seconds


if __name__ == "__main__":
    main()
