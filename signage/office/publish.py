"""Publish: from the review book to what citizens and boards fetch, in one step that can be repeated.

The website is built into a fresh folder and then moved file by file into the served one: what was
withdrawn goes first, then new and changed files, each whole, lists last. The boards' files are
named by their content; TUF metadata make them current in one replacement of `timestamp.json`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .. import durable
from ..dossier import FOLDER as DOSSIERS
from ..dossier import file_name
from ..errors import Problem, Refused
from ..publication import BOARD_FOLDER, PEOPLE, Manifest, manifest_name
from ..review import People, Record
from ..schedule import HORIZON
from ..settings import Settings
from . import archive, audit, dossiers, safety
from .desk import Desk
from .manifests import Edition, Shown, emergencies_kept, same_but_for_number, targets
from .minutes import Minutes
from .mirror import mirror
from .repository import LIVES, Life, Repository
from .showing import Pictures, showing
from .standing import Standing, in_force, standings
from .website import Published, build

CLOCK_AHEAD, CLOCK_BACK = timedelta(days=40), timedelta(hours=1)  # between two publications, before a clock is doubted
PATIENCE_S = 60.0  # for another publication to end: a watching office and an alert meet here


@dataclass
class Outcome:
    """What one publication did."""

    number: int
    notices: int
    files_written: int
    files_removed: int
    problems: list[Problem] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    next_change: datetime | None = None


def repository(settings: Settings) -> Repository:
    """The commune's repository."""
    return Repository(settings.publication / BOARD_FOLDER, settings.keys)


def signed_people(settings: Settings) -> People:
    """The people whom the offline key has signed; raises `Unavailable` (`repository-missing`)."""
    return People.read(repository(settings).current(PEOPLE) or b"")


def signed_at(repo: Repository, now: datetime) -> datetime:
    """When this office last signed anything, by its clock then."""
    (timestamp,) = (life for life in repo.lives(now) if life.role == "timestamp")
    return timestamp.expires - LIVES["timestamp"]


def clock_doubt(settings: Settings, now: datetime) -> datetime | None:
    """The moment of the last publication, when `now` is so far from it that the clock may be wrong; else None.

    Boards take a publication's moment for the least that the time can be. Raises `Unavailable` (`repository-missing`).
    """
    last = signed_at(repository(settings), now)
    return None if last - CLOCK_BACK <= now <= last + CLOCK_AHEAD else last


