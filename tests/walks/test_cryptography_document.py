"""`docs/cryptography.md` names every module that encrypts, signs, hashes or draws by
lot, and no other."""

import re

from tests.walks.python import ROOT, of_app
from tests.walks.test_dangerous import used

_PRIMITIVES = {
    *("hashlib", "hmac", "secrets", "cryptography", "jose", "passlib", "pyotp"),
    "app.core.tokens.derive_token",
}
_DEVELOPMENT = "app/core/embedded/"
# Whose use is of `derive_token` alone: what it is for is told beside SECRET_KEY.
_BY_SECRET_KEY = {
    "app/services/channel_confirmations.py",
    "app/services/channel_secrets.py",
    "app/services/channels.py",
    "app/services/credential_bulk.py",
    "app/services/credentials.py",
    "app/services/email_tokens.py",
    "app/services/rate_limits.py",
    "app/services/throttling.py",
    "app/services/trials.py",
    "app/services/invitations.py",
}


def test_names_each_place() -> None:
    text = (ROOT / "docs/cryptography.md").read_text("utf-8")
    told = set(re.findall(r"`(app/[\w/]+\.py)`", text))
    here = {
        path.as_posix() for path, module in of_app() if _PRIMITIVES & {*used(module)}
    }
    outside = {path for path in here if not path.startswith(_DEVELOPMENT)}
    assert outside - _BY_SECRET_KEY == told
