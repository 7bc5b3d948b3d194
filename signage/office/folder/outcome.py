"""What one round of the folder did, and when it wants the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...errors import Problem

SOON_S = 0.25  # seconds to the next look while something is about to be posted
LATER_S = 300.0  # seconds after which the folder is looked at although nothing told of a change


@dataclass
class Outcome:
    """What one round did and what it has to tell."""

    refused: list[Problem] = field(default_factory=list)  # what has no card of its own
    unused: list[Problem] = field(default_factory=list)  # files that belong to no notice: told in the overview alone
    cards: list[Path] = field(default_factory=list)  # written now
    placed: list[str] = field(default_factory=list)  # ids copied into content/ now
    drafted: list[str] = field(default_factory=list)  # drafts laid beside Word files and PDFs now
    posted: list[str] = field(default_factory=list)  # moved to “Đã đăng” now
    again_s: float = LATER_S
    settled: bool = True  # whether every file was read
