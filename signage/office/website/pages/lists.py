"""Lists of notices: all, by kind, by hamlet, by month; numbered from the oldest, so that one more changes few pages."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ....settings import Settings
from ..look import Look
from ..views import Published, moment
from .page import Page, active, rows, sources
from .shelves import Shelves

TO_NOTICES = (("Thông báo", "thong-bao.html"),)  # the way back to them


def lists(shelves: Shelves, settings: Settings, look: Look, now: datetime) -> Iterator[Page]:
    urgent = active(shelves.emergencies, now)
    hamlets = [[h.id, h.name] for h in settings.hamlets]
    head = {"kinds": shelves.kinds, "hamlets": hamlets}
    yield from paged("thong-bao", "Thông báo", shelves.places, look.per_page, urgent=urgent, head=head)
    for kind, name in shelves.kinds:
        chosen = shelves.of_kind(kind)
        feed = {"feed": f"loai/{kind}.xml"}
        yield from paged(f"loai/{kind}", name, chosen, look.per_page, crumbs=TO_NOTICES, head=feed)
    for hamlet in settings.hamlets:
        chosen = shelves.of_hamlet(hamlet.id)
        here = [i for i in urgent if not i.notice.hamlets or hamlet.id in i.notice.hamlets]
        note = f"Thông báo riêng của {hamlet.name}. Thông báo chung cho cả xã ở trang Thông báo."
        values = {"note": note, "feed": f"thon/{hamlet.id}.xml"}
        yield from paged(
            f"thon/{hamlet.id}", hamlet.name, chosen, look.per_page, urgent=here, crumbs=TO_NOTICES, head=values
        )


def paged(
    stem: str, title: str, items: Sequence[Published], size: int, *, template: str = "list.html",
    urgent: Sequence[Published] = (), crumbs: Sequence[tuple[str, str]] = (),
    head: Mapping[str, Any] | None = None,
) -> Iterator[Page]:  # fmt: skip
    """A list in pages: 1 is the oldest and never changes again; the head holds the newest.

    `items` with those that were taken back: they keep their places, and show nothing there.
    """
    full = max(0, len(items) // size - 1)
    for number in range(1, full + 2):
        is_head = number == full + 1
        end = None if is_head else number * size
        part = items[(number - 1) * size : end]
        values = {
            "title": title, "crumbs": [list(c) for c in crumbs], "number": 0 if is_head else number,
            "older": f"{stem}-{number - 1}.html" if number > 1 else "",
            "newer": "" if is_head else f"{stem}.html" if number == full else f"{stem}-{number + 1}.html",
            "urgent": rows(urgent) if is_head else [], **((head or {}) if is_head else {}),
        }  # fmt: skip
        path = f"{stem}.html" if is_head else f"{stem}-{number}.html"
        yield Page(path, template, sources(urgent) if is_head else (), part[::-1], values)


def months(shelves: Shelves) -> Iterator[Page]:
    years: dict[int, list[list[Any]]] = {}
    for (year, month), items in sorted(shelves.of_month.items(), reverse=True):
        path = f"luu-tru/{year}-{month:02}.html"
        years.setdefault(year, []).append([f"Tháng {month}", path, len(items)])
        values = {
            "title": f"Tháng {month} năm {year}", "crumbs": [["Lưu trữ", "luu-tru.html"]],
            "number": 0, "older": "", "newer": "", "urgent": [],
        }  # fmt: skip
        yield Page(path, "list.html", items=items[::-1], values=values)
    yield Page("luu-tru.html", "archive.html", values={"years": [[y, m] for y, m in years.items()]})


def withdrawn(gone: Sequence[Published], live: Container[str]) -> Iterator[Page]:
    """Markers in place of what was withdrawn: none of the old words but the document's number."""
    newest = {i.notice.url: i for i in sorted(gone, key=lambda i: i.approved_at)}
    for url, item in sorted(newest.items()):
        if url in live or item.withdrawn_at is None:
            continue
        number = item.notice.document.number if item.notice.document else ""
        values = {"number": number, "at": moment(item.withdrawn_at), "reason": item.reason}
        values["statement"] = item.statement
        yield Page(url, "withdrawn.html", (item.statement,), values=values, statement=item.statement)
