"""What is on the site, sorted once for all the pages that list some of it; one notice more is put in its places.

Numbered pages and the search count places, not notices: what was taken back keeps its place, so that no page
but its own changes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypeVar, overload

from ....notice.vocabulary import KINDS, PAGE, PRIORITY
from ....schedule import VIETNAM_TIME
from ... import doctype
from ..views import Published

YEAR = "Năm "  # and the year: what documents of one year are called
RESORTED = 0.2  # share of a shelf that comes or goes from which it is sorted afresh
N = TypeVar("N")  # a shelf's name


class Shelf(Sequence[Published]):
    """Notices in order of a key; never the same object twice."""

    def __init__(self, key: Callable[[Published], Any]) -> None:
        self._key, self._items = key, list[Published]()
        self._sources: tuple[str, ...] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Their statements."""
        if self._sources is None:
            self._sources = tuple([item.statement for item in self._items])
        return self._sources

    def change(self, gone: Sequence[Published], new: Sequence[Published]) -> None:
        """Take out and put in."""
        self._sources = None
        if len(gone) + len(new) > RESORTED * len(self._items):
            out = {id(item) for item in gone}
            stays = [item for item in self._items if id(item) not in out]
            self._items = sorted([*stays, *new], key=self._key)
            return
        for item in gone:
            place = bisect_left(self._items, self._key(item), key=self._key)
            while self._items[place] is not item:
                place += 1
            del self._items[place]
        for item in new:
            insort(self._items, item, key=self._key)

    def after(self, moment: Any) -> Published | None:
        """The first whose key is above `moment`."""
        place = bisect_left(self._items, True, key=lambda item: self._key(item) > moment)
        return self._items[place] if place < len(self._items) else None

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Published]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[Published]:
        return reversed(self._items)

    @overload
    def __getitem__(self, place: int) -> Published: ...
    @overload
    def __getitem__(self, place: slice) -> list[Published]: ...
    def __getitem__(self, place: int | slice) -> Published | list[Published]:
        return self._items[place]


def rearrange(
    shelves: dict[N, Shelf], leave: Iterable[tuple[N, Published]], come: Iterable[tuple[N, Published]],
    key: Callable[[N], Callable[[Published], Any]],
) -> None:  # fmt: skip
    """Take out and put in, by the names of shelves; a new one is in the order of `key`, an empty one goes."""
    changes: dict[N, tuple[list[Published], list[Published]]] = {}
    for side, some in enumerate((leave, come)):
        for name, item in some:
            changes.setdefault(name, ([], []))[side].append(item)
    for name, change in changes.items():
        shelf = shelves.setdefault(name, Shelf(key(name)))
        shelf.change(*change)
        if not shelf:
            del shelves[name]


