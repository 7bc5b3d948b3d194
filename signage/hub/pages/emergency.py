"""Emergencies: how long after the signature each board showed it, and which have not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from starlette.responses import Response

from ..alarms import Level
from ..seen import boards, fleet, picture, posted
from ..seen.boards import Board
from ..store import tables as t
from ..store.engine import from_ms
from . import telling, words
from .shell import Menu, Section
from .stream import line
from .visit import Visit

SCALE = timedelta(minutes=5)  # that a bar is long at most; what took longer is full

section = Section("Khẩn cấp", menu=Menu("/khan-cap", "Khẩn cấp", 30))


@dataclass(frozen=True)
class Line:
    """One board of one emergency; `first` None: it has not shown it."""

    code: str
    name: str
    first: datetime | None
    board: Board | None
    bar: list[picture.Rect]


@dataclass(frozen=True)
class Clock:
    """One emergency: since when it was signed, board by board."""

    told: posted.Confirmation
    since: datetime
    standing: str
    lines: list[Line]

    @property
    def seconds(self) -> list[float]:
        """After how many seconds boards showed it."""
        return sorted(max((one.first - self.since).total_seconds(), 0) for one in self.lines if one.first)

    @property
    def half(self) -> timedelta | None:
        """After which half of those that showed it did so."""
        return timedelta(seconds=median(self.seconds)) if self.seconds else None

    @property
    def last(self) -> timedelta | None:
        """After which the last of them did."""
        return timedelta(seconds=self.seconds[-1]) if self.seconds else None

    @property
    def missing(self) -> int:
        return sum(line.first is None for line in self.lines)


@section.get("/khan-cap")
def emergencies(visit: Visit) -> Response:
    """Those of the last 30 days, those in force first."""
    communes, commune = visit.viewer.communes, visit.query("xa")
    with visit.reading() as connection:
        live, names = line(connection, visit), fleet.communes_of(connection, communes)
        found = posted.clocks(connection, posted.emergencies(connection, communes, visit.now, commune))
        missed = (one.notice for one in found if one.missing)
        lasting = {n.commune for n in missed if posted.standing(n, visit.now) == posted.SHOWING}
        silent: dict[posted.Where, Board] = {}
        if lasting:
            which = boards.where(connection, t.board.c.commune.in_(sorted(lasting)), visit.now)
            silent = {(b.commune, b.code): b for b in which}
        sample = fleet.has_sample(connection, communes)
        called = posted.names(connection, {one.notice.commune for one in found})
    clocks = [_clock(one, called, silent, visit.now) for one in found]
    clocks.sort(key=lambda clock: clock.standing != posted.SHOWING)
    return visit.page(
        "emergency.html", clocks=clocks, names=names, commune=commune, live=live, sample=sample, telling=telling,
        contact=_contact, org=next(iter(names.values())) if len(names) == 1 else "",
    )  # fmt: skip


def _clock(
    told: posted.Confirmation, called: dict[posted.Where, str], silent: dict[posted.Where, Board], now: datetime
) -> Clock:  # fmt: skip
    n = told.notice
    since = from_ms(n.approved or n.start)
    lines = []
    for code in dict.fromkeys([*n.boards, *told.shown]):
        shown = told.shown.get(code)
        first = shown.first if shown else None
        name = called.get((n.commune, code), code)
        lines.append(Line(code, name, first, silent.get((n.commune, code)), _bar(since, first)))
    lines.sort(key=lambda line: (line.first is not None, -(line.first or now).timestamp(), line.name))
    return Clock(told, since, posted.standing(n, now), lines)


def _bar(since: datetime, first: datetime | None) -> list[picture.Rect]:
    if first is None:
        return [picture.Rect(0, 0, picture.WIDTH, picture.HEIGHT, "silent")]
    share = min(max((first - since) / SCALE, 0.004), 1.0)
    return [picture.Rect(0, 0, round(share * picture.WIDTH, 1), picture.HEIGHT, "right")]


def _contact(board: Board | None) -> tuple[str, Level]:
    """What is known of a board that has not shown it."""
    return words.contact(board.facts, board.judgement) if board else ("Không rõ", Level.NOTE)