def publish(settings: Settings, now: datetime, *, patience_s: float = PATIENCE_S) -> Outcome:
    """Build, sign, swap into place.

    Raises `Refused` when the site differs from what was approved (the old publication stays), and
    `Unavailable` (`locked`) when another publication takes longer than `patience_s` seconds.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    with durable.only_one(settings.state / "publish.lock", patience_s=patience_s):
        desk = Desk(settings, signed_people(settings))
        repo = repository(settings)
        kept, minutes = settings.folder / archive.FOLDER, Minutes(settings, repo, now)
        archive.keep(repo, kept, now)  # what a power cut left unkept
        back = minutes.bring_back(desk.book)
        statements, records = desk.book.statements(), desk.book.records()
        broken = minutes.see(records, statements, desk.people)  # what is new is seen before it is judged
        every = standings(statements, records, desk.people, audit.seen(settings, desk.people))
        shown, damaged = _shown(desk, every)
        told = [*back, *broken, *damaged, *desk.problems(desk.read(), every)]
        outcome = Outcome(repo.version("lich"), len(shown), 0, 0, told)
        _remove_withdrawn_pages(settings, shown, outcome)
        # Boards first: an emergency must not wait for the site, nor fail with it.
        _publish_boards(settings, desk, minutes, shown, [s for s in every if s.withdrawn], now, outcome)
        archive.keep(repo, kept, now)
        _publish_site(settings, desk, shown, now, outcome)
        outcome.lives = repo.lives(now)
        outcome.next_change = _next_change(shown, now)
    return outcome


# ── boards ───────────────────────────────────────────────────────────────────────────────────────


def build_site(settings: Settings, output: Path, now: datetime) -> int:
    """The website of what is approved, into `output`; how many notices and pages it has."""
    desk = Desk(settings, signed_people(settings))
    shown, _ = _shown(desk, desk.standings())
    return len(_build(settings, desk, shown, now, output))


def published(settings: Settings) -> list[Published]:
    """The words that citizens read now, without files: approved, neither taken back nor hidden."""
    desk = Desk(settings, signed_people(settings))
    return [
        Published(one.notice, one.standing.sha256, one.standing.approval.at, {})
        for one in _shown(desk, desk.standings())[0]
        if one.standing.approval and not (one.notice.prepared or one.standing.withdrawn or one.standing.hidden)
    ]


def reaches(settings: Settings, board: str, moment: datetime) -> bool:
    """Whether the published manifest of a board has its times worked out for `moment`."""
    data = repository(settings).current(manifest_name(board))
    until = Manifest.read(data).until if data else None
    return until is not None and until - HORIZON <= moment < until


def rehearse(settings: Settings, folder: Path, moment: datetime, now: datetime) -> None:
    """Below `folder`, the boards' files as this office would publish them at `moment`, of what is approved today.

    Raises `Unavailable` (`repository-missing`, `key-missing`). The real publication is not touched.
    """
    served = folder / BOARD_FOLDER
    shutil.copytree(settings.publication / BOARD_FOLDER, served, copy_function=_linked)
    desk, repo = Desk(settings, signed_people(settings)), Repository(served, settings.keys)
    every = desk.standings()
    live = [s for s in _shown(desk, every)[0] if s.notice.end > moment and not s.standing.withdrawn]
    for one in live:
        _copy_objects(desk, one.standing, served)
    number, safe = repo.next_version("lich"), safety.asked(desk, repo.identity()[1])
    edition = Edition.at(repo.identity()[1], number, now, moment, safe=safe)
    repo.publish(targets(settings, live, [], edition, []), now)


def _linked(source: str, target: str) -> None:
    """A second name where the disk allows it: files are replaced, never changed."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _shown(desk: Desk, every: list[Standing]) -> tuple[list[Shown], list[Problem]]:
    """What is in force; a notice whose signed files are damaged is left out and told, and stops no other."""
    found, damaged = [], []
    for standing in in_force(every).values():
        try:
            notice = desk.book.notice(standing.statement)
            desk.book.sources(standing.statement)
            if not standing.withdrawn:
                desk.files_shown(standing)
        except Refused as error:
            ident = standing.statement.notice
            damaged.append(Problem(error.code, f"{ident}.md", values={"notice": ident, **error.values}))
        else:
            found.append(Shown(standing, notice))
    return found, damaged


def _publish_boards(
    settings: Settings, desk: Desk, minutes: Minutes, shown: list[Shown], withdrawn: list[Standing],
    now: datetime, outcome: Outcome,
) -> None:  # fmt: skip
    served, repo = settings.publication / BOARD_FOLDER, repository(settings)
    live = [s for s in shown if s.notice.end > now and not s.standing.withdrawn]
    removed = [s for s in withdrawn if s.statement.end > now]
    for one in live:
        _copy_objects(desk, one.standing, served)
    for standing in removed:
        if standing.withdrawn:
            durable.write_if_changed(_record_path(served, standing.withdrawn), standing.withdrawn.sealed.data)
    identity = repo.identity()[1]
    edition = Edition.at(identity, repo.next_version("lich"), now, safe=safety.asked(desk, identity))
    lich = targets(settings, live, removed, edition, outcome.problems)
    # What was signed in the future must be taken back, though it says the same; and what a power cut left half-written,
    # or a restore behind what boards have seen, is published again.
    current = repo.served and not repo.behind and signed_at(repo, now) <= now
    if current and same_but_for_number(lich, repo):
        repo.refresh(now)
        return
    lich = emergencies_kept(lich, repo, edition) if current else lich
    slides = (name for one in live for name in one.standing.statement.names())
    repo.publish(lich, now, minutes.tell(lich, edition.number, slides))
    outcome.number = edition.number
    _collect(served, [s.standing for s in live], removed)


