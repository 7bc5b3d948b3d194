"""What each board shows now, as small pictures for the website; and the picture that a shared link carries.

Taken from the manifests as published and from the very slide files that people approved, made smaller.
What was made is kept in `state/` by the hash of its slide: a slide is made smaller once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from .. import durable
from ..errors import Refused
from ..notice.vocabulary import PRIORITY, SLOGAN
from ..publication import Manifest, Shape, manifest_name
from ..review import SlideFile, Statement
from ..schedule import active, merged
from ..settings import Board, Settings
from ..wire import sha256
from . import dossiers
from .book import Book
from .repository import Repository

THUMB_WIDTH = 480  # pixels of a board's picture on the site: 13 kB of a text slide
MAX_SHOWN = 24  # slides of one board on its page
FOLDER = "thumbs"  # below state/


@dataclass(frozen=True)
class Picture:
    """A file of the site, and its size in pixels."""

    name: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Turn:
    """One notice in a board's rotation: its first slide, made small."""

    notice: str
    title: str
    statement: str
    picture: Picture
    weight: int  # what the home page would rather show: priority, then notices, then slogans


@dataclass(frozen=True)
class Showing:
    """A board at a moment; `safe`: somebody has put the safe slide on all boards."""

    board: Board
    turns: tuple[Turn, ...]
    safe: bool = False


def widest(slides: Mapping[str, Sequence[SlideFile]]) -> str | None:
    """The widest of the shapes that lie on a screen, a light one before a dark one; of those that have slides."""
    shapes = [Shape.named(name) for name, each in slides.items() if each]
    wide = [shape for shape in shapes if shape.kind == "lcd" and shape.width > shape.height]
    return max(wide, key=lambda shape: (shape.width, not shape.paper)).name if wide else None


def _smaller(data: bytes, width: int) -> bytes:
    from . import drawing  # not above: where every picture was made already, nothing is drawn

    return drawing.small(data, width)


def _card(data: bytes) -> bytes:
    from . import drawing

    return drawing.card(data)


class Pictures:
    """The small pictures of slides, made once."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.state / FOLDER
        self._used: set[str] = set()

    def thumb(self, slide: SlideFile, path: Path, shape: Shape) -> Picture:
        """A slide as a board's picture on the site."""
        name = f"{slide.file[:16]}.webp"
        width = min(THUMB_WIDTH, shape.width)
        height = round(shape.height * width / shape.width)
        return Picture(f"bang/{name}", self._made(name, path, partial(_smaller, width=width)), width, height)

    def card(self, statement: Statement, book: Book) -> bytes | None:
        """1200 × 630 for a shared link (Open Graph), of the widest slide of a screen; None without one."""
        name = widest(statement.slides)
        if name is None:
            return None
        slide = statement.slides[name][0]
        digest, _, kind = slide.name.partition(".")
        return self._made(f"{digest[:16]}.jpg", book.file(digest, kind), _card)

    def _made(self, name: str, source: Path, make: Callable[[bytes], bytes]) -> bytes:
        self._used.add(name)
        path = self._folder / name
        if path.exists():
            return path.read_bytes()
        data = make(source.read_bytes())
        durable.write(path, data)
        return data

    def sweep(self) -> None:
        """Forget what no page shows any more."""
        for path in self._folder.glob("*"):
            if path.name not in self._used:
                durable.remove(path)


class Served:
    """The manifests that boards fetch, and the statements in their dossiers; each read once."""

    def __init__(self) -> None:
        self._manifests: dict[str, tuple[str, Manifest]] = {}  # by board
        self.told: dict[str, tuple[str, Statement]] = {}  # by dossier: the statement's SHA-256, and what it says

    def manifests(self, repo: Repository, boards: Iterable[str]) -> dict[str, Manifest]:
        """By board, of those that were ever published."""
        hashes, before = repo.hashes(), self._manifests
        self._manifests = {}
        for board in boards:
            name = manifest_name(board)
            if (digest := hashes.get(name)) is None:
                continue
            known = before.get(board)
            if known is None or known[0] != digest:
                known = digest, Manifest.read(repo.target_path(name, digest).read_bytes())
            self._manifests[board] = known
        found = {board: manifest for board, (_, manifest) in self._manifests.items()}
        needed = {item.dossier for manifest in found.values() for item in manifest.items}
        self.told = {name: told for name, told in self.told.items() if name in needed}
        for name, dossier in dossiers.found(repo.metadata.parent, needed - self.told.keys()):
            self.told[name] = sha256(dossier.statement), Statement.read(dossier.statement)
        return found


def showing(
    settings: Settings, repo: Repository, book: Book, pictures: Pictures, now: datetime, served: Served | None = None
) -> list[Showing]:
    """Every board of the commune as the publication in force has it; one that was never published shows nothing."""
    served = served or Served()
    manifests = served.manifests(repo, (board.id for board in settings.boards))
    found = []
    for board in settings.boards:
        manifest = manifests.get(board.id)
        if manifest is None or manifest.safe:
            found.append(Showing(board, (), safe=manifest is not None))
            continue
        here = _on_now(manifest, served.told, now)
        found.append(Showing(board, tuple(_turns(here, manifest.mode.shape, book, pictures))[:MAX_SHOWN]))
    return found


def _on_now(
    manifest: Manifest, told: Mapping[str, tuple[str, Statement]], now: datetime
) -> list[tuple[str, Statement]]:
    gone = {*manifest.hidden, *(r.statement for r in manifest.withdrawn), *manifest.templates}
    every = [(*told[item.dossier], item.ranges) for item in manifest.items if item.dossier in told]
    here = [(sha, statement, spans) for sha, statement, spans in every if sha not in gone]
    shown = [(sha, statement) for sha, statement, spans in here if spans and active(merged(spans), now)]
    return shown or [(sha, statement) for sha, statement, _ in here if sha in manifest.evergreen]


def _turns(
    here: Iterable[tuple[str, Statement]], shape: Shape, book: Book, pictures: Pictures
) -> Iterable[Turn]:  # fmt: skip
    for sha, statement in here:
        slides: Sequence[SlideFile] = statement.slides.get(shape.name, ())
        if not slides:
            continue
        digest, _, kind = slides[0].name.partition(".")
        try:
            path = book.file(digest, kind)
        except Refused:  # damaged: told elsewhere
            continue
        weight = 2 if statement.klass == PRIORITY else 0 if statement.kind == SLOGAN else 1
        yield Turn(statement.notice, statement.title, sha, pictures.thumb(slides[0], path, shape), weight)
