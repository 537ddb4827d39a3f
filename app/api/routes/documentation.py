"""The API's documentation page, from this server alone (no other host is asked, and no
script stands in the page), and the pages that errors point to."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.staticfiles import StaticFiles

from app.core.errors import NotFound


class _Code(Convertor[str]):
    """Of an error. The console has pages of problems under the same path, whose ids
    have digits in them."""

    regex = "[a-z-]{1,64}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("code", _Code())
router = APIRouter(include_in_schema=False)

PROBLEMS = Path(__file__).parents[3] / "docs/problems"

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Cloudrota API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
</head>
<body>
<div id="documentation"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """\
SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#documentation",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
});
"""


@router.get("/docs")
async def page() -> HTMLResponse:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/start.js")
async def start() -> Response:
    return Response(_START, media_type="text/javascript")


@router.get("/problems/{code:code}")
def problem_page(
    code: Annotated[str, PathParameter(pattern=r"^[a-z-]{1,64}$")],
) -> PlainTextResponse:
    """What an error means and how to put it right: its `type` leads here."""
    page = PROBLEMS / f"{code}.md"
    if not page.is_file():
        raise NotFound
    return PlainTextResponse(page.read_text("utf-8"))


def install(app: FastAPI) -> None:
    app.include_router(router)
    files = StaticFiles(packages=[("fastapi_offline", "static")])
    app.mount("/docs/files", files, name="documentation-files")
