"""Faults that somebody could have made in a file: each is one small change of its
syntax tree. A condition is dropped or turned round, a bound moved by one, a guard or an
act left out; of queries each condition, lock and order, of SQL each `AND`.

Left out is what changes no behaviour or is for people to read: texts, logs, counters,
annotations, and what tells SQLAlchemy how to do the same.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_BOUND: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
_OTHER: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# An instant is never met to the microsecond, so that bound against bound says nothing.
_INSTANT = re.compile(r"\b(?:app_)?now\b|_at\b|_until\b|deadline|not_before|\bagain\b")
# What a query is without one of its links; and whose arguments are conditions.
_LINKS = {"with_for_update", "order_by", "limit", "distinct", "where"}
_CONDITIONS = {"where", "and_", "or_"}
# Whose named arguments are what is written, checked or held.
_SAID = {
    *("values", "with_for_update", "decode", "CryptContext"),
    *("unit_of_work", "create_async_engine"),
}
_HOW = {"synchronize_session", "strict", "from_attributes", "default_factory"}
_UNHEARD = re.compile(r"^(?:await )?(?:log|measures|structlog|warnings)\.")
_SQL = re.compile(r"\n *AND [^\n]+| FOR UPDATE OF \w+ SKIP LOCKED| SKIP LOCKED")
_SHOWN = 90


@dataclass(frozen=True, slots=True)
class Mutant:
    """`number` counts the changes of its file, in their order; `function` is the dotted
    name of what it stands in, "" for what is done when the module is imported."""

    file: str
    number: int
    line: int
    function: str
    change: str

    @property
    def outermost(self) -> str:
        """The function that holds it and all that is made inside."""
        parts = self.function.split(".")
        at = next((i for i, part in enumerate(parts) if _is_function(part)), 0)
        return ".".join(parts[: at + 1])

    @property
    def key(self) -> str:
        """Names it as long as the code around it stays, whatever its line."""
        return f"{self.file} {self.function or '-'}: {self.change}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.change}"


@dataclass(frozen=True, slots=True)
class _Change:
    at: ast.AST
    function: str
    text: str
    make: Callable[[], object]


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Every mutant of a file, always in the same order. What is changed alike in one
    function is told apart by a number."""
    tree = ast.parse((root / file).read_text("utf-8"))
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for number, one in enumerate(_changes(tree)):
        seen[one.function, one.text] += 1
        nth = seen[one.function, one.text]
        text = one.text if nth == 1 else f"{one.text} ({nth})"
        line = getattr(one.at, "lineno", 0)
        found.append(Mutant(file, number, line, one.function, text))
    return found


def mutated(source: str, number: int) -> ast.Module:
    """The tree of the file with its change of that number."""
    tree = ast.parse(source)
    for at, one in enumerate(_changes(tree)):
        if at == number:
            one.make()
            return ast.fix_missing_locations(tree)
    raise ValueError(f"there are not {number + 1} mutants")


def with_reach(source: str) -> ast.Module:
    """The tree in which each function says first that it was reached."""
    tree = ast.parse(source)
    for name, node in _functions(tree, ""):
        call = ast.parse(f"__reached__(__name__, {name!r})").body[0]
        node.body.insert(1 if ast.get_docstring(node) else 0, call)
    return ast.fix_missing_locations(tree)


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(node: ast.AST, outer: str) -> Iterator[tuple[str, _Function]]:
    for child in ast.iter_child_nodes(node):
        name = outer
        if isinstance(child, _Function | ast.ClassDef):
            name = f"{outer}.{child.name}".lstrip(".")
        if isinstance(child, _Function):
            yield name, child
        yield from _functions(child, name)


# ── where ────────────────────────────────────────────────────────────────────────────


def _changes(tree: ast.Module) -> list[_Change]:
    return list(_within(tree, ""))


def _within(node: ast.AST, function: str) -> Iterator[_Change]:
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_params", "decorator_list"}:
            continue
        inner = function
        if field == "body" and isinstance(node, _Function | ast.ClassDef):
            inner = f"{function}.{node.name}".lstrip(".")
        if isinstance(value, ast.AST):
            yield from _of_child(value, inner, _setter(node, field))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _of_child(item, inner, _item_setter(value, index))


def _setter(node: ast.AST, field: str) -> Callable[[ast.AST], None]:
    return lambda new: setattr(node, field, new)


def _item_setter(items: list[ast.AST], index: int) -> Callable[[ast.AST], None]:
    def put(new: ast.AST) -> None:
        items[index] = new

    return put


def _of_child(
    node: ast.AST, function: str, put: Callable[[ast.AST], None]
) -> Iterator[_Change]:
    if _is_for_people(node):
        return
    # In classes only what is called is behaviour; functions know their own names.
    where = _function_of(function)
    for new, text in _replacements(node):
        yield _Change(node, where, text, _put(put, new))
    for make, text in _shortened(node):
        yield _Change(node, where, text, make)
    yield from _within(node, function)


def _function_of(dotted: str) -> str:
    """Names of classes alone are no functions: their bodies run at the import."""
    return dotted if _is_function(dotted.rpartition(".")[2]) else ""


def _is_function(name: str) -> bool:
    """By our spelling; a class begins with a capital, also behind an underscore."""
    return name.lstrip("_")[:1].islower()


def _put(put: Callable[[ast.AST], None], new: ast.AST) -> Callable[[], object]:
    return lambda: put(new)


