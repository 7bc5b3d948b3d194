"""What is approved → what each board is to show: its manifest, and the commune's emergency list.

Times are worked out here (`schedule`): a board only compares moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ..dossier import Dossier
from ..errors import Problem
from ..notice import Notice
from ..notice.reading import REVIEW_BOOK
from ..publication import (
    EMERGENCIES,
    MAX_EMERGENCIES,
    MAX_REMOVED,
    EmergencyList,
    Item,
    Light,
    Manifest,
    Removed,
    manifest_name,
)
from ..review import Record
from ..schedule import HORIZON, VIETNAM_TIME, Pattern, Range, ranges
from ..settings import Board, Settings
from ..wire import BadFormat
from .repository import Repository
from .standing import Standing


@dataclass(frozen=True)
class Shown:
    """A notice in force: its standing, and the words that were signed."""

    standing: Standing
    notice: Notice


@dataclass(frozen=True)
class Edition:
    """One publication: its number, when it is made, and from which midnight (UTC) its times are worked out."""

    identity: str  # of the repository
    number: int
    made: datetime
    since: datetime
    safe: bool = False  # the safe slide on all boards

    @classmethod
    def at(
        cls, identity: str, number: int, made: datetime, moment: datetime | None = None, *, safe: bool = False
    ) -> Edition:
        """Worked out from the midnight before `moment`, usually before it is made."""
        since = (moment or made).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(identity, number, made, since, safe)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that its times can touch."""
        low, high = (m.astimezone(VIETNAM_TIME).date() for m in (self.since, self.since + HORIZON))
        return low - timedelta(days=2), high + timedelta(days=1)


def targets(
    settings: Settings, shown: Iterable[Shown], withdrawn: Iterable[Standing], edition: Edition, found: list[Problem]
) -> dict[str, bytes]:
    """The files that the online key signs, by target name; what boards would miss goes to `found`.

    `shown`: in force and not over; `withdrawn`: taken back and not over.
    """
    live, withdrawn = list(shown), list(withdrawn)
    removed = _remembered(withdrawn)
    alarms = [s.standing for s in live if s.notice.is_emergency]
    usual = [s for s in live if not s.notice.is_emergency]
    if edition.safe:  # it may have been forgotten
        found.append(Problem("safe-asked", f"{REVIEW_BOOK}/", severity="warning"))
    lich = {EMERGENCIES: emergency_list(alarms, withdrawn, edition).to_bytes()}
    EmergencyList.read(lich[EMERGENCIES])
    for board in settings.boards:
        name = manifest_name(board.id)
        lich[name] = _manifest(settings, board, usual, removed, edition, found).to_bytes()
        Manifest.read(lich[name])  # nothing is signed that a board would refuse to read
    return lich


def _remembered(withdrawn: Iterable[Standing]) -> list[Standing]:
    """What boards are told of: what was approved first, the newest first.

    One author alone can sign the withdrawal of any number of statements that nobody has ever approved.
    """

    def weight(standing: Standing) -> tuple[bool, datetime, str]:
        assert standing.withdrawn is not None
        return standing.approval is not None, standing.withdrawn.at, standing.sha256

    return sorted((s for s in withdrawn if s.withdrawn), key=weight, reverse=True)[:MAX_REMOVED]


def emergency_list(live: Iterable[Standing], withdrawn: Iterable[Standing], edition: Edition) -> EmergencyList:
    """What all boards are told of emergencies: the gravest in force first; of those taken back the newest."""
    active = sorted((s for s in live if not s.hidden), key=lambda s: (-_level(s), s.statement.start, s.sha256))
    gone = [s for s in _remembered(withdrawn) if s.statement.alert is not None]
    return EmergencyList(
        edition.number,
        edition.made,
        tuple(_entry(s, s.approval.records if s.approval else ()) for s in active[:MAX_EMERGENCIES]),
        tuple(_entry(s, (s.withdrawn,) if s.withdrawn else ()) for s in gone[:MAX_EMERGENCIES]),
    )


def _level(standing: Standing) -> int:
    return int((standing.statement.alert or {}).get("level", 0))


