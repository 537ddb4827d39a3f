"""What a run says at its end: tables for people, one line of JSON for machines, and the
generated sections of docs/reliability.md."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.chaos.judge import percentile
from tests.chaos.planted import Proof
from tests.chaos.run import Outcome

DOCUMENT = Path(__file__).parents[2] / "docs/reliability.md"
# What the document calls the long run had no fewer.
LONG_SLOTS, LONG_FAULTS = 20_000, 500
Length = Literal["short", "shortened", "long"]


@dataclass
class Report:
    """A run, or planted faults, or both; `command` made it. `wanted` says how long the
    run should have been; one that should have been long and was not is no good."""

    command: str
    seed: int
    wanted: Length = "short"
    outcome: Outcome | None = None
    proofs: list[Proof] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        run = self.outcome
        is_clean = run is None or (run.is_quiet and not run.verdict.wrong)
        is_long_if_wanted = self.wanted != "long" or self.is_long
        is_caught = all(proof.is_caught for proof in self.proofs)
        return is_clean and is_long_if_wanted and is_caught

    @property
    def is_long(self) -> bool:
        run = self.outcome
        return (
            run is not None
            and run.verdict.slots >= LONG_SLOTS
            and run.faults.total() >= LONG_FAULTS
        )

    # ── for machines ─────────────────────────────────────────────────────────────

    def line(self) -> str:
        figures: dict[str, Any] = {"seed": self.seed}
        if self.outcome is not None:
            figures |= _figures(self.outcome)
        figures["planted"] = len(self.proofs)
        figures["planted_caught"] = sum(proof.is_caught for proof in self.proofs)
        return json.dumps(figures)

    # ── for people ───────────────────────────────────────────────────────────────

    def said(self) -> Iterable[str]:
        if self.outcome is not None:
            yield from _run_table(self.outcome)
            yield ""
            yield from _fault_table(self.outcome)
            yield from self.outcome.verdict.findings[:50]
            if self.wanted != "short" and not self.is_long:
                yield (
                    f"A long run has {LONG_SLOTS:,} slots and {LONG_FAULTS} faults at"
                    f" least, and this one has not: {DOCUMENT.name} is left as it is."
                )
        if self.proofs:
            yield ""
            yield from _planted_table(self.proofs)

    def document(self, path: Path = DOCUMENT) -> None:
        """Write what there is into its section of the document: of a run, if it was
        long."""
        if self.outcome is not None:
            if not self.is_long:
                return
            tables = [*_run_table(self.outcome), "", *_fault_table(self.outcome)]
            self._write(path, "run", tables)
        if self.proofs:
            self._write(path, "planted", list(_planted_table(self.proofs)))

    def _write(self, path: Path, section: str, lines: Sequence[str]) -> None:
        text = path.read_text()
        begin, end = f"<!-- {section}: generated -->", f"<!-- {section}: end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        if not (rest and after):
            raise ValueError(f"{path} has no section {section}")
        said = "\n".join([f"`{self.command} SEED={self.seed}`", "", *lines])
        path.write_text(f"{before}{begin}\n\n{said}\n\n{end}{after}")


def _figures(outcome: Outcome) -> dict[str, Any]:
    verdict = outcome.verdict
    return {
        "slots": verdict.slots,
        "faults": outcome.faults.total(),
        "lost": verdict.lost,
        "duplicated": verdict.duplicated,
        "wedged": verdict.wedged,
        "effects": verdict.effects,
        "effects_doubled": verdict.effects_doubled,
        "effects_invented": verdict.effects_invented,
        "effects_unrecorded": verdict.effects_unrecorded,
        "premature": verdict.premature,
        "stale_writes": verdict.stale_writes,
        "foreign_rows": verdict.foreign_rows,
        "interrupted": verdict.interrupted,
        "started_by_hand": outcome.started_by_hand,
        "detections": len(verdict.detections),
        "detection_p50_s": _rounded(percentile(verdict.detections, 0.5)),
        "detection_p95_s": _rounded(percentile(verdict.detections, 0.95)),
        "ended_by_themselves": outcome.died,
        "quiet": outcome.is_quiet,
        "seconds": round(outcome.seconds),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


_ROWS = {
    "slots": "slots that were due",
    "started_by_hand": "runs started by hand over the API, each with its own key",
    "effects": "effects at the fake AWS, by its ledger",
    "faults": "faults",
    "lost": "**lost**: a slot without a record, a run without its executions",
    "duplicated": "**duplicated**: a slot, a run or an execution recorded twice",
    "wedged": "**wedged**: not at its end though nothing is in its way",
    "effects_doubled": "**effects doubled**",
    "effects_invented": "effects recorded as done that the ledger does not know",
    "effects_unrecorded": "effects in the ledger that are recorded as not done",
    "premature": "slots recorded before they were due, or given up in their grace",
    "stale_writes": "writes and extended leases of a worker that had lost its lease",
    "foreign_rows": "rows that refer to another tenant's",
    "interrupted": "interrupted: outcome unknown, left to a person",
    "detections": "executions taken from a worker that was gone",
    "detection_p50_s": "from the fault to that, p50, seconds",
    "detection_p95_s": "from the fault to that, p95, seconds",
    "ended_by_themselves": "processes that ended by themselves and were started again",
    "seconds": "the whole, seconds",
}


def _run_table(outcome: Outcome) -> Iterable[str]:
    figures = _figures(outcome)
    yield "| What | Count |"
    yield "|---|--:|"
    for name, words in _ROWS.items():
        value = figures[name]
        yield f"| {words} | {'none' if value is None else f'{value:,}'} |"
    for end, count in outcome.verdict.ends.most_common():
        yield f"| executions that ended {end} | {count:,} |"


def _fault_table(outcome: Outcome) -> Iterable[str]:
    yield "| Fault | Times |"
    yield "|---|--:|"
    for name, times in outcome.faults.most_common():
        yield f"| {name} | {times} |"


def _planted_table(proofs: Sequence[Proof]) -> Iterable[str]:
    yield "| Planted fault | What is changed | Seen as | Without it |"
    yield "|---|---|---|---|"
    for proof in proofs:
        planted = proof.planted
        seen = proof.failed or _counted(proof.with_it)
        caught = seen if proof.is_caught else f"NOT CAUGHT: {seen}"
        clean = _counted(proof.without_it)
        yield f"| {planted.name} | {planted.what} | {caught} | {clean} |"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "nothing"
