"""Which pages the site has: the notices' own, and home, lists, register, archive, feed around them.

Pure: from approved notices and `now` to a `Plan` that templates only lay out. Lists are numbered
from the oldest and show no bodies, so that one more notice changes few pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..notice.vocabulary import KINDS, PRIORITY, SLOGAN
from ..schedule import VIETNAM_TIME
from ..settings import Settings
from ..wire import when
from .look import Look
from .views import Published, iso, moment, view

FEED_ITEMS = 20  # entries of the feed
OFF_HOME = (SLOGAN,)  # kinds for boards first: on the site, but not among its newest notices
HOME_DOCUMENTS = 5  # documents on the home page
REGISTER_ROWS = 50  # documents on one page of the register
SCHEDULES = ("tiep-dan", "lich-lam-viec")  # kinds whose newest notice the home page links to
TO_NOTICES = (("Thông báo", "thong-bao.html"),)  # the way back to them
# Pages that the menu names: until one is approved, a page that says so stands there.
OWN_PAGES = {"gioi-thieu": "Giới thiệu", "thu-tuc": "Thủ tục hành chính", "lien-he": "Liên hệ"}


@dataclass(frozen=True)
class Page:
    """One output that is no notice's own; `rows` are slugs of notices to list, in order."""

    path: str
    template: str
    sources: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    statement: str | None = None


@dataclass(frozen=True)
class Plan:
    """The whole site: `views` by slug for the notices' own pages, and the other pages."""

    views: dict[str, dict[str, Any]]
    pages: tuple[Page, ...]


def plan(settings: Settings, look: Look, items: Sequence[Published], now: datetime) -> Plan:
    """Every page of the site at `now`."""
    live = sorted((i for i in items if not i.withdrawn_at), key=lambda i: (i.notice.date, i.notice.id))
    known = {i.notice.url for i in live}
    views = {i.notice.slug: view(i, settings, now, known) for i in live}
    notices = [i for i in live if not i.notice.is_page]
    pages = [
        _home(notices, look, now),
        *_lists(notices, settings, look, now),
        *_months(notices),
        *_withdrawn(items, {i.notice.url for i in live}),
        *(Page(f"{slug}.html", "empty.html", values={"title": title})
          for slug, title in OWN_PAGES.items() if f"{slug}.html" not in known),
        Page("404.html", "missing.html", values={"root": urlsplit(settings.commune.site).path + "/"}),
        *_machine(items, notices, settings),
    ]  # fmt: skip
    found = {p.path for p in pages if p.path.endswith(".html") and not p.statement} - {"404.html"}
    paths = [path.removesuffix("index.html") for path in sorted(found | known)]
    values = {"addresses": [f"{settings.commune.site}/{path}" for path in paths]}
    return Plan(views, (*pages, Page("sitemap.xml", "sitemap.xml", values=values)))


def _sources(items: Iterable[Published]) -> tuple[str, ...]:
    return tuple(sorted({item.statement for item in items}))


def _rows(items: Iterable[Published]) -> tuple[str, ...]:
    return tuple(item.notice.slug for item in items)


def _active(items: Sequence[Published], now: datetime) -> list[Published]:
    """Emergencies that hold now: the highest level first, then the newest."""
    held = [i for i in items if i.notice.is_emergency and i.notice.start <= now < i.notice.end]
    return sorted(held, key=lambda i: (i.notice.alert.level if i.notice.alert else 0, i.notice.date), reverse=True)


def _home(notices: Sequence[Published], look: Look, now: datetime) -> Page:
    newest = notices[::-1]
    current = [i for i in newest if now < i.notice.end]
    urgent = _active(notices, now)
    pinned = sorted((i for i in current if i.notice.klass == PRIORITY), key=lambda i: i.notice.order)
    first = {i.notice.kind: i for i in [*notices, *reversed(current)]}  # of each kind: current, else newest
    chosen = [first[kind] for kind in SCHEDULES if kind in first]
    above = {i.notice.slug for i in (*urgent, *pinned, *chosen)}
    below = [i for i in newest if i.notice.slug not in above and i.notice.kind not in OFF_HOME]
    latest = below[: look.home_notices]
    documents = [i for i in newest if i.notice.document][:HOME_DOCUMENTS]
    values = {
        "urgent": _rows(urgent), "pinned": _rows(pinned), "latest": _rows(latest),
        "documents": _rows(documents), "schedules": _rows(chosen), "kinds": _kinds(notices),
    }  # fmt: skip
    shown = [*urgent, *pinned, *latest, *documents, *chosen]
    return Page("index.html", "index.html", _sources(shown), values=values)


def _kinds(notices: Iterable[Published]) -> list[list[str]]:
    present = {i.notice.kind for i in notices}
    return [[kind, name] for kind, name in KINDS.items() if kind in present]