def _entry(standing: Standing, records: Iterable[Record]) -> Dossier:
    return Dossier(standing.statement.to_bytes(), tuple(r.sealed.data for r in records))


def _manifest(
    settings: Settings, board: Board, usual: list[Shown], removed: list[Standing], edition: Edition,
    found: list[Problem],
) -> Manifest:  # fmt: skip
    here = [s for s in usual if s.notice.shown_on(board.id, board.groups)]
    drawn = [s for s in here if board.mode.shape.name in s.standing.statement.slides]
    found += [_not_drawn(s.notice, board) for s in here if s not in drawn]
    days_off = settings.days_off(*edition.days)
    drawn.sort(key=lambda s: (s.notice.order, s.standing.sha256))
    items = (_item(s, edition.since, days_off) for s in drawn)
    gone = tuple(Removed(s.sha256, (s.withdrawn.sha256,)) for s in removed if s.withdrawn and s.statement.alert is None)

    def named(wanted: Iterable[Shown]) -> tuple[str, ...]:
        return tuple(sorted(s.standing.sha256 for s in wanted))

    return Manifest(
        commune=settings.commune.code, commune_name=settings.commune.name, repository=edition.identity,
        board=board.id, board_name=board.name, number=edition.number, made=edition.made,
        until=edition.since + HORIZON, mode=board.mode, items=tuple(items), withdrawn=gone,
        evergreen=named(s for s in drawn if s.notice.evergreen),
        hidden=named(s for s in drawn if s.standing.hidden),
        templates=named(s for s in drawn if s.notice.prepared),
        dark=_nightly(board.dark, edition.since),
        light=Light(board.brightness, board.night_brightness, _nightly(board.night, edition.since)),
        wake_level=board.wake_level, sound=board.sound, fade_ms=board.fade_ms,
        safe=edition.safe, phone=settings.commune.phone,
    )  # fmt: skip


def _item(shown: Shown, since: datetime, days_off: frozenset[date]) -> Item:
    notice = shown.notice
    spans = [] if notice.prepared else ranges(notice.start, notice.end, since=since, pattern=notice.pattern(days_off))
    return Item(shown.standing.dossier.sha256, tuple(spans), notice.order)


def _nightly(hours: tuple[time, time] | None, since: datetime) -> tuple[Range, ...]:
    """The same hours of every day, from the day before `since`."""
    if hours is None:
        return ()
    return tuple(ranges(since - timedelta(days=1), since + HORIZON, since=since, pattern=Pattern(hours)))


def _not_drawn(notice: Notice, board: Board) -> Problem:
    values = {"board": board.id, "shape": board.mode.shape.name, "notice": notice.id}
    return Problem("shape-not-drawn", f"{notice.id}.md", severity="warning", values=values)


def same_but_for_number(lich: Mapping[str, bytes], repo: Repository) -> bool:
    """Whether the boards would see nothing new: then a new number would only cost them data."""
    return all(_says_the_same(name, data, repo.current(name)) for name, data in lich.items())


def emergencies_kept(lich: dict[str, bytes], repo: Repository, edition: Edition) -> dict[str, bytes]:
    """`lich` with the emergency list as it was signed before, when it says the same: then no board fetches it again.

    For a repository that serves the newest that boards may have seen. One of the future is made anew, to take it back.
    """
    old = repo.current(EMERGENCIES)
    if old is None or not _says_the_same(EMERGENCIES, lich[EMERGENCIES], old):
        return lich
    return lich if EmergencyList.read(old).made > edition.made else {**lich, EMERGENCIES: old}


def _says_the_same(name: str, data: bytes, old: bytes | None) -> bool:
    if old is None:
        return False
    try:
        if name == EMERGENCIES:
            was, now = EmergencyList.read(old), EmergencyList.read(data)
            return (was.entries, was.cancelled) == (now.entries, now.cancelled)
        return _timeless(Manifest.read(old)) == _timeless(Manifest.read(data))
    except BadFormat:  # published by an older version of this program
        return False


def _timeless(manifest: Manifest) -> Manifest:
    return Manifest(**{**vars(manifest), "number": 0, "made": manifest.until})
