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
from dataclasses import replace
from typing import Any

from ... import doctype
from ...paper import NAMES
from ..views import Published
from .lists import paged
from .page import Page
from .shelves import YEAR, Shelves

REGISTER_ROWS = 50  # documents on one page of the register
ORDERS = (("van-ban", "ngày đăng"), ("van-ban/theo-ngay", "ngày ban hành"), ("van-ban/theo-so", "số, ký hiệu"))
TO_REGISTER = (("Văn bản", "van-ban.html"),)


def choices(shelves: Shelves) -> tuple[list[list[str]], list[list[str]]]:
    """Kinds and years of which there is a document: name and address of each."""
    present = {name for name, some in shelves.documents_of.items() if any(not i.withdrawn_at for i in reversed(some))}
    kinds = [name for name in (*NAMES.values(), doctype.OTHER) if name in present]
    years = sorted((name for name in present if name.startswith(YEAR)), reverse=True)
    return [[name, f"van-ban/{doctype.kind_slug(name)}.html"] for name in kinds], [
        [name, f"van-ban/{name.removeprefix(YEAR)}.html"] for name in years
    ]


def register(shelves: Shelves) -> Iterator[Page]:
    """Every page; what to choose among stands on the whole registers alone, so that a new year changes these."""
    kinds, years = choices(shelves)
    head = {"kinds": kinds, "years": years}
    for some, (stem, said) in zip((shelves.documents, shelves.documents_by_day), ORDERS, strict=False):
        title = "Văn bản" if stem == "van-ban" else f"Văn bản theo {said}"
        yield from _pages(stem, title, some, stem, head)
    yield from _by_number(shelves.documents_by_number, head)
    of = shelves.documents_of
    for name, address in kinds:
        yield from _pages(address.removesuffix(".html"), f"Văn bản: {name}", of[name], "", {})
    for name, address in years:
        yield from _pages(address.removesuffix(".html"), f"Văn bản {name.lower()}", of[name], "", {})


def _by_number(documents: Sequence[Published], head: dict[str, Any]) -> Iterator[Page]:
    """A year on a page, or a range of a year's numbers where it has many; the head holds the last one or two."""
    numbers = [item.number[:2] for item in documents]
    years = Counter(year for year, _ in numbers)
    groups: dict[tuple[int, int], list[Published]] = defaultdict(list)
    for item, (year, count) in zip(documents, numbers, strict=True):
        first = (max(count, 1) - 1) // REGISTER_ROWS * REGISTER_ROWS + 1 if years[year] > REGISTER_ROWS else 0
        groups[year, first].append(item)
    full = [*groups][:-1]
    if full and len(groups[[*groups][-1]]) < REGISTER_ROWS:
        full.pop()
    stem, said = ORDERS[2]
    addresses = [f"{stem}-{year}-{first}.html" if first else f"{stem}-{year}.html" for year, first in full]
    addresses.append(f"{stem}.html")
    for place, address in enumerate(addresses):
        is_head = place == len(full)
        chosen = [*groups][place:] if is_head else [full[place]]
        items = [i for group in chosen for i in groups[group]]
        values = {
            "title": f"Văn bản theo {said}" + ("" if is_head else _range(*full[place])), "number": 0,
            "crumbs": [list(one) for one in TO_REGISTER], "urgent": [],
            "older": addresses[place - 1] if place else "", "newer": "" if is_head else addresses[place + 1],
            **(head if is_head else {}), **_told(stem), "self": f"{stem}.html",
        }  # fmt: skip
        yield Page(address, "register.html", items=items[::-1], values=values)


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
