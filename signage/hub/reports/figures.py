"""A period's figures, from its facts (pure). All in milliseconds and whole numbers; nothing is rounded here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from statistics import median_low

from ..notice import Notice
from ..roster import AWAY
from .facts import Alarm, Board, Facts, Span
from .pack import Pack, Posting
from .periods import DAY_MS, day_of, midnight
from .showing import Shown, posting_days, shown
from .times import Times

LATE = 5 * 60_000  # ms after its start from which a publication is late: a round of syncing and a minute's thought
_NOT_OUTAGES = {("screen", "dark"), (AWAY, AWAY)}  # by the timetable, or because it hung no more


@dataclass(frozen=True)
class BoardFigures:
    """One board in a period."""

    board: Board
    times: Times
    notices: int
    plays: int
    ms: int


@dataclass(frozen=True)
class NoticeFigures:
    """One notice in a period; `days`: those on which it was to be seen."""

    notice: Notice
    on: dict[int, Shown]  # by board
    days: tuple[date, ...]
    posting: Posting | None
    missing: tuple[Board, ...]  # boards that should have shown it, and did not

    @property
    def plays(self) -> int:
        return sum(one.plays for one in self.on.values())

    @property
    def ms(self) -> int:
        return sum(one.ms for one in self.on.values())

    @property
    def first(self) -> int | None:
        return min((one.first for one in self.on.values() if one.first is not None), default=None)

    @property
    def last(self) -> int | None:
        return max((one.last for one in self.on.values() if one.last is not None), default=None)

    @cached_property
    def shown_days(self) -> frozenset[date]:
        """Days on which at least one board showed it."""
        return frozenset().union(*(one.days for one in self.on.values()))

    @property
    def approving(self) -> int | None:
        """From the author's signature to the approver's (ms)."""
        return _between(self.notice.submitted, self.notice.approved)

    @property
    def publishing(self) -> int | None:
        """From the approver's signature to the first publication that has it (ms)."""
        return _between(self.notice.approved, self.notice.published)

    @property
    def late(self) -> int:
        """How long after its start it was first published (ms); 0: in time, or nobody knows."""
        after = _between(self.notice.start, self.notice.published) or 0
        return after if after > LATE else 0


@dataclass
class Sum:
    """Notices, plays and time together."""

    notices: set[str] = field(default_factory=set)
    plays: int = 0
    ms: int = 0

    def add(self, statement: str | None, plays: int = 0, ms: int = 0) -> None:
        """A notice (None: plays of no known notice), with what was shown of it."""
        self.notices |= {statement} if statement else set()
        self.plays, self.ms = self.plays + plays, self.ms + ms


@dataclass
class Outage:
    """Spans of one kind and cause, cut to the period."""

    boards: set[int] = field(default_factory=set)
    times: int = 0
    ms: int = 0
    longest: int = 0


@dataclass(frozen=True)
class Pace:
    """How long something took: how many times, in the middle, at most (ms)."""

    count: int
    median: int | None
    longest: int | None


@dataclass(frozen=True)
class Figures:
    """All figures of a commune and a period."""

    facts: Facts
    boards: tuple[BoardFigures, ...]
    total: Times
    days: dict[date, Times]
    notices: tuple[NoticeFigures, ...]
    unknown: dict[int, Shown]  # plays of no notice that is known, by board
    outages: dict[tuple[str, str, str], Outage]  # kind, code, cause
    approving: Pace
    publishing: Pace
    acknowledging: Pace

    @property
    def plays(self) -> int:
        return sum(one.plays for one in self.boards)

    @property
    def ms(self) -> int:
        return sum(one.ms for one in self.boards)

    @property
    def heard_boards(self) -> int:
        return sum(one.times.reports > 0 for one in self.boards)

    @property
    def late(self) -> list[NoticeFigures]:
        return [one for one in self.notices if one.late and self.facts.begin <= (one.notice.published or 0)]

    @property
    def never_shown(self) -> list[NoticeFigures]:
        return [one for one in self.notices if not one.plays]

    @property
    def began(self) -> list[Alarm]:
        """Alarms that began in the period."""
        return [one for one in self.facts.alarms if one.since >= self.facts.begin]


