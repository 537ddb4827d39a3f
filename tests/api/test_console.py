"""The console as the API process serves it: its files, its page, nothing besides."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from app.api import console
from app.core.ids import new_id
from app.core.settings import Settings
from app.main import create_app

PAGE = (
    '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__">'
    '<script nonce="__CSP_NONCE__" src="/assets/index-Ab12.js"></script>'
)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    assets, hidden = tmp_path / "assets", tmp_path / ".vite"
    assets.mkdir()
    hidden.mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "icon.svg").write_text("<svg/>")
    (hidden / "manifest.json").write_text("{}")
    for suffix, text in (("", "plain"), (".gz", "gzipped"), (".br", "brotli")):
        (assets / f"index-Ab12.js{suffix}").write_text(text)
    return tmp_path


@pytest.fixture
async def visitor(configured: Settings, build: Path) -> AsyncIterator[AsyncClient]:
    app = create_app(configured)
    console.install(app, build)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://console") as client:
        yield client


@pytest.mark.parametrize(
    "path",
    ["/", "/tasks", "/tasks/new", "/accept-invitation", f"/problems/{new_id()}"],
    ids=["root", "list", "wizard", "link", "problem"],
)
async def test_a_browser_gets_the_page_wherever_it_goes(
    visitor: AsyncClient, path: str
) -> None:
    answer = await visitor.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_each_page_lets_in_only_what_carries_its_own_nonce(
    visitor: AsyncClient,
) -> None:
    answers = [await visitor.get("/", headers=BROWSER) for _ in range(2)]
    nonces = set()
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert set(re.findall(r"'nonce-([\w-]{24})'", policy)) == set(
            re.findall(r'nonce="([^"]+)"', answer.text)
        )
        nonces |= set(re.findall(r'nonce="([^"]+)"', answer.text))
    assert len(nonces) == len(answers)


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1/nothing",
        "/api/v2/tasks",
        "/docs/nothing",
        "/metrics/x",
        "/.well-known/security.txt",
        "/assets/index-Old1.js",
    ],
)
async def test_what_is_not_the_consoles_is_not_found_as_ever(
    visitor: AsyncClient, path: str
) -> None:
    answer = await visitor.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/favicon.ico",
        "/.vite/manifest.json",
        "/index.html",
        "/../README.md",
    ],
)
async def test_a_program_is_told_that_there_is_nothing(
    visitor: AsyncClient, path: str
) -> None:
    assert (await visitor.get(path)).status_code == 404
    assert (await visitor.post(path, headers=BROWSER)).status_code == 404


async def test_routes_of_the_api_come_first(visitor: AsyncClient) -> None:
    page = await visitor.get("/problems/not-found", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/plain")
    wrong = await visitor.put("/healthz", headers=BROWSER)
    assert wrong.status_code == 405


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", "brotli"),
        ("gzip", "gzip", "gzipped"),
        ("br;q=0, gzip;q=0.5", "gzip", "gzipped"),
        ("identity", None, "plain"),
        ("", None, "plain"),
    ],
)
async def test_files_go_out_as_small_as_the_browser_takes_them(
    visitor: AsyncClient, accepted: str, encoding: str | None, body: str
) -> None:
    request = visitor.build_request(
        "GET", "/assets/index-Ab12.js", headers={"Accept-Encoding": accepted}
    )
    answer = await visitor.send(request, stream=True)
    raw = b"".join([part async for part in answer.aiter_raw()])
    assert raw.decode() == body
    assert answer.headers.get("content-encoding") == encoding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_only_what_changes_its_name_is_kept_for_ever(
    visitor: AsyncClient,
) -> None:
    hashed = await visitor.get(
        "/assets/index-Ab12.js", headers={"Accept-Encoding": "identity"}
    )
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    icon = await visitor.get("/icon.svg")
    assert icon.headers["cache-control"] == "public, max-age=3600"
    assert icon.headers["content-type"] == "image/svg+xml"


async def test_without_a_build_all_is_as_before(
    configured: Settings, tmp_path: Path
) -> None:
    app = create_app(configured)
    before = app.router.default
    console.install(app, tmp_path)
    assert app.router.default is before
