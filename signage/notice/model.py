"""A notice as a value: nothing here reads a file or a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

from ..schedule import Pattern, Yearly
from . import timing
from .canonical import SourceFile
from .occasions import Calendar, Occasion, occasions
from .vocabulary import PAGE

DaysOff = frozenset[date]
ENGLISH = "en-"  # how the slug of a page in English begins


@dataclass(frozen=True)
class Signer:
    """Who signed a document: `Nguyễn Văn An`, `PHÓ CHỦ TỊCH`, `KT. CHỦ TỊCH` (NĐ 30/2020)."""

    name: str
    title: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Document:
    """The fields of a numbered official document (NĐ 30/2020, NĐ 42/2022)."""

    number: str
    issuer: str
    signer: Signer | None
    recipients: tuple[str, ...]
    issued: date | None
    effective: date | None


@dataclass(frozen=True)
class Picture:
    """A picture beside the notice, with what it shows in words."""

    name: str
    alt: str


@dataclass(frozen=True)
class Alert:
    """What an emergency must say: risk level 1–5 (QĐ 18/2021), who said so, and when."""

    level: int
    source: str
    bulletin_time: datetime
    drill: bool = False  # an exercise: shown with the band “DIỄN TẬP”
    prepared_as: str | None = None  # the id of the template whose slides are shown with it


@dataclass(frozen=True)
class Notice:
    """A notice or a page. Times are aware, Asia/Ho_Chi_Minh; `end` is after `start`."""

    id: str  # path below content/ without .md
    slug: str  # unique over the commune; the page is tin/<slug>.html
    title: str
    date: datetime
    kind: str
    klass: str  # "class" in the formats
    category: str | None  # None only for pages
    hamlets: tuple[str, ...]  # empty: the whole commune
    boards: tuple[str, ...]  # "all" | "none" | "group:x", "board:y" …
    start: datetime
    end: datetime
    hours: tuple[time, time] | None
    days: frozenset[int]  # 0 = Monday; empty: every day
    yearly: Yearly | None  # the days of each year on which it is shown
    on_holidays: bool
    issuer: str  # whose notice it is, numbered or not; "" when it does not say
    document: Document | None
    facts: tuple[tuple[str, str], ...]
    summary: str
    board_summary: str
    image: Picture | None
    film: Picture | None  # a film beside the notice, with what it shows in words
    attachments: tuple[str, ...]
    calendar: Calendar | None  # what it announces, by dates or by a rule
    alert: Alert | None  # of an emergency; None for a template
    prepared: bool  # an emergency's template: never shown alone, not on the website
    evergreen: bool
    order: int
    body: str  # Markdown
    text: bytes  # the canonical text: what is signed
    files: tuple[SourceFile, ...]  # attachments and pictures, by name
    digest: str

    @property
    def is_page(self) -> bool:
        return self.kind == PAGE

    @property
    def is_english(self) -> bool:
        """A page in English: its slug says so."""
        return self.is_page and self.slug.startswith(ENGLISH)

    @property
    def is_emergency(self) -> bool:
        """What the duty person raises; not its template."""
        return self.alert is not None

    @cached_property
    def url(self) -> str:
        """Where its page stands on the website, relative to its root."""
        if self.is_english:
            return f"en/{self.slug.removeprefix(ENGLISH)}.html"
        return f"{self.slug}.html" if self.is_page else f"tin/{self.slug}.html"

    def pattern(self, days_off: DaysOff) -> Pattern:
        """At which hours of which days it is shown; `days_off`: the country's, as far as they matter."""
        return Pattern(self.hours, self.days, self.yearly, frozenset() if self.on_holidays else days_off)

    def occasions(self, days_off: DaysOff) -> list[Occasion]:
        """When what it announces takes place, in order; `days_off` as far as they matter."""
        if self.calendar is None:
            return []
        first = self.start.date()
        if self.document and self.document.effective:
            first = max(first, self.document.effective)
        return occasions(self.calendar, first, self.end.date(), days_off)

    @property
    def shown_when(self) -> str:
        """For people: at which hours of which days; "" for always."""
        return "; ".join(timing.said(self.hours, self.days, self.yearly, self.on_holidays))

    def shown_on(self, board: str, groups: tuple[str, ...]) -> bool:
        """Whether it may appear on this board."""
        wanted: Mapping[str, None] = dict.fromkeys(self.boards)
        return "all" in wanted or f"board:{board}" in wanted or any(f"group:{g}" in wanted for g in groups)
