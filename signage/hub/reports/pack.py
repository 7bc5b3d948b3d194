"""The reports' rule pack: what a person fills in, when reports are due, how long notices are posted. All of it is data.

A place that needs other rules puts `bao-cao.toml` into the hub's folder; it replaces the pack whole. A source
says whether anybody has seen it, and where; nothing here claims that a report is what an office asks for.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ...errors import BadInput, BangtinError, Problem
from ...notice.vocabulary import KINDS
from ...wire import Fields
from . import cells, periods

OWN_PACK = "bao-cao.toml"  # in the hub's folder
MAX_PACK = 256 * 1024  # bytes of a pack
MAX_ENTRIES = 100  # of one list of a pack
MAX_TEXT = 4000  # characters that a field of text may hold
STANDINGS = {
    "law": "đã thấy trong văn bản",
    "plan": "đã thấy trong kế hoạch của một số nơi",
    "own": "do phần mềm đặt",
    "unverified": "chưa kiểm chứng",
}
KINDS_OF_FIELD = ("count", "money", "text")
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_PERIODS = tuple(
    f"{kind}{which}" for kind in (periods.MONTH, periods.QUARTER, periods.YEAR) for which in ("", "-before")
)


@dataclass(frozen=True)
class Source:
    """Where a rule comes from, and whether anybody has seen it there."""

    name: str
    standing: str  # of STANDINGS


@dataclass(frozen=True)
class Deadline:
    """A day of each year on which a report is due: of the period that has this day, or of the one `before` it."""

    ident: str
    name: str
    month: int
    day: int
    kind: str  # of the period
    before: bool
    source: Source


@dataclass(frozen=True)
class Field:
    """What a person fills in. `most`: the largest number, or characters of a text; `within`: not more than that one."""

    ident: str
    name: str
    group: str
    kind: str  # of KINDS_OF_FIELD
    unit: str
    most: int
    within: str
    source: Source

    def cell(self, kept: str | None) -> cells.Value | None:
        """What was filled in, as a table has it; None while nothing was."""
        if kept is None:
            return None
        if self.kind == "text" or not kept.isdecimal():
            return cells.Value(cells.TEXT, kept)
        return cells.Value(cells.MONEY if self.kind == "money" else cells.COUNT, int(kept))


@dataclass(frozen=True)
class Posting:
    """The least number of days for which a kind of notice is posted."""

    days: int
    source: Source


@dataclass(frozen=True)
class Pack:
    """A whole pack."""

    version: str
    deadlines: tuple[Deadline, ...]
    fields: tuple[Field, ...]
    postings: dict[str, Posting]  # by kind of notice

    @property
    def sources(self) -> list[Source]:
        """Every source, once, in order."""
        rules: list[Deadline | Field | Posting] = [*self.deadlines, *self.fields, *self.postings.values()]
        return list(dict.fromkeys(rule.source for rule in rules))


@cache
def packaged() -> Pack:
    """The pack that comes with the program."""
    text = resources.files(__package__).joinpath(OWN_PACK).read_text(encoding="utf-8")
    return _read(tomllib.loads(text))


def read_pack(folder: Path) -> Pack:
    """The hub's own pack, else the program's; raises `BadInput` (`rules-bad`)."""
    path = folder / OWN_PACK
    if not path.exists():
        return packaged()
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PACK + 1)
        if len(data) > MAX_PACK:
            raise ValueError(f"> {MAX_PACK} byte")
        return _read(tomllib.loads(data.decode()))
    except (OSError, ValueError, LookupError, BangtinError) as error:
        raise BadInput([Problem("rules-bad", OWN_PACK, values={"why": str(error)})]) from error


def _read(values: dict[str, Any]) -> Pack:
    told = values.pop("source", {})
    whole = Fields(values)
    whole.integer("v", least=1, most=1)
    sources = {}
    for ident, one in told.items():
        entry = Fields(one, f"source.{ident}")
        sources[ident] = Source(entry.text("name", least=1), entry.choice("standing", tuple(STANDINGS)))
    fields = tuple(_field(entry, sources) for entry in _entries(whole, "field"))
    numbers = {field.ident for field in fields if field.kind != "text"}
    for field in fields:
        if field.within and field.within not in numbers:
            raise ValueError(f"field.{field.ident}.within: {field.within}")
    postings = {}
    for entry in _entries(whole, "posting"):
        days = entry.integer("days", least=1, most=3650)
        postings[entry.choice("kind", tuple(KINDS))] = Posting(days, sources[entry.text("source")])
    deadlines = tuple(_deadline(entry, sources) for entry in _entries(whole, "due"))
    for name, idents in (("due", [d.ident for d in deadlines]), ("field", [f.ident for f in fields])):
        if twice := {i for i in idents if idents.count(i) > 1}:
            raise ValueError(f"{name}.id: {', '.join(sorted(twice))} × 2")
    return Pack(whole.text("version", least=1, most=40), deadlines, fields, postings)


def _entries(fields: Fields, name: str) -> list[Fields]:
    return fields.objects(name, most=MAX_ENTRIES) if fields.has(name) else []


def _deadline(entry: Fields, sources: dict[str, Source]) -> Deadline:
    month, day = map(int, entry.matching("day", _DAY, "not a day like 12-10").split("-"))
    date(2001, month, day)  # a year without 29 February: a day that is not there every year is no deadline
    kind, _, before = entry.choice("period", _PERIODS).partition("-")
    name = entry.text("name", least=1, most=200)
    return Deadline(entry.name("id"), name, month, day, kind, bool(before), sources[entry.text("source")])


def _field(entry: Fields, sources: dict[str, Source]) -> Field:
    kind = entry.choice("kind", KINDS_OF_FIELD)
    return Field(
        entry.name("id"), entry.text("name", least=1, most=200), entry.text("group", least=1, most=80), kind,
        entry.text("unit", most=40) if entry.has("unit") else "",
        entry.integer("most", least=1, most=MAX_TEXT if kind == "text" else 10**15),
        entry.name("within") if entry.has("within") else "", sources[entry.text("source")],
    )  # fmt: skip
