"""Every module says what it is, fits on a few screens, and swallows no error."""

import ast
import re
from pathlib import Path

import pytest

from tests.walks.python import ROOT, functions, modules, named, of_app

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60

# Handlers that neither raise, nor log, nor use what they caught: module, function,
# exception; and why each is an answer and no silence.
ANSWERS = {
    (
        "app/core/signing.py",
        "is_signed",
        "(InvalidSignature, ValueError)",
    ): "whether it is signed",
    ("app/aws/catalog/derive.py", "_exists", "NoSuchPath"): "whether it exists",
    (
        "app/aws/catalog/sources.py",
        "paginators",
        "UnknownServiceError",
    ): "the SDK ships none, which is a fact of the catalog",
    (
        "app/aws/catalog/sources.py",
        "is_global",
        "EndpointProviderError",
    ): "whether the service has one endpoint for all regions",
    (
        "app/core/addresses.py",
        "network_of",
        "ValueError",
    ): "what is no address is nobody's, and all of that share one limit",
    (
        "app/core/outbound_addresses.py",
        "is_public",
        "ValueError",
    ): "what is no address is not a public one, and is refused",
    (
        "app/integrations/channels/incidents.py",
        "_id",
        "ValueError",
    ): "whether it is an id",
    (
        "app/integrations/outbound.py",
        "_seconds",
        "(ValueError, TypeError)",
    ): "an unreadable wait is none",
    (
        "app/integrations/outbound.py",
        "_is_address",
        "ValueError",
    ): "whether it is one, or a name to be resolved",
    (
        "app/services/rate_limits.py",
        "_count",
        "LimiterAway",
    ): "the request is let through and counted as such; the limiter has logged why",
    (
        "app/services/throttling.py",
        "_ask",
        "LimiterAway",
    ): "PostgreSQL is asked instead; the limiter has counted and logged it",
    (
        "app/aws/services/health/budgets.py",
        "_amount",
        "InvalidOperation",
    ): "an amount that is no number makes the verdict unknown, with that reason",
    (
        "app/services/check_tiers.py",
        "tier_of",
        "UnknownCheck",
    ): "history names checks that the catalog has no more; none is told of them",
    (
        "app/services/check_tiers.py",
        "type_of",
        "(UnknownCheck, UnknownOperation, UnknownService)",
    ): "history names listings that the catalog has no more; none is told of them",
    (
        "app/services/preflights.py",
        "_needed",
        "(UnknownService, UnknownOperation, UnknownCheck, NothingToDo)",
    ): "such a task fails by itself, with that reason; it needs no action",
    (
        "app/services/reruns.py",
        "_start",
        "NotFound",
    ): "an outcome of the item: its task is deleted, or not the actor's to see",
    (
        "app/core/totp.py",
        "step_of",
        "OTPVerificationError",
    ): "whether it is a code of the secret",
    (
        "app/core/embedded/process.py",
        "find",
        "(FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied)",
    ): "whether the process is there",
    (
        "app/core/embedded/valkey.py",
        "_answers",
        "(redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError)",
    ): "whether it answers",
    (
        "app/services/actors.py",
        "_is_among",
        "ValueError",
    ): "an address that is none is in no network; the refusal is logged",
    (
        "app/services/credential_verification.py",
        "examine",
        "NotFound",
    ): "deleted meanwhile, which is logged and asks for nothing",
    (
        "app/tasks/executions.py",
        "_Execution.run",
        "Stopped",
    ): "the reason stands on the stop itself and is recorded by the end that follows",
    (
        "app/tasks/acting.py",
        "Acting.act_all",
        "Stopped",
    ): "the reason stands on the stop itself and is recorded by the end that follows",
    (
        "app/tasks/acting.py",
        "Acting._act",
        "Stopped",
    ): "the intent is withdrawn, and the reason stands on the stop itself",
    (
        "app/tasks/worker.py",
        "Worker._until_hinted",
        "TimeoutError",
    ): "a hint may have been lost, so it is looked without one",
    (
        "app/tasks/worker.py",
        "Worker._claim",
        "IntegrityError",
    ): "another worker has just begun the same work; it is looked again at once",
    ("app/tasks/operator.py", "name", "KeyError"): "whether a number has a name",
}
_LOUD = {"exception", "error", "warning", "critical"}


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_module_says_what_it_is_and_is_short(path: Path) -> None:
    if path.name != "__init__.py" or (ROOT / path).read_text():
        opening = ast.get_docstring(modules()[path]) or ""
        assert re.match(r"\S[^.!?]+[.!?…]", opening), "it opens with a sentence"
    lines = len((ROOT / path).read_text("utf-8").splitlines())
    assert lines <= MOST_LINES, "split it by noun"


def test_a_function_can_be_seen_whole() -> None:
    long = {
        f"{path}:{function.lineno} {function.name}": size
        for path, module in of_app()
        for function in functions(module)
        if (size := (function.end_lineno or 0) - function.lineno + 1)
        > MOST_LINES_OF_A_FUNCTION
    }
    assert not long


def test_no_error_is_swallowed() -> None:
    """Nor is a reason kept for a handler that is gone."""
    silent = {
        (str(path), name, ast.unparse(node.type) if node.type else "everything")
        for path, module in of_app()
        for name, node in named(module)
        if isinstance(node, ast.ExceptHandler) and not _is_told(node)
    }
    assert silent == set(ANSWERS)


@pytest.mark.parametrize(
    ("source", "is_told"),
    [
        ("except KeyError: pass", False),
        ("except KeyError: return []", False),
        ("except KeyError as error: result = None", False),
        ("except KeyError: raise Unknown from None", True),
        ("except KeyError: log.warning('gone')", True),
        ("except KeyError as error: failures.append(error)", True),
    ],
)
def test_tells_a_swallowed_error(source: str, is_told: bool) -> None:
    planted = ast.parse(f"def f():\n try: act()\n {source}")
    [handler] = [n for n in ast.walk(planted) if isinstance(n, ast.ExceptHandler)]
    assert _is_told(handler) is is_told


def test_relationships_load_nothing_by_themselves() -> None:
    eager = [
        f"{path}:{node.lineno}"
        for path, module in of_app()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "relationship"
        and not any(
            keyword.arg == "lazy" and ast.unparse(keyword.value) == "'raise'"
            for keyword in node.keywords
        )
    ]
    assert eager == []


def _is_told(handler: ast.ExceptHandler) -> bool:
    """Whether it raises, logs, or makes something of the error that it names."""
    for node in ast.walk(ast.Module(handler.body, [])):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Attribute) and node.attr in _LOUD:
            return True
        if isinstance(node, ast.Name) and node.id == handler.name:
            return True
    return False
