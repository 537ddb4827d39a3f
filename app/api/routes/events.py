"""Live events, as server-sent events."""

from typing import Annotated, cast

from fastapi import Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from app.api.deps import Caller, CurrentActor, needs
from app.api.event_stream import EventStream
from app.api.router import Router
from app.core.clock import now
from app.core.permissions import Permission
from app.core.tokens import AccessClaims
from app.models.live_event import EventKind
from app.schemas.events import EXAMPLE
from app.services.live_events import Cursor
from app.services.live_hub import LiveHub

router = Router(tags=["events"])

_STREAM = {
    200: {
        "description": "Server-sent events. `event` is the kind of a change, whose"
        " `data` is then one of the shapes, or `live`, `degraded`, `reset`, `overflow`"
        " or `closing`, whose `data` is StreamSaid. Comments are heartbeats.",
        "content": {
            EventStream.media_type: {
                "schema": {
                    "type": "string",
                    "contentMediaType": EventStream.media_type,
                    "x-data": {
                        kind.value: {"$ref": f"#/components/schemas/{shape}"}
                        for kind, shape in {
                            EventKind.EXECUTION: "ExecutionChanged",
                            EventKind.UNIT: "UnitChanged",
                            EventKind.PROBLEM: "ProblemChanged",
                            EventKind.CREDENTIALS: "CredentialsChanged",
                            EventKind.RESOURCES: "ResourcesChanged",
                        }.items()
                    }
                    | {
                        said: {"$ref": "#/components/schemas/StreamSaid"}
                        for said in (
                            "live",
                            "degraded",
                            "reset",
                            "overflow",
                            "closing",
                        )
                    },
                },
                "example": EXAMPLE,
            }
        },
    }
}
_ALL = list(EventKind)


async def _hub(request: Request) -> LiveHub:
    return cast("LiveHub", request.app.state.live_hub)


@router.get(
    "/events",
    dependencies=[Depends(needs(Permission.READ_ORGANIZATION))],
    responses=_STREAM,  # type: ignore[arg-type]  # FastAPI's type wants int | str keys
    response_class=StreamingResponse,
)
async def stream_events(
    hub: Annotated[LiveHub, Depends(_hub)],
    actor: CurrentActor,
    caller: Caller,
    kind: Annotated[
        list[EventKind], Query(max_length=5, description="Only these; else all.")
    ] = _ALL,
    last_event_id: Annotated[
        str | None,
        Header(max_length=64, description="Go on behind this one, for 24 hours."),
    ] = None,
) -> EventStream:
    """What changes, as it changes: executions, units, problems, credentials, resources.

    One is told what one may read: of accounts within one's labels only, and of each
    kind that one's role may read. Changes are hints: they hold ids and a few facts; the
    routes hold the rest. Each is told once; after a reconnection with `Last-Event-ID`,
    in the same order from there on. A stream ends, with `closing`, when its access
    token expires, and within 5 seconds when its session, key or rights do: refresh, and
    go on from the last id.
    """
    after = None if last_event_id is None else Cursor.parse(last_event_id)
    lifetime = None  # a key's ends with the key
    if isinstance(caller, AccessClaims):
        assert caller.expires_at is not None  # they were read from a token
        lifetime = (caller.expires_at - now()).total_seconds()
    return EventStream(hub, actor, kinds=kind, after=after, lifetime=lifetime)
