"""Budgets: what was spent, and what is forecast, against the limit."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.aws.services.check import HealthCheck, Judgement

# Of the other types AWS wants the figure to be high, not low.
SPENDING = frozenset({"COST", "USAGE"})


def budget(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if (reported := item.get("HealthStatus", {})).get("Status") == "UNHEALTHY":
        why = reported.get("StatusReason")
        return Judgement("unknown", f"AWS cannot compute the budget ({why}).")
    if item.get("BudgetType") not in SPENDING:
        return Judgement("reachable", "It is no budget for cost or usage.")
    limit = _amount(item.get("BudgetLimit"))
    spent = _amount(item.get("CalculatedSpend", {}).get("ActualSpend"))
    if limit is None or spent is None:
        return Judgement("unknown", "AWS does not state limit and actual amount.")
    unit = item["BudgetLimit"].get("Unit")
    if spent > limit:
        return Judgement("unhealthy", f"{spent} of {limit} {unit} are used up.")
    forecast = _amount(item.get("CalculatedSpend", {}).get("ForecastedSpend"))
    if forecast is not None and forecast > limit:
        return Judgement("degraded", f"{forecast} of {limit} {unit} are forecast.")
    return Judgement("healthy", f"{spent} of {limit} {unit} are used.")


def _amount(spend: Mapping[str, Any] | None) -> Decimal | None:
    """AWS writes amounts as text; None where it is no number."""
    try:
        amount = Decimal(str((spend or {}).get("Amount")))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


CHECKS = (
    HealthCheck(
        key="budgets:budget",
        title="Budgets: actual and forecast against the limit",
        listing="budgets:DescribeBudgets",
        actions=("budgets:ViewBudget",),
        judge=budget,
        facts={
            "limit": "BudgetLimit",
            "actual": "CalculatedSpend.ActualSpend",
            "forecast": "CalculatedSpend.ForecastedSpend",
        },
    ),
)
