"""Which requests were answered: the first, the last, how many; never more than that."""

from typing import Any

import pytest

from app.aws.answered import KEPT, Answers


def answered(*request_ids: object) -> Any:
    answers = Answers()
    for one in request_ids:
        answers.add("ec2:DescribeInstances", "eu-west-1", one)
    return answers.as_json()


def test_nothing_is_told_of_no_answer() -> None:
    assert answered() is None


@pytest.mark.parametrize("count", [1, KEPT, 2 * KEPT, 2 * KEPT + 1, 5_000])
def test_of_many_the_first_and_the_last_are_kept_and_all_are_counted(
    count: int,
) -> None:
    ids = [f"id-{number}" for number in range(count)]
    told = answered(*ids)
    assert told["count"] == count
    assert [one["request_id"] for one in told["first"]] == ids[:KEPT]
    assert [one["request_id"] for one in told["last"]] == ids[KEPT:][-KEPT:]


def test_what_is_no_request_id_is_counted_without_one() -> None:
    wrong = [None, "", 7, ["id"], "x" * 129, "id\x00", "\u202eid", "id\n", "\x1b[2J"]
    told = answered(*wrong)
    assert told["count"] == len(wrong)
    assert {one["request_id"] for one in (*told["first"], *told["last"])} == {None}
