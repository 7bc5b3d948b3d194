"""One output of the site that is no notice's own page, and the whole plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ....wire import sha256
from ..views import Published


@dataclass(frozen=True)
class Page:
    """A page that a template lays out.

    `items` are listed in order, but for those that were taken back; `sources` are the statements of which it holds
    words besides, in any order, perhaps twice (`told` once each).
    """

    path: str
    template: str
    sources: tuple[str, ...] = ()
    items: Sequence[Published] = ()
    values: dict[str, Any] = field(default_factory=dict)
    statement: str | None = None

    @property
    def told(self) -> tuple[str, ...]:
        """Its statements, once each, in order."""
        return tuple(sorted({*self.sources, *sources(self.listed)}))

    @property
    def listed(self) -> list[Published]:
        """What it lists."""
        return [item for item in self.items if not item.withdrawn_at]


@dataclass(frozen=True)
class Output:
    """A file for machines or a picture, made when it is wanted, and the statements that it tells of.

    The same `key` makes the same bytes: what was written under it need not be made again.
    """

    key: str
    make: Callable[[], bytes] = field(compare=False, repr=False)
    sources: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: bytes, sources: tuple[str, ...] = ()) -> Output:
        """What is made already."""
        return cls(sha256(data), lambda: data, sources)

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.make()


@dataclass(frozen=True)
class Plan:
    """The whole site: notices and pages that have a page and a JSON of their own, the other pages, plain files by path.

    Before `until` the same is planned of the same.
    """

    live: Sequence[Published]
    by_slug: Mapping[str, Published]  # of these; fewer when two have one slug
    addresses: Set[str]  # theirs
    pages: tuple[Page, ...]
    files: Mapping[str, Output]
    until: datetime


def sources(items: Iterable[Published]) -> tuple[str, ...]:
    return tuple([item.statement for item in items])


def rows(items: Iterable[Published]) -> tuple[str, ...]:
    return tuple([item.notice.slug for item in items])


def active(emergencies: Sequence[Published], now: datetime) -> list[Published]:
    """Those that hold now: the highest level first, then the newest."""
    held = [i for i in emergencies if not i.withdrawn_at and i.notice.start <= now < i.notice.end]
    return sorted(held, key=lambda i: (i.notice.alert.level if i.notice.alert else 0, i.notice.date), reverse=True)
