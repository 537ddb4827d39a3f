"""What a person can do while the demo is up."""

import httpx

from tests.demo.parts import pid_file_of
from tests.demo.places import LOGS, MAILBOX, PYTHON, ROOT, SETTINGS, USER
from tests.demo.story import TEST_CARD


def addresses(url: str) -> str:
    user, stripe = USER.read(), SETTINGS.read()["STRIPE_API_URL"]
    python = _from_root(PYTHON)
    demo = f"{python} -m tests.demo"
    mailbox = _from_root(str(MAILBOX))
    rows = {
        "API docs": f"{url}/docs",
        **({"Console": url} if _has_console(url) else {}),
        "Sign in": f"{user['EMAIL']}  password  {user['PASSWORD']}",
        "Checkout": f"{stripe}: a fake of Stripe, card {TEST_CARD}, no money moves",
        "Mails": f"{python} -m tests.mailbox show --directory {mailbox}",
        "Logs": _from_root(str(LOGS)),
        "Slots": f"{demo} slots    # was any lost or doubled?",
        "Kill": f"kill -9 $(cat {_pid_file('worker')} {_pid_file('beat')})",
        "One more": f"{demo} worker    # or: {demo} beat",
    }
    lines = [f"  {name + ':':10} {row}" for name, row in rows.items()]
    return "\n".join(
        [
            *lines,
            "",
            f"Commands are run in {ROOT}. A worker or beat that was killed is started",
            "again by itself; one started by hand works beside it.",
        ]
    )


def _from_root(path: str) -> str:
    return path.removeprefix(f"{ROOT}/")


def _pid_file(name: str) -> str:
    return _from_root(str(pid_file_of(name)))


def _has_console(url: str) -> bool:
    goes_there = {"Accept": "text/html"}  # as a browser does
    answer = httpx.get(url, headers=goes_there, timeout=5, trust_env=False)
    kind = answer.headers.get("content-type", "")
    return answer.is_success and kind.startswith("text/html")
