"""What the URLs of PostgreSQL and Redis must say outside development: that the server
proves who it is before it is told anything. Each refusal names the variable."""

from urllib.parse import parse_qs, urlsplit

VERIFIED = "verify-full"


def is_verified(url: str) -> bool:
    """Whether the URL asks PostgreSQL for a certificate of the host that it names."""
    return parse_qs(urlsplit(url).query).get("ssl") == [VERIFIED]


def refuse_unverified(name: str, url: str) -> None:
    """Raise ValueError for a URL of either whose server need not prove itself."""
    if name == "REDIS_URL":
        _refuse_unverified_redis(name, url)
    elif (
        not is_verified(url)
        or not urlsplit(url).hostname
        or "host" in parse_qs(urlsplit(url).query)
    ):
        raise ValueError(
            f"{name} must name its host and end with ?ssl={VERIFIED} outside"
            " development"
        )


def _refuse_unverified_redis(name: str, url: str) -> None:
    parts = urlsplit(url)
    weakens = any(option.startswith("ssl") for option in parse_qs(parts.query))
    if parts.scheme != "rediss" or not parts.hostname or weakens:
        raise ValueError(
            f"{name} must be rediss:// without ssl options outside development"
        )
