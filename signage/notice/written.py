"""A notice's file as its officer typed it: lines with their numbers, before any of it has a meaning. Pure.

`blanks` tells what a template still waits for, `conflicts` where git left two versions; `hints` and `privacy` read the
same lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import Problem
from . import header

MOST_SHOWN = 60  # characters of what was found, as a hint repeats it
MOST_ASKED = 200  # characters of a blank, as an error repeats it: they say what to type
_BLANK = re.compile(r"\[điền:([^\[\]\n]{0,300}+)\]", re.IGNORECASE)
_OURS, _THEIRS = re.compile(r"<{7}(?: |$)"), re.compile(r">{7}(?: |$)")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")


@dataclass(frozen=True)
class Line:
    """One line of prose: 1-based number, the field's name (None in the body), its text."""

    number: int
    field: str | None
    text: str


@dataclass(frozen=True)
class Written:
    """Header fields and body lines; what stands in a code block is nobody's prose and left out as an empty line."""

    kind: str
    klass: str
    fields: tuple[Line, ...]
    body: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.fields + self.body


@dataclass(frozen=True)
class Hint:
    """What a person should look at again, and where."""

    code: str
    line: Line
    text: str = ""
    values: tuple[tuple[str, Any], ...] = ()

    def told(self, file: str) -> Problem:
        values = {"text": shortened(self.text), **dict(self.values)}
        return Problem(self.code, file, self.line.number, self.line.field, "warning", values)


def written(text: str) -> Written:
    """The lines of a file; never raises: what is wrong with them is `reading`'s to say."""
    fields, body, first, _ = header.split(text, "")
    lines, fenced = [], False
    for number, line in enumerate(body.split("\n"), start=first):
        fence = _FENCE.match(line) is not None
        lines.append(Line(number, None, "" if fenced or fence else line))
        fenced ^= fence
    kind, klass = (fields[name].value if name in fields else "" for name in ("kind", "class"))
    return Written(kind, klass, tuple(Line(f.line, f.name, f.value) for f in fields.values()), tuple(lines))


def blanks(text: str, file: str) -> list[Problem]:
    """An error for each line where a template's blank, `[điền: …]`, is not filled in."""
    return [
        Problem("blank-left", file, line.number, line.field, values={"blanks": " · ".join(found)})
        for line in written(text).lines
        if (found := [shortened(m[1].strip(), MOST_ASKED) for m in _BLANK.finditer(line.text)])
    ]


def conflicts(text: str, file: str) -> list[Problem]:
    """An error for each place where git put two people's words one after the other, from its first line to its last."""
    found: list[Problem] = []
    lines, first = text.split("\n"), 0
    for number, line in enumerate(lines, start=1):
        if _OURS.match(line):
            first = first or number
        elif first and _THEIRS.match(line):
            found.append(Problem("merge-conflict", file, first, values={"first": first, "last": number}))
            first = 0
    if first:
        found.append(Problem("merge-conflict", file, first, values={"first": first, "last": len(lines)}))
    return found


def without(problems: Iterable[Problem], blank: list[Problem]) -> Iterator[Problem]:
    """The problems of other lines: what a blank is instead of is not wrong, it is missing; nor are two versions one."""
    lines = {n for p in blank if p.line for n in range(p.line, p.values.get("last", p.line) + 1)}
    return (p for p in problems if p.line not in lines)


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
