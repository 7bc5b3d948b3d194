"""A hamlet's week on one sheet of A4, for the village notice board: what is on, day by day; what is new; whom to call.

`week` chooses (pure), `html` lays out, `pdf` prints by WeasyPrint (the extra `[print]`). One sheet, whatever
happens: notices are left out from the last until it fits (then summaries, then the last days' rows), and the
sheet says how many wait on the site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from .. import almanac
from ..notice.occasions import WEEKDAY_NAMES
from ..notice.vocabulary import EMERGENCY, PRIORITY, SLOGAN
from ..printing import FONTS, laid_out, written
from ..schedule import VIETNAM_TIME
from ..settings import Hamlet, Settings
from . import qr
from .website.pages import calendar
from .website.views import Published, day, moment

EMERGENCIES = (("113", "Công an"), ("114", "Cứu hỏa, cứu nạn"), ("115", "Cấp cứu"))  # the country's numbers
MOST = 16  # notices that are tried; more than any sheet holds
NEXT_FROM = 4  # from Friday on, people print the coming week (0 = Monday)
_WEEK = timedelta(days=7)
_HERE = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Week:
    """What stands on a sheet; `left` notices and `rows_left` rows of the days are on the site only."""

    hamlet: Hamlet
    monday: date
    days: tuple[dict[str, Any], ...]
    notices: tuple[dict[str, Any], ...]
    left: int
    made: str
    rows_left: int = 0


def monday(chosen: date | None, now: datetime) -> date:
    """The first day of the week that is asked for; of none: this week, from Friday on the coming one."""
    today = now.astimezone(VIETNAM_TIME).date()
    if chosen is None:
        chosen = today + _WEEK if today.weekday() >= NEXT_FROM else today
    return chosen - timedelta(days=chosen.weekday())


def week(settings: Settings, items: Sequence[Published], hamlet: Hamlet, first: date, now: datetime) -> Week:
    """A hamlet's week from the Monday `first`, of what is for it or for the whole commune, nothing left out."""
    begins = datetime.combine(first, datetime.min.time(), VIETNAM_TIME)
    ends = begins + _WEEK
    here = [
        i for i in items
        if not (i.withdrawn_at or i.notice.is_page or i.notice.prepared)
        and (not i.notice.hamlets or hamlet.id in i.notice.hamlets)
        and i.notice.start < ends and i.notice.end > begins
    ]  # fmt: skip
    on = [e for e in calendar.entries(here, settings) if e.when.end > begins and e.when.start < ends]
    told: set[str] = set()  # slugs whose summary has been said
    days = []
    for date_, part in groupby(on, key=lambda e: max(e.when.start.astimezone(VIETNAM_TIME).date(), first)):
        some = list(part)
        rows = calendar.rows(some, now)
        for row, summary in zip(rows, _summaries(some, told), strict=True):
            row["summary"] = summary
        days.append({"day": f"{WEEKDAY_NAMES[date_.weekday()]} {date_:%d/%m}", "lunar": _lunar(date_), "rows": rows})
    others = [i for i in here if i.notice.kind != SLOGAN and i.notice.slug not in told]
    others.sort(key=lambda i: i.notice.date, reverse=True)
    others.sort(key=_rank)
    notices = tuple(_notice(i) for i in others[:MOST])
    return Week(hamlet, first, tuple(days), notices, max(0, len(others) - MOST), moment(now))


def _summaries(some: Sequence[calendar.Entry], told: set[str]) -> list[str]:
    """What each row of a day says besides its title: the notice's summary, the first time in the week."""
    found = []
    for slug, summary, _ in dict.fromkeys(
        (e.item.notice.slug, e.item.notice.summary, e.when.start.date()) for e in some
    ):
        found.append("" if slug in told else summary)
        told.add(slug)
    return found


def _rank(item: Published) -> int:
    """Emergencies, then priorities, then what is not for the whole commune, then the rest."""
    notice = item.notice
    return 0 if notice.klass == EMERGENCY else 1 if notice.klass == PRIORITY else 2 if notice.hamlets else 3


def _notice(item: Published) -> dict[str, Any]:
    notice = item.notice
    return {
        "title": notice.title, "summary": notice.summary, "emergency": notice.klass == EMERGENCY,
        "priority": notice.klass == PRIORITY, "number": notice.document.number if notice.document else "",
        "date": f"{notice.date:%d/%m}", "until": day(notice.end),
    }  # fmt: skip


def _lunar(at: date) -> str:
    return almanac.lunar(at).told


# ── on paper ─────────────────────────────────────────────────────────────────────────────────────


def html(settings: Settings, one: Week) -> str:
    """The sheet as a page that needs our fonts and nothing else."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    last = one.monday + timedelta(days=6)
    address = f"{settings.commune.site}/thon/{one.hamlet.id}.html"
    path, side = qr.paper_path(address)
    return environment.get_template("weeksheet.html").render(
        commune=settings.commune, week=one, first=f"{one.monday:%d/%m}", last=f"{last:%d/%m/%Y}",
        lunar=(_lunar(one.monday), _lunar(last)), emergencies=EMERGENCIES, address=address, path=path, side=side,
        fonts=FONTS.as_uri(),
    )  # fmt: skip


def pdf(settings: Settings, one: Week) -> bytes:
    """The sheet as a PDF of exactly one page. Raises `Unavailable` (`print-extra`) without WeasyPrint."""
    best = laid_out(html(settings, one))
    fits, overflows = (_cuts(one), 0) if len(best.pages) > 1 else (0, 0)
    best = best if fits == 0 else None
    while fits - overflows > 1:  # the least that must be left out, by halves
        cut = (fits + overflows) // 2
        made = laid_out(html(settings, shortened(one, cut)))
        fits, overflows, best = (cut, overflows, made) if len(made.pages) == 1 else (fits, cut, best)
    best = best or laid_out(html(settings, shortened(one, fits)))
    return written(best)


def _cuts(one: Week) -> int:
    """How often a week can be shortened, until nothing but head and foot stands on it."""
    return len(one.notices) + 1 + sum(len(d["rows"]) for d in one.days)


def shortened(one: Week, cut: int) -> Week:
    """The same week with `cut` things left out: notices from the last, then all summaries, then rows from the last."""
    kept = max(0, len(one.notices) - cut)
    notices, left = one.notices[:kept], one.left + len(one.notices) - kept
    cut -= len(one.notices)
    if cut <= 0:
        return replace(one, notices=notices, left=left)
    every = [(n, {**row, "summary": ""}) for n, d in enumerate(one.days) for row in d["rows"]]
    rows = every[: len(every) - (cut - 1)]
    days = tuple({**d, "rows": [row for at, row in rows if at == n]} for n, d in enumerate(one.days))
    days = tuple(d for d in days if d["rows"])
    return replace(one, notices=notices, left=left, days=days, rows_left=len(every) - len(rows))
