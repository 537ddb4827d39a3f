"""IAM policies before there is a task."""

from fastapi import Depends

from app.api.deps import CurrentActor, DbSession, SettingsOfApp, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.policies import PolicyPackage, PolicyPreviewInput
from app.services import onboarding, policies

router = Router(prefix="/policies", tags=["policies"])


@router.post("/preview", dependencies=[Depends(needs(Permission.READ_CREDENTIALS))])
async def preview_policies(
    entry: PolicyPreviewInput,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
) -> PolicyPackage:
    """The policies that tasks over these services would need, and the role that carries
    them as a template; nothing is stored."""
    needed = policies.preview(entry)
    return await onboarding.packed(session, actor, needed, settings=settings)
