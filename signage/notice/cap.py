"""What names a warning in CAP 1.2 (OASIS), alike in the office's messages and in the hub's: a reader that has
both knows them for one (3.2.1: identifier, sender and sent together name a message)."""

from __future__ import annotations

from datetime import datetime

from ..schedule import VIETNAM_TIME

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_SEVERITY = {1: "Minor", 2: "Moderate", 3: "Severe", 4: "Extreme", 5: "Extreme"}  # of the five levels of QĐ 18/2021
_CATEGORIES = {"thien-tai": "Met", "chay-rung": "Fire", "y-te": "Health"}  # by a notice's kind
TAKEN_BACK = ".huy"  # after the identifier of a Cancel: it is a message of its own


def sender(commune: str, agency: str) -> str:
    """The office, by its agency identifier (QĐ 20/2020), else by the commune's code (QĐ 19/2025)."""
    return agency or f"xa-{commune}"


def identifier(commune: str, slug: str, *, taken_back: bool = False) -> str:
    """Of an emergency's message, or of the Cancel that takes it back."""
    return f"{commune}.{slug}{TAKEN_BACK if taken_back else ''}"


def category(kind: str | None) -> str:
    """By a notice's kind."""
    return _CATEGORIES.get(kind or "", "Safety")


def severity(level: int | None) -> str:
    """By the level of risk, where somebody told one."""
    return _SEVERITY.get(level or 0, "Unknown")


def moment(at: datetime) -> str:
    """`2026-11-22T12:00:00+07:00`: CAP knows no Z (3.3.2)."""
    return at.astimezone(VIETNAM_TIME).isoformat(timespec="seconds")


def references(commune: str, agency: str, slug: str, sent: datetime) -> str:
    """What a Cancel says of the message that it takes back."""
    return f"{sender(commune, agency)},{identifier(commune, slug)},{moment(sent)}"
