"""What one publication did, and how long each stage of it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from ..errors import Problem
from .repository import Life


@dataclass
class Timings:
    """Seconds of each stage."""

    read: float = 0.0  # seeing what changed, and judging it
    sign: float = 0.0  # the boards' part: objects, manifests, metadata
    archive: float = 0.0
    check: float = 0.0  # the thorough look for files that were changed in place
    folder: float = 0.0  # the officers' folder
    remember: float = 0.0
    site: float = 0.0

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """What is done within it counts as this stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            setattr(self, stage, getattr(self, stage) + time.perf_counter() - began)


@dataclass
class Outcome:
    """What one publication did."""

    number: int
    notices: int
    files_written: int
    files_removed: int
    problems: list[Problem] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    next_change: datetime | None = None
    timings: Timings = field(default_factory=Timings)
