"""“Công khai”: each mandatory part and category of essential information, last published when, next due when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ...notice import Notice
from ..duties import Coverage, Given, coverage, fulfilled
from ..rules import STANDINGS, Duty, Rules
from ..views import Published, day
from .page import Page


class Fulfilled:
    """Which duties each notice counts for, kept between plans: a notice never changes, its digest is its name."""

    def __init__(self) -> None:
        self._duties: tuple[Duty, ...] = ()
        self._of: dict[str, tuple[int, ...]] = {}

    def renew(self, rules: Rules, live: Sequence[Published]) -> None:
        """For another plan."""
        duties = (*rules.sections, *rules.categories)
        before = self._of if duties == self._duties else {}
        self._duties, self._of = duties, {}
        for digest, notice in ((i.notice.digest, i.notice) for i in live):
            found = before.get(digest)
            self._of[digest] = fulfilled(duties, notice) if found is None else found

    def __call__(self, notice: Notice) -> tuple[int, ...]:
        return self._of[notice.digest]


def disclosure(live: Sequence[Published], rules: Rules, paths: Collection[str], fulfils: Fulfilled) -> Page:
    """The page; `live`: notices and pages that are published, `paths`: the other pages there are."""
    fulfils.renew(rules, live)
    statements = {i.notice.id: i.statement for i in live}
    every = coverage((*rules.sections, *rules.categories), [Given(i.notice, i.approved_at) for i in live], fulfils)
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