def _lists(notices: Sequence[Published], settings: Settings, look: Look, now: datetime) -> Iterator[Page]:
    urgent = _active(notices, now)
    hamlets = [[h.id, h.name] for h in settings.hamlets]
    head = {"kinds": _kinds(notices), "hamlets": hamlets}
    yield from _paged("thong-bao", "Thông báo", notices, look.per_page, urgent=urgent, head=head)
    for kind, name in _kinds(notices):
        chosen = [i for i in notices if i.notice.kind == kind]
        yield from _paged(f"loai/{kind}", name, chosen, look.per_page, crumbs=TO_NOTICES)
    for hamlet in settings.hamlets:
        chosen = [i for i in notices if hamlet.id in i.notice.hamlets]
        here = [i for i in urgent if not i.notice.hamlets or hamlet.id in i.notice.hamlets]
        values = {"note": f"Thông báo riêng của {hamlet.name}. Thông báo chung cho cả xã ở trang Thông báo."}
        yield from _paged(
            f"thon/{hamlet.id}", hamlet.name, chosen, look.per_page, urgent=here, crumbs=TO_NOTICES, head=values
        )
    documents = [i for i in notices if i.notice.document]
    yield from _paged("van-ban", "Văn bản", documents, REGISTER_ROWS, template="register.html")


def _paged(
    stem: str, title: str, items: Sequence[Published], size: int, *, template: str = "list.html",
    urgent: Sequence[Published] = (), crumbs: Sequence[tuple[str, str]] = (),
    head: Mapping[str, Any] | None = None,
) -> Iterator[Page]:  # fmt: skip
    """A list in pages: 1 is the oldest and never changes again; the head holds the newest."""
    full = max(0, len(items) // size - 1)
    for number in range(1, full + 2):
        is_head = number == full + 1
        part = items[(number - 1) * size :] if is_head else items[(number - 1) * size : number * size]
        values = {
            "title": title, "crumbs": [list(c) for c in crumbs], "number": 0 if is_head else number,
            "older": f"{stem}-{number - 1}.html" if number > 1 else "",
            "newer": "" if is_head else f"{stem}.html" if number == full else f"{stem}-{number + 1}.html",
            "urgent": _rows(urgent) if is_head else [], **((head or {}) if is_head else {}),
        }  # fmt: skip
        shown = [*part, *urgent] if is_head else part
        path = f"{stem}.html" if is_head else f"{stem}-{number}.html"
        yield Page(path, template, _sources(shown), _rows(reversed(part)), values)


def _months(notices: Sequence[Published]) -> Iterator[Page]:
    months: dict[tuple[int, int], list[Published]] = {}
    for item in notices:
        at = item.notice.date.astimezone(VIETNAM_TIME)
        months.setdefault((at.year, at.month), []).append(item)
    years: dict[int, list[list[Any]]] = {}
    for (year, month), items in sorted(months.items(), reverse=True):
        path = f"luu-tru/{year}-{month:02}.html"
        years.setdefault(year, []).append([f"Tháng {month}", path, len(items)])
        values = {
            "title": f"Tháng {month} năm {year}", "crumbs": [["Lưu trữ", "luu-tru.html"]],
            "number": 0, "older": "", "newer": "", "urgent": [],
        }  # fmt: skip
        yield Page(path, "list.html", _sources(items), _rows(reversed(items)), values)
    yield Page("luu-tru.html", "archive.html", values={"years": [[y, m] for y, m in years.items()]})


def _withdrawn(items: Sequence[Published], live: set[str]) -> Iterator[Page]:
    """Markers in place of what was withdrawn: none of the old words but the document's number."""
    newest = {i.notice.url: i for i in sorted(items, key=lambda i: i.approved_at) if i.withdrawn_at}
    for url, item in sorted(newest.items()):
        if url in live or item.withdrawn_at is None:
            continue
        number = item.notice.document.number if item.notice.document else ""
        values = {"number": number, "at": moment(item.withdrawn_at), "reason": item.reason}
        values["statement"] = item.statement
        yield Page(url, "withdrawn.html", (item.statement,), values=values, statement=item.statement)


def _machine(items: Sequence[Published], notices: Sequence[Published], settings: Settings) -> Iterator[Page]:
    """The feed and the whole list as JSON."""
    newest = sorted(notices, key=lambda i: (i.approved_at, i.notice.id), reverse=True)[:FEED_ITEMS]
    values = {"updated": iso(newest[0].approved_at) if newest else "2000-01-01T00:00:00+07:00"}
    yield Page("atom.xml", "atom.xml", _sources(newest), _rows(newest), values)
    listed = {
        "v": 1, "commune": settings.commune.code, "name": settings.commune.name,
        "notices": [_record(i) for i in reversed(notices)],
        "withdrawn": [
            {"id": i.notice.id, "url": i.notice.url, "at": when(i.withdrawn_at)}
            for i in sorted(items, key=lambda i: i.notice.id) if i.withdrawn_at
        ],
    }  # fmt: skip
    text = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    gone = [i for i in items if i.withdrawn_at]
    yield Page("notices.json", "plain.txt", _sources([*notices, *gone]), values={"text": text})


def _record(item: Published) -> dict[str, Any]:
    notice = item.notice
    return {
        "id": notice.id, "title": notice.title, "kind": notice.kind, "class": notice.klass,
        "category": notice.category, "hamlets": list(notice.hamlets),
        "start": when(notice.start), "end": when(notice.end), "url": notice.url,
        "number": notice.document.number if notice.document else None, "summary": notice.summary,
        "statement": item.statement, "updated": when(item.approved_at),
    }  # fmt: skip
