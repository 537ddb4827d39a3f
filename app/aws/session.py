"""The only place that makes boto3 sessions and clients; the ambient credential chain
is out of its reach."""

import threading
import weakref
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from botocore import configprovider, credentials, session, tokens, utils
from botocore.config import Config
from botocore.hooks import BaseEventHooks
from botocore.httpsession import URLLib3Session

from app.aws import answers, service_models, transport
from app.aws.concurrency import THREADS
from app.aws.error_codes import Kind, kind_of
from app.aws.errors import AWSAuthenticationError, AWSConfigurationError, error
from app.core.secret import Secret

CLIENT_LIMIT = 32  # clients kept per session; the one used least recently goes first
PROCESS_LIMIT = 192  # clients kept of all sessions together, in the same way

# boto3 keeps process-wide state while it makes a client; two at once can corrupt it.
_client_lock = threading.Lock()
# Requests sent by the call under way in this thread, retries and redirects included.
sent: ContextVar[int] = ContextVar("sent", default=0)
# How many of them were answered with a refusal for coming too fast.
throttled: ContextVar[int] = ContextVar("throttled", default=0)


@dataclass(frozen=True, slots=True)
class AWSKeys:
    """An access key, or the temporary keys of an assumed role."""

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where calls go (`url` None is AWS itself) and how patiently, in seconds.

    `total_max_attempts` counts the first attempt: 1 means that nothing is retried.
    """

    url: str | None = None
    connect_timeout: float = 5
    read_timeout: float = 30
    total_max_attempts: int = 1
    max_pool_connections: int = THREADS

    def config(self) -> Config:
        settings: dict[str, Any] = {
            "connect_timeout": self.connect_timeout,
            "read_timeout": self.read_timeout,
            "retries": {
                "total_max_attempts": self.total_max_attempts,
                "mode": "standard",
            },
            "max_pool_connections": self.max_pool_connections,
            "ignore_configured_endpoint_urls": True,
            "proxies": {},  # none, rather than those of HTTPS_PROXY
            # A choice made in code keeps AWS_BEARER_TOKEN_BEDROCK from being used.
            "auth_scheme_preference": "sigv4",
        }
        return Config(**settings)


class _BareSession(session.Session):
    """A botocore session that reads no environment, no file, and finds no keys."""

    def __init__(self, providers: list[credentials.CredentialProvider]) -> None:
        super().__init__()
        self.register_component("config_store", _constants())
        self.register_component("data_loader", service_models.LOADER)
        self.register_component(
            "credential_provider", credentials.CredentialResolver(providers)
        )
        self.register_component("token_provider", tokens.TokenProviderChain([]))
        self.register("before-send", _count_request)
        self.register("needs-retry", _count_throttled)
        self.register("before-parse", answers.refuse_unreadable)

    def _register_client_plugins(self, client: Any) -> None:
        """Nothing: plugins are named by an environment variable."""


def _constants() -> configprovider.ConfigValueStore:
    """botocore's own defaults, as if there were neither environment nor files."""
    variables = configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES
    defaults: dict[str, Any] = {
        name: default for name, (_, _, default, _) in variables.items()
    }
    defaults |= {"config_file": None, "credentials_file": None}
    defaults |= {"s3": None, "proxies_config": None}
    return configprovider.ConfigValueStore(
        mapping={
            name: configprovider.ConstantProvider(value)
            for name, value in defaults.items()
        }
    )


def _count_request(**_: object) -> None:
    sent.set(sent.get() + 1)


def _count_throttled(**event: Any) -> None:
    """`needs-retry` is emitted for every answer, and asks: this never says yes."""
    if event["response"] is None:
        return
    operation, (http, parsed) = event["operation"], event["response"]
    code = parsed.get("Error", {}).get("Code")
    service = operation.service_model.service_name
    if code and kind_of(service, code, http.status_code) is Kind.THROTTLING:
        throttled.set(throttled.get() + 1)


