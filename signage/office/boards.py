"""The boards' part of a publication: objects named by their content, then the metadata that make them current.

Boards come first: an emergency must not wait for the website, nor fail with it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .. import durable
from ..dossier import FOLDER as DOSSIERS
from ..dossier import file_name
from ..errors import Problem, Refused
from ..publication import BOARD_FOLDER, EMERGENCIES, MAX_MANIFEST, PEOPLE, Manifest, manifest_name
from ..review import People, Record
from ..schedule import HORIZON
from ..settings import Settings
from ..wire import parse, sha256
from . import safety
from .book import Book
from .desk import Desk
from .knowledge.checked import whole
from .manifests import Edition, Shown, emergencies_kept, same_but_for_number, targets
from .minutes import Minutes
from .repository import LIVES, Repository
from .standing import Standing, in_force

KEEP_OBJECTS = timedelta(days=1)  # that no board needs any more: a slow sync may still want them


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


def number_told(repo: Repository) -> int:
    """The number by which boards name what they have: of the manifests, whatever emergencies were signed after them."""
    names = [name for name in repo.current_names() if name != EMERGENCIES]
    numbers = [parse(repo.current(name) or b"", limit=MAX_MANIFEST).integer("number") for name in names[:1]]
    return max(numbers, default=repo.version("lich"))


def sign_for_boards(
    settings: Settings, desk: Desk, minutes: Minutes, live: list[Shown], removed: list[Standing], now: datetime,
    found: list[Problem],
) -> int | None:  # fmt: skip
    """Sign what boards are to show and serve it; its number, or None when they have it all.

    `live`: in force and not over; `removed`: taken back and not over. What boards miss goes to `found`.
    """
    served, repo = settings.publication / BOARD_FOLDER, repository(settings)
    for one in live:
        copy_objects(desk.book, one.standing, served)
    for standing in removed:
        if standing.withdrawn:
            durable.write_if_changed(_record_path(served, standing.withdrawn), standing.withdrawn.sealed.data)
    identity = repo.identity()[1]
    edition = Edition.at(identity, repo.next_version("lich"), now, safe=safety.asked(desk, identity))
    lich = targets(settings, live, removed, edition, found)
    # What was signed in the future must be taken back, though it says the same; and what a power cut left half-written,
    # or a restore behind what boards have seen, is published again.
    current = repo.served and not repo.behind and signed_at(repo, now) <= now
    if current and same_but_for_number(lich, repo):
        repo.refresh(now)
        return None
    lich = emergencies_kept(lich, repo, edition) if current else lich
    slides = (name for one in live for name in one.standing.statement.names())
    repo.publish(lich, now, minutes.tell(lich, edition.number, slides))
    _collect(served, [s.standing for s in live], removed)
    return edition.number


def copy_objects(book: Book, standing: Standing, served: Path) -> None:
    """Serve what boards fetch of an approved statement; raises `Refused` (`book-file`) for a file changed just now."""
    for path in book.slides(standing.statement):
        target = served / "slides" / path.name
        if not target.exists():
            data = path.read_bytes()
            if sha256(data) != path.stem:  # what is served is never looked at again
                raise Refused("book-file", file=path.name)
            durable.write(target, data)
    dossier = standing.dossier
    durable.write_if_changed(served / file_name(dossier.sha256), dossier.to_bytes())


def _record_path(served: Path, record: Record) -> Path:
    return served / "records" / f"{record.sha256}.json"


def _collect(served: Path, live: list[Standing], removed: list[Standing]) -> None:
    """Delete objects that no board needs and that have lain for a day."""
    keep = {f"{s.dossier.sha256}.json" for s in live}
    keep |= {name for s in live for name in s.statement.names()}
    keep |= {f"{s.withdrawn.sha256}.json" for s in removed if s.withdrawn}
    old = (datetime.now(UTC) - KEEP_OBJECTS).timestamp()
    for folder in ("slides", DOSSIERS, "records"):
        for path in (served / folder).glob("*"):
            if path.name not in keep and path.stat().st_mtime < old:
                durable.remove(path)


# ── what is approved, read whole ─────────────────────────────────────────────────────────────────


def shown_whole(desk: Desk, every: Iterable[Standing]) -> tuple[list[Shown], list[Problem]]:
    """What is in force; a notice whose signed files are damaged is left out and told, and stops no other."""
    found, damaged = [], []
    for standing in in_force(every).values():
        try:
            found.append(whole(desk.book, standing))
        except Refused as error:
            ident = standing.statement.notice
            damaged.append(Problem(error.code, f"{ident}.md", values={"notice": ident, **error.values}))
    return found, damaged


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
    live = [s for s in shown_whole(desk, desk.standings())[0] if s.notice.end > moment and not s.standing.withdrawn]
    for one in live:
        copy_objects(desk.book, one.standing, served)
    number, safe = repo.next_version("lich"), safety.asked(desk, repo.identity()[1])
    edition = Edition.at(repo.identity()[1], number, now, moment, safe=safe)
    repo.publish(targets(settings, live, [], edition, []), now)


def _linked(source: str, target: str) -> None:
    """A second name where the disk allows it: files are replaced, never changed."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
