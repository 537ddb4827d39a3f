"""Errors as problem+json (RFC 9457). The only file that picks a status for an error,
and the edge of the API process where an unforeseen one ends."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from app.core import errors
from app.core.errors import CloudrotaError, FieldError
from app.services import plan_limits, refusals

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[CloudrotaError], int] = {
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.PlanLimit: 402,
    errors.Forbidden: 403,
    errors.SubscriptionReadOnly: 402,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.StaleVersion: 412,
    errors.TooLarge: 413,
    errors.TooMany: 429,
    errors.NotConfigured: 409,
    errors.Unavailable: 503,
}
_HTTP_CODES = {404: errors.NotFound, 413: errors.TooLarge, 429: errors.TooMany}

_BAD_REQUEST = 400  # FastAPI's word for a body that is not even text
_NOT_JSON = errors.Invalid.field("", "json_invalid", "The body is not JSON in UTF-8.")

# What the database refuses, by the name of its constraint, and what it means.
_CONSTRAINTS: Mapping[str, CloudrotaError] = {
    "uq_users_email": errors.EmailTaken(
        "Sign in, or use another address.",
        fields=(FieldError("/email", "taken", "This address is taken."),),
    ),
    "uq_tasks_organization_id_name": errors.NameTaken(
        "Another task has this name.",
        fields=(FieldError("/name", "taken", "Another task has this name."),),
    ),
    "uq_notification_rules_organization_id_name": errors.NameTaken(
        "Another rule has this name.",
        fields=(FieldError("/name", "taken", "Another rule has this name."),),
    ),
    "uq_aws_credentials_organization_id_name": errors.NameTaken(
        "Another connection has this name.",
        fields=(FieldError("/name", "taken", "Another connection has this name."),),
    ),
    "uq_notification_channels_organization_id_name": errors.NameTaken(
        "Another channel has this name.",
        fields=(FieldError("/name", "taken", "Another channel has this name."),),
    ),
    "uq_webhook_endpoints_organization_id_name": errors.NameTaken(
        "Another endpoint has this name.",
        fields=(FieldError("/name", "taken", "Another endpoint has this name."),),
    ),
    "ck_users_short_password_needs_mfa": errors.PasswordNeedsMfa(
        "Set a password of at least 12 characters first."
    ),
    "finished_is_final": errors.IllegalTransition("It is already finished."),
    "legal_transition": errors.IllegalTransition(),
}
# PostgreSQL is starting, stopping, or was told to let us go; or it took too long.
_NOT_NOW = ("57P", "57014")
_UNIQUE_VIOLATION = "23505"


def status_of(kind: type[CloudrotaError]) -> int:
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def problem(
    request: Request, error: CloudrotaError, *, status: int | None = None
) -> JSONResponse:
    status = status or status_of(type(error))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 — the status itself
    if isinstance(error, errors.TooMany) and error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    body: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": status,
        "code": error.code,
        "detail": error.detail or error.title,
        "instance": request.url.path,
        "errors": [
            {"pointer": f.pointer, "code": f.code, "message": f.message}
            for f in error.fields
        ],
    }
    if isinstance(error, errors.NotFound):
        # Foreign and unknown must be the same bytes, whatever was asked for.
        body |= {"detail": error.title, "instance": "", "errors": []}
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    app.add_exception_handler(CloudrotaError, _of_rule)
    app.add_exception_handler(errors.Forbidden, _of_refusal)
    app.add_exception_handler(errors.InvalidCredentials, _of_wrong_password)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(DBAPIError, _of_database)
    app.add_exception_handler(OSError, _of_connection)
    app.add_exception_handler(Exception, surprise)


async def _of_rule(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CloudrotaError)
    return problem(request, error)


async def _of_refusal(request: Request, error: Exception) -> JSONResponse:
    """What somebody who is known may not do is recorded first, after the transaction
    that was refused; where that cannot be done, the answer says so instead."""
    assert isinstance(error, errors.Forbidden)
    actor = getattr(request.state, "actor", None)
    if actor is not None:
        try:
            await refusals.record(request.app.state.database, actor, error)
        except DBAPIError as away:
            return await _of_database(request, away)
        except OSError as away:
            return await _of_connection(request, away)
    return problem(request, error)


async def _of_wrong_password(request: Request, error: Exception) -> JSONResponse:
    """Whose it was is recorded after the answer, which takes the same time whether
    there is such a user or not."""
    assert isinstance(error, errors.InvalidCredentials)
    answer = problem(request, error)
    answer.background = BackgroundTask(
        refusals.record_sign_in, request.app.state.database, error.user_id
    )
    return answer


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = tuple(
        FieldError(_pointer(item["loc"]), item["type"], item["msg"])
        for item in error.errors()
    )
    names = ", ".join(sorted({field.pointer for field in fields}))
    return problem(request, errors.Invalid(f"Look at {names}.", fields=fields))


def _pointer(location: tuple[int | str, ...]) -> str:
    """A body member as /name, others as /query/limit, /path/id, /header/…"""
    place, *path = location
    parts = path if place == "body" else [place, *path]
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "/" + "/".join(escaped)


async def _of_framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == _BAD_REQUEST:
        return problem(request, _NOT_JSON)
    kind = _HTTP_CODES.get(error.status_code, CloudrotaError)
    answer = problem(request, kind(str(error.detail)), status=error.status_code)
    answer.headers.update(error.headers or {})
    if "Allow" in answer.headers:
        # The framework names those of the first route of the path alone.
        answer.headers["Allow"] = ", ".join(_methods_of(request))
    return answer


def _methods_of(request: Request) -> list[str]:
    """All that its path takes; `/tasks/preview` is not the path of a task."""
    path = request.scope["path"]
    here = [
        route
        for route in iter_route_contexts(request.app.routes)
        if route.path_regex.match(path)
    ]
    paths = {str(route.path_format) for route in here}
    nearest = min(paths, key=lambda one: one.count("{"))
    return sorted(
        {
            method
            for route in here
            if route.path_format == nearest
            for method in route.methods or ()
        }
    )


async def _of_database(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    cause = error.orig.__cause__ if error.orig is not None else None
    known = _CONSTRAINTS.get(str(getattr(cause, "constraint_name", None)))
    known = known or plan_limits.refusal(error)
    if known is not None:
        return problem(request, known)
    state = getattr(cause, "sqlstate", None)
    if isinstance(error, IntegrityError) and state == _UNIQUE_VIOLATION:
        return problem(request, errors.Conflict("It exists already."))
    is_away = isinstance(error, (InterfaceError, OperationalError))
    if error.connection_invalidated or is_away or str(state).startswith(_NOT_NOW):
        return await _of_connection(request, error)
    return await surprise(request, error)


async def _of_connection(request: Request, error: Exception) -> JSONResponse:
    log.error("request.unavailable", exc_info=error)
    return problem(request, errors.Unavailable("Try again in a moment."))


async def surprise(request: Request, error: Exception) -> JSONResponse:
    """An error of ours: the log has all of it, the answer nothing."""
    log.error("request.failed", exc_info=error)
    recorded = CloudrotaError("It is recorded under the request id of this answer.")
    return problem(request, recorded, status=500)