def figures(facts: Facts, pack: Pack) -> Figures:
    """What a period's facts come to."""
    on = shown(facts.plays, facts.notices)
    notices = tuple(_notices(facts, on, pack))
    times_of = {board.number: Times() for board in facts.boards}
    days = {day: Times() for day in _days(facts)}
    for told in facts.told:
        times_of[told.board].add(told)
        days[told.day].add(told)
    boards = tuple(_board(board, facts, times_of[board.number], on) for board in facts.boards)
    total = Times()
    for one in boards:
        total.add(one.times)
    for day, times in days.items():
        stretch = sum(_stretch(board, facts, midnight(day), midnight(day) + DAY_MS) for board in facts.boards)
        times.whole = max(times.heard, stretch)
    within = [n for n in notices if n.notice.approved is not None and facts.begin <= n.notice.approved < facts.end]
    began = [a for a in facts.alarms if a.since >= facts.begin and a.acknowledged]
    return Figures(
        facts, boards, total, days, notices,
        {board: one for (statement, board), one in on.items() if statement is None}, _outages(facts),
        pace(n.approving for n in within), pace(n.publishing for n in within),
        pace(a.acknowledged[0].at - a.since for a in began),
    )  # fmt: skip


def _days(facts: Facts) -> list[date]:
    """Every day that is counted, and one more that a board whose clock is ahead may tell of."""
    told = {one.day for one in facts.told}
    last = max([day_of(facts.end - 1), *told]) if facts.end > facts.begin else max(told, default=facts.period.first)
    first = facts.period.first
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _board(board: Board, facts: Facts, times: Times, on: Mapping[tuple[str | None, int], Shown]) -> BoardFigures:
    times.whole = max(_stretch(board, facts, facts.begin, facts.end), times.heard)
    mine = [(statement, one) for (statement, number), one in on.items() if number == board.number]
    return BoardFigures(
        board, times, sum(statement is not None for statement, _ in mine), sum(one.plays for _, one in mine),
        sum(one.ms for _, one in mine),
    )  # fmt: skip


def _stretch(board: Board, facts: Facts, begin: int, end: int) -> int:
    """How long a board was in use between two moments of the period (ms)."""
    ends = min(end, facts.end, board.retired if board.retired is not None else end)
    begins = max(begin, facts.begin, board.since)
    return max(0, ends - begins - facts.away(board.number, begins, ends))


def _notices(facts: Facts, on: Mapping[tuple[str | None, int], Shown], pack: Pack) -> Iterable[NoticeFigures]:
    """Those that were to be seen in the period, or were shown in it, by their first day."""
    by_statement: dict[str, dict[int, Shown]] = {}
    for (statement, board), one in on.items():
        if statement is not None:
            by_statement.setdefault(statement, {})[board] = one
    found = []
    for notice in facts.notices:
        mine = by_statement.get(notice.statement, {})
        days = posting_days(notice, facts.begin, facts.end) if notice.approved or notice.published else []
        if mine or days:
            missing = tuple(b for b in facts.boards if days and b.code in notice.boards and b.number not in mine)
            found.append(NoticeFigures(notice, mine, tuple(days), pack.postings.get(notice.kind), missing))
    return sorted(found, key=lambda one: (one.notice.start, one.notice.title, one.notice.statement))


def _outages(facts: Facts) -> dict[tuple[str, str, str], Outage]:
    found: dict[tuple[str, str, str], Outage] = {}
    ends = {b.number: facts.end if b.retired is None else min(facts.end, b.retired) for b in facts.boards}
    for span in facts.spans:
        ms = within(span, facts.begin, ends[span.board])
        ms -= facts.away(span.board, max(facts.begin, span.since), min(ends[span.board], span.until or facts.end))
        if (span.kind, span.code) not in _NOT_OUTAGES and ms > 0:
            one = found.setdefault((span.kind, span.code, span.cause), Outage())
            one.boards.add(span.board)
            one.times, one.ms, one.longest = one.times + 1, one.ms + ms, max(one.longest, ms)
    return dict(sorted(found.items(), key=lambda item: (-item[1].ms, item[0])))


def within(span: Span, begin: int, end: int) -> int:
    """How much of an interval lies between two moments (ms)."""
    return max(0, min(end, span.until if span.until is not None else end) - max(begin, span.since))


def pace(told: Iterable[int | None]) -> Pace:
    """Of the durations that are known."""
    known = [ms for ms in told if ms is not None]
    return Pace(len(known), median_low(known) if known else None, max(known, default=None))


def _between(begin: int | None, end: int | None) -> int | None:
    return None if begin is None or end is None else max(0, end - begin)
