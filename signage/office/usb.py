"""What leaves the office on a USB stick: the boards' part of a publication, and a new board's enrolment.

A publication is the same bytes that the web server has, so a board checks them in the same way. It is
written beside what the stick held before, read again, and only then takes its place: a stick that is
pulled out too early, or that is not as large as it claims, never passes for a good one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tuf.api.metadata import Metadata

from .. import durable, stick
from ..dossier import Dossier, file_name
from ..errors import Unavailable, WrongUse
from ..publication import BOARD_FOLDER, EMERGENCIES, PEOPLE, EmergencyList, Manifest, manifest_name
from ..review import Statement
from ..settings import Settings

_BLOCK = 1 << 20  # bytes copied at once
SPARE = 1024 * 1024  # bytes that stay free on the stick


@dataclass(frozen=True)
class Part:
    """One file of a publication, by its path below `board/`."""

    name: str
    source: Path


@dataclass(frozen=True)
class Written:
    """What is on the stick now."""

    number: int  # of the publication
    boards: tuple[str, ...]
    files: int
    size: int  # bytes
    until: datetime  # boards take it in until then
    same_disk: bool  # the folder lies on the office's own disk: probably no stick is mounted there


def write(settings: Settings, folder: Path, boards: Iterable[str] = ()) -> Written:
    """The current publication for these boards (all, when none is named), below `folder`.

    Raises `WrongUse` (`usb-folder`, `usb-board`), `Unavailable` (`repository-missing`, `usb-not-published`,
    `usb-full`, `usb-bad-medium`), `OSError`; then the stick holds what it held before, or nothing of ours.
    """
    if not folder.is_dir():
        raise WrongUse("usb-folder", folder=str(folder))
    wanted = _known(settings, tuple(dict.fromkeys(boards)))
    served = settings.publication / BOARD_FOLDER
    told = _Telling(served, wanted)
    parts = list(told.parts())
    place, fresh = folder / stick.PUBLICATION, folder / f"{stick.PUBLICATION}.new"
    durable.discard(fresh)
    _check_room(folder, parts)
    try:
        size = sum(_copied(part, fresh / BOARD_FOLDER / part.name) for part in parts)
        os.sync()
        for part in parts:
            _compare(part, fresh / BOARD_FOLDER / part.name)
        durable.swap_folder(fresh, place)
    except BaseException:
        durable.discard(fresh)
        raise
    same = folder.stat().st_dev == settings.folder.stat().st_dev
    return Written(told.number, told.boards, len(parts), size, told.until, same)


def _known(settings: Settings, boards: tuple[str, ...]) -> tuple[str, ...]:
    ours = tuple(board.id for board in settings.boards)
    for board in boards:
        if board not in ours:
            raise WrongUse("usb-board", board=board, known=", ".join(ours))
    return boards or ours


# ── which files ──────────────────────────────────────────────────────────────────────────────────


class _Telling:
    """Follows the signed metadata from `timestamp.json` on, as a board does: another publication may come meanwhile."""

    def __init__(self, served: Path, boards: tuple[str, ...]) -> None:
        self._served, self.boards = served, boards
        self._metadata = served / "metadata"
        timestamp = self._signed("timestamp.json")
        snapshot = self._signed(_versioned("snapshot", timestamp.snapshot_meta.version))
        versions = {role: snapshot.meta[f"{role}.json"].version for role in ("targets", "lich")}
        self._names = ["timestamp.json", _versioned("snapshot", snapshot.version)]
        self._names += [_versioned(role, version) for role, version in versions.items()]
        targets, lich = (self._signed(_versioned(role, version)) for role, version in versions.items())
        self._files = {PEOPLE: targets.targets[PEOPLE]}
        for name in (EMERGENCIES, *map(manifest_name, boards)):
            if name not in lich.targets:
                raise Unavailable("usb-not-published", name=name)
            self._files[name] = lich.targets[name]
        self.until = min(signed.expires for signed in (timestamp, snapshot, lich, targets))
        self.number = lich.version

    def _signed(self, name: str) -> Any:
        try:
            return Metadata.from_bytes((self._metadata / name).read_bytes()).signed
        except FileNotFoundError as error:
            raise Unavailable("repository-missing", folder=str(self._metadata)) from error

    def parts(self) -> Iterator[Part]:
        """Every file, each once; what names others before them."""
        roots = sorted(p.name for p in self._metadata.glob("*.root.json") if not durable.is_temporary(p.name))
        names = [f"metadata/{name}" for name in (*roots, *self._names)]
        for target, file in self._files.items():
            above, _, name = target.rpartition("/")
            names.append("/".join(filter(None, ("targets", above, f"{file.hashes['sha256']}.{name}"))))
        for name in dict.fromkeys([*names, *self._objects()]):
            yield Part(name, self._served / name)

    def _objects(self) -> Iterator[str]:
        manifests = [Manifest.read(self._target(manifest_name(board))) for board in self.boards]
        shapes = {manifest.mode.shape.name for manifest in manifests}
        for manifest in manifests:
            for item in manifest.items:
                name = file_name(item.dossier)
                yield name
                yield from _slides(Dossier.read((self._served / name).read_bytes()).statement, shapes)
            for gone in manifest.withdrawn:
                yield from (f"records/{record}.json" for record in gone.records)
        for entry in EmergencyList.read(self._target(EMERGENCIES)).entries:
            yield from _slides(entry.statement, shapes)

    def _target(self, target: str) -> bytes:
        above, _, name = target.rpartition("/")
        return (self._served / "targets" / above / f"{self._files[target].hashes['sha256']}.{name}").read_bytes()


def _versioned(role: str, version: int) -> str:
    return f"{version}.{role}.json"


def _slides(statement: bytes, shapes: set[str]) -> Iterator[str]:
    """The pictures and films that boards of these shapes fetch."""
    for shape, slides in Statement.read(statement).slides.items():
        for slide in slides if shape in shapes else ():
            yield f"slides/{slide.name}"
            if slide.film:
                yield f"slides/{slide.film.name}"


# ── onto the stick ───────────────────────────────────────────────────────────────────────────────


def _check_room(folder: Path, parts: list[Part]) -> None:
    """Each file takes whole blocks (FAT: 4 to 64 KiB), its folder's entry with its long name a little more."""
    about = os.statvfs(folder)
    block = max(512, about.f_frsize)
    need = sum(-(-part.source.stat().st_size // block) * block + 512 for part in parts) + SPARE
    if about.f_bavail * about.f_frsize < need:
        mb = 1024**2
        free = about.f_bavail * about.f_frsize // mb
        raise Unavailable("usb-full", folder=str(folder), need=need // mb + 1, free=free)


def _copied(part: Part, path: Path) -> int:
    """Copy one file, to the medium; how many bytes it has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with part.source.open("rb") as source, path.open("xb") as target:
        while block := source.read(_BLOCK):
            target.write(block)
            size += len(block)
        target.flush()
        os.fsync(target.fileno())
    return size


def _compare(part: Part, path: Path) -> None:
    """Read it again: false sticks claim more than they hold. Raises `Unavailable` (`usb-bad-medium`)."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # not from memory
        found = sha256()
        while block := file.read(_BLOCK):
            found.update(block)
    if found.hexdigest() != durable.sha256_of(part.source):
        raise Unavailable("usb-bad-medium", file=part.name)
