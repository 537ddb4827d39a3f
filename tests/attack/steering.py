"""Brings cases further than chance alone would: with ids that there are, bodies that
are nearly right, passwords and cookies that are good; and puts a new tenant in the
place of one whose people, keys or rows a case has ended."""

import re
from collections.abc import Collection, Iterator, Mapping
from random import Random
from typing import Any

import httpx
from schemathesis import Case, Response

from tests.attack.aims import AIMS, arrange
from tests.attack.ground import PASSWORD, Ground, Tenant
from tests.attack.leaks import Canaries
from tests.personae import Persona
from tests.tenancy.routes import Endpoint, Place, endpoints

ENDPOINTS: Mapping[tuple[str, str], Endpoint] = {
    (endpoint.method, endpoint.path): endpoint for endpoint in endpoints()
}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
BY_COOKIE = {"/api/v1/auth/refresh", "/api/v1/auth/logout"}
_MAILED = ("verify-email", "reset-password", "-invitation")
# What may end the session, member, key or organization that asks, or its fellows'. So
# may whatever deletes.
ENDING = {
    ("POST", "/api/v1/auth/logout-everywhere"),
    ("POST", "/api/v1/auth/leave"),
    ("POST", "/api/v1/auth/delete-account"),
    ("POST", "/api/v1/auth/change-password"),
    ("POST", "/api/v1/auth/mfa/totp/confirm"),
    ("PATCH", "/api/v1/members/{id}"),
    ("PATCH", "/api/v1/organization"),
    ("POST", "/api/v1/organization/deletion"),
    ("POST", "/api/v1/organization/transfer"),
    ("POST", "/api/v1/auth/reset-password"),
}
# Who aims, and at what: a tenant takes its time to make.
MAILED = {one for one in AIMS if one[0] == "POST" and one[1].endswith(_MAILED)}
AIMING: Mapping[str | None, Collection[tuple[str, str]]] = {
    "owner": AIMS,
    None: MAILED,
}


