"""What this board holds, whole after a power cut: content-addressed files and two generations.

    shelf/objects/<sha256>        slides, films, dossiers, their statements, records, each named by its hash
    shelf/part-<sha256>           a film that is being fetched
    shelf/generation-<n>.json     everything needed to verify again without a network: metadata,
                                  people, manifest, emergencies, and what must not be forgotten
    shelf/generation-<n>.copy     the same again: one rotten file must not bring back what was withdrawn
    shelf/current                 which generations there are, newest first; replaced last

Only `sync` writes here. The player sees a change by one `stat` of `current`.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .. import durable
from ..errors import BangtinError, Unavailable
from ..publication import EMERGENCIES, MAX_ITEMS, EmergencyList, Manifest, manifest_name
from ..wire import BadFormat, Fields, canonical, parse, sha256, to_moment, when
from . import trust
from .clock import Proof
from .judging import MAX_REMEMBERED, judge
from .playlist import Memory, Playlist
from .wants import inline_slides, named, slides_of, statement_of

KEPT = 2  # generations
MIN_FREE = 64 * 1024 * 1024  # bytes that stay free on the board's disk
MAX_GENERATION = 32 * 1024 * 1024  # bytes of a generation's file
MAX_POINTER = 4096  # bytes
_GENERATIONS = "generation-*"
MAX_ROOTS = 256  # roots between the enrolled one and the newest


@dataclass(frozen=True)
class Generation:
    """One publication as this board accepted it, in the bytes that were signed."""

    chain: trust.Chain  # its first root is not kept here: it is the enrolled one
    files: dict[str, bytes]  # by target name: people, manifest, emergencies
    memory: Memory

    def to_bytes(self) -> bytes:
        memory = {sha: when(end) if end else None for sha, end in self.memory.withdrawn.items()}
        return canonical({
            "v": 1, "roots": [r.decode() for r in self.chain.roots[1:]],
            "targets": self.chain.targets.decode(), "lich": self.chain.lich.decode(),
            "files": {name: data.decode() for name, data in self.files.items()},
            "withdrawn": memory, "verified": sorted(self.memory.verified),
        })  # fmt: skip

    @classmethod
    def read(cls, data: bytes, root: bytes) -> Generation:
        """Raises `BadFormat`; nothing is verified yet."""
        fields = parse(data, limit=MAX_GENERATION)

        def blob(source: Fields, name: str) -> bytes:
            return source.text(name, most=trust.MAX_METADATA).encode()

        roots = [str(text).encode() for text in fields.array("roots", most=MAX_ROOTS)]
        files = fields.object("files")
        chain = trust.Chain((root, *roots), blob(fields, "targets"), blob(fields, "lich"))
        return cls(chain, {name: blob(files, name) for name in files.raw}, _memory(fields))


def _memory(fields: Fields) -> Memory:
    withdrawn = fields.object("withdrawn").raw
    try:
        ends = {str(sha): to_moment(end) if end is not None else None for sha, end in withdrawn.items()}
    except (TypeError, ValueError) as error:
        raise BadFormat("withdrawn", "not moments") from error
    most = MAX_REMEMBERED + MAX_ITEMS * 4
    return Memory(ends, frozenset(fields.shas("verified", most=most)))


@dataclass(frozen=True)
class Holding:
    """A generation that was verified again, and what it allows."""

    number: int  # of the generation
    generation: Generation
    publication: trust.Publication
    playlist: Playlist
    fallen_back: bool  # a newer generation was damaged, and its copy too
    incomplete: bool  # a dossier or a record that the manifest names is missing, or not whole

    def says(self, chain: trust.Chain, files: dict[str, bytes]) -> bool:
        """Whether exactly these bytes are in force."""
        return not self.fallen_back and (self.generation.chain, self.generation.files) == (chain, files)

    @property
    def floor(self) -> Proof:
        """What it proves of time."""
        return self.publication.proof


class Shelf:
    """The folder. Reading is for every process, writing for `sync` alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.objects = folder / "objects"
        self.pointer = folder / "current"

    # ── objects ──────────────────────────────────────────────────────────────────────────────────

    def put(self, sha: str, data: bytes) -> None:
        """Keep these bytes, which the caller has checked to hash to `sha`."""
        self._write(self.objects / sha, data)

    def adopt(self, path: Path, sha: str) -> None:
        """Keep the file `path`, which the caller has checked to hash to `sha`, under that name."""
        if (self.objects / sha).is_dir():
            self.drop(sha)
        durable.take(path, self.objects / sha)

    def room_for(self, need: int) -> None:
        """Raises `Unavailable` (`disk-full`) when so many bytes would leave too few free."""
        if need and shutil.disk_usage(self.folder.parent).free < need + MIN_FREE:
            raise Unavailable("disk-full", folder=str(self.folder.parent), need=need // 1024**2 + 1)

    def has(self, sha: str, size: int) -> bool:
        """Whether a file of that name and size is there (its hash is checked when it is used)."""
        try:
            found = (self.objects / sha).stat()
            return found.st_size == size and stat.S_ISREG(found.st_mode)
        except OSError:
            return False

    def get(self, sha: str) -> bytes | None:
        """The bytes, when they still hash to their name."""
        try:
            data = (self.objects / sha).read_bytes()
        except OSError:
            return None
        return data if sha256(data) == sha else None

    def rotten(self, sha: str) -> bool:
        """Whether something stands under that name which is not it."""
        return (self.objects / sha).exists() and not self.whole(sha)

    def whole(self, sha: str) -> bool:
        """Whether the file still hashes to its name; read by blocks, for a film may be large."""
        try:
            return durable.sha256_of(self.objects / sha) == sha
        except OSError:
            return False

    def drop(self, sha: str) -> None:
        durable.discard(self.objects / sha)

    def texts(self, manifest: Manifest) -> dict[str, bytes]:
        """The dossiers and records that a manifest names, and the statements taken back, as far as they are whole."""
        names = named(manifest) | {removed.statement for removed in manifest.withdrawn}
        return {name: data for name in names if (data := self.get(name)) is not None}

    # ── generations ──────────────────────────────────────────────────────────────────────────────

    def mark(self) -> tuple[int, int] | None:
        """Changes whenever what is held changes: one `stat`."""
        try:
            found = self.pointer.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def numbers(self) -> list[int]:
        """Generations to try, newest first; from the files' names when the pointer is damaged."""
        there = sorted({n for p in self.folder.glob(_GENERATIONS) if (n := _number(p))}, reverse=True)
        try:
            fields = parse(self.pointer.read_bytes(), limit=MAX_POINTER)
            named = [int(n) for n in fields.array("generations", most=KEPT)]
        except (OSError, BadFormat, TypeError, ValueError):
            return there
        return [n for n in named if n in there] or there

    def holding(self, root: bytes, identity: trust.Identity, now: datetime) -> Holding | None:
        """The newest generation that verifies, through the same functions as when it came."""
        for place, number in enumerate(self.numbers()):
            for path in self._both(number):
                try:
                    generation = Generation.read(path.read_bytes(), root)
                    authority = trust.authority(generation.chain, identity, now)
                    publication = trust.opened(authority, generation.files, identity)
                except (OSError, BangtinError):
                    continue
                texts = self.texts(publication.manifest)
                playlist = judge(publication, texts, identity, now, generation.memory)
                missing = named(publication.manifest) - texts.keys()
                return Holding(number, generation, publication, playlist, place > 0, bool(missing))
        return None

    def mend(self, held: Holding) -> bool:
        """Make both files of what is held good again, and the pointer; True when one (not: is missing) had rotted."""
        numbers = self.numbers()[:KEPT]
        wanted = dict.fromkeys(self._both(held.number), held.generation.to_bytes())
        if not held.fallen_back:
            wanted[self.pointer] = _pointer(numbers)
        wrong = [path for path, data in wanted.items() if not _holds(path, data)]
        rotten = any(path.exists() for path in wrong)
        for path in wrong:
            self._write(path, wanted[path])
        return rotten

    def switch(self, generation: Generation, before: int | None = None) -> int:
        """Make this generation the current one; `before`, the last good one, stays for when this is damaged."""
        number = max([0, *self.numbers(), *(_number(p) for p in self.folder.glob(_GENERATIONS))]) + 1
        (path, copy), data = self._both(number), generation.to_bytes()
        self._write(path, data)
        self._point([number, before] if before else [number])
        self._write(copy, data)  # `mend` does it where the power went before
        return number

    def touch(self) -> None:
        """Tell the player that a missing or damaged file is here now."""
        self._point(self.numbers()[:KEPT])

    def _point(self, numbers: list[int]) -> None:
        self._write(self.pointer, _pointer(numbers))

    def _both(self, number: int) -> tuple[Path, Path]:
        return self.folder / f"generation-{number}.json", self.folder / f"generation-{number}.copy"

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        if path.is_dir():
            durable.discard(path)
        durable.write(path, data)

    def collect(self, live: Iterable[str]) -> None:
        """Delete old generations, and objects that neither a kept one nor `live` names."""
        kept = self.numbers()[:KEPT]
        for path in self.folder.glob(_GENERATIONS):
            if _number(path) not in kept:
                durable.discard(path)
        keep = set(live)
        for folder in (self.folder, self.objects):
            durable.sweep(folder)
        for path in self.objects.glob("*"):
            if path.name not in keep:
                durable.discard(path)

    def kept_objects(self, root: bytes, identity: trust.Identity) -> set[str]:
        """The objects that the kept generations need."""
        live: set[str] = set()
        for number in self.numbers()[:KEPT]:
            for path in self._both(number):
                with suppress(OSError, BangtinError, KeyError):
                    files = Generation.read(path.read_bytes(), root).files
                    live |= self.needed(Manifest.read(files[manifest_name(identity.board)]))
                    live |= inline_slides(EmergencyList.read(files[EMERGENCIES]))
                    break
        return live

    def needed(self, manifest: Manifest) -> set[str]:
        """The objects that a manifest needs, as far as its dossiers are here to tell."""
        live = named(manifest) | {gone.statement for gone in manifest.withdrawn}
        for item in manifest.items:
            if statement := statement_of(self.get(item.dossier) or b""):
                live |= {sha256(statement)} | slides_of(statement)
        return live


def _pointer(numbers: list[int]) -> bytes:
    return canonical({"v": 1, "generations": numbers})


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _number(path: Path) -> int:
    text = path.stem.partition("-")[2]
    return int(text) if text.isdecimal() and len(text) < 12 else 0