class Shelves:
    """Everything that was ever approved, from the oldest."""

    def __init__(self, items: Iterable[Published] = ()) -> None:
        self._held: dict[int, Published] = {}  # by identity
        self._every: dict[tuple[str, Any], Shelf] = {}
        self.by_id: dict[str, Published] = {}  # what is published; of two that have one name, one
        self.by_slug: dict[str, Published] = {}
        self.by_url: dict[str, Published] = {}
        self.renew(items)

    def renew(self, items: Iterable[Published]) -> None:
        """Hold these, and nothing else."""
        now = {id(item): item for item in items}
        gone, new = self._held.keys() - now.keys(), now.keys() - self._held.keys()
        leave = [(name, self._held[one]) for one in gone for name in _places(self._held[one])]
        came = sorted((now[one] for one in new), key=by_date)  # most shelves are in this order already
        come = [(name, item) for item in came for name in _places(item)]
        rearrange(self._every, leave, come, lambda name: _KEYS.get(name[0], by_date))
        self._name([self._held[one] for one in gone], came)
        self._held = now

    def _name(self, gone: Iterable[Published], new: Iterable[Published]) -> None:
        names = {"id": self.by_id, "slug": self.by_slug, "url": self.by_url}
        for kind, by_name in names.items():
            of = attrgetter(f"notice.{kind}")
            for item in gone:
                if by_name.get(of(item)) is item:
                    del by_name[of(item)]
            by_name |= {of(item): item for item in new if not item.withdrawn_at}
            if len(by_name) < len(self.live):  # two had one name, or have
                by_name |= {of(item): item for item in self.live}

    def _of(self, name: str, which: Any = None) -> Shelf:
        return self._every.get((name, which), Shelf(by_date))

    @property
    def places(self) -> Shelf:
        """Notices, with those that were taken back."""
        return self._of("places")

    @property
    def live(self) -> Shelf:
        """Notices and pages that are published."""
        return self._of("live")

    @property
    def gone(self) -> Shelf:
        """What was taken back."""
        return self._of("gone")

    @property
    def notices(self) -> Shelf:
        """Notices that are published."""
        return self._of("notices")

    @property
    def own(self) -> Shelf:
        """The commune's pages."""
        return self._of("own")

    @property
    def kinds(self) -> list[list[str]]:
        """Kinds of which there is a notice, with their names."""
        return [[k, name] for k, name in KINDS.items() if any(not i.withdrawn_at for i in reversed(self.of_kind(k)))]

    @property
    def emergencies(self) -> Shelf:
        """Those of all notices that the duty person raised, with those that were taken back."""
        return self._of("emergencies")

    @property
    def priority(self) -> Shelf:
        """Notices that are published and go before others."""
        return self._of("priority")

    @property
    def announced(self) -> Shelf:
        """Notices that are published and tell of occasions."""
        return self._of("announced")

    @property
    def newest(self) -> Iterator[Published]:
        """Notices by the moment of approval, the last first."""
        return reversed(self._of("approved"))

    def of_kind(self, kind: str) -> Shelf:
        """Places of one kind."""
        return self._of("kind", kind)

    def of_hamlet(self, hamlet: str) -> Shelf:
        """Places of one hamlet, without what is for the whole commune."""
        return self._of("hamlet", hamlet)

    @property
    def of_month(self) -> dict[tuple[int, int], Shelf]:
        """Notices by year and month."""
        return {which: shelf for (name, which), shelf in self._every.items() if name == "month"}

    @property
    def documents(self) -> Shelf:
        """Places of notices that are documents of the register."""
        return self._of("documents")

    @property
    def documents_by_day(self) -> Shelf:
        """The same by the day of issue."""
        return self._of("documents by day")

    @property
    def documents_by_number(self) -> Shelf:
        """The same by year and number."""
        return self._of("documents by number")

    @property
    def documents_of(self) -> dict[str, Shelf]:
        """The same by the name of a kind, and by `Năm 2026`; in each by the day of issue."""
        return {which: shelf for (name, which), shelf in self._every.items() if name == "documents of"}

    def edge(self, now: datetime) -> datetime | None:
        """When the next notice begins or ends."""
        begins, ends = self._of("starts").after(now), self._of("ends").after(now)
        edges = [*([begins.notice.start] if begins else []), *([ends.notice.end] if ends else [])]
        return min(edges, default=None)


by_date = attrgetter("order")


def _by_day(item: Published) -> tuple[date, int, str, str]:
    return item.issued, item.number[1], item.notice.id, item.statement


def by_approval(item: Published) -> tuple[datetime, str, str]:
    """The order of approval."""
    return item.approved_at, item.notice.id, item.statement


_KEYS: dict[str, Callable[[Published], Any]] = {
    "approved": by_approval,
    "starts": lambda item: item.notice.start,
    "ends": lambda item: item.notice.end,
    "documents by day": _by_day, "documents of": _by_day, "documents by number": attrgetter("number"),
}  # fmt: skip


def _places(item: Published) -> Iterator[tuple[str, Any]]:
    """The shelves on which something stands."""
    notice, live = item.notice, not item.withdrawn_at
    yield "live" if live else "gone", None
    if notice.kind == PAGE:
        if live:
            yield "own", None
        return
    yield "places", None
    yield "kind", notice.kind
    yield from (("hamlet", name) for name in dict.fromkeys(notice.hamlets))
    if notice.alert:
        yield "emergencies", None
    if notice.document:
        yield from ((name, None) for name in ("documents", "documents by day", "documents by number"))
        yield "documents of", doctype.kind_name(notice.document.number)
        yield "documents of", f"{YEAR}{item.issued.year}"
    if live:
        at = notice.date.astimezone(VIETNAM_TIME)
        yield "month", (at.year, at.month)
        yield from ((name, None) for name in ("notices", "approved", "starts", "ends"))
        if notice.klass == PRIORITY:
            yield "priority", None
        if notice.calendar:
            yield "announced", None