def _copy_objects(desk: Desk, standing: Standing, served: Path) -> None:
    for path in desk.book.slides(standing.statement):
        target = served / "slides" / path.name
        if not target.exists():
            durable.write(target, path.read_bytes())
    dossier = dossiers.made(standing)
    durable.write_if_changed(served / file_name(dossier.sha256), dossier.to_bytes())


def _record_path(served: Path, record: Record) -> Path:
    return served / "records" / f"{record.sha256}.json"


def _collect(served: Path, live: list[Standing], removed: list[Standing]) -> None:
    """Delete objects that no board needs and that have lain for a day (a slow sync may still want them)."""
    keep = {f"{dossiers.made(s).sha256}.json" for s in live}
    keep |= {name for s in live for name in s.statement.names()}
    keep |= {f"{s.withdrawn.sha256}.json" for s in removed if s.withdrawn}
    old = datetime.now(UTC).timestamp() - timedelta(days=1).total_seconds()
    for folder in ("slides", DOSSIERS, "records"):
        for path in (served / folder).glob("*"):
            if path.name not in keep and path.stat().st_mtime < old:
                durable.remove(path)


# ── website ──────────────────────────────────────────────────────────────────────────────────────


def _published(desk: Desk, shown: Shown, pictures: Pictures, now: datetime) -> Published:
    standing = shown.standing
    assert standing.approval is not None
    taken = standing.withdrawn
    return Published(
        shown.notice, standing.sha256, standing.approval.at, desk.book.sources(standing.statement),
        taken.at if taken else None, taken.reason if taken else "",
        None if taken or shown.notice.end <= now else pictures.card(standing.statement, desk.book),
    )  # fmt: skip


def _publish_site(settings: Settings, desk: Desk, shown: list[Shown], now: datetime, outcome: Outcome) -> None:
    fresh = settings.state / "site-new"
    _build(settings, desk, shown, now, fresh)
    written, removed = mirror(fresh, settings.publication, keep=BOARD_FOLDER)
    outcome.files_written += written
    outcome.files_removed += removed
    shutil.rmtree(fresh, ignore_errors=True)


def _build(settings: Settings, desk: Desk, shown: list[Shown], now: datetime, output: Path) -> list[Published]:
    told = (s for s in shown if not s.notice.prepared and (s.standing.withdrawn or not s.standing.hidden))
    pictures = Pictures(settings)
    items = [_published(desk, s, pictures, now) for s in told]
    shown_now = showing(settings, repository(settings), desk.book, pictures, now)
    work, conf = settings.state / "site-work", settings.folder / "pelicanconf.py"
    for folder in (output, work):
        shutil.rmtree(folder, ignore_errors=True)
    build(settings, items, output, now=now, work=work, conf=conf if conf.exists() else None, shown=shown_now)
    pictures.sweep()
    shutil.rmtree(work, ignore_errors=True)
    return items


def _remove_withdrawn_pages(settings: Settings, shown: list[Shown], outcome: Outcome) -> None:
    """What was taken back leaves the site even if the build that follows should fail."""
    for one in shown:
        page = settings.publication / one.notice.url
        gone = one.standing.withdrawn or one.standing.hidden
        if gone and page.exists() and one.standing.sha256.encode() in page.read_bytes():
            durable.remove(page)
            outcome.files_removed += 1


def _next_change(shown: Iterable[Shown], now: datetime) -> datetime | None:
    """When a notice next begins or ends: the site's banners and the boards' lists change then."""
    edges = (edge for s in shown for edge in (s.notice.start, s.notice.end))
    return min((edge for edge in edges if edge > now), default=None)
