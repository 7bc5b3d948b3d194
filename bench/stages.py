"""Run a `bangtin` command, and note for how long each stage had a change.

    python bench/stages.py FILE publish --watch …

The product knows nothing of it: functions are wrapped by name, and a name that is gone ends the command with an
error. FILE gets a line for each call: stage, begun, ended (seconds of the wall clock), and the seconds that were its
own, without those of stages within it.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

OFFICE = {
    "signage.cli.publishing:_watched": "turn",  # of a watching office
    "signage.office.slides:draw": "draw",
}
BOARD = {
    "signage.board.metadata:_Updater._download_metadata": "fetch",
    "signage.board.download:Line.small": "fetch",
    "signage.board.download:Line.file": "fetch",
    "signage.board.download:Line.named": "fetch",
    "signage.board.metadata:Source.fetch": "verify",  # but for what is fetched within it
    "signage.board.trust:authority": "verify",
    "signage.board.trust:opened": "verify",
    "signage.board.sync:judge": "verify",
}
_within = threading.local()


class Mark(NamedTuple):
    """One call."""

    stage: str
    begun: float
    ended: float
    own: float  # seconds


@contextmanager
def noting(file: int, stage: str) -> Iterator[None]:
    """What is done within it counts as this stage."""
    outer, _within.inner = getattr(_within, "inner", 0.0), 0.0
    begun, start = time.time(), time.perf_counter()
    try:
        yield
    finally:
        took = time.perf_counter() - start
        os.write(file, f"{stage} {begun:.6f} {begun + took:.6f} {took - _within.inner:.6f}\n".encode())
        _within.inner = outer + took


def wrap(file: int, where: str, stage: str) -> None:
    """Note each call of the function at `module:name`."""
    module, _, name = where.partition(":")
    place: Any = importlib.import_module(module)
    *outer, name = name.split(".")
    for one in outer:
        place = getattr(place, one)
    inner: Callable[..., Any] = getattr(place, name)

    @functools.wraps(inner)
    def noted(*given: Any, **named: Any) -> Any:
        with noting(file, stage):
            return inner(*given, **named)

    setattr(place, name, noted)


def wrap_timings(file: int) -> None:
    """The stages that an office times itself (`signage.office.outcome.Timings`)."""
    from signage.office.outcome import Timings

    timed = Timings.of

    @contextmanager
    def of(self: Timings, stage: str) -> Iterator[None]:
        with noting(file, stage), timed(self, stage):
            yield

    setattr(Timings, "of", of)  # noqa: B010 (mypy does not let a method be replaced otherwise)


def read(file: Path, since: float, until: float) -> list[Mark]:
    """What ended between two moments; in order."""
    lines = (line.split() for line in file.read_text().splitlines() if line.count(" ") == 3)
    marks = [Mark(stage, float(begun), float(ended), float(own)) for stage, begun, ended, own in lines]
    return sorted((mark for mark in marks if since <= mark.ended <= until), key=lambda mark: mark.begun)


def own(marks: list[Mark], *stages: str) -> float:
    """Seconds of these stages together."""
    return sum(mark.own for mark in marks if mark.stage in stages)


def main() -> int:
    """The command, with its stages noted."""
    path, *words = sys.argv[1:]
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for where, stage in (BOARD if words[0] == "board" else OFFICE).items():
        wrap(file, where, stage)
    if words[0] != "board":
        wrap_timings(file)
    from signage.cli import main as command

    return command(words)


if __name__ == "__main__":
    sys.exit(main())
