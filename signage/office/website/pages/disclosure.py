"""“Công khai”: each mandatory part and category of essential information, last published when, next due when."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...duties import Coverage, Given, standing
from ...rules import STANDINGS, Rules
from ..views import day
from .leaves import Leaves
from .page import Page, sources


def disclosure(rules: Rules, paths: Collection[str], leaves: Leaves) -> Page:
    """The page; `paths`: the other pages there are."""
    every, last = list[Coverage](), set[str]()
    for place, duty in enumerate((*rules.sections, *rules.categories)):
        some = leaves.that_count(place)
        every.append(standing(duty, len(some), Given(some[-1].notice, some[-1].approved_at) if some else None))
        last.update(sources(some[-1:]))
    parts: list[tuple[str, str, list[Coverage]]] = [
        ("Các mục của trang", "muc", every[: len(rules.sections)]),
        ("Thông tin thiết yếu theo lĩnh vực", "linh-vuc", every[len(rules.sections) :]),
    ]
    values = {
        "parts": [[name, ident, [_row(c, paths) for c in found]] for name, ident, found in parts],
        "version": rules.version,
        "sources": [[source.name, STANDINGS[source.standing]] for source in rules.sources],
    }
    return Page("cong-khai.html", "disclosure.html", tuple(sorted(last)), values=values)


def _row(one: Coverage, paths: Collection[str]) -> dict[str, Any]:
    last, where = one.last, one.duty.where
    return {
        "name": one.duty.name, "where": where if where in paths else "", "count": one.count,
        "last": day(last.at) if last else "", "title": last.notice.title if last else "",
        "url": last.notice.url if last else "", "due": day(one.due) if one.due else "",
        "page": bool(one.duty.page),
    }  # fmt: skip
