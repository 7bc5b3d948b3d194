"""Thousands of rows in many short transactions, so that whoever takes in reports never waits long for one of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from .engine import Store

PART = 200  # rows of one transaction: about 10 ms
REST_S = (
    0.005  # after each at least; else as long as it took, since SQLite's lock has no queue: who asks again first has it
)

T = TypeVar("T")
Write = Callable[[Connection, Sequence[T]], object]


class InParts(Protocol):
    """Writes rows, some in each transaction, in their order; what was written stays when a later part fails."""

    def __call__(self, rows: Sequence[T], write: Write[T]) -> None: ...


def in_parts(store: Store, rows: Sequence[T], write: Write[T]) -> None:
    """As `InParts`. Raises `Unavailable` (`hub-database`)."""
    for first in range(0, len(rows), PART):
        began = time.monotonic()
        with store.writing() as connection:
            write(connection, rows[first : first + PART])
        if first + PART < len(rows):
            time.sleep(max(REST_S, time.monotonic() - began))
