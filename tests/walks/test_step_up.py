"""Which routes ask for a fresh proof of identity: those that could hand the
organization, or the account itself, to somebody else."""

from app.api.openapi import needs_fresh_proof
from app.core.permissions import Permission
from tests.tenancy.routes import application, endpoints

# What a permission is about, by the word before its dot, so that what it changes needs
# a fresh proof.
SENSITIVE = {
    "api_keys",
    "billing",
    "credentials",
    "invitations",
    "keys",
    "members",
    "organization",
    "subscription",
}
# Routes with such a permission that need none, and why.
EXCEPTED = {
    "POST /api/v1/aws-credentials/{id}/verify": "asks AWS again, and changes nothing",
}
# What concerns one's own account.
OF_ONESELF = {
    "GET /api/v1/auth/me/export",
    "POST /api/v1/auth/change-password",
    "POST /api/v1/auth/mfa/totp",
    "POST /api/v1/auth/mfa/totp/confirm",
    "DELETE /api/v1/auth/mfa/totp",
    "POST /api/v1/auth/mfa/recovery-codes",
    "POST /api/v1/auth/delete-account",
}


def is_sensitive(permission: Permission | None) -> bool:
    noun, _, verb = (permission or "").partition(".")
    return noun in SENSITIVE and verb != "read"


def test_who_changes_something_sensitive_has_just_proved_who_it_is() -> None:
    wanted = {str(one) for one in endpoints() if is_sensitive(one.permission)}
    assert wanted >= EXCEPTED.keys()
    asking = {str(one) for one in endpoints() if needs_fresh_proof(one.route)}
    assert asking == (wanted - EXCEPTED.keys()) | OF_ONESELF


def test_nobody_is_kept_from_ending_sessions() -> None:
    asking = {str(one) for one in endpoints() if needs_fresh_proof(one.route)}
    ending = {"logout", "logout-everywhere", "sessions"}
    assert not [one for one in asking if ending & set(one.split("/"))]


def test_the_document_says_which() -> None:
    paths = application().openapi()["paths"]
    for endpoint in endpoints():
        if endpoint.route.include_in_schema:
            operation = paths[endpoint.path][endpoint.method.lower()]
            said = operation.get("x-step-up", False)
            assert said is needs_fresh_proof(endpoint.route), str(endpoint)
