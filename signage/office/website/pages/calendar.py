"""Calendars: what is announced, by day; as pages, as files for a phone's calendar, and this week's for the home page.

Pure. A rule is stored once in a notice (`notice.occasions`) and expanded here with the country's holidays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from ....notice import KINDS
from ....notice.occasions import WEEKDAY_NAMES, Occasion, hours_said
from ....schedule import VIETNAM_TIME
from ....settings import Settings
from ....wire import sha256
from ..views import Published
from .page import Output, Page, sources

AHEAD = timedelta(days=62)  # of a calendar's page
WEEK = timedelta(days=7)
KEPT = timedelta(days=31)  # that an occasion stays in the files after it is over
HOME_OCCASIONS = 8  # on the home page
MAX_ICS = 400  # occasions of one file: a phone reads it whole


@dataclass(frozen=True)
class Entry:
    """One occasion of one notice."""

    item: Published
    when: Occasion


def entries(notices: Iterable[Published], settings: Settings, kind: str = "") -> list[Entry]:
    """Every occasion of what is announced (of one kind), in order."""
    found = []
    for item in notices:
        notice = item.notice
        if notice.calendar and kind in ("", notice.kind):
            days_off = settings.days_off(notice.start.date(), notice.end.date() + timedelta(days=31))
            found += [Entry(item, one) for one in notice.occasions(days_off)]
    return sorted(found, key=lambda e: (e.when.start, e.item.notice.id))


def edges(entry: Entry) -> tuple[datetime, datetime, datetime]:
    """When an occasion comes onto the calendars' pages, leaves them, and leaves their files."""
    return entry.when.start - AHEAD, entry.when.end, entry.when.end + KEPT


def rows(some: Sequence[Entry], now: datetime) -> list[dict[str, Any]]:
    """Occasions as a template prints them; those of one notice on one day in one row."""
    today = now.astimezone(VIETNAM_TIME).date()
    days: dict[tuple[str, date], list[Entry]] = {}
    for entry in some:
        days.setdefault((entry.item.notice.slug, entry.when.start.date()), []).append(entry)
    return [_row(part, day == today) for (_, day), part in days.items()]


def _row(part: Sequence[Entry], today: bool) -> dict[str, Any]:
    first, notice = part[0].when, part[0].item.notice
    calendar = notice.calendar
    return {
        "iso": f"{first.start:%Y-%m-%d}" if first.whole_day else first.start.isoformat(timespec="minutes"),
        "weekday": WEEKDAY_NAMES[first.start.weekday()], "day": f"{first.start:%d/%m}", "today": today,
        "time": ", ".join(hours_said(e.when) for e in part), "title": notice.title, "url": notice.url,
        "kind": KINDS[notice.kind], "place": calendar.place if calendar else "",
        "host": calendar.host if calendar else "", "moved": f"{first.moved:%d/%m}" if first.moved else "",
    }  # fmt: skip


def week(every: Sequence[Entry], now: datetime) -> list[dict[str, Any]]:
    """Today's and the next seven days' occasions, for the home page."""
    last = datetime.combine(now.astimezone(VIETNAM_TIME).date() + WEEK, datetime.min.time(), VIETNAM_TIME)
    near = [e for e in every if e.when.end > now and e.when.start < last]
    return rows(near[:HOME_OCCASIONS], now)


def calendars(every: Sequence[Entry], now: datetime) -> Iterator[Page]:
    """One of all, and one of each kind that announces anything."""
    kinds = [kind for kind in KINDS if any(e.item.notice.kind == kind for e in every)]
    chosen = [["", "Tất cả"], *([kind, KINDS[kind]] for kind in kinds)]
    for kind, name in chosen:
        some = [
            e for e in every if kind in ("", e.item.notice.kind) and now < e.when.end and e.when.start < now + AHEAD
        ]
        days = [
            {"day": f"{WEEKDAY_NAMES[day.weekday()]}, {day:%d/%m/%Y}", "iso": f"{day}",
             "rows": rows(list(part), now)}
            for day, part in groupby(some, key=lambda e: e.when.start.date())
        ]  # fmt: skip
        values = {
            "title": "Lịch" if not kind else f"Lịch: {name.removeprefix('Lịch ')}", "days": days, "kinds": chosen,
            "kind": kind, "ics": f"lich/{kind}.ics" if kind else "lich.ics",
            "crumbs": [["Lịch", "lich.html"]] if kind else [],
        }  # fmt: skip
        yield Page(
            f"lich/{kind}.html" if kind else "lich.html", "calendar.html", sources(e.item for e in some), values=values
        )


def files(every: Sequence[Entry], settings: Settings, now: datetime) -> dict[str, Output]:
    """iCalendar (RFC 5545): all, each kind, each notice that announces anything."""
    since = now - KEPT
    found = {"lich.ics": [e for e in every if e.when.end > since]}
    for e in every:
        if e.when.end > since:
            found.setdefault(f"lich/{e.item.notice.kind}.ics", []).append(e)
        found.setdefault(f"tin/{e.item.notice.slug}.ics", []).append(e)
    return {path: _file(some[:MAX_ICS], settings) for path, some in found.items()}


def _file(some: Sequence[Entry], settings: Settings) -> Output:
    told = sources(e.item for e in some)
    key = sha256(repr((settings.commune, [(e.item.statement, e.item.approved_at, e.when) for e in some])).encode())
    return Output(key, lambda: _ics(some, settings), told)


def _ics(some: Sequence[Entry], settings: Settings) -> bytes:
    from icalendar import Calendar, Event

    made = Calendar()
    made.add("prodid", "-//bangtin//VI")
    made.add("version", "2.0")
    made.add("x-wr-calname", settings.commune.heading + (" (DỮ LIỆU MẪU)" if settings.commune.sample else ""))
    made.add("refresh-interval;value=duration", "PT6H")
    host = settings.commune.site.split("://", 1)[-1]
    for e in some:
        notice, event = e.item.notice, Event()
        moment = e.when.start.astimezone(UTC)
        event.add("uid", f"{notice.slug}-{moment:%Y%m%dT%H%M}@{host}")
        event.add("dtstamp", e.item.approved_at.astimezone(UTC))
        event.add("dtstart", e.when.start.date() if e.when.whole_day else moment)
        event.add("dtend", e.when.end.date() if e.when.whole_day else e.when.end.astimezone(UTC))
        event.add("summary", notice.title)
        event.add("description", notice.summary)
        if notice.calendar and notice.calendar.place:
            event.add("location", notice.calendar.place)
        event.add("url", f"{settings.commune.site}/{notice.url}")
        made.add_component(event)
    data: bytes = made.to_ical()
    return data


def table(item: Published, settings: Settings) -> list[dict[str, Any]]:
    """A notice's own occasions, for its page: all of them, so that the page changes with the notice alone."""
    return rows(entries([item], settings), datetime(1, 1, 2, tzinfo=UTC))
