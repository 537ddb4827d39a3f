"""Every curated check is judged by a table, and each can say that it does not know."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import tests.aws.health as folder
from app.aws.services.health import checks
from tests.aws import test_health_verdicts

# What is listed there is trouble; where all is well, nothing is listed.
NEVER_WELL = {"health:event"}


def rows() -> Iterator[tuple[Any, ...]]:
    yield from test_health_verdicts.VERDICTS
    for module in pkgutil.iter_modules(folder.__path__):
        if module.name.startswith("test_"):
            found = importlib.import_module(f"{folder.__name__}.{module.name}")
            yield from getattr(found, "VERDICTS", ())


def test_every_check_is_judged_and_has_an_unknown() -> None:
    seen: dict[str, set[str]] = {}
    for check, _, verdict, *_ in rows():
        seen.setdefault(check, set()).add(verdict)
    assert set(seen) == set(checks())
    for check, verdicts in seen.items():
        if check in NEVER_WELL:
            assert "unknown" in verdicts
            assert not verdicts & {"healthy", "reachable"}
        else:
            assert "reachable" in verdicts or {"healthy", "unknown"} <= verdicts, check
