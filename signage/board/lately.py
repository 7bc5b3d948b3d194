"""Readings that are remembered for as long as they are asked for.

What bytes say never changes, and a board asks it of every notice whenever one is new. A cache that keeps the
last N would grow for weeks until it is full; this one holds what this round and the round before asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Lately(Generic[T]):
    """`read`, with its answers remembered for two rounds: as many as a publication's own limits allow."""

    def __init__(self, read: Callable[[bytes], T]) -> None:
        self._read = read
        self._now: dict[bytes, T] = {}
        self._before: dict[bytes, T] = {}

    def __call__(self, data: bytes) -> T:
        found: Any = self._now.get(data, self)
        if found is self:
            found = self._before[data] if data in self._before else self._read(data)
            self._now[data] = found
        return found  # type: ignore[no-any-return]

    def turn(self) -> None:
        """A new round: what the last one did not ask is forgotten."""
        self._before, self._now = self._now, {}

    def __len__(self) -> int:
        return len(self._before.keys() | self._now.keys())
