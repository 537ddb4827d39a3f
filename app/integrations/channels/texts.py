"""Makes a text from outside one that shows what it is, and does nothing: no character
that moves others, hides, breaks a line or is none, and no address that a reader turns
into a link."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import accumulate

# Controls, surrogates, private and unassigned characters, ends of lines and paragraphs.
_BLANK = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Formats: bidi controls, joiners, tags and all else of no width. And letters that show
# nothing.
_NOTHING = "Cf"
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_MOST_MARKS = 3  # on one letter: more reach into the lines above and below
_MARKS = frozenset({"Mn", "Me"})
# The sign by which mail programs and messengers know a link in a text; and an encoded
# word of mail headers, which would be read as what it encodes.
_TELLING = re.compile(r":(?=//)|(?<=\bmailto):|(?<=\bwww)\.|(?<==)\?", re.IGNORECASE)


def inert(text: str, most: int) -> str:
    """One visible line of at most `most` characters, in which no address is a link:
    `https[:]//host`. What was left out at its end shows as `…`."""
    shown = one_line(text, most)
    return cut(_TELLING.sub(lambda sign: f"[{sign[0]}]", shown), most)


def one_line(text: str, most: int) -> str:
    """One visible line of at most `most` characters, addresses and all."""
    looked_at = 4 * most + 100  # a text of nothing visible is not read to its end
    rest = "…" if len(text) > looked_at else ""
    return cut(_visible(text[:looked_at]) + rest, most)


def cut(text: str, most: int) -> str:
    """Its beginning, and `…` where it went on."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def escaped(text: str, most: int, escapes: Mapping[str, str]) -> str:
    """The text with characters replaced, in at most `most` of them: cut before the
    first that does not fit whole."""
    pieces = [escapes.get(one, one) for one in text]
    if sum(map(len, pieces)) <= most:
        return "".join(pieces)
    ends = accumulate(map(len, pieces))
    kept = sum(1 for end in ends if end < most)
    return "".join(pieces[:kept]).rstrip() + "…"


def _visible(text: str) -> str:
    shown: list[str] = []
    marks = 0
    for one in text:
        said = _shown(one)
        marks = marks + 1 if unicodedata.category(one) in _MARKS else 0
        if marks <= _MOST_MARKS:
            shown.append(said)
    return " ".join("".join(shown).split())


@cache
def _shown(one: str) -> str:
    if one in _FILLERS:
        return ""
    category = unicodedata.category(one)
    if category == _NOTHING:
        return ""
    return " " if category in _BLANK else one
