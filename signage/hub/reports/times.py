"""Where a stretch of a board's time went, and the shares that reports tell (pure).

A board's time in a period is its *whole*: from when it was enrolled (or first told anything) to when it was
retired. Each moment of it is right, claimed, dark, wrong or unknown, by what the board reported, or silent:

    whole    = right + claimed + dark + wrong + unknown + silent
    expected = whole - dark            dark hours by the timetable ask for no picture; silence counts as expected
    seen     = right / expected        an independent look at the window found the approved picture
    shown    = (right + claimed) / expected        also where only the player itself said so
"""

from __future__ import annotations

from dataclasses import dataclass

from .facts import TIMES, Told

WHOLE = 10_000  # shares are told in parts of this


@dataclass
class Times:
    """Where a stretch of time went (ms); times add up."""

    whole: int = 0
    right: int = 0
    claimed: int = 0
    dark: int = 0
    wrong: int = 0
    unknown: int = 0
    emergency: int = 0  # of all these
    reports: int = 0

    @property
    def heard(self) -> int:
        return self.right + self.claimed + self.dark + self.wrong + self.unknown

    @property
    def silent(self) -> int:
        return self.whole - self.heard

    @property
    def expected(self) -> int:
        return self.whole - self.dark

    @property
    def showed(self) -> int:
        return self.right + self.claimed

    @property
    def seen_share(self) -> int | None:
        """Parts of 10,000, rounded down: never more than it was; None when nothing was expected."""
        return share(self.right, self.expected)

    @property
    def shown_share(self) -> int | None:
        return share(self.showed, self.expected)

    def add(self, other: Times | Told) -> None:
        """Its hours too."""
        for name in (*TIMES, "emergency", "reports"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.whole += other.whole if isinstance(other, Times) else 0


def share(part: int, whole: int) -> int | None:
    """Parts of 10,000, rounded down."""
    return part * WHOLE // whole if whole else None
