"""Passwords, hashed with argon2id. The only module that knows passlib, so that the
library can be changed in one file (docs/decisions/0001)."""

import warnings

from app.core.threads import Threads

# passlib asks argon2 for its version in a way that argon2 deprecates.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from passlib.context import CryptContext

    _context = CryptContext(
        schemes=["argon2"],
        argon2__type="ID",
        argon2__memory_cost=47104,
        argon2__time_cost=1,
        argon2__parallelism=1,
    )
    # The first use loads the backend; passlib asserts if that happens half-way
    # through a nested verify(…, hash(…)).
    _DECOY = _context.hash("decoy")

_CONCURRENT_HASHES = 2  # each takes 46 MiB and a core
_threads = Threads(_CONCURRENT_HASHES)


async def hash_password(password: str) -> str:
    hashed: str = await _threads.run(_context.hash, password)
    return hashed


async def verify_password(password: str, hashed: str | None) -> bool:
    """False for a wrong password; an unknown user (None) takes the same time."""
    matches = await _threads.run(_context.verify, password, hashed or _DECOY)
    return bool(matches) and hashed is not None
