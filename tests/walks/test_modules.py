"""Every module says what it is, fits on a few screens, and swallows no error."""

import ast
from pathlib import Path

import pytest

from tests.walks.python import ROOT, functions, modules, of_app

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60

# Handlers that neither raise nor log, and why each is an answer and no silence.
ANSWERS = {
    "app/api/problems.py": "the edge: each error becomes a problem document",
    "app/core/embedded/process.py": "a process that is gone is what was asked",
    "app/core/embedded/valkey.py": "not answering yet is told by the caller",
    "app/core/embedded/postgres.py": "not answering yet is told by the caller",
    "app/core/embedded/__main__.py": "a command line: the sentence and exit code 1",
    "app/aws/catalog/derive.py": "a predicate: the path is not there",
    "app/aws/catalog/sources.py": "the SDK ships none, which is a fact of the catalog",
    "app/services/credential_verification.py": "deleted meanwhile; logged as such",
    "app/tasks/executions.py": "a stop is recorded by the end that follows",
    "app/services/readiness.py": "the error is the answer of /readyz",
}
_LOUD = {"exception", "error", "warning", "critical"}


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_module_says_what_it_is_and_is_short(path: Path) -> None:
    if path.name != "__init__.py" or (ROOT / path).read_text():
        assert ast.get_docstring(modules()[path]), "it opens with a docstring"
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
    silent = [
        f"{path}:{handler.lineno}"
        for path, module in of_app()
        for handler in ast.walk(module)
        if isinstance(handler, ast.ExceptHandler) and not _is_told(handler)
    ]
    unexplained = [place for place in silent if place.rpartition(":")[0] not in ANSWERS]
    assert not unexplained


def test_no_reason_is_kept_for_what_is_gone() -> None:
    assert {path for path in ANSWERS if not (ROOT / path).is_file()} == set()


def test_finds_a_swallowed_error_that_is_planted() -> None:
    planted = ast.parse("try:\n  f()\nexcept OSError:\n  pass\n")
    [handler] = [n for n in ast.walk(planted) if isinstance(n, ast.ExceptHandler)]
    assert not _is_told(handler)


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
