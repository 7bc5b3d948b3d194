"""Cards into the folder and out of it; a file of an officer that has a card's name is never touched."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from pathlib import Path

from ... import durable
from ...errors import Problem, Refused
from ...settings import Settings
from . import card, names, placing
from .looking import DRAFTED, Look
from .memory import Memory, Row
from .outcome import Outcome
from .progress import Progress, Step


class Cards:
    """The cards of one round."""

    def __init__(
        self, settings: Settings, root: Path, look: Look, memory: Memory, outcome: Outcome, now: datetime
    ) -> None:
        self._settings, self._root, self._look = settings, root, look
        self._memory, self._outcome, self._now = memory, outcome, now
        self._kept: set[Path] = set()
        self._of_notices = {self.path(p.path) for p in look.papers if p.stage is not names.Stage.POSTED}

    def path(self, notice: Path) -> Path:
        """Where the card of a notice's file lies."""
        return notice.with_name(names.card_name(notice.name))

    def keep(self, path: Path) -> None:
        """It is still somebody's card."""
        self._kept.add(path)

    def refusals(self) -> None:
        """A card for each file that is refused; for a folder there is no place for one."""
        for path, problem in self._look.refused:
            if not path.name.lower().endswith((names.NOTICE, *DRAFTED)) or path.parent == self._root:
                self._outcome.refused.append(problem)
                continue
            self.refusal(path, [problem])

    def refusal(self, path: Path, problems: list[Problem]) -> None:
        """A card that says why a file is not read."""
        step = Progress(Step.MEND, "Chưa đọc tệp này.", "")
        subject = card.Subject(path.name, _saved(path, self._now), path.stem, step, tuple(problems), {})
        target = self.path(path)
        if target in self._of_notices and not path.name.lower().endswith(names.NOTICE):
            self._outcome.refused += problems  # the notice's own card has that name
            return
        self._kept.add(target)
        row = self._memory.rows.get(self._below(path))
        shown = sha256(repr(problems).encode("utf-8", "surrogatepass")).hexdigest()
        if row is None or row.shown != shown or not target.exists():
            self.put(target, card.html(subject, None, self._settings, self._now))
        empty = Row("", (), "", "", "", path.stem, False, len(problems), shown, target.name, "", Step.MEND.name)
        self._memory.rows[self._below(path)] = empty

    def put(self, path: Path, data: bytes) -> None:
        """Write one of ours; a file of an officer that has the same name is never touched."""
        try:
            if path.exists() and not card.is_ours(path):
                raise Refused("folder-card-taken", name=path.name)
            if durable.write_if_changed(path, data, sync=False):
                placing.share(path, self._root)
                self._outcome.cards.append(path)
        except Refused as error:
            self._outcome.refused.append(Problem(error.code, path.name, values=error.values))
        except OSError as error:
            values = {"name": path.name, "why": error.strerror or str(error)}
            self._outcome.refused.append(Problem("folder-card-unwritten", path.name, values=values))

    def sweep(self) -> None:
        """Cards of notices that are not here any more go: they were ours."""
        for path in self._look.cards if self._look.whole else ():
            if path in self._kept:
                continue
            try:
                if card.is_ours(path):
                    durable.remove(path)
            except OSError:  # gone, or not ours to remove
                continue

    def _below(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _saved(path: Path, now: datetime) -> datetime:
    try:
        return card.saved_at(path.lstat().st_mtime_ns)
    except OSError:
        return now
