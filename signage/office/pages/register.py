"""The document register in several orders and parts, so that it is sorted and filtered by links alone.

    van-ban               all, by the day of posting: its numbered pages never change again
    van-ban/theo-so       all, by year and number
    van-ban/theo-ngay     all, by the day of issue
    van-ban/<loại>, <năm> one kind of document, one year, by the day of issue

Numbered pages count from the oldest: one more document of this year changes pages of this year only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ...schedule import VIETNAM_TIME
from .. import doctype
from ..paper import NAMES
from ..views import Published
from .lists import paged
from .page import Page

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
    """The register, sorted once; `notices` by the day of posting."""

    def __init__(self, notices: Sequence[Published]) -> None:
        self.every = [_document(i) for i in notices if i.notice.document]
        self.by_day = sorted(self.every, key=lambda d: d.by_day)
        self.by_number = sorted(self.every, key=lambda d: d.by_number)
        self.of: dict[str, list[Published]] = defaultdict(list)  # by the name of a kind, and by year
        for one in self.by_day:
            self.of[one.kind].append(one.item)
            self.of[f"Năm {one.issued.year}"].append(one.item)
        names = [name for name in (*NAMES.values(), doctype.OTHER) if name in self.of]
        years = sorted({one.issued.year for one in self.every}, reverse=True)
        self.kinds = [[name, f"van-ban/{doctype.kind_slug(name)}.html"] for name in names]  # name, address
        self.years = [[f"Năm {year}", f"van-ban/{year}.html"] for year in years]


def register(documents: Documents) -> Iterator[Page]:
    """Every page of the register."""
    head = {"kinds": documents.kinds, "years": documents.years}
    orders = (documents.every, documents.by_day, documents.by_number)
    for some, (stem, said) in zip(orders, ORDERS, strict=True):
        title = "Văn bản" if stem == "van-ban" else f"Văn bản theo {said}"
        yield from _pages(stem, title, [one.item for one in some], stem, head)
    for name, address in documents.kinds:
        yield from _pages(address.removesuffix(".html"), f"Văn bản: {name}", documents.of[name], "", head)
    for name, address in documents.years:
        yield from _pages(address.removesuffix(".html"), f"Văn bản {name.lower()}", documents.of[name], "", head)


def _pages(stem: str, title: str, items: Sequence[Published], order: str, head: dict[str, Any]) -> Iterator[Page]:
    crumbs = () if stem == "van-ban" else TO_REGISTER
    said = dict(ORDERS).get(order, "ngày ban hành")
    told = {"orders": [[f"{one}.html", name] for one, name in ORDERS], "order": order and f"{order}.html", "said": said}
    for page in paged(stem, title, items, REGISTER_ROWS, template="register.html", crumbs=crumbs, head=head):
        yield replace(page, values={**page.values, **told, "self": f"{stem}.html"})


def _document(item: Published) -> Document:
    document = item.notice.document
    assert document is not None
    issued = document.issued or item.notice.date.astimezone(VIETNAM_TIME).date()
    return Document(item, doctype.kind_name(document.number), issued, document.number)
