"""`Tình hình.html` at the top of the folder: every notice in it, how it stands, and what has no card of its own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ... import durable
from ...settings import Settings
from .. import preview
from . import card, placing
from .memory import Memory
from .names import OVERVIEW, Stage, stage_of
from .outcome import Outcome
from .progress import Step

MAX_POSTED = 30  # posted notices that are listed


@dataclass(frozen=True)
class Entry:
    """One notice in the list."""

    title: str
    where: str
    href: str
    words: str
    tone: str


def write(root: Path, settings: Settings, memory: Memory, outcome: Outcome) -> None:
    """Write it when it says something new; a file of an officer that has its name stays."""
    groups: dict[Stage, list[Entry]] = {stage: [] for stage in Stage}
    for below, row in sorted(memory.rows.items(), reverse=True):
        stage = stage_of(below.partition("/")[0])
        if stage is None:
            continue
        href = quote(f"{below.rpartition('/')[0]}/{row.card}", errors="surrogateescape")
        groups[stage].append(Entry(row.title, below, href, row.words, card.TONE[Step[row.step]]))
    posted = groups[Stage.POSTED]
    listed = [(s.value, posted[:MAX_POSTED] if s is Stage.POSTED else rows[::-1]) for s, rows in groups.items()]
    refused, unused = ([card.told(p, {}) | {"file": p.file} for p in ps] for ps in (outcome.refused, outcome.unused))
    data = preview.html(
        "overview.html", settings, style=card.style(), policy=card.policy(), groups=listed, refused=refused,
        unused=unused, more=max(0, len(posted) - MAX_POSTED),
    )  # fmt: skip
    path = root / OVERVIEW
    with suppress(OSError):  # a full or read-only share: the cards' own refusals tell it
        if (not path.exists() or card.is_ours(path)) and durable.write_if_changed(path, data, sync=False):
            placing.share(path, root)
