"""Our verdicts on the ASVS are complete, and point to what is there."""

from collections import Counter

import pytest

from tests.walks import asvs
from tests.walks.asvs import Item


def test_the_list_of_requirements_is_whole() -> None:
    assert Counter(asvs.standard().values()) == asvs.counts_of_the_standard()


def test_every_requirement_of_levels_1_and_2_has_one_verdict() -> None:
    found = [(item.id, item.level) for item in asvs.verdicts()]
    assert found == sorted(asvs.required().items(), key=_by_number)


def _by_number(item: tuple[str, int]) -> list[int]:
    return [int(number) for number in item[0].removeprefix("V").split(".")]


@pytest.mark.parametrize("item", asvs.verdicts(), ids=lambda item: item.id)
def test_a_verdict_points_to_what_is_there(item: Item) -> None:
    assert item.faults() == []


def _item(**changes: object) -> Item:
    met = {
        "id": "V1.1.1",
        "level": 2,
        "asks": "something",
        "verdict": "met",
        "where": ["app/core/tokens.py:read_access_token"],
        "test": ["tests/core/test_tokens.py::test_refuses_wrong_claims"],
    }
    return Item.model_validate(met | changes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"where": []},
        {"where": ["app/core/gone.py"]},
        {"where": ["app/core/tokens.py:gone"]},
        {"where": ["SECURITY.md:nobody ever wrote this"]},
        {"test": []},
        {"test": ["tests/core/test_tokens.py::test_gone"]},
        {"test": ["tests/core/test_gone.py::test_refuses_wrong_claims"]},
        {"test": ["tests/core/test_tokens.py::_forged"]},
        {"test": ["tests/builders.py::test_gone"]},
        {"test": ["make gone"]},
        {"test": ["frontend/e2e/walls.spec.ts::gone"]},
        {"test": ["frontend/e2e/gone.spec.ts::gone"]},
        {"test": ["infrastructure/product/tests/data.tftest.hcl::gone"]},
        {"verdict": "partly"},
        {"verdict": "not_met"},
        {"verdict": "not_applicable", "why": "there is none"},
        {"verdict": "not_applicable", "where": [], "test": []},
    ],
    ids=str,
)
def test_tells_what_is_not_there(wrong: dict[str, object]) -> None:
    assert _item(**wrong).faults()


def test_takes_what_is_there() -> None:
    assert _item().faults() == []
    assert _item(where=["app/core/settings.py:Settings.secret_key"]).faults() == []
    assert _item(where=["SECURITY.md:Roles and label scopes"]).faults() == []
    assert _item(test=["make demo"]).faults() == []
    database = "infrastructure/product/tests/data.tftest.hcl::database"
    assert _item(test=[database]).faults() == []
