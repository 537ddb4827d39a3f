"""What a storm has shown, as one line of JSON."""

import json
from dataclasses import asdict, dataclass, field


@dataclass
class Order:
    """How much: short by default, as in `make test`."""

    failures: int = 2_000


@dataclass
class Figures:
    """`notices` are those that were to arrive somewhere, one for each recipient, `lost`
    those that did not. `duplicated_deliveries` arrived more than once, each time under
    the same id: none may have another one (`strangers`)."""

    failures: int = 0
    notices: int = 0
    lost: int = 0
    duplicated_deliveries: int = 0
    ssrf_connections: int = 0
    strangers: int = field(default=0)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.ssrf_connections or self.strangers)

    def line(self) -> str:
        figures = asdict(self)
        del figures["strangers"]
        return json.dumps(figures)


ORDER = Order()
FIGURES = Figures()
