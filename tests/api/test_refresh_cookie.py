"""The refresh cookie's name and attributes, by where the product runs."""

from typing import Literal

import pytest
from fastapi import Response
from pydantic import SecretStr

from app.api import refresh_cookie
from app.core.ids import new_id
from app.core.settings import Settings
from app.services.sessions import Access, SignedIn

SIGNED_IN = SignedIn(Access("access", 600, new_id()), "refresh-text", 3600)


Where = Literal["production", "staging", "development", "test"]


def _settings(environment: Where, url: str) -> Settings:
    return Settings(
        _env_file=None,
        environment=environment,
        public_url=url,
        secret_key=SecretStr("kV7mQ2xT9bL4wZ8nR3cF6hJ1pD5sG0yA"),
        redis_url=SecretStr("rediss://127.0.0.1:1"),
    )


def _cookie(settings: Settings) -> str:
    response = Response()
    refresh_cookie.put(response, settings, SIGNED_IN)
    return response.headers["set-cookie"]


@pytest.mark.parametrize("environment", ["production", "staging", "development"])
def test_over_https_it_is_bound_to_the_host(environment: Where) -> None:
    cookie = _cookie(_settings(environment, "https://cloudrota.example"))
    name, *attributes = cookie.split("; ")
    assert name == "__Host-cloudrota_refresh=refresh-text"
    expected = {"HttpOnly", "Max-Age=3600", "Path=/", "SameSite=strict", "Secure"}
    assert set(attributes) == expected, "above all no Domain"


@pytest.mark.parametrize("environment", ["development", "test"])
def test_over_http_on_ones_own_machine_it_is_not_secure(environment: Where) -> None:
    cookie = _cookie(_settings(environment, "http://127.0.0.1:8000"))
    assert cookie.startswith("cloudrota_refresh=refresh-text; HttpOnly;")
    assert "Secure" not in cookie


def test_is_removed_under_the_attributes_it_was_set_with() -> None:
    settings = _settings("production", "https://cloudrota.example")
    response = Response()
    refresh_cookie.remove(response, settings)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith('__Host-cloudrota_refresh="";')
    assert "Max-Age=0" in cookie
    assert "Secure" in cookie
