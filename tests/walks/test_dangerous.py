"""What turns data into code or commands is used nowhere, or in the one place that
says why; and what is not to be guessed comes from one kind of chance."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walks.python import of_app

# A module, or a function of one, and the files that may use it.
NOWHERE = (
    # Objects made of bytes.
    *("pickle", "marshal", "shelve", "dill", "yaml.load"),
    # Commands and code.
    *("os.system", "os.popen", "eval", "exec", "compile", "__import__"),
    # Parsers of XML, templates, directories, other query languages.
    *("xml", "lxml", "jinja2", "mako", "ldap", "ldap3"),
    *("pymemcache", "memcache", "graphql", "websockets"),
    # Archives of others, numbers that can be foretold, broken hashes.
    *("zipfile", "tarfile", "zlib.decompress", "gzip.decompress"),
    *("random", "hashlib.md5", "hashlib.sha1"),
)
USED_BY: dict[str, set[str]] = {name: set() for name in NOWHERE} | {
    "random": {"app/services/sending.py"},  # keeps recipients apart, no secret
    "yaml": {"app/aws/catalog/decisions.py"},  # reads our own files
    "subprocess": {"app/core/embedded/process.py"},  # the servers of development
    "gzip": {"app/services/artifacts.py"},  # packs
}


def used(module: ast.Module) -> Iterator[str]:
    """Modules that are imported, whole names that are used, built-ins by their name."""
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(name), names=names):
                yield name.partition(".")[0]
                yield from (f"{name}.{alias.name}" for alias in names)
            case ast.Attribute(value=ast.Name(id=of), attr=name):
                yield f"{of}.{name}"
            case ast.Call(func=ast.Name(id=name)):
                yield name


def users(name: str) -> set[str]:
    return {path.as_posix() for path, module in of_app() if name in used(module)}


@pytest.mark.parametrize("name", USED_BY)
def test_what_is_dangerous_is_used_where_it_says_why(name: str) -> None:
    assert users(name) == USED_BY[name]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import pickle", "pickle"),
        ("from xml.etree import ElementTree", "xml"),
        ("import yaml\nyaml.load(text)", "yaml.load"),
        ("from hashlib import md5", "hashlib.md5"),
        ("def rule(text):\n    return eval(text)", "eval"),
        ("import os\nos.system('ls')", "os.system"),
    ],
)
def test_tells_what_is_dangerous(source: str, name: str) -> None:
    assert name in used(ast.parse(source))


def test_commands_get_no_shell() -> None:
    """Not even those of the servers that development runs."""
    for path, module in of_app():
        for node in ast.walk(module):
            if isinstance(node, ast.keyword):
                assert node.arg != "shell", Path(path)
