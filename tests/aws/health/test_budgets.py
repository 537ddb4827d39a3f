"""Budgets: actual and forecast amounts against the limit."""

from typing import Any

from tests.aws.health.tables import VerdictRow, judging

BUDGET = "budgets:budget"


def budget(
    spent: str, limit: str = "100.0", forecast: str | None = None, kind: str = "COST"
) -> dict[str, Any]:
    told = {"ForecastedSpend": {"Amount": forecast, "Unit": "USD"}} if forecast else {}
    return {
        "BudgetType": kind,
        "BudgetLimit": {"Amount": limit, "Unit": "USD"},
        "CalculatedSpend": {"ActualSpend": {"Amount": spent, "Unit": "USD"}, **told},
    }


VERDICTS: list[VerdictRow] = [
    (BUDGET, budget("99.99"), "healthy", "99.99 of 100.0 USD are used."),
    (BUDGET, budget("100.01"), "unhealthy", "100.01 of 100.0 USD are used up."),
    (
        BUDGET,
        budget("9", forecast="120"),
        "degraded",
        "120 of 100.0 USD are forecast.",
    ),
    (BUDGET, budget("9", forecast="90"), "healthy", "9 of 100.0 USD are used."),
    (
        BUDGET,
        budget("120", kind="RI_COVERAGE"),
        "reachable",
        "It is no budget for cost or usage.",
    ),
    (
        BUDGET,
        {**budget("9"), "HealthStatus": {"Status": "UNHEALTHY", "StatusReason": "R"}},
        "unknown",
        "AWS cannot compute the budget (R).",
    ),
    *(
        (
            BUDGET,
            budget(odd),
            "unknown",
            "AWS does not state limit and actual amount.",
        )
        for odd in ("much", "NaN", "Infinity", "")
    ),
    (
        BUDGET,
        {"BudgetType": "USAGE"},
        "unknown",
        "AWS does not state limit and actual amount.",
    ),
]

test_verdicts = judging(VERDICTS)
