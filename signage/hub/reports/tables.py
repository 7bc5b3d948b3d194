"""A report as tables: the one value that page, PDF, XLSX and CSV are made of (pure).

`Report.sha` is the hash of every number and word in it, so four papers of one report can be held against each
other, and a report that was handed in against what the ledger says today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

from ...wire import canonical, sha256
from ..plays import DAYS_KEPT
from . import cells, wording
from .facts import Commune
from .periods import DAY_MS, Period, day_of
from .times import Times


@dataclass(frozen=True)
class Column:
    """One column; `kind` is of `cells`. `aside`: not on paper and page, which are too narrow for it."""

    name: str
    kind: str = cells.TEXT
    aside: bool = False


@dataclass(frozen=True)
class Table:
    """One table; `total` is its last row. `file_only`: too long for paper, so in XLSX and CSV alone."""

    ident: str  # of a file, in a-z and hyphens
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: tuple[Any, ...] | None = None
    says: str = ""
    file_only: bool = False
    wide: bool = False  # on paper of landscape

    @property
    def shown(self) -> list[tuple[int, Column]]:
        """The columns that stand on paper and page, with their places."""
        return [(at, column) for at, column in enumerate(self.columns) if not column.aside]

    @property
    def lines(self) -> Iterable[tuple[Any, ...]]:
        """Rows and total."""
        return chain(self.rows, [self.total] if self.total else [])

    def plain(self) -> list[Any]:
        """As canonical JSON has it."""
        kinds = [column.kind for column in self.columns]
        return [[cells.plain(k, v) for k, v in zip(kinds, row, strict=True)] for row in self.lines]


@dataclass(frozen=True)
class Report:
    """A whole report. `figures` is for the drawing of days alone; everything that is told stands in `tables`."""

    commune: Commune
    period: Period
    asof: int  # ms: what came later is not in it
    tables: tuple[Table, ...]
    days: dict[date, Times]
    summary: tuple[str, ...] = ()
    how: tuple[str, ...] = wording.HOW

    @cached_property
    def sha(self) -> str:
        """SHA-256 of what it says, without when it was made."""
        told = {table.ident: table.plain() for table in self.tables}
        return sha256(canonical({"commune": self.commune.code, "period": self.period.code, "tables": told}))

    @property
    def until(self) -> str:
        """Up to when it counts, in words."""
        return until(self.period, self.asof)

    def table(self, ident: str) -> Table:
        """Raises `KeyError`."""
        return {table.ident: table for table in self.tables}[ident]


def texts(tables: Sequence[Table]) -> Iterable[str]:
    """Every word and number as people read it."""
    for table in tables:
        for row in table.lines:
            yield from (cells.said(column.kind, raw) for column, raw in zip(table.columns, row, strict=True))


def until(period: Period, asof: int) -> str:
    """The last day that is counted: `30/11/2026`, or while the period lasts `21/11/2026, kỳ chưa hết`."""
    if asof >= period.end:
        return f"{period.last:%d/%m/%Y}"
    if asof <= period.begin:
        return f"{cells.said(cells.MOMENT, asof)}, kỳ vừa bắt đầu"
    return f"{cells.said(cells.DAY, day_of(asof - 1))}, kỳ chưa hết"


def kept_from(asof: int) -> date:
    """The first day of which the store still has the plays; those of before are in the archive."""
    return day_of(asof - DAYS_KEPT * DAY_MS)


def archived(asof: int) -> str:
    """What is said of plays from before that day."""
    return f"Nhật ký chiếu trước ngày {cells.said(cells.DAY, kept_from(asof))} đã vào kho lưu"
