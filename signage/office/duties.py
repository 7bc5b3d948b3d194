"""What of the mandatory parts is published, when last, when next: for the page “Công khai” and for the officer.

Pure: from what is published and a rule pack (`rules`) to values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ..errors import Problem
from ..notice import KINDS, Notice
from ..notice.vocabulary import SLOGAN
from ..schedule import VIETNAM_TIME
from .doctype import symbol
from .rules import STANDINGS, Duty, Rules

SOON = timedelta(days=7)  # before it is due, the officer is told


class Given(NamedTuple):
    """A notice or a page that is published, and since when."""

    notice: Notice
    at: datetime

    @property
    def day(self) -> date:
        """The day in Vietnam."""
        return self.at.astimezone(VIETNAM_TIME).date()


@dataclass(frozen=True)
class Coverage:
    """One duty: how many are published, the last one, and the day by which the next is due."""

    duty: Duty
    count: int
    last: Given | None
    due: date | None

    def state(self, today: date) -> str:
        """`empty`, `due`, `soon` or `good`."""
        if self.last is None:
            return "empty"
        if self.due is None or today + SOON < self.due:
            return "good"
        return "due" if self.due <= today else "soon"


def coverage(duties: Sequence[Duty], given: Iterable[Given]) -> list[Coverage]:
    """Each duty's standing, in the pack's order."""
    counts, lasts = [0] * len(duties), dict[int, Given]()
    for one in given:
        for place in fulfilled(duties, one.notice):
            counts[place] += 1
            last = lasts.get(place)
            if last is None or (one.at, one.notice.id) > (last.at, last.notice.id):
                lasts[place] = one
    return [standing(duty, counts[place], lasts.get(place)) for place, duty in enumerate(duties)]


def standing(duty: Duty, count: int, last: Given | None) -> Coverage:
    """One duty that so many notices fulfil, the last of them being this."""
    due = last.day + timedelta(days=duty.every) if last and duty.every else None
    return Coverage(duty, count, last, due)


def fulfilled(duties: Sequence[Duty], notice: Notice) -> tuple[int, ...]:
    """Which of the duties a notice counts for, by their places."""
    return tuple(place for place, duty in enumerate(duties) if _counts(duty, notice))


def _counts(duty: Duty, notice: Notice) -> bool:
    if duty.page:
        return notice.is_page and notice.slug == duty.page
    if notice.is_page or notice.prepared or notice.kind == SLOGAN:
        return False
    if duty.category:
        return notice.category == duty.category
    wanted = [notice.kind in duty.kinds] if duty.kinds else []
    if duty.documents:
        name = symbol(notice.document.number) if notice.document else None
        wanted.append(name is not None and ("*" in duty.documents or name in duty.documents))
    if duty.words:
        title = notice.title.casefold()
        wanted.append(any(word.casefold() in title for word in duty.words))
    return any(wanted) or not wanted


def short_postings(notices: Iterable[Notice], rules: Rules) -> list[Problem]:
    """A warning for each notice that is posted for less than the rule for its kind."""
    found = []
    for notice in notices:
        rule = rules.postings.get(notice.kind)
        if rule and notice.end - notice.start < timedelta(days=rule.days):
            values = {
                "kind": KINDS[notice.kind], "days": (notice.end - notice.start).days, "least": rule.days,
                "source": rule.source.name, "standing": STANDINGS[rule.source.standing],
                "end": f"{(notice.start + timedelta(days=rule.days)).astimezone(VIETNAM_TIME):%Y-%m-%d %H:%M}",
            }  # fmt: skip
            found.append(Problem("posting-short", f"{notice.id}.md", None, "End", "warning", values))
    return found
