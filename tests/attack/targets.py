"""What mutation testing is of, and which tests are to notice: the code on which
tenants, encryption, tokens and leases stand. Migrations and policies themselves are
broken by tests/tenancy/test_mutations.py, one by one; throttles and rate limits bound
what is tried and let nobody in, and have tests of their own."""

from collections.abc import Mapping
from types import MappingProxyType

TENANCY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "alembic/tenancy.py": (
            "tests/tenancy/test_catalogue.py",
            "tests/tenancy/test_policies.py",
        ),
        "app/core/db.py": (
            "tests/core/test_db.py",
            "tests/core/test_units_of_work.py",
        ),
        "app/core/permissions.py": ("tests/core/test_permissions.py",),
        "app/core/actor.py": ("tests/core/test_actor.py",),
        "app/services/scoping.py": ("tests/services/test_scoping.py",),
        "app/services/memberships.py": (
            "tests/api/test_members.py",
            "tests/api/test_invitations.py",
        ),
        "app/services/decisions/label_limits.py": (
            "tests/services/decisions/test_label_limits.py",
        ),
    }
)
CRYPTO: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "app/core/crypto.py": ("tests/core/test_crypto.py",),
        "app/core/passwords.py": ("tests/core/test_passwords.py",),
    }
)
TOKENS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "app/core/tokens.py": ("tests/core/test_tokens.py",),
        "app/core/api_keys.py": ("tests/core/test_api_keys.py",),
        "app/core/totp.py": ("tests/core/test_totp.py",),
        "app/services/refresh_tokens.py": ("tests/api/test_auth_refresh.py",),
        "app/services/sessions.py": (
            "tests/api/test_auth_refresh.py",
            "tests/api/test_auth_sessions.py",
            "tests/api/test_auth_login.py",
            "tests/api/test_auth_passwords.py",
        ),
        "app/services/decisions/rotation.py": (
            "tests/services/decisions/test_rotation.py",
        ),
        "app/services/second_factor.py": (
            "tests/services/test_second_factor.py",
            "tests/api/test_auth_second_factor.py",
            "tests/api/test_auth_mfa.py",
            "tests/hostile/test_second_factor_secrets.py",
        ),
        "app/services/email_tokens.py": (
            "tests/api/test_auth_verify_email.py",
            "tests/api/test_auth_passwords.py",
        ),
        "app/services/actors.py": (
            "tests/api/test_api_keys_use.py",
            "tests/api/test_auth_login.py",
            "tests/api/test_auth_step_up.py",
            "tests/api/test_organization_mfa.py",
        ),
    }
)
LEASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "app/services/claims.py": (
            "tests/services/test_claims.py",
            "tests/services/test_turns.py",
            "tests/tasks/test_worker_loops.py",
        ),
        "app/services/reaping.py": ("tests/services/test_claims.py",),
        "app/services/decisions/retries.py": (
            "tests/services/decisions/test_retries.py",
        ),
        "app/services/scopes.py": ("tests/services/test_inventory.py",),
    }
)
TARGETS = {**TENANCY, **CRYPTO, **TOKENS, **LEASES}

# Mutants that no test can tell from the code, and why. Each must be there, and survive.
_PATIENCE = "how patient one is: a second more keeps the same rule"
EQUIVALENT: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"app/core/db.py -: {change}": _PATIENCE
            for change in (
                *("5 → 6", "30 → 31", "15 → 16", "300 → 301", "75 → 76"),
                *("30 → 31 (2)", "15 → 16 (2)", "30 → 31 (3)"),
            )
        },
        "app/core/db.py make_engine: 10 → 11": _PATIENCE,
        "app/core/passwords.py -: CryptContext(…) without argon2__type=…": (
            "argon2id is passlib's default today; it is named lest that changes"
        ),
    }
)
