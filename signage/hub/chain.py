"""Where a report stands in its board's chain: next, first, a repeat, after a gap, or torn. Pure.

The board numbers its reports and names the one before by its hash. A gap is noticed, not refused:
it is the board that lost or dropped reports, and what it says now is still worth knowing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .alarms import FORK, GAP, OLD, TORN

NOTHING = "0" * 64  # `prev` of a board's first report


class Standing(Enum):
    """How a report follows the last one kept."""

    NEXT = "next"
    FIRST = "first"  # the first under a new key: a new chain begins
    GAP = "gap"  # numbers are missing before it
    TORN = "torn"  # the right number, but it follows another report than the one we have
    REPEAT = "repeat"  # we have this number, or a later one


@dataclass(frozen=True)
class Last:
    """The last report kept of a board."""

    chain: int
    seq: int
    sha: str


def stand(last: Last | None, chain: int, seq: int, prev: str) -> tuple[Standing, int]:
    """The standing, and how many reports are missing before this one."""
    # A board that took a new key but kept its counter simply goes on.
    if last is None or (chain > last.chain and seq <= last.seq):
        return (Standing.FIRST, 0) if seq == 1 else (Standing.GAP, seq - 1)
    if seq <= last.seq:
        return Standing.REPEAT, 0
    if seq > last.seq + 1:
        return Standing.GAP, seq - last.seq - 1
    return (Standing.NEXT if prev == last.sha else Standing.TORN), 0


def oddity(standing: Standing) -> str | None:
    """The mark that a new report leaves, if any."""
    return {Standing.GAP: GAP, Standing.TORN: TORN}.get(standing)


def repeat_oddity(kept: str | None, sha: str) -> str | None:
    """The mark that a repeat leaves; `kept`: the hash that we still have under its number.

    A repeat of what we have is the network's doing; another text under a used number is not.
    """
    if kept is None:
        return OLD
    return None if kept == sha else FORK
