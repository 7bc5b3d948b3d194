"""A timeline as rectangles of an SVG: cells from the ground up, spans to the second. Pure; the template draws.

The picture is stretched to the page's width, so nothing in it is text: what it says stands in a table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .timeline import KINDS, Strip

WIDTH, HEIGHT = 1440, 100  # units of the drawing: minutes of a day, percent
LEAST = 2.0  # units that the shortest span is wide: half a pixel would not be seen
GAP = 4.0  # units between two cells


@dataclass(frozen=True)
class Rect:
    """One rectangle; `kind` is its class, `cell` which cell it belongs to."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    cell: int = -1


@dataclass(frozen=True)
class Lasted:
    """Something from `since` until `until`; None: it lasts."""

    since: datetime
    until: datetime | None
    kind: str


def bars(strip: Strip) -> list[Rect]:
    """Each cell as a column, as full as its time has passed."""
    found = []
    each = WIDTH / len(strip.cells)
    for i, cell in enumerate(strip.cells):
        y = float(HEIGHT)
        for kind in KINDS:
            height = cell.ms.get(kind, 0) / cell.length * HEIGHT
            if height > 0:
                y -= height
                found.append(_rounded(i * each + GAP / 2, y, each - GAP, height, kind, i))
    return found


def lane(strip: Strip, spans: Iterable[Lasted], now: datetime) -> list[Rect]:
    """Spans where they lie, cut at the strip's ends."""
    whole = (strip.end - strip.start).total_seconds()
    found = []
    for span in spans:
        since, until = max(span.since, strip.start), min(span.until or now, strip.end)
        if since >= until:
            continue
        x = (since - strip.start).total_seconds() / whole * WIDTH
        width = max(LEAST, (until - since).total_seconds() / whole * WIDTH)
        found.append(_rounded(min(x, WIDTH - width), 0.0, width, HEIGHT, span.kind))
    return found


def _rounded(x: float, y: float, width: float, height: float, kind: str, cell: int = -1) -> Rect:
    return Rect(round(x, 2), round(y, 2), round(width, 2), round(height, 2), kind, cell)
