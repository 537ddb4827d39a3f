"""docker-compose.yml keeps each container shut in, and gives each process what it needs
and no more."""

import re
from typing import Any

import pytest

from app.core import compose_env
from app.core.settings import Settings
from tests.image import files

SERVICES: dict[str, dict[str, Any]] = files.compose()["services"]
SERVERS = {"postgres", "valkey"}
ONCE = {"bootstrap", "migrate"}
LASTING = {"api", "worker", "worker-mutate", "beat"}
# By process; DEPLOYMENT.md says the same in words.
DATABASES = {
    "bootstrap": {"APP", "WORKER", "SYSTEM", "OWNER", "BOOTSTRAP"},
    "migrate": {"OWNER"},
    "api": {"APP"},
    "worker": {"WORKER", "SYSTEM"},
    "worker-mutate": {"WORKER", "SYSTEM"},
    "beat": {"SYSTEM"},
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")

each_service = pytest.mark.parametrize("name", SERVICES)
each_process = pytest.mark.parametrize("name", sorted(ONCE | LASTING))


def test_all_services_are_known_here() -> None:
    assert set(SERVICES) == SERVERS | ONCE | LASTING


@each_service
def test_a_container_can_change_nothing_and_may_nothing(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    # Of our image the Dockerfile says it.
    assert service.get("user", "10001:10001").split(":")[0] != "0"
    assert ("user" in service) is (name in SERVERS)
    shared = {"privileged", "cap_add", "devices", "network_mode", "pid", "ipc"}
    assert not shared & set(service)
    assert not [each for each in service.get("volumes", []) if each.startswith("/")]


@each_service
def test_a_container_that_lasts_is_asked_whether_it_is_well(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    if name in ONCE:
        assert check == {"disable": True}
    else:
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "retries"} <= set(check)


@each_service
def test_only_the_api_is_reached_and_only_from_this_machine(name: str) -> None:
    ports = SERVICES[name].get("ports", [])
    assert ports == (["127.0.0.1:8000:8000"] if name == "api" else [])
    networks = set(SERVICES[name]["networks"])
    assert networks == ({"servers", "outside"} if name in LASTING else {"servers"})
    assert files.compose()["networks"]["servers"] == {"internal": True}


@each_service
def test_an_image_is_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    if name in SERVERS:
        assert re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?-\w+", image)
    else:
        assert image == "${IMAGE:-cloudrota:local}"


def test_what_is_done_once_is_done_in_order_before_all_else() -> None:
    done = {"condition": "service_completed_successfully"}
    healthy = {"condition": "service_healthy"}
    waits = {name: service.get("depends_on") for name, service in SERVICES.items()}
    assert waits["bootstrap"] == {"postgres": healthy}
    assert waits["migrate"] == {"bootstrap": done}
    for name in LASTING:
        assert waits[name] == {"migrate": done, "valkey": healthy}
        assert SERVICES[name]["restart"] == "unless-stopped"
    assert {SERVICES[name]["restart"] for name in ONCE} == {"no"}


def environment(name: str, given: dict[str, str]) -> dict[str, str]:
    """What Compose gives a process where `given` is in .local/compose.env; ValueError
    names a variable that is not."""

    def _value(found: re.Match[str]) -> str:
        if found[1] not in given:
            raise ValueError(f"{found[1]} is not in .local/compose.env")
        return given[found[1]]

    declared = SERVICES[name]["environment"]
    return {
        key: _VARIABLE.sub(_value, str(value))
        for key, value in declared.items()
        if value is not None
    }


@each_process
def test_a_process_gets_the_settings_that_have_no_default(name: str) -> None:
    given = environment(name, compose_env.variables())
    required = [
        each.upper()
        for each, field in Settings.model_fields.items()
        if field.is_required()
    ]
    assert required
    assert [each for each in required if each not in given] == []


@each_process
def test_a_process_gets_only_the_databases_that_it_needs(name: str) -> None:
    urls = {
        each.removeprefix("DATABASE_").removesuffix("URL").rstrip("_") or "APP"
        for each in SERVICES[name]["environment"]
        if re.fullmatch(r"DATABASE_(\w+_)?URL", each)
    }
    assert urls == DATABASES[name]


@pytest.mark.parametrize("name", sorted(LASTING))
def test_a_process_is_told_only_settings_that_there_are(name: str) -> None:
    known = {each.upper() for each in Settings.model_fields}
    assert set(SERVICES[name]["environment"]) - known == set()


def test_what_changes_something_has_a_process_of_its_own() -> None:
    reading, changing = SERVICES["worker"], SERVICES["worker-mutate"]
    assert "WORKER_KIND" not in reading["environment"]  # "read", by its default
    kind = {"WORKER_KIND": "mutate"}
    assert changing == reading | {"environment": reading["environment"] | kind}


def test_what_wraps_secrets_and_signs_is_only_where_it_is_used() -> None:
    holders = {
        key: {name for name in SERVICES if key in SERVICES[name]["environment"]}
        for key in ("CREDENTIAL_KEYS", "EVIDENCE_SIGNING_KEY", "POSTGRES_PASSWORD")
    }
    assert holders == {
        "CREDENTIAL_KEYS": {"api", "worker", "worker-mutate"},
        "EVIDENCE_SIGNING_KEY": {"api"},
        "POSTGRES_PASSWORD": {"postgres"},
    }


def test_no_secret_stands_in_the_file_and_one_that_is_missing_stops_it() -> None:
    text = files.text("docker-compose.yml")
    assert set(_VARIABLE.findall(text)) >= {("IMAGE", "-", "cloudrota:local")}
    asked = {name for name, sign, _ in _VARIABLE.findall(text) if sign == "?"}
    assert asked == set(compose_env.variables())


def test_the_file_of_secrets_is_kept_out_of_git_and_of_the_image() -> None:
    path = ".local/compose.env"
    assert ".local/" in files.text(".gitignore").splitlines()
    assert not files.reaches_the_build(path)
    assert "umask 077" in files.recipe(path)


def test_secrets_are_new_each_time_and_lines_that_compose_reads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    compose_env.main()
    first = capsys.readouterr().out.splitlines()
    compose_env.main()
    second = capsys.readouterr().out.splitlines()
    for line, other, name in zip(first, second, compose_env.variables(), strict=True):
        # In quotes nothing is put in the place of a `$`.
        assert re.fullmatch(rf"{name}=('[^']*'|[\w.:/@+=-]+)", line)
        assert (line == other) is (name == "CREDENTIAL_ACTIVE_KEY")
