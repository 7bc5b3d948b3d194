"""Publish, then everything once more with nothing remembered, and compare: what is served must not depend on memory.

    as left     is every served file still what the office put there? Somebody else's hand, or a disk that rots, is told
    anew        the whole book is read and judged again, and what boards are to have compared
    clean       the whole site is built into a scratch folder, and compared byte for byte with the one that is served

The clean bytes win. Where the office's own memory had led to others, it is thrown away. The long part, the clean build,
holds no lock: who publishes meanwhile is not kept waiting, and the comparison is made again.
"""

from __future__ import annotations

import json
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .. import durable
from ..errors import Problem
from ..publication import BOARD_FOLDER
from ..settings import Settings
from ..wire import when
from .knowledge import memory
from .knowledge.memory import Memory
from .minutes import BROUGHT_BACK
from .outcome import Outcome
from .publish import PATIENCE_S, SITE_LOCK, SITE_STATE, Publisher
from .website.pages import Memory as Leaves
from .website.served import scan
from .website.state import State

SCRATCH, RECORD = "compare", "compared.jsonl"  # in state/: the clean build while it is compared; what was found
ROUNDS = 4  # clean builds, until two agree on what differs or nothing does
MAX_TOLD = 20  # files that are told one by one; `MAX_NAMED` of them in the record
MAX_NAMED = 1000
MAX_RECORDS = 400  # comparisons in the record: more than a year of nights

CODES = ("site-file-damaged", "site-file-differs", "memory-differs")  # of what must not be
Sums = dict[str, str]  # SHA-256 by path below the served folder; "" of what is no plain file


@dataclass(frozen=True)
class Compared:
    """What one comparison found."""

    at: datetime
    took_s: float
    number: int
    files: int  # that were compared
    damaged: tuple[str, ...]  # files that were not as the office had left them
    differing: tuple[str, ...]  # files that the office had made otherwise than a clean build does
    boards_differ: bool
    settled: bool = True  # False: the site changed each time before it could be compared

    @property
    def good(self) -> bool:
        return not (self.damaged or self.differing or self.boards_differ) and self.settled

    def told(self) -> dict[str, Any]:
        """For the record."""
        named = {"damaged": self.damaged[:MAX_NAMED], "differing": self.differing[:MAX_NAMED]}
        counts = {"damaged_count": len(self.damaged), "differing_count": len(self.differing)}
        return {
            "v": 1, "at": when(self.at), "took_s": round(self.took_s, 1), "number": self.number, "files": self.files,
            **named, **counts, "boards_differ": self.boards_differ, "settled": self.settled, "good": self.good,
        }  # fmt: skip

    def problems(self) -> list[Problem]:
        found = [Problem("site-file-damaged", f"publication/{path}") for path in self.damaged[:MAX_TOLD]]
        found += [Problem("site-file-differs", f"publication/{path}") for path in self.differing[:MAX_TOLD]]
        if self.differing or self.boards_differ:
            found.append(Problem("memory-differs", "state/", values={"count": len(self.differing)}))
        if not self.settled:
            found.append(Problem("site-not-compared", "publication/", severity="warning", values={"times": ROUNDS}))
        return found


def publish_full(settings: Settings, now: datetime, *, patience_s: float = PATIENCE_S) -> Outcome:
    """The outcome, with every file that was not as it should be among its problems; kept in `state/` too.

    Raises as `Publisher.publish`, and `Unavailable` (`locked`) while another comparison runs.
    """
    began, scratch = time.monotonic(), settings.state / SCRATCH
    with durable.only_one(settings.state / f"{SCRATCH}.lock", patience_s=patience_s):
        try:
            outcome, found = _compared(settings, now, scratch, patience_s, began)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        if found.differing or found.boards_differ:
            with closing(Memory(settings.state / memory.FILE)) as kept:
                kept.empty()
        _keep(settings.state / RECORD, found)
    outcome.problems += found.problems()
    outcome.files_written += len(found.differing)
    return outcome


def _compared(
    settings: Settings, now: datetime, scratch: Path, patience_s: float, began: float
) -> tuple[Outcome, Compared]:
    site_lock, later = settings.state / SITE_LOCK, timedelta()
    with durable.only_one(site_lock, patience_s=patience_s):
        left = _left(settings)
        was = _sums(settings.publication) if left else {}
    before: dict[str, tuple[str | None, str | None]] = {}
    for _ in range(ROUNDS):
        with closing(Publisher(settings)) as usual:
            first = usual.publish(settings, now + later, patience_s=patience_s)
        with closing(Publisher(settings, remember=False)) as anew:
            second = anew.publish(settings, now + later, patience_s=patience_s, site=False)
            anew.clean_site(settings, scratch / "site", now + later, scratch / "work")
        clean = _sums(scratch / "site")
        with durable.only_one(site_lock, patience_s=patience_s):
            served = _sums(settings.publication)
            differing = {p: (served.get(p), clean.get(p)) for p in served.keys() | clean.keys()}
            differing = {path: both for path, both in differing.items() if both[0] != both[1]}
            if settled := differing.items() <= before.items():  # what is seen twice is no publication in between
                _repair(settings, scratch / "site", sorted(differing))
                break
        before, later = differing, timedelta(seconds=time.monotonic() - began)
    damaged = [p for p in was.keys() | left.keys() if was.get(p) != left.get(p) and left.get(p) == clean.get(p)]
    told = [problem for problem in first.problems if problem.code != BROUGHT_BACK]  # once is enough
    boards_differ = (first.number, first.notices, told) != (second.number, second.notices, second.problems)
    second.files_written += first.files_written
    second.files_removed += first.files_removed
    rotten = sorted(p for p in differing if p in damaged)  # wrong on the disk alone: the office knew better
    wrong = tuple(sorted(differing.keys() - rotten)) if settled else ()
    took = time.monotonic() - began
    return second, Compared(now, took, second.number, len(clean), tuple(sorted(damaged)), wrong, boards_differ, settled)


def _left(settings: Settings) -> Sums:
    """The site's files as the office left them; empty where it does not remember."""
    with closing(State(settings.state / SITE_STATE)) as state:
        return {path: kept.sha256 for path, kept in state.load(Leaves(settings)).items()}


def _sums(folder: Path) -> Sums:
    """Every file of a site, without the boards' part."""
    found = scan(folder, BOARD_FOLDER, {}).other
    return {path: durable.sha256_of(folder / path) if stat else "" for path, stat in found.items()}


def _repair(settings: Settings, clean: Path, paths: list[str]) -> None:
    for path in paths:
        if (clean / path).is_file():
            durable.discard(settings.publication / path)
            durable.write(settings.publication / path, (clean / path).read_bytes())
        else:
            durable.discard(settings.publication / path)
    if paths:
        with closing(State(settings.state / SITE_STATE)) as state:
            state.forget()


def _keep(path: Path, found: Compared) -> None:
    """One line more, the oldest gone."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    lines = [*lines[-MAX_RECORDS + 1 :], json.dumps(found.told(), ensure_ascii=False)]
    durable.write(path, "".join(f"{line}\n" for line in lines).encode())


def last(settings: Settings) -> dict[str, Any]:
    """What the newest comparison found, as it stands in the record; empty without one."""
    try:
        lines = (settings.state / RECORD).read_text("utf-8").splitlines()
        told: dict[str, Any] = json.loads(lines[-1])
    except (OSError, ValueError, LookupError):
        return {}
    return told
