"""What mutation testing changes, that it does, and that its lists are true."""

import ast
from pathlib import Path

import pytest

from tests.attack.mutants import Mutant, mutants_of, mutated
from tests.attack.targets import EQUIVALENT, TARGETS
from tests.walks.python import ROOT


def changes(tmp_path: Path, source: str) -> list[Mutant]:
    (tmp_path / "it.py").write_text(source, "utf-8")
    return mutants_of(tmp_path, "it.py")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a == b", {"a == b → a != b"}),
        ("a < b", {"a < b → a <= b"}),
        ("a.expires_at > now", {"a.expires_at > now → a.expires_at < now"}),
        ("not a", {"not a → a"}),
        ("a and b", {"a and b → a or b", "a and b → a", "a and b → b"}),
        ("x = 3", {"3 → 4"}),
        ("f(b=True)", {"f(b=True) → nothing", "True → False"}),
        ("raise Wrong('text')", {"raise Wrong('text') → nothing"}),
        ("row.at = x", {"row.at = x → nothing"}),
        ("x = a if c else b", {"a if c else b → a", "a if c else b → b"}),
        ("if a:\n    f", {"if a → if False"}),
        ("x = q.with_for_update()", {"q without .with_for_update(…)"}),
        (
            "x = q.where(a, b)",
            {"q without .where(…)", "where(…) without a", "where(…) without b"},
        ),
        ("x = u.values(a=b)", {"values(…) without a=…"}),
        ("x = frozenset({A, B})", {"{…} without A", "{…} without B"}),
        ("x = {'sub': y}", {"{…} without 'sub'"}),
        (
            "x = text('SELECT 1\\n AND b = 1\\n FOR UPDATE OF e SKIP LOCKED')",
            {
                "text(…) without AND b = 1",
                "text(…) without FOR UPDATE OF e SKIP LOCKED",
            },
        ),
    ],
)
def test_changes(tmp_path: Path, source: str, expected: set[str]) -> None:
    found = changes(tmp_path, source)
    assert {mutant.change for mutant in found} == expected
    for mutant in found:
        other = mutated(source, mutant.number)
        assert ast.unparse(other) != ast.unparse(ast.parse(source))
        compile(other, "it.py", "exec")


@pytest.mark.parametrize(
    "source",
    [
        "'''Text.'''",
        "log.warning('said', at=1)",
        "measures.count(session, 1)",
        "x = 'text'",
        "def f(a: Literal[1]) -> None: ...",
        "@dataclass(frozen=True)\nclass A: ...",
        "x = u.execution_options(synchronize_session=False)",
    ],
)
def test_leaves_what_is_for_people_and_for_libraries(
    tmp_path: Path, source: str
) -> None:
    assert changes(tmp_path, source) == []


def test_knows_in_which_function_it_is(tmp_path: Path) -> None:
    source = (
        "x = 1\nclass A:\n    y = 2\n    def f(self):\n        z = 3\n"
        "        def g():\n            return 4\n"
    )
    found = {mutant.change: mutant for mutant in changes(tmp_path, source)}
    assert found["1 → 2"].function == found["2 → 3"].function == ""
    assert found["3 → 4"].outermost == found["4 → 5"].outermost == "A.f"
    assert found["4 → 5"].function == "A.f.g"


def test_tells_like_changes_of_one_function_apart(tmp_path: Path) -> None:
    found = changes(tmp_path, "x = 1\ny = 1\n")
    assert [mutant.change for mutant in found] == ["1 → 2", "1 → 2 (2)"]
    assert ast.unparse(mutated("x = 1\ny = 1\n", 1)) == "x = 1\ny = 2"


@pytest.mark.parametrize("file", TARGETS)
def test_each_mutant_is_python(file: str) -> None:
    source = (ROOT / file).read_text("utf-8")
    for mutant in mutants_of(ROOT, file):
        compile(mutated(source, mutant.number), file, "exec")


def test_each_file_has_tests_that_are_there() -> None:
    for file, tests in TARGETS.items():
        assert all((ROOT / path).is_file() for path in (file, *tests))
        assert mutants_of(ROOT, file)


def test_what_is_excused_is_there_and_says_why() -> None:
    present = {mutant.key for file in TARGETS for mutant in mutants_of(ROOT, file)}
    assert EQUIVALENT.keys() - present == set()
    assert all(len(reason) > 20 for reason in EQUIVALENT.values())
