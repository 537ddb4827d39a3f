"""How many resources of an organization's accounts are in its inventory: those that are
gone do not count, nor do those of accounts that are not connected. Counted with the
read that finds them and when an account is connected or not any more (a trigger), and
kept within the plan."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.errors import AWSConfigurationError, error
from app.aws.unit import Unit
from app.core.db import execute
from app.services.claims import Claim

# Never below 0: while the migration counted, workers of the version before may have
# recorded what is not in it. The account is shared until the commit with other reads,
# and with nobody who disconnects it: what then counts its resources sees these.
_COUNT = text("""
WITH read AS MATERIALIZED (
  SELECT organization_id FROM aws_accounts
  WHERE organization_id = :organization_id AND id = :aws_account_id AND connected
  FOR SHARE
)
INSERT INTO usage_counts AS counted (organization_id, metric, value)
SELECT organization_id, 'stored_resources', greatest(CAST(:more AS bigint), 0) FROM read
ON CONFLICT (organization_id, metric)
  DO UPDATE SET value = greatest(counted.value + CAST(:more AS bigint), 0)
RETURNING value AS stored, (
  SELECT (p.limits ->> 'stored_resources')::bigint
  FROM subscriptions s JOIN subscription_plans p ON p.code = s.plan_code
  WHERE s.organization_id = counted.organization_id) AS allowed
""")


async def count(session: AsyncSession, claim: Claim, unit: Unit, more: int) -> None:
    """Count so many more, or less. Raises AWSConfigurationError `resource_cap` for more
    than the plan allows; then nothing of the unit is to be recorded. To be called when
    all is merged: other units of the organization wait until the commit."""
    if not more:
        return
    values = {
        "organization_id": claim.organization_id,
        "aws_account_id": claim.aws_account_id,
        "more": more,
    }
    row = (await execute(session, _COUNT, values)).one_or_none()
    if row is None:
        return  # disconnected meanwhile: counted if it is connected again
    if row.allowed is not None and row.stored > row.allowed and more > 0:
        raise error(
            AWSConfigurationError,
            code="resource_cap",
            message=f"{row.stored:,} resources would be stored, your plan allows"
            f" {row.allowed:,}",
            service=unit.service,
            operation=unit.key.partition(":")[2],
            region=unit.region,
            phase="record",
            advice="Change to a larger plan, or list fewer services or regions.",
        )
