"""Publish, and then once more with nothing remembered: what is served must not depend on what was read before."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from ..errors import Problem
from ..settings import Settings
from . import memory
from .memory import Memory
from .minutes import BROUGHT_BACK
from .outcome import Outcome
from .publish import PATIENCE_S, Publisher


def publish_full(settings: Settings, now: datetime, *, patience_s: float = PATIENCE_S) -> Outcome:
    """The outcome of the second time. Where it differs from the first that is told, and the memory is thrown away.

    Raises as `Publisher.publish`.
    """
    with closing(Publisher(settings)) as usual:
        first = usual.publish(settings, now, patience_s=patience_s)
    with closing(Publisher(settings, remember=False)) as anew:
        second = anew.publish(settings, now, patience_s=patience_s)
    rewritten = second.files_written + second.files_removed
    problems = [one for one in first.problems if one.code != BROUGHT_BACK]  # once is enough
    differ = (first.number, first.notices, problems) != (second.number, second.notices, second.problems)
    if differ or rewritten:
        with closing(Memory(settings.state / memory.FILE)) as kept:
            kept.forget()
        second.problems.append(Problem("memory-differs", "state/", values={"count": rewritten}))
    return second
