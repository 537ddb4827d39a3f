"""What the drill found, which its last line tells."""

import json
from dataclasses import asdict, dataclass


@dataclass
class Figures:
    """Over all `drills`. `rows` were in the backups, `rows_differ` are those of tables
    that had another count after the restore. What is `rerun`, `unpaused`, `unerased`,
    `unverified` or `opened_without_key` is a fault each."""

    drills: int = 0
    rows: int = 0
    rows_differ: int = 0
    unpaused: int = 0
    slots_skipped: int = 0
    executions_ended: int = 0
    rerun: int = 0
    erased_again: int = 0
    unerased: int = 0
    unverified: int = 0
    opened_with_key: int = 0
    opened_without_key: int = 0

    def line(self) -> str:
        return json.dumps(asdict(self))

    @property
    def are_right(self) -> bool:
        faults = (
            *(self.rows_differ, self.unpaused, self.rerun, self.unerased),
            *(self.unverified, self.opened_without_key),
        )
        proofs = (self.rows, self.slots_skipped, self.executions_ended)
        return (
            not any(faults)
            and all(proofs)
            and self.opened_with_key == self.erased_again == self.drills
        )


FIGURES = Figures()
