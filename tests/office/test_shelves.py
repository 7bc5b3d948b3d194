"""Shelves that are kept while notices come and go are those that would be sorted anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from signage.notice import Notice, read_all
from signage.office import starter
from signage.office.website.pages.shelves import Shelves
from signage.office.website.views import Published
from signage.settings import load

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NAMES = ("places", "live", "gone", "notices", "own", "kinds", "emergencies", "priority", "announced", "of_month",
         "documents", "documents_by_day", "documents_by_number", "documents_of")  # fmt: skip


@cache
def archive() -> tuple[Published, ...]:
    """The sample's notices, some of them twice (approved again), some taken back."""
    root = starter.sample_root()
    found = []
    for n, notice in enumerate(read_all(root / "content", load(root).places).notices.values()):
        item = Published(notice, f"{n:064}", notice.date + timedelta(hours=n % 5), {})
        found += [item, replace(item, statement=f"{n + 500:064}", withdrawn_at=NOW, reason="đăng nhầm")]
    return tuple(found)


def told(shelves: Shelves) -> list[object]:
    """What pages ask."""
    every = [getattr(shelves, name) for name in NAMES]
    lists = [{k: [*v] for k, v in one.items()} if isinstance(one, dict) else [*one] for one in every]
    of = [[*shelves.of_kind("cat-dien")], [*shelves.of_hamlet("thon-3")], [*shelves.newest]]
    return [*lists, *of, shelves.edge(NOW)]


@given(st.lists(st.sets(st.integers(0, 2 * 57 - 1), min_size=60), max_size=6), st.sets(st.integers(0, 2 * 57 - 1)))
def test_whatever_comes_and_goes(moves: list[set[int]], last: set[int]) -> None:
    items = archive()
    kept = Shelves()
    for move in [*moves, last]:
        held = [items[n] for n in sorted(move) if n < len(items)]
        kept.renew(held)
        assert told(kept) == told(Shelves(held[::-1]))


def test_two_of_one_notice_are_told_apart() -> None:
    one = next(item for item in archive() if not item.notice.is_page)
    two = [one, replace(one, statement="f" * 64)]
    kept = Shelves(two)
    kept.renew(two[1:])
    assert [*kept.live] == two[1:] == [*kept.newest]


class Unread(Notice):
    """A notice whose words must not be asked for."""

    @property
    def text(self) -> bytes:
        raise AssertionError("its words were read")


def test_what_is_handed_over_is_compared_without_its_words() -> None:
    one = archive()[0]
    notice = object.__new__(Unread)
    notice.__dict__.update({name: value for name, value in vars(one.notice).items() if name != "text"})
    assert replace(one, notice=notice) == one != replace(one, statement="f" * 64)
