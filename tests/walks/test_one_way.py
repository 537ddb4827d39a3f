"""What an operator does is done by a command of `cloudrota`: no module beside it is a
program of its own, and whatever starts one names a command that is there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from app.cli.document import commands
from tests.image import files
from tests.walks.python import ROOT, modules

COMMANDS = {name for name, _ in commands()}
_MAIN = re.compile(r'^if __name__ == "__main__":', re.MULTILINE)
# What is started otherwise: it serves a checkout, a container, or writes what is
# generated.
PROGRAMS = {
    *("app/cli/__main__.py", "app/cli/document.py", "app/api/export.py"),
    *("app/core/alive.py", "app/core/compose_env.py", "app/core/configuration.py"),
    *("app/core/embedded/__main__.py", "app/core/env_example.py"),
    "app/core/log_lines.py",
    *("app/aws/document_errors.py", "app/aws/catalog/build.py"),
    *("app/aws/catalog/document.py", "app/aws/catalog/summary.py"),
}


def _known(words: list[str]) -> bool:
    return bool(words) and (words[0] in COMMANDS or " ".join(words[:2]) in COMMANDS)


def test_no_other_module_is_a_program() -> None:
    programs = {
        str(path)
        for path in modules()
        if path.parts[0] == "app" and _MAIN.search((ROOT / path).read_text("utf-8"))
    }
    assert programs == PROGRAMS


_STARTED = re.compile(r'-m(?:",|,)?\s+"?(app(?:\.\w+)+)')
_FOLDERS = ("app", "alembic", "docs", "frontend/e2e", "infrastructure", "tests", ".ci")
_ENDS = {"", ".md", ".py", ".sh", ".tf", ".ts", ".yml"}


def _texts() -> Iterator[Path]:
    for folder in _FOLDERS:
        yield from (ROOT / folder).rglob("*")
    yield from ROOT.glob("*")


def _module(program: str) -> str:
    return program.removesuffix(".py").removesuffix("/__main__").replace("/", ".")


def test_whatever_starts_a_module_starts_a_program() -> None:
    programs = {_module(one) for one in PROGRAMS}
    started = {
        (module, str(path.relative_to(ROOT)))
        for path in _texts()
        if path.suffix in _ENDS and path.is_file() and "node_modules" not in path.parts
        for module in _STARTED.findall(path.read_text("utf-8", errors="replace"))
    }
    assert len(started) > 30
    # What a test of documents says of a module that is not there.
    started.discard(("app.core.gone", "tests/walks/test_documents.py"))
    assert {one for one in started if one[0] not in programs} == set()


def test_the_makefile_names_commands_that_there_are() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    # A choice of make's is of no more than what follows the command's own words.
    named = re.findall(r"^\t@\./cloudrota (.+)$", text, re.MULTILINE)
    assert len(named) > 12
    for line in named:
        words = line.replace("$(if $(PLAN),set $(PLAN) $(SET),show)", "set").split()
        assert _known(words), line


def test_containers_are_started_with_commands_that_there_are() -> None:
    terraform = (ROOT / "infrastructure/product/once.tf").read_text("utf-8")
    started = re.findall(r'= (\["python", "-m".*\])', terraform)
    services = files.compose()["services"]
    once = [services[name]["command"] for name in ("bootstrap", "migrate")]
    for program, flag, module, *words in [*map(json.loads, started), *once]:
        assert (program, flag, module) == ("python", "-m", "app.cli")
        assert _known(words), words
    assert len(started) == 4
    # The bootstrap is told who the master is before it is begun.
    assert 'runpy.run_module("app.cli", run_name="__main__")' in terraform
    assert '["python", "-c", local.bootstrap, "bootstrap"]' in terraform


def test_a_program_that_runs_once_is_handed_on_as_a_command() -> None:
    text = (ROOT / "infrastructure/run_once").read_text("utf-8")
    handed = re.findall(r"\*:\w+\) words=\((.+?) \"\$", text)
    assert [one.split()[0] for one in handed] == ["rotate-keys", "erase"]
    assert all(_known(one.split()) for one in handed)
