"""What an account's owner needs to make the role: external id, principal, policy,
template."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.onboarding import (
    ROLE_NAME,
    cloudformation_template,
    quick_create_link,
    terraform_snippet,
    trust_policy,
)
from app.aws.regions import HOME_REGION
from app.core.actor import Actor
from app.core.errors import PlatformPrincipalMissing
from app.core.settings import Settings
from app.models.organization import Organization
from app.schemas.aws_credentials import Onboarding
from app.services import policies


async def show(
    session: AsyncSession, actor: Actor, *, settings: Settings
) -> Onboarding:
    """For the actor's organization, with the policy that the whole catalog needs."""
    principal = settings.platform_principal_arn
    if principal is None:
        raise PlatformPrincipalMissing("Its operator sets PLATFORM_PRINCIPAL_ARN.")
    external_id = (
        await session.scalars(
            select(Organization.aws_external_id).where(
                Organization.id == actor.organization_id
            )
        )
    ).one()
    documents = policies.of_catalog().policies
    return Onboarding(
        principal_arn=principal,
        external_id=external_id,
        role_name=ROLE_NAME,
        quick_create_link=_link(settings, principal, external_id),
        trust_policy=trust_policy(principal, external_id),
        policies=documents,
        cloudformation_template=cloudformation_template(documents),
        terraform=terraform_snippet(
            documents, principal_arn=principal, external_id=external_id
        ),
    )


def _link(settings: Settings, principal: str, external_id: str) -> str | None:
    if settings.aws_onboarding_template_url is None:
        return None
    return quick_create_link(
        settings.aws_onboarding_template_url,
        principal_arn=principal,
        external_id=external_id,
        region=HOME_REGION,
    )
