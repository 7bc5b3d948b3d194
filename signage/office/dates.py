"""The dates of a rule on a slide: a board's picture stands for months, so it names every day of its rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from ..notice import Notice
from ..notice.occasions import WEEKDAY_NAMES, Occasion, hours_said
from ..settings import Settings

HEAD = "| Tháng | Ngày | Giờ |\n|---|---|---|"


def with_dates(notice: Notice, settings: Settings) -> Notice:
    """The notice as slides draw it: behind its words a table of the days that its rule comes to.

    What is signed is the text as written; the pictures that two people see hold the table.
    """
    if notice.calendar is None or not notice.calendar.rules or notice.board_summary:
        return notice
    days_off = settings.days_off(notice.start.date(), notice.end.date() + timedelta(days=31))
    rows = [_row(month, list(part)) for month, part in groupby(notice.occasions(days_off), key=_month)]
    return replace(notice, body=f"{notice.body.rstrip()}\n\n{HEAD}\n" + "\n".join(rows) + "\n")


def _month(one: Occasion) -> str:
    return f"{one.start:%m/%Y}"


def _row(month: str, some: list[Occasion]) -> str:
    names = {WEEKDAY_NAMES[one.start.weekday()] for one in some}
    days = ", ".join(dict.fromkeys(f"{one.start:%d}" for one in some))
    said = f"{names.pop()}: {days}" if len(names) == 1 else days
    return f"| {month} | {said} | {', '.join(dict.fromkeys(hours_said(one) for one in some))} |"
