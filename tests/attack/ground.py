"""What the attacks stand on: an API process of their own with its PostgreSQL and
Valkey, and tenants with people of every role, API keys and rows in every table."""

import asyncio
import base64
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.bootstrap import bootstrap
from app.core.db import Database, Login
from app.core.embedded import Postgres, PostgresServer, Valkey
from app.core.embedded.process import LOOPBACK, free_port
from app.core.passwords import hash_password
from app.core.permissions import Role
from app.core.secret import Secret
from app.core.settings import Settings
from app.models.artifact import Artifact
from app.models.user import User
from app.services.artifacts import key_of, storage
from app.tasks.publisher import RedisPublisher
from tests.personae import Persona, make_key, make_organization, make_persona
from tests.tasks.processes import environment
from tests.tenancy.keys import NORTH
from tests.tenancy.world import Holdings, account_tables, fill

ROOT = Path(__file__).parents[2]
RUNS = ROOT / ".local/attack"
PASSWORD = "a password of the attacked"  # of every person of a tenant
STRIPE_SECRET = "whsec_of_the_attacks"
_LASTING = {"access_token_minutes": 24 * 60}
_UNLIMITED = 60_000
SEEN, UNSEEN = "N", "S"  # end the marks of rows that who is limited sees, or not


@dataclass(frozen=True)
class Tenant:
    """An organization, its people, its API keys, and a row of every table. `limited`
    and the limited keys see what is labelled north: `seen` and not `unseen`."""

    seen: Holdings
    unseen: Holdings
    owner: Persona
    admin: Persona
    member: Persona
    viewer: Persona
    limited: Persona
    personal_key: Persona
    service_key: Persona
    limited_key: Persona

    @property
    def voices(self) -> Mapping[str, Persona]:
        """Everybody who may ask, by what they are."""
        return {
            "owner": self.owner,
            "admin": self.admin,
            "member": self.member,
            "viewer": self.viewer,
            "limited member": self.limited,
            "personal key": self.personal_key,
            "service key": self.service_key,
            "limited key": self.limited_key,
        }

    @property
    def traces(self) -> set[str]:
        """What no answer to somebody of another tenant may contain: the mark that all
        names, e-mails and texts of this one hold, account numbers, and ids."""
        people = (self.owner, self.admin, self.member, self.viewer, self.limited)
        return {
            self.seen.mark.removesuffix(SEEN),
            str(self.seen.organization_id),
            *(str(one.user_id) for one in people),
            *(self.seen.account_id, self.unseen.account_id),
            *(self.seen.traces | self.unseen.traces),
        }

    @property
    def hidden_traces(self) -> set[str]:
        """What no answer to who is limited may contain."""
        tables = account_tables() & self.unseen.rows.keys()
        ids = {str(self.unseen.rows[table].get("id", "")) for table in tables}
        return {self.unseen.mark, self.unseen.account_id, *(ids - {""})}


@dataclass(frozen=True)
class Ground:
    """`settings` are the API process's, so that its database can be looked at and its
    tokens issued; in `log` is what it wrote. `home` attacks, `foreign` must not be
    seen. By `seed` chance is the same again."""

    seed: int
    base_url: str
    settings: Settings
    home: Tenant
    foreign: Tenant
    log: Path

    def found(self) -> Tenant:
        """A further tenant, for what the attacked do not survive."""
        return asyncio.run(_found(self.settings))


@contextmanager
def ground(seed: int) -> Iterator[Ground]:
    """Servers and a process for this run alone; they are removed with it."""
    RUNS.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=RUNS))
    directory.chmod(0o755)  # so that root's PostgreSQL can be somebody else
    postgres = Postgres(directory / "postgres", durable=False)
    valkey = Valkey(directory / "valkey", durable=False)
    try:
        server = postgres.start()
        settings = _settings(server, valkey.start().url, directory)
        asyncio.run(bootstrap(server.superuser_url, settings))
        _migrate(settings)
        home, foreign = (asyncio.run(_found(settings)) for _ in range(2))
        log = directory / "api.log"
        with _api(settings, log):
            yield Ground(seed, settings.public_url, settings, home, foreign, log)
    finally:
        postgres.remove()
        valkey.remove()
        shutil.rmtree(directory)


# ── servers and process ──────────────────────────────────────────────────────────


