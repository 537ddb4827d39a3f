"""What Stripe answers instead of what was asked for."""

from typing import Any


class Refused(Exception):
    """An error of Stripe's API. `kept`: under its idempotency key it is answered again;
    what was refused before the work began is not."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = True,
        **more: str,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        facts = {"code": code, "message": message, "param": param, **more, "type": type}
        self.body: dict[str, Any] = {
            "error": {name: fact for name, fact in facts.items() if fact is not None}
        }


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """The request makes sense, and cannot be done to what there is."""
    return Refused(400, message, code=code, param=param)


def missing(kind: str, id: str, param: str = "id") -> Refused:
    """404 for what the address names, 400 for what a parameter does."""
    name, status = kind.rpartition(".")[2], 404 if param == "id" else 400
    told = f"No such {name}: '{id}'"
    return Refused(status, told, code="resource_missing", param=param)


def declined(message: str, decline_code: str) -> Refused:
    """The card's bank says no."""
    return Refused(
        402,
        message,
        type="card_error",
        code="card_declined",
        decline_code=decline_code,
    )
