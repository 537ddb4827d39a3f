"""A complete read against what was known."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.changes import Changes, compare

contents = st.dictionaries(st.integers(0, 20), st.sampled_from("abc"))


def test_tells_opened_changed_gone_and_unchanged_apart() -> None:
    known = {"same": "1", "other": "1", "lost": "1"}
    read = {"other": "2", "same": "1", "new": "1"}
    assert compare(known, read) == Changes(
        opened=("new",), changed=("other",), gone=("lost",), unchanged=("same",)
    )


def test_an_empty_read_loses_everything() -> None:
    assert compare({"a": "1"}, {}).gone == ("a",)


@given(known=contents, read=contents)
def test_applying_the_changes_to_what_was_known_gives_what_was_read(
    known: dict[int, str], read: dict[int, str]
) -> None:
    changes = compare(known, read)
    written = {key: read[key] for key in (*changes.opened, *changes.changed)}
    kept = {key: known[key] for key in changes.unchanged}
    assert written | kept == read
    closed = {*changes.gone, *changes.changed}
    assert closed | set(kept) == set(known)


@given(content=contents)
def test_the_same_content_changes_nothing(content: dict[int, str]) -> None:
    changes = compare(content, dict(reversed(content.items())))
    assert (changes.opened, changes.changed, changes.gone) == ((), (), ())
