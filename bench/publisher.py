"""A commune in small that publishes for one board, with real keys: what the players' benches show.

Statements, records and slides are made by hand, without drawing any notice, so that a bench says
exactly what lies on the board and when; repository, signatures and transport are the real ones.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from signage.board import identity
from signage.board.clock import Clock
from signage.board.download import Line
from signage.board.identity import Board
from signage.board.sync import Outcome, Syncer
from signage.dossier import Dossier, file_name
from signage.keys import PrivateKey
from signage.office.manifests import Edition, emergencies_kept
from signage.office.repository import Repository
from signage.office.serving import Server
from signage.publication import (
    EMERGENCIES,
    MAX_EMERGENCIES,
    EmergencyList,
    Item,
    Manifest,
    Mode,
    Removed,
    Shape,
    manifest_name,
)
from signage.review import ClockArea, People, Person, PersonKey, SlideFile, Statement, sign
from signage.wire import sha256

COMMUNE, BOARD = "99999", "bench"
ROLES = {"p1": "author", "p2": "approver", "p5": "duty"}
PATCH = 96  # pixels: a square at the lower right, black on slides of even numbers and white on odd ones
DAY = timedelta(days=1)


def paper(number: int) -> tuple[int, int, int]:
    """The colour of a slide's upper left corner."""
    return 11, 61, 110 + number % 100


