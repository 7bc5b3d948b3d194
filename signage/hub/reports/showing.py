"""Whose play a play is, and what each notice showed on each board (pure).

A play names a file. Mostly one notice has it; where several have (a notice corrected without a change of its
picture), it is the one that was in force when the file was shown; else the one that the board named; else the
newest that was there before. Every play is counted once, and one that no notice has is counted as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..notice import Notice
from .facts import Play
from .periods import day_of


@dataclass
class Shown:
    """What one notice showed on one board."""

    plays: int = 0
    ms: int = 0
    first: int | None = None
    last: int | None = None
    sha_first: str = ""
    sha_last: str = ""
    days: set[date] = field(default_factory=set)

    def add(self, play: Play) -> None:
        """One more day of a file."""
        self.plays, self.ms = self.plays + play.plays, self.ms + play.ms
        self.days.add(play.day)
        if self.first is None or play.first < self.first:
            self.first, self.sha_first = play.first, play.sha_first
        if self.last is None or play.last > self.last:
            self.last, self.sha_last = play.last, play.sha_last


def shown(plays: Iterable[Play], notices: Sequence[Notice]) -> dict[tuple[str | None, int], Shown]:
    """By statement (None: no notice that is known) and board."""
    of_file: dict[str, list[Notice]] = {}
    by_statement = {notice.statement: notice for notice in notices}
    for notice in notices:
        for file in notice.files:
            of_file.setdefault(file, []).append(notice)
    found: dict[tuple[str | None, int], Shown] = {}
    for play in plays:
        its = owner(play, of_file.get(play.file, []), by_statement)
        found.setdefault((its.statement if its else None, play.board), Shown()).add(play)
    return found


def owner(play: Play, having: Sequence[Notice], by_statement: dict[str, Notice]) -> Notice | None:
    """The notice that a play is of."""
    if len(having) == 1:  # nearly always
        return having[0]
    named = by_statement.get(play.statement or "")
    if not having:
        return named
    in_force = [n for n in having if n.start <= play.last and n.until >= play.first]
    some = in_force or having
    if named in some:
        return named
    return max(some, key=lambda n: ((n.published or n.start) <= play.first, n.published or n.start, n.statement))


def posting_days(notice: Notice, begin: int, end: int) -> list[date]:
    """The Vietnamese days of `begin` to `end` (ms) on which a notice was to be seen."""
    since, until = max(begin, notice.start), min(end, notice.until)
    if since >= until:
        return []
    first, last = day_of(since), day_of(until - 1)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as unbroken runs: the 1st to the 3rd, the 5th."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
