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
            "tests/walks/test_migrations.py",
        ),
        "app/core/db.py": (
            "tests/core/test_db.py",
            "tests/core/test_units_of_work.py",
            "tests/core/test_tenant_connection.py",
            "tests/core/test_turns.py",
        ),
        "app/core/tenant_connection.py": ("tests/core/test_tenant_connection.py",),
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
        "app/core/crypto.py": (
            "tests/core/test_crypto.py",
            "tests/aws/test_kms.py",
            "tests/services/test_second_factor.py",
        ),
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
_BY_KEYS = "composite foreign keys carry the tenant, so that it follows from the rest"
_SCOPING = "app/services/scoping.py"
EQUIVALENT: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"app/core/db.py -: {change}": _PATIENCE
            for change in (
                *("10 → 11", "5 → 6", "30 → 31", "15 → 16", "300 → 301", "75 → 76"),
                *("30 → 31 (2)", "15 → 16 (2)", "30 → 31 (3)"),
            )
        },
        "app/core/db.py make_engine: create_async_engine(…) without max_overflow=…": (
            "nobody asks the pool for more than its size: turns are taken before it"
        ),
        "app/services/claims.py -: True → False": (
            "SQLAlchemy expands what is looked for in a parameter by itself"
        ),
        "app/core/passwords.py -: CryptContext(…) without argon2__type=…": (
            "argon2id is passlib's default today; it is named lest that changes"
        ),
        "app/core/passwords.py verify_password: hashed or _DECOY → hashed": (
            "passlib spends the time itself where there is no hash"
        ),
        "app/services/decisions/rotation.py -: 10 → 11": _PATIENCE,
        "app/services/second_factor.py -: 4 → 5": (
            "how a recovery code is grouped for the eye"
        ),
        "app/services/email_tokens.py ask: select(EmailToken.id).where(*_live(user_id,"
        " purpose)) without .limit(…)": "whether there is one: the first of many tells",
        "app/services/email_tokens.py ask: 1 → 2": (
            "whether there is one: the first of many tells"
        ),
        "app/core/tokens.py -: 2048 → 2049": (
            "a bound against the very long, of which one letter is no part"
        ),
        "app/core/crypto.py -: 16 → 17": "how many wait for a key service at once",
        "app/core/passwords.py -: 2 → 3": (
            "how many passwords are hashed at once: memory, and no answer"
        ),
        f"{_SCOPING} visible_accounts: return false() → return None": (
            "to SQLAlchemy both are a condition that never holds"
        ),
        f"{_SCOPING} on_visible_account: if actor.label_scope is None → if False": (
            "the accounts of a tenant are then asked for, and all of them are found"
        ),
        f"{_SCOPING} on_visible_account: and_(…) without mine": _BY_KEYS,
        f"{_SCOPING} visible_tasks: and_(…) without mine": _BY_KEYS,
        f"{_SCOPING} visible_tasks: where(…) without "
        "TaskTarget.organization_id == Task.organization_id": _BY_KEYS,
        f"{_SCOPING} visible_tasks: and_(…) without Task.selector.is_(None)": (
            "a task that selects its accounts names none, and is hidden for that"
        ),
        **{
            f"app/core/tokens.py _verified: {change}": (
                "a claim that is not there is refused where it is read"
            )
            for change in (
                *("True → False", "{…} without 'require_iss'", "True → False (3)"),
            )
        },
        "app/core/tokens.py read_access_token: "
        "len(token) > _MAX_TOKEN_LENGTH → len(token) >= _MAX_TOKEN_LENGTH": (
            "a bound against the very long, of which one letter is no part"
        ),
        "app/core/tokens.py _end: issued > latest → issued >= latest": (
            "an instant is never met to the second"
        ),
    }
)
