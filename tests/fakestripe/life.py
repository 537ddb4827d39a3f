"""What happens by itself as time passes, each thing at its own moment."""

from collections.abc import Callable, Iterator

from tests.fakestripe import billing, subscriptions
from tests.fakestripe.books import DAY, HOUR, Books, Json

TRIAL_TOLD_BEFORE = 3 * DAY
INCOMPLETE_FOR = 23 * HOUR

Happening = tuple[int, Callable[[Books, Json], None], Json]


def catch_up(books: Books) -> None:
    """Let happen what was due on the clock of all without one of their own."""
    _live_until(books, None, books.now())


def advance(books: Books, test_clock: str | None, to: int) -> None:
    """Move a clock forward, and let happen what falls due meanwhile."""
    if test_clock is None:
        catch_up(books)
        books.ahead += to - books.now()
        catch_up(books)
        return
    _live_until(books, test_clock, to)
    books.objects[test_clock]["frozen_time"] = to


def _live_until(books: Books, test_clock: str | None, to: int) -> None:
    happened = set()
    while happenings := [one for one in _coming(books, test_clock) if one[0] <= to]:
        at, happen, it = min(happenings, key=lambda one: one[0])
        if (at, happen, it["id"]) in happened:
            raise RuntimeError(f"{it['id']} is due again at the moment it happened")
        happened.add((at, happen, it["id"]))
        if test_clock is None:
            books.moment = at
        else:
            clock = books.objects[test_clock]
            clock["frozen_time"] = max(at, clock["frozen_time"])
        try:
            happen(books, it)
        finally:
            books.moment = None


def _coming(books: Books, test_clock: str | None) -> Iterator[Happening]:
    for it in list(books.objects.values()):
        if it.get("deleted"):
            continue
        if it["object"] == "checkout.session":
            if test_clock is None and it["status"] == "open":
                yield it["expires_at"], expire_session, it
        elif it["object"] == "subscription" and it["test_clock"] == test_clock:
            yield from _of_subscription(books, it)
        elif it["object"] == "invoice" and it["test_clock"] == test_clock:
            yield from _of_invoice(it)


def _of_subscription(books: Books, sub: Json) -> Iterator[Happening]:
    if sub["status"] == "incomplete":
        yield sub["created"] + INCOMPLETE_FOR, subscriptions.expire, sub
    if sub["status"] == "trialing" and sub["id"] not in books.told:
        yield sub["trial_end"] - TRIAL_TOLD_BEFORE, _tell_of_trial, sub
    if sub["status"] in {"trialing", "active", "past_due", "unpaid"}:
        yield subscriptions.period_end(sub), subscriptions.renew, sub


def _of_invoice(made: Json) -> Iterator[Happening]:
    if made["status"] == "draft" and made["automatically_finalizes_at"]:
        yield made["automatically_finalizes_at"], _collect_draft, made
    if made["status"] == "open" and made["next_payment_attempt"]:
        yield made["next_payment_attempt"], _collect, made


def _tell_of_trial(books: Books, sub: Json) -> None:
    books.told.add(sub["id"])
    books.tell("customer.subscription.trial_will_end", sub)


def _collect_draft(books: Books, made: Json) -> None:
    billing.finalize(books, made)
    subscriptions.settle(books, made)


def _collect(books: Books, made: Json) -> None:
    subscriptions.settle(books, made)


def expire_session(books: Books, session: Json) -> None:
    with books.change(session, "checkout.session.expired"):
        session["status"] = "expired"
        session["url"] = None
