"""Schemathesis over the whole OpenAPI, as everybody: what the document gives as
examples, the bounds of each member and what lies beyond, chance, and chains of
requests. Every answer is looked at, those to schemathesis' own probes included."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import AuthContext, BaseSchema, Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import (
    CheckFailureInfo,
    Interaction,
    ScenarioRecorder,
)
from schemathesis.hooks import unregister

from tests.attack.answers import faults_of, is_ignored_auth
from tests.attack.ground import Ground
from tests.attack.leaks import Canaries
from tests.attack.report import Figures, say
from tests.attack.steering import ENDPOINTS, Steering

NOBODY = "nobody"
# What is valid by the document may still be refused: by a rule, which says so.
UNASKED = ["positive_data_acceptance", "object_level_authorization"]
# OpenAPI 3.1 has no words for the events of a stream, whose schema it is taken for.
STREAM = {
    "include-path": "/api/v1/events",
    "checks": {"response_schema_conformance": {"enabled": False}},
}
LASTING = "ensure_resource_availability"
SHOWN = 40
MOST_LETTERS = 2_000  # of a query; in a URL each may take twelve bytes
REDIRECTION, SERVER_ERROR = 300, 500


@dataclass
class Tally:
    """A case is a request that was answered, or that should have been."""

    figures: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    succeeded: set[str] = field(default_factory=set)

    def find(self, figure: str, what: str, where: str, example: str) -> None:
        key = (figure, what, where)
        self.figures[figure] += 1
        self.findings[key] += 1
        self.examples.setdefault(key, example)

    def said(self) -> Iterator[str]:
        for (figure, what, where), times in self.findings.most_common(SHOWN):
            yield f"{figure}: {where}: {what} ({times} times)"
            yield f"    {self.examples[figure, what, where]}"


def run(ground: Ground, *, long: bool) -> Figures:
    """Everybody in turn; each in a tenant of their own, which does not outlive it."""
    tally = Tally()
    for number, voice in enumerate([*ground.home.voices, NOBODY]):
        before = tally.figures["cases"]
        depth = depth_of(voice, long=long)
        fuzz(ground, voice, tally, depth, seed=ground.seed + number)
        say(f"{voice}: {tally.figures['cases'] - before} cases")
    for sentence in tally.said():
        say(sentence)
    say(f"answers: {dict(sorted(tally.statuses.items()))}")
    documented = {str(one) for one in ENDPOINTS.values() if one.route.include_in_schema}
    say(f"never with success: {sorted(documented - tally.succeeded)}")
    names = ("cases", "server_errors", "schema_breaks", "ignored_auth", "foreign_leaks")
    return {name: tally.figures[name] for name in names}


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is asked: `examples` of each operation, valid and not; `chains` of
    `steps`; and, `bounds`, each bound of each member, which are some 5,000 cases."""

    examples: int
    chains: int
    steps: int
    bounds: bool


def depth_of(voice: str, *, long: bool) -> Depth:
    if long:
        return Depth(examples=8, chains=40, steps=12, bounds=True)
    return Depth(examples=2, chains=6, steps=8, bounds=voice == "owner")


def fuzz(ground: Ground, voice: str, tally: Tally, depth: Depth, *, seed: int) -> None:
    """All phases as one of them."""
    steering = Steering(ground, None if voice == NOBODY else voice, seed)
    play(ground, steering, tally, depth, seed=seed)


def play(
    ground: Ground, steering: Steering, tally: Tally, depth: Depth, *, seed: int
) -> None:
    """The same with a steering of one's own."""
    schema = _schema(ground, steering, depth, seed)
    foreign = Canaries.of(ground.foreign.traces)
    with _steered(steering):
        for event in from_schema(schema).execute():
            match event:
                case events.ScenarioFinished():
                    _tally(event.recorder, steering, foreign, tally)
                case events.NonFatalError():
                    example = f"{event.info.title}: {event.info.message}"
                    tally.find("schema_breaks", "not tested", event.label, example)
                case events.FatalError():
                    raise event.exception


def _schema(ground: Ground, steering: Steering, depth: Depth, seed: int) -> BaseSchema:
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "cache": {"enabled": False},
            "suppress-health-check": ["all"],
            "base-url": ground.base_url,
            "continue-on-failure": True,
            "request-timeout": 20,
            # An event stream does not end: its first event is read.
            "max-stream-events": 1,
            "generation": {
                "max-examples": depth.examples,
                "no-shrink": True,
                "database": "none",
            },
            "phases": {
                "coverage": {"enabled": depth.bounds},
                "stateful": {
                    "max-steps": depth.steps,
                    "generation": {"max-examples": depth.chains},
                },
            },
            "checks": {name: {"enabled": False} for name in UNASKED},
            "operations": [STREAM],
        }
    )
    schema = schemathesis.openapi.from_url(
        f"{ground.base_url}/api/v1/openapi.json", config=config
    )
    if steering.persona is not None:
        _bear(schema, steering)
    return schema


