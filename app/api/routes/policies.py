"""IAM policies before there is a task."""

from fastapi import APIRouter, Depends

from app.api.deps import needs
from app.core.permissions import Permission
from app.schemas.policies import Policies, PolicyPreviewInput
from app.services import policies

router = APIRouter(prefix="/policies", tags=["policies"])


@router.post("/preview", dependencies=[Depends(needs(Permission.READ_CREDENTIALS))])
async def preview_policies(entry: PolicyPreviewInput) -> Policies:
    """The policies that tasks over these services would need; nothing is stored."""
    return policies.preview(entry)