class Steering:
    """For one voice (None: nobody, who has no token), in a tenant of its own."""

    def __init__(self, ground: Ground, voice: str | None, seed: int) -> None:
        self._ground = ground
        self._voice = voice
        self._chance = Random(seed)  # noqa: S311 — to be repeated, not to be secret
        self._made = 0
        self._told: set[str] = set()  # ids that the API itself has named
        self._tokens: set[str] = set()
        self._aims = set(AIMING.get(voice, ()))
        self._is_spoilt = False
        self._client = httpx.Client(base_url=ground.base_url, trust_env=False)
        self.tenants: list[Tenant] = []
        self._hidden: list[Canaries] = []
        self._in_tenant: dict[str, int] = {}  # by the id of a case
        self.renew()

    @property
    def tenant(self) -> Tenant:
        return self.tenants[-1]

    @property
    def persona(self) -> Persona | None:
        return None if self._voice is None else self.tenant.voices[self._voice]

    def hidden(self) -> Iterator[Canaries]:
        """Of its own tenants, what a limited voice may not see."""
        if self._voice and "limited" in self._voice:
            yield from self._hidden

    def renew(self) -> None:
        self.tenants.append(self._ground.found())
        self._hidden.append(Canaries.of(self.tenant.hidden_traces))
        if self.persona is not None:
            self._tokens.add(f"Bearer {self.persona.token}")

    # ── before a call, and after it ──────────────────────────────────────────────

    def steer(self, case: Case[Any]) -> None:
        """Change the case; what it says of itself (valid, invalid) is found anew."""
        case.headers["X-Forwarded-For"] = self._address()
        self._in_tenant[case.id] = len(self.tenants)
        if self.persona and case.headers.get("Authorization") in self._tokens:
            case.headers["Authorization"] = f"Bearer {self.persona.token}"
        endpoint = ENDPOINTS.get((case.method, case.path))
        if endpoint is None:
            return
        case.path_parameters = self._named(case.path_parameters, endpoint.nouns)
        case.query = self._named(case.query, endpoint.query_ids)
        if isinstance(case.body, dict):
            case.body = self._body(endpoint, case.body)
        if case.path in BY_COOKIE and self._in(2, 3):
            self._sign_in(case)
        if self._is_apt(case, endpoint):
            self._aim(case, endpoint)

    def look(self, case: Case[Any], response: Response) -> None:
        """Remember the ids that it names, and begin anew where it has ended things."""
        text = response.content[:100_000].decode(errors="replace")
        self._told.update(UUID.findall(text))
        is_over = case.method == "DELETE" or (case.method, case.path) in ENDING
        is_ended = 200 <= response.status_code < 300 and is_over
        if is_ended or self._is_spoilt:
            self._is_spoilt = False
            self.renew()

    def are_of_one_tenant(self, *cases: str | None) -> bool:
        """Whether no tenant was put in another's place between these, by their ids."""
        return len({self._in_tenant.get(case or "") for case in cases}) == 1

    # ── parts of a case ──────────────────────────────────────────────────────────

    def _in(self, most: int, of: int) -> bool:
        """True so many times of so many."""
        return self._chance.randrange(of) < most

    def _address(self) -> str:
        return ".".join(["10", *(str(self._chance.randrange(256)) for _ in range(3))])

    def _named(
        self, values: dict[str, Any], tables: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            name: self._id(value, tables[name]) if name in tables else value
            for name, value in values.items()
        }

    def _id(self, value: Any, table: str) -> Any:
        """In the place of an id by chance mostly one's own, at times another's."""
        if not isinstance(value, str) or not UUID.fullmatch(value):
            return value
        if value in self._told:
            return value
        drawn = self._chance.randrange(8)
        if drawn < 5:
            return str(self.tenant.seen.id_of(table))
        if drawn < 6:
            return str(self.tenant.unseen.id_of(table))
        return str(self._ground.foreign.seen.id_of(table)) if drawn < 7 else value

    def _body(self, endpoint: Endpoint, body: dict[str, Any]) -> dict[str, Any]:
        example = endpoint.body
        if isinstance(example, dict) and self._in(1, 2):
            kept = self._chance.sample(sorted(body), min(len(body), 1))
            body = {**example, **{name: body[name] for name in kept}}
            if isinstance(body.get("name"), str) and "name" not in kept:
                body["name"] = f"{body['name']} {self._number()}"
        known = self._known()
        for name in body.keys() & known.keys():
            if self._in(1, 2):
                body[name] = known[name]
        made: dict[str, Any] = self._with_ids(body, (), endpoint.body_ids)
        return made

    def _number(self) -> int:
        self._made += 1
        return self._made

    def _known(self) -> dict[str, str]:
        """What only they know whose it is."""
        person = self._person()
        fresh = f"{person.name}-{self._number()}@example.com"
        return {
            "password": PASSWORD,
            "current_password": PASSWORD,
            "email": _email(person) if self._in(1, 2) else fresh,
            "organization_id": str(person.organization_id),
        }

    def _with_ids(self, value: Any, place: Place, tables: Mapping[Place, str]) -> Any:
        """The value that stands at this place of a body."""
        if isinstance(value, dict):
            return {
                name: self._with_ids(inner, (*place, name), tables)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._with_ids(inner, (*place, 0), tables) for inner in value]
        return self._id(value, tables[place]) if place in tables else value

    def _person(self) -> Persona:
        """Who asks; for a key and for nobody somebody else of the tenant."""
        persona = self.persona
        is_person = persona is not None and persona.actor.key_id is None
        return persona if persona and is_person else self.tenant.viewer

    def _is_apt(self, case: Case[Any], endpoint: Endpoint) -> bool:
        """Whether this case may be the one that succeeds: it is asked as it should be,
        and no other was."""
        bears = (
            self.persona is None or case.headers.get("Authorization") in self._tokens
        )
        has_body = endpoint.body is None or isinstance(case.body, dict)
        return (case.method, case.path) in self._aims and bears and has_body

    def _aim(self, case: Case[Any], endpoint: Endpoint) -> None:
        """Once: the tenant is another one afterwards, for nobody else expects it so."""
        operation = (case.method, case.path)
        self._aims.remove(operation)
        asks = self.persona or self.tenant.owner
        aimed = arrange(self._ground, self.tenant, asks, operation)
        self._is_spoilt = True
        case.path_parameters = {**case.path_parameters, **aimed.ids}
        if isinstance(endpoint.body, dict):
            case.body = {**endpoint.body, **aimed.body}

    def _sign_in(self, case: Case[Any]) -> None:
        """The cookie of a new session."""
        signed_in = self._client.post(
            "/api/v1/auth/login",
            json={"email": _email(self._person()), "password": PASSWORD},
            headers={"X-Forwarded-For": self._address()},
        )
        case.cookies = {**case.cookies, **signed_in.raise_for_status().cookies}
        case.headers["X-Cloudrota-CSRF"] = "1"


def _email(person: Persona) -> str:
    return f"{person.name}@example.com"
