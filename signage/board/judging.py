"""Item by item: which of the manifest's statements this board shows. Pure.

A statement is shown when its dossier hashes to its name, it is of our commune, meant for this board and
drawn for its shape, two persons approved it (or duty did, for an emergency), and nobody withdrew or
hid it. The online key that signed the manifest decides order and hours only, within start and end.
A template (an emergency prepared beforehand: class khan-cap without an alert) is approved by two
persons like any long notice, and never shown but behind the words of an emergency that names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ..dossier import Dossier
from ..notice.vocabulary import EMERGENCY
from ..publication import Item
from ..review import People, Record, SlideFile, Statement, approval, withdrawal
from ..review.judgement import LONGEST_EMERGENCY
from ..schedule import Range, merged
from ..wire import BadFormat, sha256
from .lately import Lately
from .light import obeyed
from .playlist import NOTHING_KNOWN, Entry, Memory, Playlist, Refusal
from .trust import Identity, Publication

MAX_REMEMBERED = 4000  # withdrawals (`_new_memory` says which are forgotten first); and records

# By the hash that they are named by: dossiers, records that take something back, and the statements of these.
Objects = Mapping[str, bytes]


def judge(
    publication: Publication, objects: Objects, identity: Identity, now: datetime,
    memory: Memory = NOTHING_KNOWN,
) -> Playlist:  # fmt: skip
    """Everything that this board may show of a publication."""
    for reading in (_dossier, _read, _record):
        reading.turn()
    return _Judge(publication, objects, identity, memory).playlist(now)


class _No(Exception):
    """This item is not shown; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class _Judge:
    def __init__(self, publication: Publication, objects: Objects, identity: Identity, memory: Memory) -> None:
        self._publication, self._objects, self._identity = publication, objects, identity
        self._memory = memory
        self._shape = publication.manifest.mode.shape.name
        self._refused: list[Refusal] = []
        self._counted: set[str] = set()
        self._met: set[str] = set()  # statements of items, shown or not
        self._withdrawn = dict(memory.withdrawn)

    def playlist(self, now: datetime) -> Playlist:
        manifest = self._publication.manifest
        self._remember_withdrawals()
        evergreen = frozenset(manifest.evergreen)
        items = {item.dossier: item for item in reversed(manifest.items)}
        entries = [e for item in reversed(items.values()) if (e := self._item(item))]
        shown = list({e.sha: e for e in reversed(entries)}.values())[::-1]  # of one statement the first
        templates = {e.sha: e for e in shown if e.statement.is_template and e.sha in manifest.templates}
        emergencies = {e.sha: e for e in shown if e.statement.is_emergency}
        for inline in self._publication.emergencies.entries:
            if entry := self._emergency(inline):
                emergencies[entry.sha] = entry
        usual = [e for e in shown if e.statement.klass != EMERGENCY]
        hours = obeyed(manifest.dark, manifest.light.nights)
        return Playlist(
            number=manifest.number,
            made=max(manifest.made, self._publication.emergencies.made),
            commune_name=manifest.commune_name,
            board_name=manifest.board_name,
            mode=manifest.mode,
            entries=tuple(e for e in usual if e.ranges),
            evergreen=tuple(e for e in usual if e.sha in evergreen),
            emergencies=tuple(self._with_template(e, templates) for e in emergencies.values()),
            templates=tuple(templates.values()),
            dark=hours.dark,
            dark_long=hours.too_long,
            light=replace(manifest.light, nights=hours.nights),
            wake_level=manifest.wake_level,
            sound=manifest.sound,
            fade_ms=manifest.fade_ms,
            safe=manifest.safe,
            phone=manifest.phone,
            refused=tuple(self._refused),
            expired=self._publication.expired,
            memory=self._new_memory(now),
        )

    # ── withdrawals ──────────────────────────────────────────────────────────────────────────────

    def _remember_withdrawals(self) -> None:
        for removed in self._publication.manifest.withdrawn:
            if withdrawal(removed.statement, self._records(removed.records), self._people):
                statement = self._known(removed.statement)
                self._remember(removed.statement, statement)
        for gone in self._publication.emergencies.cancelled:
            sha = sha256(gone.statement)
            if withdrawal(sha, _readable(gone.records), self._people):
                statement = _read(gone.statement)
                self._remember(sha, statement)

    def _remember(self, sha: str, statement: Statement | None) -> None:
        """What was known of its end stays known."""
        self._withdrawn[sha] = statement.end if statement else self._withdrawn.get(sha)

    def _new_memory(self, now: datetime) -> Memory:
        """A withdrawal is forgotten when the statement has ended by our clock *and* by the office's.

        When there are too many, those stay of statements that this board has had, and of these the ones that it
        knew before: one stolen key can sign any number of withdrawals of anything, to make the true ones go.
        """
        past = min(now, self._publication.manifest.made)
        kept = {sha: end for sha, end in self._withdrawn.items() if end is None or end > past}
        if len(kept) > MAX_REMEMBERED:
            before = self._memory.withdrawn
            best = sorted(kept, key=lambda sha: (kept[sha] is not None, sha in before, kept[sha] or past), reverse=True)
            kept = {sha: kept[sha] for sha in best[:MAX_REMEMBERED]}
        earlier = sorted(self._memory.verified - self._counted)
        return Memory(kept, frozenset([*self._counted, *earlier[:MAX_REMEMBERED]]))

    # ── items ────────────────────────────────────────────────────────────────────────────────────

    @property
    def _people(self) -> People:
        return self._publication.people

    def _item(self, item: Item) -> Entry | None:
        sha = item.dossier  # until it is open
        try:
            dossier = self._opened(item.dossier)
            sha = sha256(dossier.statement)
            self._met.add(sha)
            statement = self._allowed(dossier.statement, sha, _readable(dossier.records))
            slides = statement.slides.get(self._shape, ())
            if not slides and statement.klass != EMERGENCY:
                raise _No("shape-missing")
        except _No as no:
            self._refused.append(Refusal(sha, no.code))
            return None
        return Entry(sha, statement, slides, clipped(statement, item.ranges), item.order)

    def _opened(self, name: str) -> Dossier:
        """Raises `_No`."""
        data = self._objects.get(name)
        if data is None or sha256(data) != name:
            raise _No("object-missing")
        if (found := _dossier(data)) is None:
            raise _No("statement-bad")
        return found

    def _emergency(self, inline: Dossier) -> Entry | None:
        sha = sha256(inline.statement)
        try:
            statement = self._allowed(inline.statement, sha, _readable(inline.records))
            if not statement.is_emergency:
                raise _No("not-an-emergency")
        except _No as no:
            self._refused.append(Refusal(sha, no.code))
            return None
        slides: tuple[SlideFile, ...] = statement.slides.get(self._shape, ())
        return Entry(sha, statement, slides, clipped(statement, [(statement.start, statement.end)]))

    def _with_template(self, entry: Entry, templates: Mapping[str, Entry]) -> Entry:
        """With the slides that were prepared for it; what is wrong with those never holds up the emergency."""
        named = entry.alert.get("template")
        template = templates.get(str(named)) if named else None
        if template and template.statement.start <= entry.statement.start < template.statement.end:
            return replace(entry, prepared=template.slides)
        if named in self._publication.manifest.templates or named in self._met:
            # Not told of one that this manifest does not have: it may be for other boards.
            self._refused.append(Refusal(str(named), "template-missing"))
        return entry

    def _allowed(self, data: bytes, sha: str, records: list[Record]) -> Statement:
        """The statement, when people allow this board to show it; raises `_No`."""
        statement = _read(data)
        if statement is None:
            raise _No("statement-bad")
        if statement.commune != self._identity.commune:
            raise _No("other-commune")
        if not meant_for(statement.boards, self._identity.board):
            raise _No("other-board")
        if sha in self._withdrawn:
            raise _No("withdrawn")
        if self._hidden(sha):
            raise _No("hidden")
        answer = approval(statement, [r for r in records if self._may_count(r)], self._people)
        if isinstance(answer, str):
            raise _No(answer)
        self._counted.update(r.sha256 for r in answer.records)
        return statement

    def _hidden(self, sha: str) -> bool:
        """The office can hide alone and at once; a withdrawal without its record is taken as that."""
        manifest = self._publication.manifest
        return sha in manifest.hidden or any(removed.statement == sha for removed in manifest.withdrawn)

    def _may_count(self, record: Record) -> bool:
        """A stolen key's record counts only where it was verified before: its date is the thief's word."""
        person = self._people.get(record.person)
        stolen = person is not None and person.void_from is not None
        return not stolen or record.sha256 in self._memory.verified

    def _records(self, names: Iterable[str]) -> list[Record]:
        found = ((name, self._objects.get(name)) for name in names)
        return _readable(data for name, data in found if data is not None and sha256(data) == name)

    def _known(self, sha: str) -> Statement | None:
        data = self._objects.get(sha)
        return _read(data) if data is not None and sha256(data) == sha else None


