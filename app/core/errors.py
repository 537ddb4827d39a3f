"""What can go wrong in a rule, as facts: a kind, a code, a sentence, and the fields.

`api/problems.py` alone turns a kind into an HTTP status; `docs/problems/<code>.md`
explains each code to people. A code belongs to one kind.
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong member of the input; `pointer` is a JSON pointer such as /name."""

    pointer: str
    code: str
    message: str


class CloudrotaError(Exception):
    """The root: raised by rules, never caught by them."""

    code = "error"
    title = "Something is wrong"

    def __init__(
        self, detail: str = "", *, fields: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.fields = fields


class Invalid(CloudrotaError):
    code = "invalid"
    title = "The request has invalid fields"

    @classmethod
    def field(cls, pointer: str, code: str, message: str) -> "Invalid":
        return cls(message, fields=(FieldError(pointer, code, message),))


class InvalidCursor(Invalid):
    code = "invalid-cursor"
    title = "The cursor is not one of ours"


class Unauthenticated(CloudrotaError):
    code = "unauthenticated"
    title = "Sign in first"


class InvalidCredentials(Unauthenticated):
    """`user_id` is whose sign-in it would have been; no answer tells."""

    code = "invalid-credentials"
    title = "E-mail or password is wrong"

    def __init__(self, detail: str = "", *, user_id: UUID | None = None) -> None:
        super().__init__(detail)
        self.user_id = user_id


class MfaRequired(Unauthenticated):
    """The password was right; nothing else is told before the code is, too."""

    code = "mfa-required"
    title = "Send a code of your second factor as well"


class WrongCode(Unauthenticated):
    code = "wrong-code"
    title = "The code is wrong, or was used already"


class InvalidToken(Unauthenticated):
    code = "invalid-token"
    title = "The token is not valid"


class Forbidden(CloudrotaError):
    """`permission` is the one that was lacking, if it was one."""

    code = "forbidden"
    title = "Your role does not allow this"

    def __init__(self, detail: str = "", *, permission: str | None = None) -> None:
        super().__init__(detail)
        self.permission = permission


class EmailNotVerified(Forbidden):
    code = "email-not-verified"
    title = "Verify your e-mail address first"


class StepUpRequired(Forbidden):
    """One's own act, but who does it has not proved for a while who it is."""

    code = "step-up-required"
    title = "Prove again who you are"


class MfaEnrolmentRequired(Forbidden):
    code = "mfa-enrolment-required"
    title = "This organization asks for a second factor"


class PersonNeeded(Forbidden):
    """An API key asked for what is a person's own."""

    code = "person-needed"
    title = "An API key cannot do this"


class ForeignOrigin(Forbidden):
    code = "foreign-origin"
    title = "The request comes from another site"


class SubscriptionReadOnly(CloudrotaError):
    """Its payment is overdue: what is there can be read, taken along and made less."""

    code = "subscription-read-only"
    title = "Your organization is read-only until it is paid for"


class NotFound(CloudrotaError):
    """Also said of what exists in another tenant, with the same bytes."""

    code = "not-found"
    title = "There is no such thing"


class PlanLimit(CloudrotaError):
    """More than the plan allows; the field's code is the name of the limit."""

    code = "plan-limit"
    title = "Your plan allows no more"


class Conflict(CloudrotaError):
    code = "conflict"
    title = "This contradicts what is already there"


class NameTaken(Conflict):
    code = "name-taken"
    title = "This name is taken"


class EmailTaken(Conflict):
    code = "email-taken"
    title = "This e-mail address is taken"


class MfaIsOn(Conflict):
    code = "mfa-is-on"
    title = "Multi-factor sign-in is on already"


class MfaIsOff(Conflict):
    code = "mfa-is-off"
    title = "Multi-factor sign-in is not on"


class PasswordNeedsMfa(Conflict):
    """It is too short to stand alone."""

    code = "password-needs-mfa"
    title = "Your password is too short without a second factor"


class IdempotencyKeyReused(Conflict):
    code = "idempotency-key-reused"
    title = "This Idempotency-Key was used with another request"


class IllegalTransition(Conflict):
    code = "illegal-transition"
    title = "This cannot follow its present status"


class TooLarge(CloudrotaError):
    code = "too-large"
    title = "The request body is too large"


class TooMany(CloudrotaError):
    """`retry_after` is the seconds to wait, where they are known."""

    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooManyCodes(TooMany):
    code = "too-many-codes"
    title = "Too many wrong codes"


class Unavailable(CloudrotaError):
    code = "unavailable"
    title = "A part that is needed cannot be reached"


class NotConfigured(Unavailable):
    """A setting of the deployment's is missing: no fault of a request's or a server's,
    and asking again changes nothing until the operator has set it. A job waits."""

    code = "not-configured"
    title = "This deployment is not set up for it"


class LeaseLost(CloudrotaError):
    """A worker's write came after its lease had passed to another."""

    code = "lease-lost"
    title = "This worker no longer holds the execution"


class NoOrganization(Forbidden):
    code = "no-organization"
    title = "You belong to no organization"


class AccountUnknown(Conflict):
    """An access key's account stands nowhere; its first verification finds it."""

    code = "account-unknown"
    title = "The AWS account of this key is not known yet"


class NoVerifiedCredentials(Conflict):
    """An account has no way in that AWS was seen to accept; the detail says why."""

    code = "no-verified-credentials"
    title = "The AWS account has no verified credentials"


class PlatformPrincipalMissing(NotConfigured):
    """Nobody can be named in a role's trust policy."""

    code = "platform-principal-missing"
    title = "This deployment has not said who assumes roles"


class MailNotConfigured(NotConfigured):
    code = "mail-not-configured"
    title = "This deployment sends no mail"


class LastOwner(Conflict):
    """Nobody could manage the organization any more."""

    code = "last-owner"
    title = "You are the organization's only owner"


class StaleVersion(CloudrotaError):
    """The client changed a state that is no longer the present one."""

    code = "stale-version"
    title = "It was changed in the meantime"
