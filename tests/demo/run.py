"""One demo from its first process to its last."""

import signal
from collections.abc import Iterable
from types import FrameType

from httpx import TransportError
from rich.text import Text

from tests.demo import story, table
from tests.demo.addresses import addresses
from tests.demo.client import API, NotInTime, Refused
from tests.demo.expectations import Expectation, judge
from tests.demo.installation import Installation, installed
from tests.demo.places import LOGS, MAILBOX
from tests.demo.screen import Screen
from tests.demo.story import Story
from tests.mailbox import Mailbox, NoSuchMail

LINES_OF_A_LOG = 30
INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(screen: Screen, *, once: bool, port: int | None) -> int:
    """The exit code: 0 if every expectation held, 130 if it was ended before that."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt_once)
    code = INTERRUPTED
    try:
        with installed(screen, port=port) as installation:
            code = _tell(screen, installation)
            if not once:
                _stay(screen, installation)
            _ignore_signals()
    except KeyboardInterrupt:
        screen.say("it was asked to stop, and did")
    return code


def _tell(screen: Screen, installation: Installation) -> int:
    api = API(installation.url)
    try:
        told = _live_through(screen, installation, api)
    except (Refused, NotInTime, NoSuchMail, TransportError) as stopped:
        screen.say(f"✗ {stopped}")
        _show_logs(screen, ("checkout", "api", "worker", "beat"))
        return 1
    finally:
        api.close()
    _show(screen, told)
    expectations = judge(told)
    _show_expectations(screen, expectations)
    failed = [one for one in expectations if not one.held]
    _show_logs(screen, sorted({one.log for one in failed}))
    held = len(expectations) - len(failed)
    screen.say(f"{held} of {len(expectations)} expectations held")
    return 1 if failed else 0


def _live_through(screen: Screen, installation: Installation, api: API) -> Story:
    story.retire_the_last(api, screen)
    installation.start_workers()
    screen.say_chapter("A new customer, over the public REST API")
    story.sign_up(api, Mailbox(MAILBOX), screen)
    subscription = story.subscribe(api, screen)
    told, archive = story.connect(api, installation.emulator, screen)
    told.subscription = subscription
    story.make_tasks(api, told, archive, screen)
    story.start_by_hand(api, told, screen)
    screen.say_chapter("Waiting for the beat")
    story.watch(api, told, screen)
    story.recall(api, told)
    return told


def _show(screen: Screen, told: Story) -> None:
    screen.say_chapter("Verification")
    for credentials in (told.role, told.key):
        screen.console.print(table.verification(credentials))
    screen.say_chapter("Executions")
    screen.console.print(table.executions(told))


def _show_expectations(screen: Screen, expectations: Iterable[Expectation]) -> None:
    screen.say_chapter("Expectations")
    for one in expectations:
        mark = Text("✓ ", style="green") if one.held else Text("✗ ", style="red")
        screen.console.print(mark + Text(one.sentence))
        if not one.held:
            screen.say_plainly(f"  seen: {one.seen}")


def _show_logs(screen: Screen, names: Iterable[str]) -> None:
    for name in names:
        log = LOGS / f"{name}.log"
        screen.say_chapter(f"The end of {log}")
        if log.exists():
            lines = log.read_text(errors="replace").splitlines()
            screen.say_plainly("\n".join(lines[-LINES_OF_A_LOG:]))


def _stay(screen: Screen, installation: Installation) -> None:
    """Until a signal comes."""
    screen.say_chapter("It stays up until Ctrl-C")
    screen.say_plainly(addresses(installation.url))
    while True:
        signal.pause()


def _interrupt_once(_number: int, _frame: FrameType | None) -> None:
    """Stopping has begun and is not interrupted by a second Ctrl-C."""
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
