"""One round of the shared folder: look, read what changed, copy what is asked for, say how it stands.

A round with nothing new reads one file's dates for each file and writes nothing. The watcher holds no key: it copies
words and writes cards; who may publish what is decided by signatures, where it always is.
"""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ...errors import Problem, Refused, Unavailable
from ...settings import Settings
from . import overview, placing
from .away import put_away
from .casebook import Casebook
from .draft import WORK, Draft, read
from .looking import Eyes, Look, Paper
from .memory import Memory
from .names import Stage
from .outcome import LATER_S, Outcome
from .turn import Turn

MAX_WARM = 32  # drafts kept with their pictures, so that a signature does not draw them again


class Folder:
    """The shared folder of one commune, watched by one process."""

    def __init__(self, load: Callable[[], Settings], now: Callable[[], datetime], eyes: Eyes | None = None) -> None:
        self._load, self._now = load, now
        self._eyes, self._book = eyes or Eyes(), Casebook()
        self._memory: Memory | None = None
        self._drafts: OrderedDict[Path, tuple[str, Draft]] = OrderedDict()

    def round(self) -> Outcome:
        """Raises `BadInput` (settings), `Unavailable` (`folder-missing`), `Refused` (`folder-emptied`, `-place`)."""
        settings, outcome = self._load(), Outcome()
        work, root = settings.state / WORK, settings.shared
        if self._memory is None:
            for left in work.glob("*/"):  # copies of a process that is gone
                shutil.rmtree(left, ignore_errors=True)
        memory = self._memory = self._memory or Memory.load(work)
        look = self._seen(root, settings, memory)
        if memory.moves:
            placing.move(root, memory)
            look = self._seen(root, settings, memory)
        self._book.refresh(settings)
        if self._book.trouble:
            outcome.refused.append(Problem("folder-book", "content/so-duyet", values={"why": self._book.trouble}))
        turn = Turn(self, settings, root, look, memory, outcome, self._now())
        turn.papers()
        turn.cards.refusals()
        turn.cards.sweep()
        if put_away(root, look, memory, self._book, settings, self._now()):
            outcome.again_s = 0.0
        overview.write(root, settings, memory, outcome)
        memory.save(work)
        again = look.again_s
        outcome.settled = again is None and not outcome.drafted
        outcome.again_s = min(outcome.again_s, LATER_S if again is None else again + 0.01)
        return outcome

    def _seen(self, root: Path, settings: Settings, memory: Memory) -> Look:
        here, commune = root.resolve(), settings.folder.resolve()
        if commune.is_relative_to(here) or here.is_relative_to(settings.content.resolve()):
            raise Refused("folder-place", folder=str(root))  # who may write there would reach the keys, or the book
        if not settings.sharing.path:
            root.mkdir(parents=True, exist_ok=True)
        try:
            look = self._eyes.look(root)
        except OSError as error:
            raise Unavailable("folder-missing", folder=str(root), why=error.strerror or error) from error
        if not look.stages and memory.root == str(root):
            raise Refused("folder-emptied", folder=str(root))  # a share that is not mounted looks just so
        for stage in Stage:
            if stage not in look.stages:
                look.stages[stage] = root / stage.value
                look.stages[stage].mkdir(exist_ok=True)
                placing.share(look.stages[stage], root)
        memory.root = str(root)
        return look

    def draft(self, paper: Paper, mark: str, settings: Settings) -> Draft:
        """Read and drawn, or remembered; of what is forgotten the copies below `state/` go too."""
        known = self._drafts.get(paper.path)
        found = known[1] if known and known[0] == mark else read(paper, settings)
        self._drafts[paper.path] = mark, found
        self._drafts.move_to_end(paper.path)
        while len(self._drafts) > MAX_WARM:
            _, (_, old) = self._drafts.popitem(last=False)
            shutil.rmtree(old.settings.folder, ignore_errors=True)
        return found

    @property
    def book(self) -> Casebook:
        return self._book