def _is_for_people(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=value) if _UNHEARD.match(ast.unparse(value)):
            return True
        case ast.keyword(arg=str(name)) if name in _HOW:
            return True
        case ast.Assign(targets=[ast.Name(id="__all__" | "log")]):
            return True
    return False


# ── what ─────────────────────────────────────────────────────────────────────────────


def _replacements(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for new in _others(node):
        yield new, _told(node, new)


def _told(old: ast.AST, new: ast.AST) -> str:
    match old, new:
        case ast.Call(func=ast.Attribute(attr=link)), _ if link in _LINKS:
            return f"{_short(new)} without .{link}(…)"
        case (
            ast.Call(args=[ast.Constant(value=str(sql))]),
            ast.Call(args=[ast.Constant(value=str(less))]),
        ):
            pairs = enumerate(zip(sql, less, strict=False))
            at = next((at for at, (one, other) in pairs if one != other), len(less))
            lost = sql[at : at + len(sql) - len(less)]
            return f"text(…) without {' '.join(lost.split())}"
        case _:
            return f"{_short(old)} → {_short(new)}"


def _others(node: ast.AST) -> Iterator[ast.AST]:  # noqa: C901, PLR0912 — a table
    match node:
        case ast.Compare(ops=[op]):
            yield from _compared(node, op)
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield ast.BoolOp(other, values)
            for left_out in values:
                rest = [value for value in values if value is not left_out]
                yield ast.BoolOp(op, rest) if len(rest) > 1 else rest[0]
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as number):
            yield ast.Constant(number + 1)
        case ast.IfExp(body=body, orelse=orelse):
            yield body
            yield orelse
        case ast.BinOp(op=op) if type(op) in _OTHER and not _is_text(node):
            yield ast.BinOp(node.left, _OTHER[type(op)](), node.right)
        case ast.If(body=body, orelse=orelse):
            yield ast.If(ast.Constant(value=False), body, orelse)
        case ast.Return(value=ast.Constant(value=False)):
            return  # None is as false; that it is true is another mutant
        case ast.Return(value=ast.expr() as value) if _says_something(value):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.AugAssign():
            yield ast.Pass()
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() | ast.Tuple()]):
            if not isinstance(node.targets[0], ast.Tuple) or "." in ast.unparse(
                node.targets[0]
            ):
                yield ast.Pass()
        case ast.Call(func=ast.Attribute(value=before, attr=attr)) if attr in _LINKS:
            yield before
        case ast.Call(func=ast.Name(id="text"), args=[ast.Constant(value=str(sql))]):
            yield from _queries(node, sql)


def _compared(node: ast.Compare, op: ast.cmpop) -> Iterator[ast.AST]:
    is_instant = bool(_INSTANT.search(ast.unparse(node)))
    table = _MIRRORED if is_instant else _BOUND
    other = _TURNED.get(type(op)) or table.get(type(op))
    if other is not None:
        yield ast.Compare(node.left, [other()], node.comparators)


def _is_text(node: ast.BinOp) -> bool:
    ends = (node.left, node.right)
    texts = [one for one in ends if isinstance(one, ast.JoinedStr)]
    constants = [one.value for one in ends if isinstance(one, ast.Constant)]
    return bool(texts) or any(isinstance(one, str | bytes) for one in constants)


def _says_something(value: ast.expr) -> bool:
    return not isinstance(value, ast.Constant) or value.value is not None


def _queries(node: ast.Call, sql: str) -> Iterator[ast.AST]:
    """The query without each condition that ends with its line, and each lock."""
    for found in _SQL.finditer(sql):
        part = found.group()
        if part.count("(") == part.count(")"):
            less = sql[: found.start()] + sql[found.end() :]
            yield ast.Call(node.func, [ast.Constant(less)], node.keywords)


def _shortened(node: ast.AST) -> Iterator[tuple[Callable[[], object], str]]:
    """Lists without one of their members."""
    for members in _lists(node):
        for member in members:
            text = member.arg if isinstance(member, ast.keyword) else None
            shown = f"{text}=…" if text else _short(member)
            yield _without(members, member), f"{_head(node)} without {shown}"
    if isinstance(node, ast.Dict):
        for at, key in enumerate(node.keys):
            if isinstance(key, ast.Constant | ast.Attribute):
                yield _without_entry(node, at), f"{{…}} without {_short(key)}"


def _lists(node: ast.AST) -> Iterator[list[ast.expr] | list[ast.keyword]]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            if name in _CONDITIONS and len(node.args) > 1:
                yield node.args
            if name in _SAID:
                yield node.keywords
        case ast.Set(elts=elements):
            yield elements
        case ast.Tuple(elts=elements) if any(
            isinstance(one, ast.Compare) for one in elements
        ):
            yield elements


def _without(members: list[Any], member: object) -> Callable[[], object]:
    return lambda: members.remove(member)


def _without_entry(node: ast.Dict, at: int) -> Callable[[], object]:
    return lambda: (node.keys.pop(at), node.values.pop(at))


def _head(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return f"{name}(…)"
        case _:
            return "{…}"


def _short(node: ast.AST) -> str:
    if isinstance(node, ast.Pass):
        return "nothing"
    if isinstance(node, ast.If):
        return f"if {_short(node.test)}"
    line = " ".join(ast.unparse(node).split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
