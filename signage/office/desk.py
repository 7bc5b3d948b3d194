"""The desk: an author submits, another person approves, anyone responsible takes back.

Each verb signs one record with that person's own key and writes it into the review book. What is
approved is the very files that were submitted; nothing is drawn again.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .. import durable
from ..errors import BadInput, Problem, Refused
from ..keys import SigningKey
from ..notice import Notice, Reading, read_all
from ..publication import Shape
from ..review import People, Record, Statement, effective, sign
from ..settings import Commune, Settings
from ..wire import sha256
from . import audit, metadata, sight, slides
from .book import Book, ending, told_alert
from .dates import with_dates
from .knowledge.recall import Recall
from .standing import Standing, briefly_in_force, in_force, standings, still_waiting, unapproved

SAID_ONCE = ("submit", "approve", "withdraw")  # hiding and showing go to and fro
PARALLEL_FROM = 6  # notices to draw at once before a second process is worth its start
Work = tuple[Notice, list[Shape], Commune, Mapping[str, bytes], Mapping[str, sight.Sight]]  # for `slides.draw`


@dataclass(frozen=True)
class Signatory:
    """A person at the desk: their id, the role they act in, and their unlocked key."""

    person: str
    role: str
    key: SigningKey


class Desk:
    """The review book of a commune, with the people who count today."""

    def __init__(self, settings: Settings, people: People) -> None:
        self.settings = settings
        self.people = people
        self.book = Book(settings.review_book, settings.commune.code)
        self._recall = Recall(settings, self.book)
        self.bared: list[str] = []  # files whose hidden data (place, time, camera) were taken out before signing

    def standings(self) -> list[Standing]:
        """Of every statement: the whole book is read."""
        every, signed = self.book.statements(), self.book.records()
        return standings(every, signed, self.people, audit.seen(self.settings, self.people))

    def about(self, *notices: str) -> list[Standing]:
        """The same of these notices alone."""
        return self.about_any(frozenset(notices).__contains__)

    def about_any(self, wanted: Callable[[str], bool]) -> list[Standing]:
        """The same of each notice that is wanted."""
        every = self._recall.statements(wanted)
        return standings(every, self.book.records_of(every), self.people, audit.seen(self.settings, self.people))

    def read(self, notices: Collection[str] | None = None) -> Reading:
        """The officer's folder as it is now: whole, or of these notices alone."""
        content, places = self.settings.content, self.settings.places
        return read_all(content, places) if notices is None else self._recall.reading(notices)

    # ── the acts ─────────────────────────────────────────────────────────────────────────────────

    def submit(
        self, ids: Collection[str], who: Signatory, now: datetime, shown: Mapping[str, slides.Drawn] | None = None
    ) -> list[Standing]:
        """Draw each notice, keep its files, sign it as author.

        `shown`: the very slides that the person was shown, by the notice's digest; nothing else is signed then. Raises
        `BadInput` with every problem of these notices before anything is written, `Refused` when the person may not
        (`may-not-sign`), the very words were taken back (`withdrawn-before`), or have changed since (`submit-changed`).
        """
        notices = self._bared(ids)
        if changed := [n for n in notices if shown is not None and n.digest not in shown]:
            raise Refused("submit-changed", notice=changed[0].title)
        self.people.hold_to_classes(who.person, *(notice.klass for notice in notices))
        every = sorted(self.about(*ids), key=lambda s: s.withdrawn is None)  # of two alike the one that counts
        known = {(s.statement.notice, s.statement.digest, frozenset(s.statement.slides)): s for s in every}
        old = [known.get((n.id, n.digest, frozenset(s.name for s in self.shapes(n)))) for n in notices]
        new = self._stated([notice for notice, one in zip(notices, old, strict=True) if one is None], shown or {})
        statements = [one.statement if one else next(new) for one in old]
        gone = {s.sha256 for s in every if s.withdrawn}
        for statement in statements:
            if statement.sha256 in gone:  # boards remember: they would never show it again
                raise Refused("withdrawn-before", notice=statement.notice)
        for statement in statements:
            self._sign(statement, "submit", who, now)
        return [self._standing(statement) for statement in statements]

    def approve(
        self, ids: Collection[str], who: Signatory, now: datetime, shown: Mapping[str, str] | None = None
    ) -> list[Standing]:
        """Sign what waits for approval as `who`; all or none.

        `shown`: the statement of each notice as the person was shown it. Raises `Refused`: `nothing-waits`
        (not submitted, or changed since), `approve-changed` (since it was shown), `same-person`, `may-not-sign`.
        """
        waiting, chosen = {s.statement.notice: s for s in self.waiting(ids)}, []
        for ident in ids:
            found = waiting.get(ident)
            if found is None:
                raise Refused("nothing-waits", notice=ident)
            if shown is not None and shown.get(ident) != found.sha256:
                raise Refused("approve-changed", notice=ident)
            self.people.hold_to_classes(who.person, found.statement.klass)
            if code := self.hindrance(found, who.person, who.role):
                raise Refused(code, notice=ident, person=who.person, role=who.role, act="approve")
            chosen.append(found)
        for found in chosen:
            self._sign(found.statement, "approve", who, now)
        return [self._standing(s.statement) for s in chosen]

    def hindrance(self, waits: Standing, person: str, role: str) -> str:
        """The code of why this is not that person's to approve in that role; "" when it is."""
        if role != "duty" and waits.submitted and waits.submitted.person == person:
            return "same-person"
        known = self.people.get(person)
        theirs = known is not None and role in known.roles and known.may_sign(waits.statement.klass)
        return "" if theirs and (role == "approver" or waits.statement.is_emergency) else "may-not-sign"

    def raise_alert(self, ident: str, who: Signatory, now: datetime) -> Standing:
        """Draw and sign an emergency alone, as the duty person; at most 24 h (`docs/formats.md`)."""
        (notice,) = self._bared([ident])
        if not notice.is_emergency:
            raise Refused("alert-not-emergency", notice=ident)
        self.people.hold_to_classes(who.person, notice.klass)
        (statement,) = self._stated([notice])
        self._sign(statement, "approve", who, now)
        return self._standing(statement)

    def template(self, ident: str, now: datetime) -> Standing | None:
        """The emergency template of that id that is approved, in force and neither hidden nor over."""
        found = in_force(self.about(ident)).get(ident)
        if found is None or found.withdrawn or found.hidden or not found.statement.start <= now < found.statement.end:
            return None
        return found if found.statement.is_template else None

    def take_back(
        self, ident: str, act: str, who: Signatory, now: datetime, reason: str, among: list[Standing] | None = None
    ) -> list[Standing]:
        """`withdraw`, `hide` or `show` the notice's approved statement; raises `Refused` (`nothing-shown`)."""
        standing = in_force(self.about(ident) if among is None else among).get(ident)
        if standing is None or standing.withdrawn:
            raise Refused("nothing-shown", notice=ident)
        self._sign(standing.statement, act, who, now, reason)
        return [self._standing(standing.statement)]

    def _good(self, wanted: Collection[str]) -> list[Notice]:
        """These notices as they are now, or every problem that they have."""
        reading = self.read(wanted)
        bad = [p for p in reading.errors if p.file.removesuffix(".md") in wanted]
        known = set(reading.notices) | {p.file.removesuffix(".md") for p in bad}
        absent = [Problem("notice-unknown", f"{i}.md") for i in wanted if i not in known]
        if bad or absent:
            raise BadInput([*bad, *absent])
        return [reading.notices[i] for i in wanted]

    def _bared(self, wanted: Collection[str]) -> list[Notice]:
        """These notices with pictures and films that tell no more than they show: the officer's files are changed.

        Whatever is signed is published byte for byte, so it must be clean before.
        """
        notices, problems = self._good(wanted), []
        for folder, file in [((self.settings.content / f"{n.id}.md").parent, f) for n in notices for f in n.files]:
            data = (folder / file.name).read_bytes()
            try:
                clean = metadata.bare_file(file.name, data)
            except ValueError:
                shown = (folder / file.name).relative_to(self.settings.content).as_posix()
                problems.append(Problem("picture-broken", shown, values={"name": file.name}))
                continue
            if clean != data:
                durable.write(folder / file.name, clean)
                self.bared.append(file.name)
        if problems:
            raise BadInput(problems)
        return self._good(wanted) if self.bared else notices

    def drafts(self, ids: Collection[str]) -> list[tuple[Notice, slides.Drawn]]:
        """These notices as the officer's files are now, drawn and signed by nobody; raises `BadInput`."""
        return [(n, self.drawn(n, self._beside(n))) for n in self._good(ids)]

    def ready(self, ident: str) -> tuple[Notice, slides.Drawn]:
        """Exactly what `submit` would sign now, hidden data taken out of its pictures; raises `BadInput`."""
        (notice,) = self._bared([ident])
        return notice, self.drawn(notice, self._beside(notice))

    def drawn(self, notice: Notice, pictures: Mapping[str, bytes], *, kept: bool = True) -> slides.Drawn:
        """The notice's slides for this commune's boards, with its files by name (`slides.draw`); raises `BadInput`."""
        return slides.draw(*self._work(notice, pictures), kept=kept)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def waiting(self, notices: Collection[str] | None = None) -> list[Standing]:
        """Submitted, not approved, and still what the officer's file says; newest per notice. Of these, or of all."""
        every = self.standings() if notices is None else self.about(*notices)
        return still_waiting(every, {ident: one.digest for ident, one in self.read(notices).notices.items()})

    def problems(self, reading: Reading, every: list[Standing]) -> list[Problem]:
        """What `check` says about approval: changed after approval, sent back, never submitted, file gone."""
        digests = {ident: notice.digest for ident, notice in reading.notices.items()}
        broken, briefs = {p.file.removesuffix(".md") for p in reading.errors}, [standing.brief for standing in every]
        force = briefly_in_force(briefs)
        return unapproved(digests, broken, briefs, force, self.book.notes()) + self.book.problems

    def shapes(self, notice: Notice) -> list[Shape]:
        """The shapes of the boards on which the notice may appear."""
        boards = (b for b in self.settings.boards if notice.shown_on(b.id, b.groups))
        return sorted({b.mode.shape for b in boards}, key=lambda s: s.name)

    def files_shown(self, standing: Standing) -> list[Path]:
        """The very slide files that the approver must look at."""
        return list(self.book.slides(standing.statement))

    # ── signing ──────────────────────────────────────────────────────────────────────────────────

    def _stated(self, notices: list[Notice], shown: Mapping[str, slides.Drawn] | None = None) -> Iterator[Statement]:
        """A new statement for each notice, with its files kept in the book; `shown`: what is drawn already."""
        pictures = [self._beside(notice) for notice in notices]
        work = [self._work(n, p) for n, p in zip(notices, pictures, strict=True)]
        if shown or len(work) < PARALLEL_FROM:
            drawn = ((shown or {}).get(one[0].digest) or _draw(one) for one in work)
            yield from (self._kept(n, p, d) for n, p, d in zip(notices, pictures, drawn, strict=True))
            return
        # "spawn": the office process has threads, which a fork would copy half.
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            found = pool.map(_draw, work, chunksize=2)
            yield from (self._kept(n, p, d) for n, p, d in zip(notices, pictures, found, strict=True))

    def _work(self, notice: Notice, pictures: Mapping[str, bytes]) -> Work:
        settings, sights = self.settings, sight.sights(self.settings.boards)  # of all: a shape looks alike anywhere
        return with_dates(notice, settings), self.shapes(notice), settings.commune, pictures, sights

    def _beside(self, notice: Notice) -> dict[str, bytes]:
        """The notice's pictures and attachments; raises `Refused` (`changed-meanwhile`)."""
        folder = (self.settings.content / f"{notice.id}.md").parent
        found = {file.name: (folder / file.name).read_bytes() for file in notice.files}
        if any(sha256(found[file.name]) != file.sha256 for file in notice.files):
            raise Refused("changed-meanwhile", notice=notice.id)
        return found

    def _kept(self, notice: Notice, pictures: Mapping[str, bytes], drawn: slides.Drawn) -> Statement:
        text = self.book.put_file(notice.text, "md")
        for file in notice.files:
            self.book.put_file(pictures[file.name], ending(file))
        for name, data in drawn.files.items():
            self.book.put_file(data, name.rpartition(".")[2])
        statement = Statement(
            commune=self.settings.commune.code, notice=notice.id, digest=notice.digest,
            text=text.partition(".")[0], files=notice.files, kind=notice.kind, klass=notice.klass,
            title=notice.title, start=notice.start, end=notice.end, boards=notice.boards,
            slides=drawn.slides, drawn_by=drawn.drawn_by, alert=self._alert(notice),
        )  # fmt: skip
        Statement.read(statement.to_bytes())  # nothing is signed that a board would refuse to read
        self.book.put_statement(statement)
        return statement

    def _alert(self, notice: Notice) -> dict[str, object] | None:
        """What the statement of an emergency says of it; raises `BadInput` (`prepared-unknown`)."""
        told = told_alert(notice)
        if told is None or (alert := notice.alert) is None:
            return None
        if alert.prepared_as:
            template = self.template(alert.prepared_as, notice.start)
            if template is None:
                values = {"value": alert.prepared_as}
                raise BadInput([Problem("prepared-unknown", f"{notice.id}.md", None, "Prepared-As", values=values)])
            told["template"] = template.sha256
        return told

    def _sign(self, statement: Statement, act: str, who: Signatory, now: datetime, reason: str = "") -> Record:
        sha, earlier = statement.sha256, self.book.records(statement.sha256)
        record = sign(who.key, act=act, statement=sha, person=who.person, role=who.role, at=now, reason=reason)
        if effective(record, sha, self.people) is None:
            raise Refused("may-not-sign", person=who.person, role=who.role, act=act)
        for old in earlier.get(sha, []) if act in SAID_ONCE else ():
            same = (old.act, old.person, old.role) == (act, who.person, who.role)
            if same and effective(old, sha, self.people):
                return old  # a person's first signature stands; a second says nothing new
        self.book.put_record(record)
        return record

    def _standing(self, statement: Statement) -> Standing:
        sha = statement.sha256
        return standings({sha: statement}, self.book.records(sha), self.people)[0]


def _draw(work: Work) -> slides.Drawn:
    return slides.draw(*work)
