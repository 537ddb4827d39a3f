"""What an account's owner needs to make the role: external id, principal, policy,
template."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.onboarding import (
    ROLE_NAME,
    WRITE_ROLE_NAME,
    cloudformation_template,
    quick_create_link,
    stack_set_commands,
    terraform_snippet,
    trust_policy,
)
from app.aws.policy import Policy
from app.aws.regions import HOME_REGION
from app.core.actor import Actor
from app.core.errors import PlatformPrincipalMissing
from app.core.settings import Settings
from app.models.aws_account import CredentialsPurpose
from app.models.organization import Organization
from app.schemas.aws_credentials import Onboarding
from app.schemas.policies import Policies, PolicyPackage, RoleRecipe, StackSet
from app.services import policies


async def show(
    session: AsyncSession, actor: Actor, *, settings: Settings
) -> Onboarding:
    """For the actor's organization, with the policies that all default listings and
    checks need."""
    principal = settings.platform_principal_arn
    if principal is None:
        raise PlatformPrincipalMissing("Its operator sets PLATFORM_PRINCIPAL_ARN.")
    external_id = await _external_id(session, actor)
    documents = policies.of_catalog().policies
    recipe = _recipe(documents, principal, external_id, _link(settings, external_id))
    return Onboarding(
        principal_arn=principal,
        external_id=external_id,
        role_name=ROLE_NAME,
        trust_policy=trust_policy(principal, external_id),
        policies=documents,
        **dict(recipe),
    )


def template() -> dict[str, Any]:
    """The role with the policies of all that is looked at by default, for everybody:
    principal and ExternalId are its parameters."""
    return cloudformation_template(policies.of_catalog().policies)


def published() -> str:
    """The template as small as it can be, for an operator to publish."""
    return json.dumps(template(), separators=(",", ":"))


async def packed(
    session: AsyncSession,
    actor: Actor,
    needed: Policies,
    *,
    settings: Settings,
    purpose: CredentialsPurpose = CredentialsPurpose.READ,
) -> PolicyPackage:
    """The policies with the role that carries them, as templates of the actor's
    organization. No template of them is published: there is no link. What changes an
    account is another role than what reads it."""
    principal = settings.platform_principal_arn
    recipe = None
    if principal is not None:
        external_id = await _external_id(session, actor)
        is_read = purpose is CredentialsPurpose.READ
        name = ROLE_NAME if is_read else WRITE_ROLE_NAME
        recipe = _recipe(needed.policies, principal, external_id, None, role_name=name)
    return PolicyPackage(**dict(needed), role=recipe)


async def _external_id(session: AsyncSession, actor: Actor) -> str:
    statement = select(Organization.aws_external_id).where(
        Organization.id == actor.organization_id
    )
    return (await session.scalars(statement)).one()


def _recipe(
    documents: list[Policy],
    principal: str,
    external_id: str,
    link: str | None,
    *,
    role_name: str = ROLE_NAME,
) -> RoleRecipe:
    create, deploy = stack_set_commands(
        principal_arn=principal,
        external_id=external_id,
        region=HOME_REGION,
        role_name=role_name,
    )
    return RoleRecipe(
        cloudformation_template=cloudformation_template(documents, role_name=role_name),
        parameters={
            "RoleName": role_name,
            "PrincipalArn": principal,
            "ExternalId": external_id,
        },
        quick_create_link=link,
        stack_set=StackSet(create_command=create, deploy_command=deploy),
        terraform=terraform_snippet(
            documents,
            principal_arn=principal,
            external_id=external_id,
            role_name=role_name,
        ),
    )


def _link(settings: Settings, external_id: str) -> str | None:
    """Of the published template, which holds the policies of everything."""
    principal = settings.platform_principal_arn
    if settings.aws_onboarding_template_url is None or principal is None:
        return None
    return quick_create_link(
        settings.aws_onboarding_template_url,
        principal_arn=principal,
        external_id=external_id,
        region=HOME_REGION,
    )
