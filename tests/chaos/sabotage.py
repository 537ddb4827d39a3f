"""The list of planted faults."""

from dataclasses import replace
from datetime import timedelta

from app.models.task import Overlap
from tests.chaos import scenes
from tests.chaos.planted import Cast, Planted
from tests.chaos.plants import no_unique, process_clock
from tests.chaos.processes import Role
from tests.chaos.world import Size

_SOON = timedelta(seconds=2)
_READERS = Size(
    organizations=2, accounts=1, readers=6, spread=_SOON, overlap=Overlap.QUEUE
)
_NEVER_DUE = Size(organizations=2, accounts=1, manual=2)
_CHANGER = Size(accounts=1, changers=1, spread=_SOON, overlap=Overlap.QUEUE)

_BEAT: tuple[str, Role, tuple[str, ...]] = ("beat", "beat", ())
_QUICK = ("--heartbeat=2",)
_RARELY = ("--heartbeat=600",)
_SILENT: Cast = (_BEAT, ("first", "reader", _RARELY), ("second", "reader", ()))
_BEATING: Cast = (_BEAT, ("first", "reader", _QUICK), ("second", "reader", _QUICK))
_CHANGERS: Cast = (_BEAT, ("first", "changer", _RARELY), ("second", "changer", ()))
_PAIR: Cast = (_BEAT, ("worker", "reader", ()))

_COMPOSITE = "fk_task_targets_organization_id_aws_account_id"


FAULTS = [
    Planted(
        "no UNIQUE on slots",
        "drops the constraint on (organization, task, slot)",
        ("duplicated",),
        scenes.offer_slots_again,
        _PAIR,
        _READERS,
        plant="no_unique",
        sql=no_unique.SQL,
    ),
    Planted(
        "no fence where a worker records",
        "`claims.HELD` is true of whoever has it since",
        ("stale_writes",),
        scenes.let_the_zombie_record,
        _SILENT,
        _READERS,
        plant="unfenced_hold",
    ),
    Planted(
        "no fence in the heartbeat",
        "`claims.extend` extends by id alone",
        ("stale_writes",),
        scenes.let_the_zombie_extend,
        _BEATING,
        _READERS,
        plant="unfenced_extend",
    ),
    Planted(
        "no fence in the release",
        "`claims.release` gives back whatever runs",
        ("stale_writes",),
        scenes.let_the_zombie_release,
        _SILENT,
        _READERS,
        plant="unfenced_release",
    ),
    Planted(
        "acknowledged without a claim",
        "a worker takes its hints and claims nothing",
        ("wedged",),
        scenes.just_run,
        _PAIR,
        _READERS,
        plant="no_claim",
    ),
    Planted(
        "the hint is the only truth",
        "no worker looks without a hint, and none is repeated; then FLUSHDB",
        ("wedged",),
        scenes.lose_the_hints,
        _PAIR,
        _READERS,
        plant="hints_are_the_truth",
    ),
    Planted(
        "the client's clock",
        "`app_now()` is the process's time; the beat's is a day ahead",
        ("premature",),
        scenes.just_run,
        (("beat", "beat", ("--clock=86400",)), ("worker", "reader", ())),
        _READERS,
        plant="process_clock",
        sql=process_clock.SQL,
    ),
    Planted(
        "advancing from now",
        "the next slot is counted from now, not from the slot before",
        ("lost",),
        scenes.miss_slots,
        _PAIR,
        replace(_READERS, slots=3),
        plant="advance_from_now",
    ),
    Planted(
        "waiting for ever",
        "no `command_timeout`; the beat's connections to PostgreSQL are half open",
        ("lost",),
        scenes.go_half_open,
        _PAIR,
        replace(_READERS, slots=2),
        plant="endless_patience",
    ),
    Planted(
        "the tenant set per connection",
        "`set_config(…, false)`, and nothing where there is no tenant",
        ("foreign_rows",),
        scenes.serve_nobody,
        (),
        _NEVER_DUE,
        plant="session_tenant",
    ),
    Planted(
        "a plain foreign key",
        "a target refers to `aws_accounts (id)`, not to (organization, id)",
        ("foreign_rows",),
        scenes.refer_to_a_stranger,
        (),
        _NEVER_DUE,
        sql=f"ALTER TABLE task_targets DROP CONSTRAINT {_COMPOSITE},"
        " ADD FOREIGN KEY (aws_account_id) REFERENCES aws_accounts (id);",
    ),
    Planted(
        "a reaper that reruns changes",
        "what was lost is queued again, its effect begun or not",
        ("effects_doubled",),
        scenes.kill_in_the_middle,
        _CHANGERS,
        _CHANGER,
        plant="reaper_reruns",
    ),
    Planted(
        "no fence where a change is intended",
        "`claims.HELD` is true of whoever has it since",
        ("effects_doubled",),
        scenes.stop_before_the_intent,
        _CHANGERS,
        _CHANGER,
        plant="unfenced_hold",
    ),
    Planted(
        "the effect before its intent",
        "`actions.intend` is not written down",
        ("effects_doubled",),
        scenes.kill_in_the_middle,
        _CHANGERS,
        _CHANGER,
        plant="no_intent",
    ),
    Planted(
        "botocore repeats calls",
        "`total_max_attempts` of 4 instead of 1; the answer is lost",
        ("effects_doubled",),
        scenes.keep_answers,
        (_BEAT, ("first", "changer", ())),
        _CHANGER,
        plant="repeated_calls",
    ),
]
