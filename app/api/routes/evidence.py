"""Evidence: what was recorded of an execution, signed; and the keys that prove it."""

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from app.api.deps import CurrentActor, DbSession, capped, limited, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.core.signing import SigningKeys
from app.schemas.evidence import SigningKeysRead
from app.services import evidence
from app.services.rate_limits import Cap

router = Router(tags=["executions"])
public = APIRouter(tags=["operations"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The bundle: lines of JSON, the last of which is its signature.",
        "content": {"application/jsonl": {"schema": {"type": "string"}}},
    }
}


async def _keys(request: Request) -> SigningKeys | None:
    return cast("SigningKeys | None", request.app.state.signing_keys)


KeysOfEvidence = Annotated[SigningKeys | None, Depends(_keys)]


@router.get(
    "/executions/{id}/evidence",
    dependencies=[
        Depends(needs(Permission.EXPORT_EVIDENCE)),
        Depends(capped(Cap.EXPORTS)),
    ],
    responses=_FILE,
    response_class=StreamingResponse,
)
async def export_evidence(
    id: UUID, session: DbSession, actor: CurrentActor, keys: KeysOfEvidence
) -> StreamingResponse:
    """All that was recorded of an execution which has ended, and of the audit log what
    concerns it, signed. Anybody can verify it without us: `cloudrota
    verify-evidence`."""
    made = await evidence.make(session, actor, keys, id)
    return StreamingResponse(
        made.pieces(),
        media_type="application/jsonl",
        headers={
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "Content-Length": str(made.size),
            "Cache-Control": "no-store",
        },
    )


@public.get(
    "/.well-known/cloudrota-evidence-keys.json", dependencies=[Depends(limited)]
)
async def list_evidence_keys(keys: KeysOfEvidence) -> SigningKeysRead:
    """The public keys that evidence of this installation is or was signed with. Keep
    them, or their fingerprints, where the bundles do not come from."""
    return SigningKeysRead.model_validate({"keys": evidence.listed(keys)})
