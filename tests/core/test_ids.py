"""Ids: unique, in order of their making, with the layout of RFC 9562."""

import os
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from app.core.clock import unix_milliseconds
from app.core.ids import new_id


def test_ids_sort_as_they_were_made() -> None:
    made = [new_id() for _ in range(50_000)]  # many in each millisecond
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_threads_never_make_the_same_id() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: new_id(), range(20_000)))
    assert len(set(made)) == len(made)


def test_an_id_is_a_uuid_of_version_7_with_its_time() -> None:
    before = unix_milliseconds()
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= unix_milliseconds()


def test_a_child_makes_other_ids_than_its_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.core.ids.unix_milliseconds", lambda: 1)
    new_id()  # both go on from it, in the same millisecond
    receiving, sending = os.pipe()
    if (child := os.fork()) == 0:
        os.write(sending, new_id().bytes)
        os._exit(0)
    os.waitpid(child, 0)
    assert UUID(bytes=os.read(receiving, 16)) != new_id()
