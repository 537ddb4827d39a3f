"""IAM policies as they cross the edge."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from app.schemas.base import Input, Output
from app.schemas.tasks import OFFERED, OfferedType
from app.schemas.texts import OneLine

MAX_SERVICES = 500
MAX_OPERATIONS = 1000

_Service = Annotated[str, StringConstraints(min_length=1, max_length=64), OneLine]
_Operation = Annotated[str, StringConstraints(min_length=1, max_length=128), OneLine]


class PolicyPreviewInput(Input):
    """Without `operations` each service's default listings and checks are meant; where
    some are named (catalog keys), exactly those listings."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"services": ["ec2", "s3"]}}
    )

    services: list[_Service] = Field(min_length=1, max_length=MAX_SERVICES)
    types: list[OfferedType] = Field(
        default=list(OFFERED), min_length=1, max_length=len(OFFERED)
    )
    operations: list[_Operation] = Field(default=[], max_length=MAX_OPERATIONS)


class Policies(Output):
    """Managed policies that together allow exactly `actions`; each is within IAM's
    limit. None at all when nothing is needed. Nobody knows the action that the listings
    in `unknown_actions_of` need: those are to be allowed by trial. With
    `preflight_actions` allowed besides, each verification tells all that is missing."""

    actions: list[str]
    unknown_actions_of: list[str]
    preflight_actions: list[str]
    policies: list[dict[str, Any]]


class StackSet(Output):
    """The same template for all accounts of an AWS organization at once: two commands
    for its management account, the second with your organizational units."""

    create_command: str
    deploy_command: str


class RoleRecipe(Output):
    """The role with its policies, in three forms. `parameters` are those of the
    template; `quick_create_link` opens the console with all of it filled in, and is
    null where this deployment has published no template of these policies."""

    cloudformation_template: dict[str, Any]
    parameters: dict[str, str]
    quick_create_link: str | None
    stack_set: StackSet
    terraform: str


class PolicyPackage(Policies):
    """`role` is null where this deployment has no identity of its own yet."""

    role: RoleRecipe | None
