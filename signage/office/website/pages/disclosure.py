"""“Công khai”: each mandatory part and category of essential information, last published when, next due when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ...duties import Coverage, Given, coverage
from ...rules import STANDINGS, Rules
from ..views import Published, day
from .leaves import Leaves
from .page import Page


def disclosure(live: Sequence[Published], rules: Rules, paths: Collection[str], leaves: Leaves) -> Page:
    """The page; `live`: notices and pages that are published, `paths`: the other pages there are."""
    statements = {i.notice.id: i.statement for i in live}
    given = [Given(i.notice, i.approved_at) for i in live]
    every = coverage((*rules.sections, *rules.categories), given, lambda notice: leaves.kept[notice.id].duties)
    parts: list[tuple[str, str, list[Coverage]]] = [
        ("Các mục của trang", "muc", every[: len(rules.sections)]),
        ("Thông tin thiết yếu theo lĩnh vực", "linh-vuc", every[len(rules.sections) :]),
    ]
    last = {statements[c.last.notice.id] for _, _, found in parts for c in found if c.last}
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
