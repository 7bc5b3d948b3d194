"""The rule pack: which parts of the site must be filled and how often, how long what is posted. All of it is data.

A commune that needs other rules puts `quy-tac.toml` into its folder; it replaces the pack whole. A source
says whether anybody has seen it in a published text; nothing here claims that a commune complies.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ...errors import BadInput, BangtinError, Problem
from ...notice.vocabulary import CATEGORIES, KINDS
from ...wire import Fields

OWN_RULES = "quy-tac.toml"  # in the commune's folder
MAX_RULES = 256 * 1024  # bytes of a pack
MAX_ENTRIES, MAX_WORDS = 200, 50  # of one list of a pack; of one entry
STANDINGS = {"law": "đã thấy trong văn bản", "unverified": "chưa kiểm chứng"}
_WORD = re.compile(r"[^\n]{1,60}")


@dataclass(frozen=True)
class Source:
    """Where a rule comes from, and whether anybody has seen it there."""

    name: str
    standing: str  # of STANDINGS


@dataclass(frozen=True)
class Duty:
    """One part that must be filled. Without page, kinds, documents, words and category every notice counts."""

    name: str
    where: str  # address of the page that shows it; "" when there is none
    every: int  # days between two publications, a suggestion; 0: when there is something
    source: Source
    page: str = ""  # slug of the page that fills it
    kinds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # abbreviations of kinds of document; "*": any
    words: tuple[str, ...] = ()  # one of which stands in the title
    category: str = ""


@dataclass(frozen=True)
class Posting:
    """The least time, in days, for which a kind of notice is posted."""

    days: int
    source: Source


@dataclass(frozen=True)
class Rules:
    """A whole pack."""

    version: str
    sections: tuple[Duty, ...]
    categories: tuple[Duty, ...]
    postings: dict[str, Posting]  # by kind

    @property
    def sources(self) -> list[Source]:
        """Every source, once, in order."""
        duties = [duty.source for duty in (*self.sections, *self.categories)]
        return list(dict.fromkeys([*duties, *(posting.source for posting in self.postings.values())]))


@cache
def packaged() -> Rules:
    """The pack that comes with the program."""
    text = resources.files(__name__).joinpath("cong-khai.toml").read_text(encoding="utf-8")
    return _read(tomllib.loads(text))


def read_rules(folder: Path) -> Rules:
    """The commune's own pack, else the program's; raises `BadInput` (`rules-bad`)."""
    path = folder / OWN_RULES
    if not path.exists():
        return packaged()
    try:
        with path.open("rb") as file:
            data = file.read(MAX_RULES + 1)
        if len(data) > MAX_RULES:
            raise ValueError(f"> {MAX_RULES} byte")
        return _read(tomllib.loads(data.decode()))
    except (OSError, ValueError, LookupError, BangtinError) as error:
        raise BadInput([Problem("rules-bad", OWN_RULES, values={"why": str(error)})]) from error


def _read(values: dict[str, Any]) -> Rules:
    told = values.pop("source", {})
    fields = Fields(values)
    fields.integer("v", least=1, most=1)
    sources = {}
    for ident, one in told.items():
        entry = Fields(one, f"source.{ident}")
        sources[ident] = Source(entry.text("name", least=1), entry.choice("standing", tuple(STANDINGS)))
    postings = {}
    for entry in _entries(fields, "posting"):
        days = entry.integer("days", least=1, most=3650)
        postings[entry.choice("kind", tuple(KINDS))] = Posting(days, sources[entry.text("source")])
    return Rules(
        fields.text("version", least=1, most=40),
        tuple(_section(entry, sources) for entry in _entries(fields, "section")),
        tuple(_category(entry, sources) for entry in _entries(fields, "category")),
        postings,
    )


def _entries(fields: Fields, name: str) -> list[Fields]:
    return fields.objects(name, most=MAX_ENTRIES) if fields.has(name) else []


def _section(entry: Fields, sources: dict[str, Source]) -> Duty:
    return Duty(
        entry.text("name", least=1), entry.text("where"), entry.integer("every", most=3650),
        sources[entry.text("source")], entry.text("page") if entry.has("page") else "",
        _words(entry, "kinds"), _words(entry, "documents"), _words(entry, "words"),
    )  # fmt: skip


def _category(entry: Fields, sources: dict[str, Source]) -> Duty:
    ident = entry.choice("id", tuple(CATEGORIES))
    every, source = entry.integer("every", most=3650), sources[entry.text("source")]
    return Duty(CATEGORIES[ident], "", every, source, category=ident)


def _words(entry: Fields, name: str) -> tuple[str, ...]:
    return tuple(entry.texts(name, most=MAX_WORDS, pattern=_WORD)) if entry.has(name) else ()
