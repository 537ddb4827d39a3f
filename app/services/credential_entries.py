"""What may be entered as a way into an account: who may, which members each kind has,
and whose account a role's ARN names."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.errors import AWSConfigurationError
from app.aws.regions import HOME_REGION
from app.aws.sts import account_of
from app.core.actor import Actor
from app.core.errors import EmailNotVerified, FieldError, Forbidden, Invalid
from app.models.aws_account import AWSAccount, AWSCredentials, CredentialsKind
from app.schemas.aws_credentials import CredentialsConnect, WayIn
from app.services import accounts, connections

_LONG_TERM_KEY = re.compile(r"AKIA[A-Z0-9]{16}")
_TEMPORARY_PREFIX = "ASIA"
_MEMBERS = {
    CredentialsKind.ROLE: ("role_arn",),
    CredentialsKind.ACCESS_KEY: ("access_key_id", "secret_access_key"),
}


def must_be_verified(actor: Actor) -> None:
    """Raises EmailNotVerified: nobody connects accounts for an address of others."""
    if not actor.email_verified:
        raise EmailNotVerified("Then connect AWS accounts.")


def refuse_members_of_other_kinds(
    kind: CredentialsKind, entry: WayIn, *, needed: bool
) -> None:
    """A role has an ARN; an access key has an id and a secret, always both."""
    own = _MEMBERS[kind]
    given = {name for name in WayIn.model_fields if getattr(entry, name) is not None}
    wrong = [
        FieldError(f"/{name}", "unexpected", f"Credentials of kind {kind} have none.")
        for name in sorted(given.difference(own))
    ]
    if needed or given.intersection(own):
        wrong += [
            FieldError(f"/{name}", "required", f"Credentials of kind {kind} need it.")
            for name in own
            if name not in given
        ]
    if wrong:
        names = ", ".join(field.pointer for field in wrong)
        raise Invalid(f"Look at {names}.", fields=tuple(wrong))


async def account_of_entry(
    session: AsyncSession, actor: Actor, entry: CredentialsConnect
) -> AWSAccount | None:
    """A role's account, joined; None for an access key, which does not say it."""
    if entry.role_arn is None:
        if actor.label_scope is not None:
            raise Forbidden(
                "Your access is limited to some accounts, and an access key does not "
                "say which one it opens. Connect a role."
            )
        return None
    account_id = account_id_of(entry.role_arn)
    if actor.label_scope is not None:
        # A new account has no labels yet, so that nobody with a limit could see it.
        seen = await accounts.find(session, actor, account_id)
        if seen is None:
            raise Invalid.field(
                "/role_arn", "unknown", "You see no account with this number."
            )
    return await connections.join(
        session,
        actor.organization_id,
        account_id,
        name=entry.name,
        actor=actor.signature,
    )


def account_id_of(role_arn: str) -> str:
    """The 12 digits in it; Invalid for what is no role's ARN in the partition aws."""
    try:
        return account_of(role_arn, region=HOME_REGION)
    except AWSConfigurationError as error:
        facts = error.facts
        message = f"{facts.message}. {facts.advice}"
        raise Invalid.field("/role_arn", facts.code, message) from error


async def must_stay_in_account(
    session: AsyncSession, row: AWSCredentials, account_id: str
) -> None:
    """Raises Invalid where the credentials are another account's."""
    present = await session.scalar(
        select(AWSAccount.account_id).where(
            AWSAccount.organization_id == row.organization_id,
            AWSAccount.id == row.aws_account_id,
        )
    )
    if account_id != present:
        raise Invalid.field(
            "/role_arn", "another_account", "Connect another account on its own."
        )


def long_term(access_key_id: str) -> str:
    """The same; Invalid for what is no id of an access key that lasts."""
    if access_key_id.startswith(_TEMPORARY_PREFIX):
        raise Invalid.field(
            "/access_key_id",
            "temporary_key",
            "Keys that begin with ASIA end within hours. Connect a role, or a key of "
            "an IAM user (AKIA…).",
        )
    if not _LONG_TERM_KEY.fullmatch(access_key_id):
        raise Invalid.field(
            "/access_key_id",
            "not_an_access_key_id",
            "An access key's id is AKIA and 16 capital letters or digits.",
        )
    return access_key_id