def _bear(schema: BaseSchema, steering: Steering) -> None:
    """Let its requests bear the token of who asks now."""

    class Bearer:
        def get(self, _: Case[Any], __: AuthContext) -> str:
            assert steering.persona is not None
            return steering.persona.token

        def set(self, case: Case[Any], token: str, _: AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {token}"

    schema.auth(refresh_interval=None)(Bearer)


def _bounded(value: Any) -> Any:
    """A URL of 64 KiB is refused by the HTTP server itself, before the API is asked."""
    return value[:MOST_LETTERS] if isinstance(value, str) else value


@contextmanager
def _steered(steering: Steering) -> Iterator[None]:
    """Hooks of schemathesis are global and known by their names."""

    def before_call(_: HookContext, case: Case[Any], __: dict[str, Any]) -> None:
        steering.steer(case)
        case.query = {name: _bounded(value) for name, value in case.query.items()}

    def after_call(_: HookContext, case: Case[Any], answer: Response) -> None:
        steering.look(case, answer)

    hooks = (before_call, after_call)
    for hook in hooks:
        schemathesis.hook(hook)
    try:
        yield
    finally:
        for hook in hooks:
            unregister(hook)


# ── what came of it ──────────────────────────────────────────────────────────────


def _tally(
    recorder: ScenarioRecorder, steering: Steering, foreign: Canaries, tally: Tally
) -> None:
    for id, interaction in recorder.interactions.items():
        case = recorder.cases[id].value
        _look(case, interaction, steering, foreign, tally)
    for id, nodes in recorder.checks.items():
        tested = recorder.cases[id]
        for node in nodes:
            if node.name == LASTING and not steering.are_of_one_tenant(
                id, tested.parent_id
            ):
                continue  # what was made is the former tenant's, and so it is not there
            if node.failure_info is not None:
                _fail(tested.value, node.name, node.failure_info, tally)


def _look(
    case: Case[Any],
    interaction: Interaction,
    steering: Steering,
    foreign: Canaries,
    tally: Tally,
) -> None:
    where = f"{case.method} {case.path}"
    curl = case.as_curl_command()
    answer = interaction.response
    tally.figures["cases"] += 1
    if answer is None:
        tally.find("server_errors", "no answer", where, curl)
        return
    tally.statuses[answer.status_code] += 1
    if answer.status_code < REDIRECTION:
        tally.succeeded.add(where)
    headers = {name: values[0] for name, values in answer.headers.items()}
    if answer.status_code >= SERVER_ERROR:
        tally.find("server_errors", str(answer.status_code), where, curl)
    for fault in faults_of(answer.status_code, headers, answer.content):
        tally.find("schema_breaks", fault, where, curl)
    if _is_ignored(case, answer.status_code, steering):
        tally.find("ignored_auth", str(answer.status_code), where, curl)
    asked = f"{answer.request.url} {_text(answer.request.body)}"
    for canaries in (foreign, *steering.hidden()):
        if canaries.in_answer(headers, answer.content, asked=asked):
            tally.find("foreign_leaks", str(answer.status_code), where, curl)


def _text(body: object) -> str:
    return body.decode(errors="replace") if isinstance(body, bytes) else str(body)


def _is_ignored(case: Case[Any], status: int, steering: Steering) -> bool:
    endpoint = ENDPOINTS.get((case.method, case.path))
    if endpoint is None:
        return False
    takes_bearer = bool(case.operation.definition.raw.get("security"))
    return is_ignored_auth(
        endpoint, steering.persona, status, takes_bearer=takes_bearer
    )


def _fail(case: Case[Any], name: str, failed: CheckFailureInfo, tally: Tally) -> None:
    """Of a check of schemathesis; what the status alone says is counted already."""
    where = f"{case.method} {case.path}"
    example = f"{failed.failure.message}\n    {failed.code_sample}"
    if name == "ignored_auth":
        tally.find("ignored_auth", name, where, example)
    elif name == "unsupported_method" and _is_another_route(case):
        return
    elif name != "not_a_server_error":
        tally.find("schema_breaks", name, where, example)


def _is_another_route(case: Case[Any]) -> bool:
    """GET /executions/rerun is not an undeclared method, but GET /executions/{id}."""
    return any(
        method == case.method
        and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), case.path)
        for method, path in ENDPOINTS
        if path != case.path
    )
