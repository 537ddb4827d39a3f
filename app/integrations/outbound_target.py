"""What a user's URL asks for, told from its text: https, a host, a port that webhooks
are at. Where the host leads is judged when it is resolved, never here."""

import re
from dataclasses import dataclass
from enum import StrEnum

import idna

from app.core.errors import Invalid

PORTS = frozenset({443, 8443})
MAX_URL_LENGTH = 2048
_FORBIDDEN = re.compile(r'[\x00-\x20\x7f"#<>\\^`{|}]')
_AUTHORITY = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:%]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
    r"(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)


class Refusal(StrEnum):
    """Why a URL is never asked."""

    MALFORMED = "malformed"
    NOT_HTTPS = "not_https"
    USERINFO = "userinfo"
    PORT = "port"
    NOT_PUBLIC = "not_public"
    NOT_THE_SERVICE = "not_the_service"


_SENTENCES = {
    Refusal.MALFORMED: "It is no plain URL: https://host/path in ASCII, without spaces,"
    " backslashes or a fragment.",
    Refusal.NOT_HTTPS: "Only https:// is asked.",
    Refusal.USERINFO: "A user or password in the URL is not sent: leave it out.",
    Refusal.PORT: f"Only the ports {sorted(PORTS)} are asked.",
    # Unknown names too: the difference would tell of names inside our own network.
    Refusal.NOT_PUBLIC: "The host has no address, or one that is not public.",
    Refusal.NOT_THE_SERVICE: "It is no URL for messages of the service that was named.",
}


class UnsafeTarget(Invalid):
    """A URL that is not asked; asking again later changes nothing by itself. Nothing
    was sent, and no address is told."""

    code = "unsafe-target"
    title = "This URL is not one that is asked"

    def __init__(self, reason: Refusal) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is a name in ASCII and lower case, or an address without brackets;
    `path` begins with a slash and holds the query."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"  # noqa: PLR2004 — https's own


def target_of(url: str, ports: frozenset[int] = PORTS) -> Target:
    """The target of a URL; raises UnsafeTarget. It is read strictly, and what is asked
    is made from what was read, so that no second reader can see another host in it."""
    if len(url) > MAX_URL_LENGTH or _FORBIDDEN.search(url):
        raise UnsafeTarget(Refusal.MALFORMED)
    scheme, found, rest = url.partition("://")
    if not found or scheme.lower() != "https":
        raise UnsafeTarget(Refusal.NOT_HTTPS)
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    path = rest.removeprefix(authority)
    if "@" in authority:
        raise UnsafeTarget(Refusal.USERINFO)
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not path.isascii():
        raise UnsafeTarget(Refusal.MALFORMED)
    port = int(parts["port"] or 443)
    if port not in ports:
        raise UnsafeTarget(Refusal.PORT)
    path = path if path.startswith("/") else f"/{path}"
    return Target(_host(parts["host"]), port, path)


def _host(text: str) -> str:
    if text.startswith("["):
        return text[1:-1].lower()
    try:
        name = text if text.isascii() else idna.encode(text, uts46=True).decode()
    except idna.IDNAError as error:
        raise UnsafeTarget(Refusal.MALFORMED) from error
    name = name.lower().removesuffix(".")
    if _NAME.fullmatch(name) is None:
        raise UnsafeTarget(Refusal.MALFORMED)
    return name
