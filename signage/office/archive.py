"""Everything that boards were ever told, kept: so that any past moment can be drawn again.

    luu-tru/<year>/<moment>-<number>-<targets>.json.xz    one publication, in the bytes that were signed
    luu-tru/dossiers/<sha256>.json                        each dossier that a manifest has named

Slides, and the records that take something back, stay in the review book for ever; here are the metadata, the
people, the manifests and the emergencies that made them a publication. In one file: the manifests of a commune's
boards are much alike, and compress together.
"""

from __future__ import annotations

import lzma
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Metadata, Targets

from .. import durable
from ..dossier import FOLDER as DOSSIERS
from ..errors import Refused
from ..publication import EMERGENCIES, MAX_MANIFEST, PEOPLE
from ..wire import BadFormat, canonical, parse, to_moment, when
from .repository import Repository

FOLDER = "luu-tru"
MAX_KEPT = 64 * 1024 * 1024  # bytes of one publication, unpacked
MAX_ROOTS = 256
_NAME = re.compile(r"(\d{8}T\d{6}Z)-(\d+)-(\d+)\.json\.xz")
_PRESET = 1  # of LZMA: a window of 1 MiB holds every board's manifest


@dataclass(frozen=True)
class Kept:
    """A publication as it was signed."""

    roots: tuple[bytes, ...]
    targets: bytes
    lich: bytes
    files: dict[str, bytes]  # people.json, manifests, emergencies, by target name


def keep(repo: Repository, folder: Path, now: datetime) -> Path | None:
    """Keep what is published now, seen at `now`, unless it is kept already; the new file, or None.

    What a power cut left signed but named by no timestamp was told to nobody, and is not kept.
    """
    if repo.current(EMERGENCIES) is None or not repo.served:
        return None
    number, made = _edition(repo)
    known = {path.name.partition("-")[2] for path in folder.glob(f"*/*-{number}-*.json.xz")}
    ending = f"{number}-{repo.version('targets')}.json.xz"
    if ending in known:
        return None
    _keep_dossiers(repo.metadata.parent / DOSSIERS, folder / DOSSIERS)
    lich = repo.signed("lich")
    names = [PEOPLE, *Metadata[Targets].from_bytes(lich).signed.targets]
    told = canonical({
        "v": 1, "roots": [path.read_text("utf-8") for path in repo.versions("root")],
        "targets": repo.signed("targets").decode(), "lich": lich.decode(),
        "files": {name: (repo.current(name) or b"").decode() for name in names},
    })  # fmt: skip
    moment = now if known else made  # of new people alone nobody knows better than when they are seen
    compact = when(moment).translate({ord("-"): None, ord(":"): None})
    path = folder / compact[:4] / f"{compact}-{ending}"
    durable.write(path, lzma.compress(told, preset=_PRESET))
    return path


def _edition(repo: Repository) -> tuple[int, datetime]:
    """The number of what is published, and when it was made: a manifest and the emergencies may be of two editions."""
    emergencies, *manifests = sorted(repo.current_names(), key=EMERGENCIES.__ne__)
    told = (parse(repo.current(name) or b"", limit=MAX_MANIFEST) for name in (emergencies, *manifests[:1]))
    return max((fields.integer("number"), fields.when("made")) for fields in told)


def _keep_dossiers(served: Path, folder: Path) -> None:
    for path in served.glob("*.json"):
        if not (folder / path.name).exists():
            durable.write(folder / path.name, path.read_bytes())


def at(folder: Path, moment: datetime) -> Kept | None:
    """What was published at `moment`, or None before the first publication that is kept.

    Raises `Refused` (`archive-damaged`).
    """
    found = [(one, path) for path in folder.glob("*/*.json.xz") if (one := _named(path)) and one[2] <= moment]
    return _read(max(found)[1]) if found else None


def _named(path: Path) -> tuple[int, int, datetime] | None:
    """(number, version of targets, moment): a higher number is later, whatever the office's clock said."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    day, time = match[1][:8], match[1][9:15]
    try:
        moment = to_moment(f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}Z")
    except ValueError:
        return None
    return int(match[2]), int(match[3]), moment


def _read(path: Path) -> Kept:
    try:
        unpacked = lzma.LZMADecompressor(memlimit=MAX_KEPT).decompress(path.read_bytes(), MAX_KEPT)
        fields = parse(unpacked, limit=MAX_KEPT)
        files = fields.object("files")
        return Kept(
            tuple(str(text).encode() for text in fields.array("roots", most=MAX_ROOTS)),
            fields.text("targets", most=MAX_KEPT).encode(), fields.text("lich", most=MAX_KEPT).encode(),
            {name: files.text(name, most=MAX_KEPT).encode() for name in files.raw},
        )  # fmt: skip
    except (OSError, lzma.LZMAError, EOFError, BadFormat) as error:
        raise Refused("archive-damaged", file=path.name, why=str(error)) from error
