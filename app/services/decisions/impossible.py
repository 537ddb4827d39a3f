"""The one refusal a schedule can get; it names the member of the input at fault."""

from app.core.errors import Invalid


class ImpossibleSchedule(Invalid):
    """Raise `ImpossibleSchedule.field(pointer, code, message)`; pointers are those of
    a body that holds the schedule under `schedule`, as in `/schedule/expression`."""

    code = "impossible-schedule"
    title = "This schedule cannot work"
