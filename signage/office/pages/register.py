"""The document register in several orders and parts, so that it is sorted and filtered by links alone.

    van-ban               all, by the day of posting: its numbered pages never change again
    van-ban/theo-so       all, by year and number
    van-ban/theo-ngay     all, by the day of issue
    van-ban/<loại>, <năm> one kind of document, one year, by the day of issue

Numbered pages count from the oldest: one more document of this year changes pages of this year only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
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


def parts(notices: Sequence[Published]) -> tuple[list[list[str]], list[list[str]]]:
    """Kinds of document and years that the register has: name, address."""
    documents = _documents(notices)
    kinds, years = {_kind(i) for i in documents}, {_issued(i).year for i in documents}
    names = [name for name in (*NAMES.values(), doctype.OTHER) if name in kinds]
    return (
        [[name, f"van-ban/{doctype.kind_slug(name)}.html"] for name in names],
        [[f"Năm {year}", f"van-ban/{year}.html"] for year in sorted(years, reverse=True)],
    )


def register(notices: Sequence[Published]) -> Iterator[Page]:
    """Every page of the register; `notices` by the day of posting."""
    documents = _documents(notices)
    kinds, years = parts(notices)
    by_day, by_number = sorted(documents, key=_day_key), sorted(documents, key=_number_key)
    head = {"kinds": kinds, "years": years}
    for items, (stem, said) in zip((documents, by_day, by_number), ORDERS, strict=True):
        title = "Văn bản" if stem == "van-ban" else f"Văn bản theo {said}"
        yield from _pages(stem, title, items, stem, head)
    for name, address in kinds:
        chosen = [i for i in by_day if _kind(i) == name]
        yield from _pages(address.removesuffix(".html"), f"Văn bản: {name}", chosen, "", head)
    for name, address in years:
        chosen = [i for i in by_day if f"Năm {_issued(i).year}" == name]
        yield from _pages(address.removesuffix(".html"), f"Văn bản {name.lower()}", chosen, "", head)


def _pages(stem: str, title: str, items: Sequence[Published], order: str, head: dict[str, Any]) -> Iterator[Page]:
    crumbs = () if stem == "van-ban" else TO_REGISTER
    said = dict(ORDERS).get(order, "ngày ban hành")
    told = {"orders": [[f"{one}.html", name] for one, name in ORDERS], "order": order and f"{order}.html", "said": said}
    for page in paged(stem, title, items, REGISTER_ROWS, template="register.html", crumbs=crumbs, head=head):
        yield replace(page, values={**page.values, **told, "self": f"{stem}.html"})


def _documents(notices: Sequence[Published]) -> list[Published]:
    return [i for i in notices if i.notice.document]


def _kind(item: Published) -> str:
    assert item.notice.document is not None
    return doctype.kind_name(item.notice.document.number)


def _issued(item: Published) -> date:
    """The day of issue, else of posting."""
    document = item.notice.document
    return (document and document.issued) or item.notice.date.astimezone(VIETNAM_TIME).date()


def _number(item: Published) -> str:
    assert item.notice.document is not None
    return item.notice.document.number


def _day_key(item: Published) -> tuple[date, int, str]:
    return _issued(item), doctype.count(_number(item)), item.notice.id


def _number_key(item: Published) -> tuple[int, int, str, str]:
    number = _number(item)
    return doctype.year(number) or _issued(item).year, doctype.count(number), number, item.notice.id
