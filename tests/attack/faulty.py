"""A small API with one fault in it, to see the attacks find it: served for real, with
the product's own headers and problems around it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, SecretStr

from app.api import openapi, problems
from app.api.middleware import RequestContext, Surprises
from app.core.actor import Actor
from app.core.embedded.process import LOOPBACK
from app.core.errors import Unauthenticated
from app.core.ids import new_id
from app.core.permissions import OPEN_TO_KEYS, Role
from app.core.settings import Settings
from tests.attack.ground import SEEN, UNSEEN, Ground, Tenant
from tests.personae import Persona
from tests.tenancy.keys import NORTH
from tests.tenancy.world import Holdings

_bearer = HTTPBearer(auto_error=False)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Answer(BaseModel):
    said: str


def signed_in(bearer: Bearer) -> str:
    """The token of somebody whom the ground knows."""
    if bearer is None or not bearer.credentials.startswith("token of "):
        raise Unauthenticated
    return bearer.credentials


def may_be_nobody(bearer: Bearer) -> str:
    """Declares that it takes a token, and forgets to look."""
    return "anybody"


def surrounded() -> FastAPI:
    """As the product's API is."""
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    app.add_middleware(Surprises)
    app.state.settings = SimpleNamespace(trusted_proxies=0)
    app.add_middleware(RequestContext, only_https=False)
    problems.install(app)
    return app


def api(
    answer: Callable[[Request], Any],
    *,
    path: str = "/api/v1/things",
    method: str = "GET",
    who: Callable[..., str] = signed_in,
) -> FastAPI:
    """With one route, whose answer should be an `Answer`."""
    app = surrounded()

    @app.api_route(path, methods=[method], dependencies=[Depends(who)])
    def ask(request: Request, most: int = 1) -> Answer:
        said: Answer = answer(request)
        return said

    openapi.install(app)
    return app


@dataclass(frozen=True)
class SmallGround(Ground):
    """Without a database: whoever is founded anew is the same again."""

    def found(self) -> Tenant:
        return self.home


@contextmanager
def served(app: FastAPI) -> Iterator[SmallGround]:
    """The ground of an API that listens, and ends with it."""
    listening = socket.create_server((LOOPBACK, 0))
    url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield SmallGround(1, url, _settings(url), tenant(), tenant(), Path("none"))
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _settings(url: str) -> Settings:
    return Settings(
        _env_file=None,
        environment="test",
        public_url=url,
        secret_key=SecretStr("0123456789abcdef" * 4),
        redis_url=SecretStr("redis://127.0.0.1"),
    )


def tenant() -> Tenant:
    """Nobody's rows; people whose tokens name them."""
    organization_id, user_id = new_id(), new_id()
    mark = f"QZ{organization_id.hex[-10:].upper()}"

    def holdings(ending: str, label: str) -> Holdings:
        number = str(organization_id.int)[-12:]
        return Holdings(f"{mark}{ending}", label, number, organization_id, user_id)

    def persona(name: str, role: Role, **more: Any) -> Persona:
        facts: Mapping[str, Any] = {"label_scope": None, **more}
        session = None if "key_id" in facts else new_id()
        actor = Actor(organization_id, new_id(), session, role, True, **facts)  # noqa: FBT003 — that the address is verified
        return Persona(name, actor, f"token of {name}")

    key = {"key_id": new_id(), "scopes": OPEN_TO_KEYS}
    return Tenant(
        seen=holdings(SEEN, "north"),
        unseen=holdings(UNSEEN, "south"),
        owner=persona("owner", Role.OWNER),
        admin=persona("admin", Role.ADMIN),
        member=persona("member", Role.MEMBER),
        viewer=persona("viewer", Role.VIEWER),
        limited=persona("limited", Role.MEMBER, label_scope=NORTH),
        personal_key=persona("personal key", Role.OWNER, **key),
        service_key=persona("service key", Role.OWNER, **key),
        limited_key=persona("limited key", Role.OWNER, label_scope=NORTH, **key),
    )
