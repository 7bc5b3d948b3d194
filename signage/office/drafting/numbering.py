"""The numbers and bullets that Word draws before a paragraph without writing them into it.

mammoth counts each list from 1 anew and knows no “Điều 2.” (its issue 27), which in an official document would
be another article. So they are worked out here as Word does (ECMA-376 part 1, 17.9) and stand in the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from .package import child, value

MAX_LEVEL = 8  # Word has nine levels, 0 … 8
MOST = 100_000  # the highest number
BULLET = "-"
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


@dataclass(frozen=True)
class Level:
    """One level of a list: how it counts, and its text, `Điều %1.`"""

    form: str
    text: str
    start: int
    style: str  # the paragraph style that has this level by itself, or ""


@dataclass(frozen=True)
class Label:
    """What stands before a paragraph; a bullet says how deep it is."""

    text: str
    level: int

    @property
    def is_bullet(self) -> bool:
        return self.text == BULLET


@dataclass
class Numbering:
    """The lists of a document, counting on as its paragraphs come."""

    _levels: dict[str, dict[int, Level]] = field(default_factory=dict)  # by abstract list
    _lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)  # list → abstract list, its own starts
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def read(cls, root: Element | None) -> Numbering:
        """From the part `numbering.xml`, if there is one."""
        made = cls()
        for one in root if root is not None else ():
            if one.tag == "w:abstractNum":
                levels = {_number(value(lvl, "w:ilvl"), 0): _level(lvl) for lvl in one if lvl.tag == "w:lvl"}
                made._levels[value(one, "w:abstractNumId")] = levels
            elif one.tag == "w:num":
                starts = {
                    _number(value(over, "w:ilvl"), 0): _number(value(child(over, "w:startOverride")), 1)
                    for over in one if child(over, "w:startOverride") is not None
                }  # fmt: skip
                made._lists[value(one, "w:numId")] = (value(child(one, "w:abstractNumId")), starts)
        return made

    def of_style(self, style: str) -> tuple[str, int] | None:
        """The list and level that a paragraph style has by itself."""
        for number, (abstract, _) in self._lists.items():
            for at, level in self._levels.get(abstract, {}).items():
                if style and level.style == style:
                    return number, at
        return None

    def label(self, number: str, at: int) -> Label | None:
        """The label of the next paragraph of list `number`, level `at`; None when there is none."""
        abstract, starts = self._lists.get(number, ("", {}))
        levels = self._levels.get(abstract, {})
        level = levels.get(at)
        if level is None or level.form == "none" or not 0 <= at <= MAX_LEVEL:
            return None
        if level.form == "bullet":
            return Label(BULLET, at)
        counts = self._counts.setdefault(abstract, {})
        if at in starts and (number, at) not in self._begun:
            counts[at] = starts[at]
        else:
            counts[at] = counts[at] + 1 if at in counts else level.start
        self._begun.add((number, at))
        for deeper in [d for d in counts if d > at]:
            del counts[deeper]
        return Label(_written(level.text, levels, counts), at)


def _level(element: Element) -> Level:
    return Level(
        value(child(element, "w:numFmt")) or "decimal", value(child(element, "w:lvlText")),
        _number(value(child(element, "w:start")), 1), value(child(element, "w:pStyle")),
    )  # fmt: skip


def _written(text: str, levels: Mapping[int, Level], counts: Mapping[int, int]) -> str:
    for at in range(MAX_LEVEL + 1):
        if (sign := f"%{at + 1}") in text:
            level = levels.get(at)
            count = counts.get(at, level.start if level else 1)
            text = text.replace(sign, _counted(count, level.form if level else "decimal"))
    return text.strip()


def _counted(count: int, form: str) -> str:
    match form:
        case "upperRoman":
            return _roman(count)
        case "lowerRoman":
            return _roman(count).lower()
        case "upperLetter":
            return _letter(count)
        case "lowerLetter":
            return _letter(count).lower()
        case "decimalZero":
            return f"{count:02}"
    return str(count)


def _roman(count: int) -> str:
    if not 0 < count < 4000:
        return str(count)
    out = ""
    for size, sign in _ROMAN:
        while count >= size:
            out, count = out + sign, count - size
    return out


def _letter(count: int) -> str:
    """a … z, aa, bb …, as Word counts."""
    return chr(ord("A") + (count - 1) % 26) * min(3, 1 + (count - 1) // 26) if count > 0 else str(count)


def _number(text: str, default: int) -> int:
    return min(int(text), MOST) if text.isascii() and text.isdigit() and len(text) < 10 else default