def clipped(statement: Statement, ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges within what people signed: the statement's own start and end; 24 h for an emergency.

    In order and apart, however the manifest lists them.
    """
    end = statement.end
    if statement.is_emergency:
        end = min(end, statement.start + LONGEST_EMERGENCY)
    cut = ((max(low, statement.start), min(high, end)) for low, high in ranges)
    return tuple(merged((low, high) for low, high in cut if low < high))


def meant_for(boards: tuple[str, ...], board: str) -> bool:
    """Whether the signed list of boards can include this one; groups are the office's to expand."""
    return any(b in ("all", f"board:{board}") or b.startswith("group:") for b in boards)


@Lately
def _dossier(data: bytes) -> Dossier | None:
    try:
        return Dossier.read(data)
    except (BadFormat, ValueError):
        return None


@Lately
def _read(data: bytes) -> Statement | None:
    try:
        return Statement.read(data)
    except (BadFormat, ValueError):  # ValueError: text that no file can hold
        return None


def _readable(records: Iterable[bytes]) -> list[Record]:
    """Those that are records at all; what they are worth is for `approval`."""
    return [record for data in records if (record := _record(data))]


@Lately
def _record(data: bytes) -> Record | None:
    try:
        return Record.read(data)
    except (BadFormat, ValueError):
        return None
