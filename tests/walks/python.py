"""The project's own Python files, parsed once, for the tests that walk them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("app", "tests", "alembic")


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module by its path below the root."""
    return {
        path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def of_app() -> Iterator[tuple[Path, ast.Module]]:
    for path, module in modules().items():
        if path.parts[0] == "app":
            yield path, module


def functions(
    module: ast.Module,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def named(node: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node below `node`, with the dotted name of what it stands in."""
    for child in ast.iter_child_nodes(node):
        name = outer
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{outer}.{child.name}".lstrip(".")
        yield name, child
        yield from named(child, name)
