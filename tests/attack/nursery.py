"""Runs tests against one mutant after another: a process that forks a child for each,
whose tests find servers that run already, and a database that is migrated already. No
file is changed.

A *warm* one has imported the product and its tests; the child puts the mutated code
into the function, which takes no time. A *cold* one has imported only what the product
stands on; the child's imports find the mutated module in place of the one on disk: for
what is done when a module is imported.

Started by mutating.py; a job is a line of JSON on stdin, its outcome one on stdout.
"""

import ast
import builtins
import gc
import importlib
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.attack.mutants import mutated, with_reach

ROOT = Path(__file__).parents[2]
_LIBRARIES = (
    *("aiosmtpd.controller", "aiosmtplib", "alembic.command", "anyio", "argon2"),
    *("asyncpg", "celery", "fastapi", "httpx", "hypothesis"),
    *("jose.jwt", "passlib.context", "prometheus_client", "psutil", "pydantic"),
    *(
        "pydantic_settings",
        "pyotp",
        "pytest_asyncio.plugin",
        "redis.asyncio",
        "starlette",
    ),
    *("sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio", "sqlalchemy.orm"),
    *("structlog", "uvicorn", "yaml", "boto3", "botocore.session"),
)
_OPTIONS = (
    *("-x", "-q", "--no-header", "--tb=line", "--show-capture=no"),
    # What is imported already is not rewritten; nobody reads its assertions here.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *("--disable-plugin-autoload", "-p", "pytest_asyncio.plugin"),
    # What these do costs more than most tests.
    *("-p", "no:cacheprovider", "-p", "no:unraisableexception"),
)


def name_of(file: str) -> str:
    """How the module of a file is imported; Alembic's helper stands by itself."""
    dotted = file.removesuffix(".py").replace("/", ".")
    return dotted.removeprefix("alembic.")


class Changed(MetaPathFinder, Loader):
    """Finds some modules, whose source `change` makes a tree of."""

    def __init__(
        self, files: Sequence[str], change: Callable[[str], ast.Module]
    ) -> None:
        self._files = {name_of(file): str(ROOT / file) for file in files}
        self._change = change

    def find_spec(
        self, fullname: str, _path: object = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._files:
            return None
        spec = ModuleSpec(fullname, self, origin=self._files[fullname])
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        path = self._files[module.__name__]
        tree = self._change(Path(path).read_text("utf-8"))
        exec(compile(tree, path, "exec"), module.__dict__)  # noqa: S102 — our own module


class Reached:
    """A plugin that notes which functions each test reached, and how long it took."""

    def __init__(self) -> None:
        self.by_test: dict[str, dict[str, Any]] = {}
        self.at_import: set[str] = set()
        self._now = self.at_import

    def note(self, module: str, function: str) -> None:
        self._now.add(f"{module} {function}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._now = set()
        started = time.monotonic()
        done = yield
        seconds = time.monotonic() - started
        self.by_test[item.nodeid] = {"reached": sorted(self._now), "seconds": seconds}
        return done


def main() -> None:
    """Fork for each job until there are no more. Named as arguments are the modules of
    the tests that a warm one imports."""
    for module in (*_LIBRARIES, *sys.argv[1:]):
        importlib.import_module(module)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    gc.freeze()
    for line in sys.stdin:
        job = json.loads(line)
        sys.stdout.write(json.dumps(_fork(job)) + "\n")
        sys.stdout.flush()


def _fork(job: dict[str, Any]) -> dict[str, Any]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        code = 99  # something of ours went wrong
        try:
            code = _child(job, write)
        finally:
            os._exit(code)
    os.close(write)
    is_late = True
    try:
        told, is_late = _hear(read, job["timeout"])
    finally:
        if is_late:  # or this process is to end
            _end(child)
    _, status = os.waitpid(child, 0)
    os.close(read)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "is_late": is_late,
        "told": json.loads(told) if told else None,
    }


def _end(child: int) -> None:
    """With all that it started; it may be too young to have a group of its own."""
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)


def _hear(pipe: int, seconds: float) -> tuple[bytes, bool]:
    """All that the child tells until it ends, and whether it did not."""
    told, until = b"", time.monotonic() + seconds
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return b"", True
        piece = os.read(pipe, 65536)
        if not piece:
            return told, False
        told += piece


def _child(job: dict[str, Any], write: int) -> int:
    """What it writes goes into a file, which the next one begins anew."""
    log = Path(job["servers"]["directory"]) / "tests.log"
    to = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(to, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        return _tests(job, write)
    except BaseException:
        traceback.print_exc()
        raise


def _tests(job: dict[str, Any], write: int) -> int:
    reached = Reached()
    if job["is_warm"]:
        put(job["file"], job["function"], job["number"])
    elif "number" in job:
        change = partial(mutated, number=job["number"])
        sys.meta_path.insert(0, Changed([job["file"]], change))
    else:
        builtins.__reached__ = reached.note  # type: ignore[attr-defined]  # what with_reach calls
        sys.meta_path.insert(0, Changed(job["files"], with_reach))
    try:  # only now: it imports the product
        from tests.attack.shared_servers import SharedServers  # noqa: PLC0415 — see above
    except Exception:
        if "number" not in job:
            raise
        traceback.print_exc()
        return 1  # noticed: it cannot even be imported

    servers = SharedServers(job["servers"], template=job["template"])
    code = pytest.main([*_OPTIONS, *job["tests"]], plugins=[servers, reached])
    if "number" not in job:
        told = {"by_test": reached.by_test, "at_import": sorted(reached.at_import)}
        os.write(write, json.dumps(told).encode())
    return int(code)


def put(file: str, function: str, number: int) -> None:
    """Give the function of the module that is imported the code of the mutant. What it
    was decorated with keeps the function itself, whose code is another now."""
    path = str(ROOT / file)
    source = Path(path).read_text("utf-8")
    code = compile(mutated(source, number), path, "exec")
    new = next(one for one in _codes(code) if one.co_qualname == function)
    name = name_of(file)
    gc.unfreeze()  # what is frozen is not found
    holders = [
        one
        for one in gc.get_objects()
        if isinstance(one, FunctionType)
        and one.__module__ == name
        and one.__code__.co_qualname == function
    ]
    if not holders:
        raise LookupError(f"{name} has no {function}")
    for holder in holders:
        # A mutant that asks no `super()` closes over no class; the function still does.
        holder.__code__ = new.replace(co_freevars=holder.__code__.co_freevars)
    gc.freeze()


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


if __name__ == "__main__":
    main()