class _Session:
    """Clients of one identity, each made once and kept while it is in use."""

    def __init__(self, made: boto3.session.Session, endpoint: Endpoint) -> None:
        self._session = made
        self._endpoint = endpoint
        self._config = endpoint.config()
        self._clients: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def events(self) -> BaseEventHooks:
        """botocore's hooks; what is registered here reaches clients made later."""
        return self._session.events

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region of the partition `aws`.

        Raises AWSConfigurationError for a service or region nobody knows.
        """
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._made(service, region)
                if len(self._clients) > CLIENT_LIMIT:
                    self._clients.popitem(last=False)
            self._clients.move_to_end((service, region))
            found = self._clients[service, region]
        _in_use.note(self, (service, region))
        return found

    def forget(self, key: tuple[str, str]) -> None:
        """Let go of a client; it is made again when it is asked for again."""
        with self._lock:
            self._clients.pop(key, None)

    def _made(self, service: str, region: str) -> Any:
        known = {
            "service": service in service_models.services(),
            "region": region in service_models.regions(),
        }
        for what, is_known in known.items():
            if not is_known:
                raise error(
                    AWSConfigurationError,
                    code=f"unknown_{what}",
                    message=f"There is no {what} {(service, region)[what == 'region']}",
                    service=service,
                    operation="",
                    region=region,
                )
        make: Any = self._session.client  # the stubs want a literal service name
        with _client_lock:
            client = make(
                service,
                region_name=region,
                endpoint_url=self._endpoint.url,
                verify=True,  # AWS_CA_BUNDLE and REQUESTS_CA_BUNDLE are not asked
                config=self._config,
            )
        transport.bound(client)
        return client


class _InUse:
    """Which clients of the process were used last, so that the others go: one by one,
    and all of a service together, for they hold its model."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._services: OrderedDict[str, None] = OrderedDict()
        self._used: OrderedDict[
            tuple[int, str, str], tuple[weakref.ref[_Session], tuple[str, str]]
        ] = OrderedDict()

    def note(self, session: _Session, key: tuple[str, str]) -> None:
        service_models.LOADER.note_use(key[0])
        with self._lock:
            place = (id(session), *key)
            self._used[place] = (weakref.ref(session), key)
            self._used.move_to_end(place)
            too_many = range(len(self._used) - PROCESS_LIMIT)
            unused = [self._used.popitem(last=False)[1] for _ in too_many]
            self._services[key[0]] = None
            self._services.move_to_end(key[0])
            while len(self._services) > service_models.MODELS_KEPT:
                unused += self._of_oldest_service()
        for owner, client in unused:
            if (of_owner := owner()) is not None:
                of_owner.forget(client)

    def _of_oldest_service(
        self,
    ) -> list[tuple[weakref.ref[_Session], tuple[str, str]]]:
        oldest, _ = self._services.popitem(last=False)
        places = [place for place in self._used if place[1] == oldest]
        return [self._used.pop(place) for place in places]


_in_use = _InUse()


class TenantSession(_Session):
    """A tenant's own keys, and never any other."""

    def __init__(
        self, keys: AWSKeys, account_id: str | None, endpoint: Endpoint
    ) -> None:
        super().__init__(_signed_with(keys), endpoint)
        self.account_id = account_id
        self.expires_at = keys.expires_at


class PlatformSession(_Session):
    """The deployment's own identity, for STS and KMS only.

    `keys` come from the settings; without them the container's address for credentials
    (ECS sets it, the settings hand it over) is asked, and without that address the
    instance metadata service. Environment keys, files and profiles never are.
    """

    def __init__(
        self,
        keys: AWSKeys | None,
        endpoint: Endpoint,
        *,
        container_credentials_uri: str | None = None,
    ) -> None:
        if keys is None:
            provider = _own_role(container_credentials_uri)
            made = boto3.Session(botocore_session=_BareSession([provider]))
        else:
            made = _signed_with(keys)
        super().__init__(made, endpoint)


def _signed_with(keys: AWSKeys) -> boto3.session.Session:
    # boto3 takes empty keys for none, and goes looking for others.
    if not (keys.access_key_id and keys.secret_access_key.reveal()):
        raise error(
            AWSAuthenticationError,
            code="empty_access_key",
            message="The access key or its secret is empty",
            service="sts",
            operation="",
            region="",
        )
    token = keys.session_token
    return boto3.Session(
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key.reveal(),
        aws_session_token=token.reveal() if token else None,
        botocore_session=_BareSession([]),
    )


class _DirectFetcher(utils.InstanceMetadataFetcher):
    """Asks the metadata service itself, whatever proxy the environment names."""

    def __init__(self, timeout: int, **settings: Any) -> None:
        super().__init__(timeout=timeout, **settings)
        self._session = URLLib3Session(timeout=timeout)


def _own_role(container_uri: str | None) -> credentials.CredentialProvider:
    if container_uri is not None:
        name = credentials.ContainerProvider.ENV_VAR
        return credentials.ContainerProvider(environ={name: container_uri})
    return credentials.InstanceMetadataProvider(
        _DirectFetcher(
            timeout=2,
            num_attempts=1,
            env={},
            config={"ec2_metadata_v1_disabled": True},
        )
    )