def picture(number: int, size: tuple[int, int], colour: tuple[int, int, int] | None = None) -> bytes:
    """A slide as text slides are: few colours, sharp edges, WebP without loss."""
    width, height = size
    image = Image.new("RGB", size, colour or paper(number))
    draw = ImageDraw.Draw(image)
    step_x, step_y = max(4, width // 44), max(8, height // 11)
    for line in range(1, 10):
        for letter in range(40):
            x, y = (letter + 2) * step_x, line * step_y
            stroke = (letter * 7 + line * 5 + number) % step_x * 3 // 4
            draw.rectangle((x, y, x + stroke, y + step_y * 6 // 10), fill="white")
    side = min(PATCH, height // 8)
    draw.rectangle((width - side, height - side, width, height), fill="white" if number % 2 else "black")
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True, method=4)
    return out.getvalue()


def slide_file(data: bytes, dwell_ms: int, clock: ClockArea | None = None) -> SlideFile:
    """What a statement says of these bytes; for bytes that are no picture, their own digest stands in."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            pixels = sha256(image.convert("RGB").tobytes())
    except OSError:
        pixels = sha256(data)
    return SlideFile(sha256(data), len(data), pixels, "image/webp", dwell_ms, clock)


@dataclass
class Publisher:
    """Change the fields, then `publish(now)`. `values` are fields of the manifest: `dark`, `fade_ms` …"""

    folder: Path
    shape: Shape
    began: datetime
    items: list[Item] = field(default_factory=list)
    emergencies: list[Dossier] = field(default_factory=list)
    cancelled: list[Dossier] = field(default_factory=list)
    withdrawn: list[Removed] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    rotate: int = 0
    board: str = BOARD
    names: tuple[str, str] = ("Xã Mẫu", "Bảng thử")  # of the commune, of the board
    clock: ClockArea | None = None  # on every slide from now on
    number: int = 0

    def __post_init__(self) -> None:
        self._keys = {name: PrivateKey.generate() for name in ROLES}
        self.served = self.folder / "publication" / "board"
        year = timedelta(days=365)
        people = People(
            tuple(
                Person(n, frozenset([ROLES[n]]), (PersonKey(k.public, self.began - year, self.began + year),))
                for n, k in self._keys.items()
            )
        )
        self._repository = Repository.create(
            self.served, self.folder / "keys", commune=COMMUNE, people=people.to_bytes(),
            now=self.began - timedelta(hours=1),
        )  # fmt: skip
        self.server = Server(self.folder / "publication").start()

    def shown(self, item: Item) -> Statement:
        """What an item shows."""
        return Statement.read(Dossier.read((self.served / file_name(item.dossier)).read_bytes()).statement)

    def statement(self, title: str, slides: list[bytes], dwell_ms: int, **values: Any) -> Statement:
        """A notice with these slides, valid for thirty days from yesterday unless `values` say otherwise."""
        files = tuple(slide_file(data, dwell_ms, self.clock) for data in slides)
        for data, file in zip(slides, files, strict=True):
            self.put(f"slides/{file.name}", data)
        usual = Statement(
            COMMUNE, f"tin/{sha256(title.encode())[:12]}", "0" * 64, "0" * 64, (), "tin", "thong-thuong", title,
            self.began - DAY, self.began + 30 * DAY, ("all",), {self.shape.name: files} if files else {}, {},
        )  # fmt: skip
        return replace(usual, **values)

    def show(self, statement: Statement) -> Item:
        """Into the rotation: submitted by one, approved by another."""
        records = (self._record(statement, "p1", "submit"), self._record(statement, "p2", "approve"))
        dossier = Dossier(statement.to_bytes(), records)
        self.put(file_name(dossier.sha256), dossier.to_bytes())
        item = Item(dossier.sha256, ((statement.start, statement.end),), len(self.items))
        self.items.append(item)
        return item

    def alarm(self, title: str, level: int, start: datetime, end: datetime, slides: list[bytes]) -> None:
        """Raise an emergency; without slides the board draws its words."""
        alert = {
            "level": level, "source": "Đài KTTV (mẫu)", "bulletin_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "words": "Nước sông đang lên nhanh. Bà con ở ven sông di dời ngay đến nhà văn hóa thôn.",
        }  # fmt: skip
        self.raise_alarm(
            self.statement(title, slides, 8000, klass="khan-cap", kind="thien-tai", alert=alert, start=start, end=end)
        )

    def raise_alarm(self, statement: Statement) -> None:
        """Into the emergency list: approved by the duty person alone."""
        self.emergencies.append(Dossier(statement.to_bytes(), (self._record(statement, "p5", "approve"),)))

    def calm(self, now: datetime) -> None:
        """Take every emergency back, as an approver does."""
        for entry in self.emergencies:
            record = self._record(Statement.read(entry.statement), "p2", "withdraw", now)
            self.cancelled = [*self.cancelled, Dossier(entry.statement, (record,))][-MAX_EMERGENCIES:]
        self.emergencies = []

    def publish(self, now: datetime) -> None:
        """Sign what there is, and make it current."""
        self.number += 1
        size = (self.shape.width, self.shape.height)
        mode = Mode(size, (0, 0, *size), self.rotate, self.shape)
        manifest = Manifest(
            COMMUNE, self.names[0], self._repository.identity()[1], self.board, self.names[1], self.number, now,
            now + 90 * DAY, mode, tuple(self.items), (), **self.values,
        )  # fmt: skip
        # As the office does: what would be over by now needs no withdrawal any more.
        self.cancelled = [gone for gone in self.cancelled if Statement.read(gone.statement).end > now]
        alarms = EmergencyList(self.number, now, tuple(self.emergencies), tuple(self.cancelled))
        lich = {manifest_name(self.board): manifest.to_bytes(), EMERGENCIES: alarms.to_bytes()}
        edition = Edition.at(manifest.repository, self.number, now)
        self._repository.publish(emergencies_kept(lich, self._repository, edition), now)

    def root(self) -> bytes:
        """What a board is enrolled with."""
        return self._repository.root_bytes()

    def enroll(self, folder: Path) -> Board:
        return identity.enroll(folder, board=self.board, url=self.server.address, root=self.root())

    def _record(self, statement: Statement, person: str, act: str, at: datetime | None = None) -> bytes:
        key, role = self._keys[person], ROLES[person]
        return sign(key, act=act, statement=statement.sha256, person=person, role=role, at=at or self.began).sealed.data

    def put(self, name: str, data: bytes) -> None:
        path = self.served / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def fetch(board: Board, now: datetime | None = None) -> Outcome:
    """One round of sync, at a moment that is pretended or the machine's own."""
    outcome = Syncer(board, Line(), Clock(now, bounded=now is None)).round()
    assert outcome.error is None, outcome
    return outcome


def slideshow(
    folder: Path, size: tuple[int, int], slides: int, dwell_ms: int, **values: Any
) -> tuple[Board, Publisher]:
    """A board that already holds one approved notice of so many slides."""
    now = datetime.now(UTC).replace(microsecond=0)
    commune = Publisher(folder, Shape("lcd", *size), now, values=values)
    commune.show(commune.statement("Bench", [picture(n, size) for n in range(slides)], dwell_ms))
    commune.publish(now)
    board = commune.enroll(folder / "board")
    fetch(board)
    return board, commune
