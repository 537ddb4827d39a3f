"""Generated files are fresh, and what they are generated from is complete."""

import ast
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import certifi
import pytest

from app.api import export
from app.aws import document_errors
from app.aws.catalog import document
from app.cli import document as commands
from app.core import configuration, env_example, log_lines
from app.core.settings import Settings
from tests.walks.python import of_app

GENERATORS = [
    commands,
    configuration,
    document,
    document_errors,
    env_example,
    export,
    log_lines,
]


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_generated_file_is_fresh(generator: ModuleType) -> None:
    assert generator.FILE.read_text() == generator.render(), "make generated"


def test_the_check_tells_a_stale_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for generator in GENERATORS:
        file = tmp_path / generator.FILE.name
        monkeypatch.setattr(generator, "FILE", file)
        assert generator.main(["--check"]) == 1
        assert generator.main([]) == 0
        assert generator.main(["--check"]) == 0
        file.write_text(file.read_text() + "\n")
        assert generator.main(["--check"]) == 1


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_in_the_example_and_is_used(name: str) -> None:
    field = Settings.model_fields[name]
    line = next(
        line
        for line in env_example.render().splitlines()
        if re.match(rf"(# )?{name.upper()}=", line)
    )
    assert line.startswith("#") is not field.is_required()
    assert name in _read(), "nothing reads it"


@cache
def _read() -> frozenset[str]:
    """What the code reads of anything as `.name`."""
    return frozenset(
        node.attr
        for path, module in of_app()
        if path.name not in {"env_example.py", "configuration.py"}
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
    )


def test_every_setting_is_documented_with_who_needs_it_and_an_example() -> None:
    assert configuration.NEEDED_BY.keys() == Settings.model_fields.keys()
    parts = {"api", "worker", "beat", "migrate"}
    for who in configuration.NEEDED_BY.values():
        assert who == "all" or set(who.split(", ")) <= parts
    documented = re.findall(r"(?m)^## ([A-Z0-9_]+)$", configuration.render())
    shown = re.findall(r"(?m)^(?:# )?([A-Z0-9_]+)=", env_example.render())
    assert documented == shown == [name.upper() for name in Settings.model_fields]


SHOWN = [
    name
    for name, field in Settings.model_fields.items()
    if name in configuration.EXAMPLES and not env_example.is_secret(field)
]


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_is_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    example = configuration.EXAMPLES[name]
    if example.endswith(".pem"):
        example = certifi.where()  # the example is a file of the reader's
    needed = {"CREDENTIAL_KMS_KEYS": configuration.EXAMPLES["credential_kms_keys"]}
    for variable, value in {**LEAST, **needed, name.upper(): example}.items():
        monkeypatch.setenv(variable, value)
    for_development = name in {"aws_emulator_url", "stripe_api_url"}
    if for_development:
        monkeypatch.setenv("ENVIRONMENT", "development")
    assert getattr(Settings(_env_file=None), name)


LEAST = {
    "ENVIRONMENT": "production",
    "PUBLIC_URL": "https://cloudrota.example",
    "SECRET_KEY": "kV7mQ2xT9bL4wZ8nR3cF6hJ1pD5sG0yA",
    "REDIS_URL": "rediss://u:canary@h",
}


def test_no_example_holds_a_secret() -> None:
    """A secret's line is empty or an empty collection."""
    for name, field in Settings.model_fields.items():
        if env_example.is_secret(field):
            pattern = rf"^(# )?{name.upper()}=(\{{\}}|\[\])?$"
            assert re.search(pattern, env_example.render(), re.MULTILINE), name
