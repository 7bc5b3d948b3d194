"""The work of one round, notice by notice: what it asks for, what its card says, where it goes next."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from ... import __version__
from ...errors import BangtinError, Problem
from ...schedule import VIETNAM_TIME
from ...settings import Settings
from . import card, names, origin, placing
from .away import name_used
from .cards import Cards
from .casebook import Casebook
from .draft import Draft, MovedError
from .looking import Look, Paper
from .memory import Memory, Row
from .names import Stage
from .outcome import SOON_S, Outcome
from .progress import Progress, Step, progress

_log = logging.getLogger(__name__)
MAX_UNUSED = 50  # files that are told to belong to no notice
DRAFTING_S = 2.0  # seconds of one round in which Word files are taken apart: cards and signatures do not wait longer


class Reader(Protocol):
    """What a turn asks of the watcher."""

    @property
    def book(self) -> Casebook: ...

    def draft(self, paper: Paper, mark: str, settings: Settings) -> Draft: ...


class Turn:
    """The work of one round, with what it needs in hand."""

    def __init__(
        self,
        folder: Reader,
        settings: Settings,
        root: Path,
        look: Look,
        memory: Memory,
        outcome: Outcome,
        now: datetime,
    ) -> None:
        self._folder, self._settings, self._root = folder, settings, root
        self._look, self._memory, self._outcome = look, memory, outcome
        self._now = now
        self._stamp = sha256(repr((settings, __version__, f"{self._now.astimezone(VIETNAM_TIME):%d}")).encode())
        self._claims: dict[str, list[Paper]] = {}
        self.cards = Cards(settings, root, look, memory, outcome, now)
        for paper in look.papers:
            self._claims.setdefault(names.ident(paper.path.name), []).append(paper)

    # ── notices ──────────────────────────────────────────────────────────────────────────────────

    def papers(self) -> None:
        rows = self._memory.rows
        here = {
            self._below(path) for path in (*(p.path for p in self._look.papers), *(p for p, _ in self._look.refused))
        }
        for paper in self._look.papers:
            below = self._below(paper.path)
            if paper.path in self._look.moving or self._unsettled(paper, rows.get(below)):
                self.cards.keep(self.cards.path(paper.path))
                continue
            try:
                rows[below] = self._paper(paper, rows.get(below))
            except MovedError:
                self._outcome.again_s = min(self._outcome.again_s, SOON_S)
                self.cards.keep(self.cards.path(paper.path))
            except Exception as error:
                self._look.refused.append((paper.path, _trouble(paper, error)))
        here |= self._others()
        self._unused()
        self._abandoned()
        for gone in set(rows) - here if self._look.whole else ():
            del rows[gone]  # what was asked for stays asked for: only moving it back takes it back

    def _abandoned(self) -> None:
        """What waits though its file is gone: to throw a file away takes nothing back, and is told."""
        for ident in sorted(set(self._memory.placed) - set(self._claims)) if self._look.whole else ():
            copy = f"content/{ident}{names.NOTICE}"
            if not self._folder.book.posted(ident) and (self._settings.folder / copy).is_file():
                name = ident.rpartition("/")[2]
                self._outcome.refused.append(Problem("folder-gone", copy, values={"name": name, "copy": copy}))

    def _others(self) -> set[str]:
        """Drafts of what is no notice yet, when the notices beside it are read; which cards stay for that."""
        dropped, named = self._look.others, dict[Path, set[str]]()
        for paper in self._look.papers:
            row = self._memory.rows.get(self._below(paper.path))
            named.setdefault(paper.path.parent, set()).update(row.wanted if row else ())
        kept, until = set[str](), time.monotonic() + DRAFTING_S
        here = {one.path for one in dropped}
        self._memory.failed = {path: why for path, why in self._memory.failed.items() if path in here}
        for one in dropped:
            below, busy = self._below(one.path), self._busy(one)
            fits = origin.is_one(one, named.get(one.path.parent, ()))
            if fits and not busy and time.monotonic() > until:
                busy, self._outcome.again_s = True, 0.0
            if busy or not fits:
                if below in self._memory.rows and busy:
                    kept.add(below)
                    self.cards.keep(self.cards.path(one.path))
                continue
            draft = one.path.with_name(origin.drafted_name(one))
            others = [p for p in self._claims.get(names.ident(one.path.name), ()) if p.path != draft]
            if others and not draft.exists():
                values = {"name": one.path.name, "draft": self._below(others[0].path)}
                problems = [Problem("folder-draft-elsewhere", one.path.name, values=values)]
            else:
                problems = self._drafted(one)
            if problems:
                self.cards.refusal(one.path, problems)
                kept.add(below)
        return kept

    def _unused(self) -> None:
        """What lies in a stage and belongs to no notice: whoever dropped it waits for an answer."""
        stems, named, alone = dict[Path, set[str]](), dict[Path, set[str]](), set[Path]()
        for paper in self._look.papers:
            row, folder = self._memory.rows.get(self._below(paper.path)), paper.path.parent
            named.setdefault(folder, set()).update(row.wanted if row else ())
            stems.setdefault(folder, set()).add(names.key(paper.path.stem))
            alone |= {folder} if paper.alone else set()  # whose card names them
        told = {path for path, _ in self._look.refused} | {one.path for one in self._look.others if self._drafts(one)}
        for folder, beside in self._look.trays:
            for name, (found, *_) in beside.items() if folder not in alone else ():
                known = name in named.get(folder, ()) or names.key(found.path.stem) in stems.get(folder, ())
                if not (known or name.endswith(names.NOTICE) or found.path in told | self._look.moving):
                    values = {"name": found.path.name}
                    problem = Problem("folder-unused", self._below(found.path), None, None, "warning", values)
                    self._outcome.unused.append(problem)
        del self._outcome.unused[MAX_UNUSED:]

    @staticmethod
    def _drafts(one: Paper) -> bool:
        return origin.is_one(one, ()) or one.path.suffix.lower() in origin.TEXTS

    def _busy(self, one: Paper) -> bool:
        """Whether it is still being copied, or what may tell that it makes no draft."""
        pictures = one.path.suffix.lower() in origin.POSTERS
        moving = (path for path in self._look.moving if path.parent == one.path.parent)
        return any(path == one.path or pictures or path.suffix.lower() == names.NOTICE for path in moving)

    def _drafted(self, one: Paper) -> list[Problem]:
        below = self._below(one.path.with_name(origin.drafted_name(one)))
        before = self._memory.drafted.get(below)
        try:
            problems = origin.lay(one, below, self._settings, self._memory, self._now)
        except Exception as error:
            return [_trouble(one, error)]
        if self._memory.drafted.get(below) is not before:
            self._outcome.drafted.append(below)
            self._outcome.again_s = min(self._outcome.again_s, SOON_S)
        return problems

    def _unsettled(self, paper: Paper, row: Row | None) -> bool:
        """Whether a picture that it names is still being copied."""
        wanted = row.wanted if row else ()
        return any(f.path in self._look.moving for name in wanted for f in paper.beside.get(name, ()))

    def _paper(self, paper: Paper, old: Row | None) -> Row:
        mark = self._mark(paper, old.wanted if old else ())
        draft: Draft | None = None
        if old is None or old.mark != mark:
            draft = self._folder.draft(paper, mark, self._settings)
            if any(found.path in self._look.moving for found in draft.along):
                raise MovedError(paper.path.name)  # a picture of it is still being copied
            old = self._row(paper, draft)
            mark = old.mark
        extra = self._conflicts(paper, old) + origin.told(paper, self._below(paper.path), self._memory)
        self._ask(paper, old, draft, mark, extra)
        book, settings = self._folder.book, self._settings
        case = book.case(old.ident, old.digest, old.url, settings, prepared=old.prepared)
        step = progress(case, paper.stage, settings, book.approvers(case, settings), self._now)
        errors = old.errors + sum(p.severity == "error" for p in extra)
        if errors and step.step in (Step.DRAFT, Step.SIGN, Step.RETURNED):
            step = Progress(Step.MEND, card.to_mend(errors, old.blanks), "", corrects=step.corrects)
        path = self.cards.path(paper.path)
        shown = sha256(repr((step, extra)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if shown != old.shown or not path.exists():
            draft = draft or self._folder.draft(paper, mark, settings)
            self._write(path, paper, draft, step, extra)
        self.cards.keep(path)
        if step.step is Step.APPROVED:
            self._outcome.again_s = min(self._outcome.again_s, SOON_S)
        if step.step in (Step.POSTED, Step.ENDED) and paper.stage is Stage.ASKED:
            self._post(paper, old)
        return replace(old, shown=shown, card=path.name, words=step.words, step=step.step.name)

    def _row(self, paper: Paper, draft: Draft) -> Row:
        wanted = tuple(sorted({names.key(found.path.name) for found in draft.along} | set(draft.missing)))
        notice = draft.notice
        return Row(
            self._mark(paper, wanted), wanted, draft.ident, notice.digest if notice else "",
            notice.url if notice else "", draft.title, bool(notice and notice.prepared), len(draft.errors), "", "",
            blanks=sum(problem.code == card.BLANK for problem in draft.errors),
        )  # fmt: skip

    def _mark(self, paper: Paper, wanted: tuple[str, ...]) -> str:
        """Changes when anything changes that the card is made of.

        What is posted is not drawn again for a new day or a new setting: there are years of it.
        """
        every = paper.beside if paper.alone else {name: paper.beside.get(name, []) for name in wanted}
        files = [(name, [f.identity for f in found]) for name, found in sorted(every.items())]
        files += [(f.path.name, [f.identity]) for f in paper.namesakes()]
        made = sha256() if paper.stage is Stage.POSTED else self._stamp.copy()
        made.update(repr((paper.stage.name, paper.file.identity, files)).encode("utf-8", "surrogatepass"))
        return made.hexdigest()[:32]

    def _conflicts(self, paper: Paper, row: Row) -> list[Problem]:
        """Two files that would be one notice, or an address that another notice has."""
        name, found = paper.path.name, []
        others = [p for p in self._claims.get(row.ident, ()) if p.path != paper.path]
        if others and paper.stage is not Stage.POSTED:
            told = "; ".join(f"“{self._below(p.path)}”" for p in others)
            severity: Any = "error" if paper.stage is Stage.ASKED else "warning"
            found.append(Problem("folder-id-taken", name, None, None, severity, {"name": name, "others": told}))
        if (first := names.copied_from(name)) in paper.beside and paper.stage is not Stage.POSTED:
            values = {"name": name, "other": paper.beside[first][0].path.name}
            found.append(Problem("folder-copy", name, None, None, "warning", values))
        book = self._folder.book
        found += name_used(paper, row, self._memory, book, self._now)
        if book.taken(row.ident, row.url, self._settings):
            address = f"{self._settings.commune.site}/{row.url}"
            found.append(Problem("folder-slug-taken", name, values={"name": name, "address": address}))
        return found

    def _ask(self, paper: Paper, row: Row, draft: Draft | None, mark: str, extra: list[Problem]) -> None:
        """What lies in “Chờ duyệt” lies in content/ too; what went back to “Soạn thảo” does not."""
        memory, settings = self._memory, self._settings
        if paper.stage is Stage.ASKED and not row.errors and not any(p.severity == "error" for p in extra):
            lies = (settings.content / f"{row.ident}{names.NOTICE}").is_file()
            if draft is None and lies and row.ident in memory.placed:
                return
            draft = draft or self._folder.draft(paper, mark, settings)
            if problem := placing.place(draft, paper.path.name, settings, memory):
                extra.append(problem)
            else:
                self._outcome.placed.append(row.ident)
        elif paper.stage is Stage.DRAFT and row.ident in memory.placed and len(self._claims[row.ident]) == 1:
            placing.take_back(row.ident, settings, memory)

    def _post(self, paper: Paper, row: Row) -> None:
        """Moved in the next round, by what is written down now."""
        theirs = {n for r in self._rows_beside(paper) for n in r.wanted}
        shared = theirs & {*row.wanted, names.key(paper.path.name)}
        if shared or self._memory.moves:
            return
        along = [f.path for name in row.wanted for f in paper.beside.get(name, ())]
        along += [path for path in (origin.beside(paper),) if path and path not in along]
        stage, day = self._look.stages[Stage.POSTED], self._now.astimezone(VIETNAM_TIME).date()
        self._memory.moves = placing.posting(paper, along, self._root, stage, day)
        if self._memory.moves:
            self._outcome.posted.append(row.ident)
            self._outcome.again_s = 0.0

    def _rows_beside(self, paper: Paper) -> list[Row]:
        folder = paper.path.parent
        beside = [p for p in self._look.papers if p.path.parent == folder and p.path != paper.path]
        return [row for p in beside if (row := self._memory.rows.get(self._below(p.path)))]

    def _write(self, path: Path, paper: Paper, draft: Draft, step: Progress, extra: list[Problem]) -> None:
        source, drafted = origin.beside(paper), self._memory.drafted.get(self._below(paper.path))
        with_it = [f.path for f in draft.along] + [path for path in (source,) if path]
        subject = card.Subject(
            paper.path.name, card.saved_at(paper.file.identity[3]), draft.title, step, (*extra, *draft.problems),
            draft.typed, tuple(dict.fromkeys(path.name for path in with_it)), drafted.origin if drafted else "",
        )  # fmt: skip
        self.cards.put(path, card.html(subject, draft, self._settings, self._now))

    def _below(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _trouble(paper: Paper, error: Exception) -> Problem:
    """Why a file was not read, on its own card; what is no answer of the disk or of ours goes to the log too."""
    if isinstance(error, BangtinError):
        why = error.told("vi")
    elif isinstance(error, OSError):
        why = error.strerror or str(error)
    else:
        _log.error("%s", paper.path, exc_info=error)
        why = f"máy gặp lỗi lạ ({type(error).__name__}), người quản trị xem nhật ký"
    return Problem("folder-unreadable", paper.path.name, values={"name": paper.path.name, "why": why})