def _settings(postgres: PostgresServer, redis_url: str, directory: Path) -> Settings:
    def url(login: Login) -> SecretStr:
        return SecretStr(postgres.url(f"cloudrota_{login}", Secret("attack"), "attack"))

    return Settings(
        _env_file=None,
        environment="test",
        public_url=f"http://{LOOPBACK}:{free_port()}",
        secret_key=SecretStr(secrets.token_hex(32)),
        step_up_minutes=24 * 60,
        database_url=url(Login.APP),
        database_worker_url=url(Login.WORKER),
        database_system_url=url(Login.SYSTEM),
        database_owner_url=url(Login.OWNER),
        redis_url=SecretStr(redis_url),
        # Mails stay in the outbox: nothing here sends them.
        smtp_url=SecretStr(f"smtp://{LOOPBACK}:{free_port()}"),
        platform_principal_arn="arn:aws:iam::000000000000:user/cloudrota-platform",
        credential_keys={
            "attack": SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
        },
        credential_active_key="attack",
        evidence_signing_key=SecretStr(
            base64.b64encode(secrets.token_bytes(32)).decode()
        ),
        artifact_directory=str(directory / "artifacts"),
        log_level="ERROR",
        # Who attacks chooses the address that it seems to come from.
        trusted_proxies=1,
        requests_per_minute=_UNLIMITED,
        requests_per_minute_of_address=_UNLIMITED,
        searches_per_minute=_UNLIMITED,
        exports_per_minute=_UNLIMITED,
    )


def _migrate(settings: Settings) -> None:
    config = Config(ROOT / "alembic.ini")
    assert settings.database_owner_url is not None
    config.attributes["url"] = settings.database_owner_url.get_secret_value()
    command.upgrade(config, "head")


@contextmanager
def _api(settings: Settings, log: Path) -> Iterator[None]:
    """Uvicorn as `make run-server` starts it, without a line a request."""
    port = settings.public_url.rpartition(":")[2]
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 — our own command
            [
                *(sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory"),
                *("--host", LOOPBACK, "--port", port, "--no-proxy-headers"),
                *("--loop", "uvloop", "--http", "httptools", "--no-server-header"),
                *("--no-access-log", "--timeout-graceful-shutdown", "1"),
            ],
            cwd=ROOT,
            env=environment(settings, STRIPE_WEBHOOK_SECRETS=f'["{STRIPE_SECRET}"]'),
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(settings.public_url, process, log)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_answers(
    base_url: str, process: "subprocess.Popen[bytes]", log: Path
) -> None:
    with httpx.Client(trust_env=False) as client:
        while process.poll() is None:
            try:
                client.get(f"{base_url}/healthz")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
    raise RuntimeError(f"the API ended with {process.returncode}: {log.read_text()}")


# ── tenants ──────────────────────────────────────────────────────────────────────


async def _found(settings: Settings) -> Tenant:
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    try:
        hashed = await hash_password(PASSWORD)
        async with database.unit_of_work(Login.OWNER) as session:
            made = await _tenant(session, settings, hashed)
    finally:
        await database.close()
        await publisher.close()
    for holdings in (made.seen, made.unseen):
        _keep_file(settings, holdings)
    return made


async def _tenant(session: AsyncSession, settings: Settings, hashed: str) -> Tenant:
    """Everything of it that is a text holds a mark that nothing else holds."""
    mark = f"QZ{secrets.token_hex(5).upper()}"
    organization_id = await make_organization(session, f"{mark} Ltd")
    lasting = settings.model_copy(update=_LASTING)
    roles = {str(role): (role, None) for role in Role} | {
        "limited": (Role.MEMBER, NORTH)
    }
    people = {
        name: await make_persona(
            session,
            lasting,
            f"{mark.lower()}-{name}",
            organization_id,
            role,
            label_scope=label_scope,
        )
        for name, (role, label_scope) in roles.items()
    }
    everyone = [one.user_id for one in people.values()]
    known = update(User).where(User.id.in_(everyone)).values(password_hash=hashed)
    await session.execute(known)
    owner = people["owner"]
    seen = _holdings(f"{mark}{SEEN}", "north", owner)
    unseen = _holdings(f"{mark}{UNSEEN}", "south", owner)
    await fill(session, seen)
    await fill(session, unseen, account_tables())
    return Tenant(
        **people,
        seen=seen,
        unseen=unseen,
        personal_key=await make_key(session, owner),
        service_key=await make_key(session, owner, is_service=True),
        limited_key=await make_key(session, owner, is_service=True, label_scope=NORTH),
    )


def _holdings(mark: str, label: str, owner: Persona) -> Holdings:
    account_id = f"{secrets.randbelow(10**12):012}"
    return Holdings(mark, label, account_id, owner.organization_id, owner.user_id)


def _keep_file(settings: Settings, holdings: Holdings) -> None:
    """Of their artifact, for whoever may see it."""
    key = key_of(
        Artifact(
            organization_id=holdings.organization_id,
            id=holdings.id_of("artifacts"),
            format="csv",
        )
    )
    storage(settings).put(key, BytesIO(holdings.file))
