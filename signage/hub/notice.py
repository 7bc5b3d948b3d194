"""One notice as its office published it: a row of the table `notice`, which `notices` fills. All times in ms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import RowMapping

_LISTS = ("hamlets", "files", "boards")
_NAMED = {"class": "klass", "notice": "id"}  # columns whose name says something else here


@dataclass(frozen=True)
class Notice:
    """One statement; what became of it is told by when it was withdrawn, gone or hidden."""

    commune: str
    statement: str
    id: str
    title: str
    kind: str
    klass: str
    category: str
    hamlets: tuple[str, ...]
    files: tuple[str, ...]
    boards: tuple[str, ...]
    start: int
    end: int
    submitted: int | None = None
    approved: int | None = None
    published: int | None = None
    withdrawn: int | None = None
    gone: int | None = None
    hidden: int | None = None
    alert: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, row: RowMapping) -> Notice:
        """From a row of `select(t.notice)`."""
        told = {_NAMED.get(name, name): row[name] for name in row}
        lists = {name: tuple(map(str, json.loads(told[name]))) for name in _LISTS}
        return cls(**told | lists | {"alert": json.loads(told["alert"] or "{}")})

    def as_of(self, moment: int) -> Notice:
        """Without what became of it after a moment (ms)."""
        withdrawn, gone, hidden = (earlier(at, moment) for at in (self.withdrawn, self.gone, self.hidden))
        return replace(self, withdrawn=withdrawn, gone=gone, hidden=hidden)

    @property
    def path(self) -> str:
        """Of its page."""
        return f"/thong-bao/{self.commune}/{self.statement[:16]}"

    @property
    def drill(self) -> bool:
        return bool(self.alert.get("drill"))

    @property
    def ended(self) -> int | None:
        """When it was over before its end: withdrawn, or gone without a word."""
        return min((at for at in (self.withdrawn, self.gone) if at is not None), default=None)

    @property
    def until(self) -> int:
        """The end that it had."""
        return self.end if self.ended is None else min(self.end, self.ended)


def earlier(at: int | None, than: int) -> int | None:
    """The moment, unless it is after another (ms)."""
    return at if at is not None and at <= than else None
