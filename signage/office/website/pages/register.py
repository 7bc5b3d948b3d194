"""The document register in several orders and parts, so that it is sorted and filtered by links alone.

    van-ban               all, by the day of posting: its numbered pages never change again
    van-ban/theo-so       all, by year and number: a page is a range of numbers, whatever is posted late
    van-ban/theo-ngay     all, by the day of issue
    van-ban/<loại>, <năm> one kind of document, one year, by the day of issue

Numbered pages count from the oldest: one more document changes the pages of what was issued since, and no other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ....schedule import VIETNAM_TIME
from ... import doctype
from ...paper import NAMES
from ..views import Published
from .lists import paged
from .page import Page, rows, sources

REGISTER_ROWS = 50  # documents on one page of the register
ORDERS = (("van-ban", "ngày đăng"), ("van-ban/theo-ngay", "ngày ban hành"), ("van-ban/theo-so", "số, ký hiệu"))
TO_REGISTER = (("Văn bản", "van-ban.html"),)


@dataclass(frozen=True)
class Document:
    """A document in the register, with what it is sorted by."""

    item: Published
    kind: str
    issued: date  # else the day of posting
    number: str

    @property
    def by_day(self) -> tuple[date, int, str]:
        return self.issued, doctype.count(self.number), self.item.notice.id

    @property
    def by_number(self) -> tuple[int, int, str, str]:
        year = doctype.year(self.number) or self.issued.year
        return year, doctype.count(self.number), self.number, self.item.notice.id


class Documents:
    """The register, sorted once; `places` by the day of posting, with what was taken back."""

    def __init__(self, places: Sequence[Published]) -> None:
        self.every = [_document(i) for i in places]
        self.by_day = sorted(self.every, key=lambda d: d.by_day)
        self.by_number = sorted(self.every, key=lambda d: d.by_number)
        self.of: dict[str, list[Published]] = defaultdict(list)  # by the name of a kind, and by year
        for one in self.by_day:
            self.of[one.kind].append(one.item)
            self.of[f"Năm {one.issued.year}"].append(one.item)
        live = [one for one in self.every if not one.item.withdrawn_at]
        present = {one.kind for one in live}
        names = [name for name in (*NAMES.values(), doctype.OTHER) if name in present]
        years = sorted({one.issued.year for one in live}, reverse=True)
        self.kinds = [[name, f"van-ban/{doctype.kind_slug(name)}.html"] for name in names]  # name, address
        self.years = [[f"Năm {year}", f"van-ban/{year}.html"] for year in years]


def register(documents: Documents) -> Iterator[Page]:
    """Every page; what to choose among stands on the whole registers alone, so that a new year changes these."""
    head = {"kinds": documents.kinds, "years": documents.years}
    for some, (stem, said) in zip((documents.every, documents.by_day), ORDERS, strict=False):
        title = "Văn bản" if stem == "van-ban" else f"Văn bản theo {said}"
        yield from _pages(stem, title, [one.item for one in some], stem, head)
    yield from _by_number(documents, head)
    for name, address in documents.kinds:
        yield from _pages(address.removesuffix(".html"), f"Văn bản: {name}", documents.of[name], "", {})
    for name, address in documents.years:
        yield from _pages(address.removesuffix(".html"), f"Văn bản {name.lower()}", documents.of[name], "", {})


def _by_number(documents: Documents, head: dict[str, Any]) -> Iterator[Page]:
    """A year on a page, or a range of a year's numbers where it has many; the head holds the last one or two."""
    years = Counter(one.by_number[0] for one in documents.by_number)
    groups: dict[tuple[int, int], list[Published]] = defaultdict(list)
    for one in documents.by_number:
        year, count, *_ = one.by_number
        first = (max(count, 1) - 1) // REGISTER_ROWS * REGISTER_ROWS + 1 if years[year] > REGISTER_ROWS else 0
        groups[year, first].append(one.item)
    full = [*groups][:-1]
    if full and len(groups[[*groups][-1]]) < REGISTER_ROWS:
        full.pop()
    stem, said = ORDERS[2]
    addresses = [f"{stem}-{year}-{first}.html" if first else f"{stem}-{year}.html" for year, first in full]
    addresses.append(f"{stem}.html")
    for place, address in enumerate(addresses):
        is_head = place == len(full)
        chosen = [*groups][place:] if is_head else [full[place]]
        items = [i for group in chosen for i in groups[group] if not i.withdrawn_at]
        values = {
            "title": f"Văn bản theo {said}" + ("" if is_head else _range(*full[place])), "number": 0,
            "crumbs": [list(one) for one in TO_REGISTER], "urgent": [],
            "older": addresses[place - 1] if place else "", "newer": "" if is_head else addresses[place + 1],
            **(head if is_head else {}), **_told(stem), "self": f"{stem}.html",
        }  # fmt: skip
        yield Page(address, "register.html", sources(items), rows(reversed(items)), values)


def _range(year: int, first: int) -> str:
    return f", năm {year}" + (f", số {first}–{first + REGISTER_ROWS - 1}" if first else "")


def _told(order: str) -> dict[str, Any]:
    said = dict(ORDERS).get(order, "ngày ban hành")
    orders = [[f"{one}.html", name] for one, name in ORDERS]
    return {"orders": orders, "order": order and f"{order}.html", "said": said}


def _pages(stem: str, title: str, items: Sequence[Published], order: str, head: dict[str, Any]) -> Iterator[Page]:
    crumbs, told = () if stem == "van-ban" else TO_REGISTER, _told(order)
    for page in paged(stem, title, items, REGISTER_ROWS, template="register.html", crumbs=crumbs, head=head):
        yield replace(page, values={**page.values, **told, "self": f"{stem}.html"})


def _document(item: Published) -> Document:
    document = item.notice.document
    assert document is not None
    issued = document.issued or item.notice.date.astimezone(VIETNAM_TIME).date()
    return Document(item, doctype.kind_name(document.number), issued, document.number)
