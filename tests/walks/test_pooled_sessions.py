"""Nothing is kept on a connection from one transaction to the next: behind a pooler
the next one may be somebody else's."""

import ast
import re

from tests.walks.python import of_app

# Locks, notifications and settings that outlive a transaction.
_LASTING = re.compile(
    r"pg_(try_)?advisory_(lock|unlock)\w*|add_listener|\bLISTEN \w+|\bUNLISTEN\b"
    r"|\bSET SESSION\b|\bCREATE TEMP\w* TABLE (?!.*ON COMMIT DROP)",
    re.DOTALL,
)


def _words(module: ast.AST) -> set[str]:
    """Names of functions that are called, and texts that are no documentation."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = {
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documents
    }
    return texts | {
        node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)
    }


def test_nothing_outlives_its_transaction() -> None:
    lasting = {
        (str(path), word)
        for path, module in of_app()
        for word in _words(module)
        if _LASTING.search(word)
    }
    assert lasting == set()


def test_what_would_outlive_it_is_noticed() -> None:
    for planted in (
        "select(func.pg_advisory_lock(1))",
        "select(func.pg_try_advisory_lock(1))",
        "connection.add_listener('news', hear)",
        "text('LISTEN news')",
        "text('CREATE TEMPORARY TABLE staged (id uuid)')",
    ):
        assert any(_LASTING.search(word) for word in _words(ast.parse(planted)))
    for fine in (
        "func.pg_advisory_xact_lock(1)",
        "text('CREATE TEMPORARY TABLE staged (id uuid) ON COMMIT DROP')",
    ):
        assert not any(_LASTING.search(word) for word in _words(ast.parse(fine)))
