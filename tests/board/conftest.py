"""An honest office in small: real keys, real statements and records, the real repository, real HTTP.

Attacks are made by hand from here: another office's keys, bytes changed on the wire, old files.
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageGrab
from tuf.api.metadata import Metadata

from signage.board import identity
from signage.board.clock import Clock
from signage.board.download import Line
from signage.board.identity import Board
from signage.board.sync import Outcome, Syncer
from signage.dossier import Dossier, file_name
from signage.keys import PrivateKey
from signage.office.repository import Repository
from signage.publication import (
    EMERGENCIES,
    EmergencyList,
    Item,
    Manifest,
    Mode,
    Removed,
    Shape,
    manifest_name,
)
from signage.review import ClockArea, People, Person, PersonKey, Record, SlideFile, Statement, sign
from signage.wire import sha256

COMMUNE, BOARD = "99999", "nha-van-hoa-3"
SHAPE = Shape("lcd", 320, 180)
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)


def png(colour: str, size: tuple[int, int] = (320, 180)) -> bytes:
    """A slide that is different at each corner, so that a turned or moved one is noticed."""
    image = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0] // 4, size[1] // 4), fill="#ffffff")
    draw.rectangle((size[0] * 3 // 4, 0, size[0], size[1] // 8), fill="#00ff00")
    draw.line((0, size[1] - 1, size[0], size[1] // 2), fill="#ff00ff", width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def slide_of(data: bytes, dwell_ms: int = 4000, clock: ClockArea | None = None) -> SlideFile:
    with Image.open(io.BytesIO(data)) as image:
        pixels = sha256(image.convert("RGB").tobytes())
    return SlideFile(sha256(data), len(data), pixels, "image/png", dwell_ms, clock)


@dataclass
class Office:
    """A commune that publishes for one board. Fields are changed by tests, then `publish()`."""

    folder: Path
    mode: Mode = field(default_factory=lambda: Mode((320, 180), (0, 0, 320, 180), 0, SHAPE))
    number: int = 0
    items: list[Item] = field(default_factory=list)
    evergreen: list[str] = field(default_factory=list)
    withdrawn: list[Removed] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    emergencies: list[Dossier] = field(default_factory=list)
    cancelled: list[Dossier] = field(default_factory=list)
    overrides: dict[str, Any] = field(default_factory=dict)  # of the manifest
    void: dict[str, datetime] = field(default_factory=dict)  # person → void from
    within: dict[str, str] = field(default_factory=dict)  # dossier → the statement in it

    def __post_init__(self) -> None:
        roles = {"p1": ["author"], "p2": ["author"], "p3": ["approver"], "p4": ["author", "approver"], "p5": ["duty"]}
        self.roles = roles
        self.person_keys = {name: PrivateKey.generate() for name in roles}
        self.served = self.folder / "publication" / "board"
        self.keys = self.folder / "keys"
        self.repository = Repository.create(
            self.served, self.keys, commune=COMMUNE, people=self.people().to_bytes(), now=NOW - DAY
        )

    def people(self) -> People:
        def one(name: str) -> Person:
            key = PersonKey(self.person_keys[name].public, NOW - 400 * DAY, NOW + 400 * DAY)
            return Person(name, frozenset(self.roles[name]), (key,), self.void.get(name))

        return People(tuple(one(name) for name in self.roles))

    # ── people's work ────────────────────────────────────────────────────────────────────────────

    def statement(self, title: str = "Họp thôn", colours: tuple[str, ...] = ("#003366",), **values: Any) -> Statement:
        pictures = [png(colour) for colour in colours]
        clock = values.pop("clock", None)
        slides = tuple(slide_of(data, values.get("dwell_ms", 4000), clock) for data in pictures)
        values.pop("dwell_ms", None)
        for data, slide in zip(pictures, slides, strict=True):
            self.put(f"slides/{slide.name}", data)
        known: dict[str, Any] = {
            "commune": COMMUNE, "notice": f"thong-bao/2026/{sha256(title.encode())[:8]}", "digest": "d" * 64,
            "text": "e" * 64, "files": (), "kind": "hop-thon", "klass": "thong-thuong", "title": title,
            "start": NOW - DAY, "end": NOW + 30 * DAY, "boards": ("all",),
            "slides": {SHAPE.name: slides} if slides else {}, "drawn_by": {"bangtin": "0.1.0"},
        }  # fmt: skip
        return Statement(**{**known, **values})

    def emergency(self, title: str = "Lũ khẩn cấp", hours: float = 6, **values: Any) -> Statement:
        alert = {"level": 4, "source": "Đài KTTV", "bulletin_time": "2026-11-22T00:00:00Z", "words": "Di dời ngay."}
        known: dict[str, Any] = {
            "klass": "khan-cap", "kind": "thien-tai", "alert": alert, "start": NOW - timedelta(minutes=5),
            "end": NOW - timedelta(minutes=5) + timedelta(hours=hours), "colours": ("#d50000",),
        }  # fmt: skip
        return self.statement(title, **{**known, **values})

    def record(
        self, statement: Statement | str, person: str, act: str, role: str, at: datetime | None = None
    ) -> Record:
        sha = statement if isinstance(statement, str) else statement.sha256
        key = self.person_keys[person]
        return sign(key, act=act, statement=sha, person=person, role=role, at=at or NOW - DAY / 2)

    def both(self, statement: Statement) -> list[Record]:
        return [
            self.record(statement, "p1", "submit", "author"),
            self.record(statement, "p3", "approve", "approver"),
        ]

    def show(self, statement: Statement, records: list[Record] | None = None, order: int = 0) -> Statement:
        """Into the manifest: approved by two, unless other records are given."""
        records = self.both(statement) if records is None else records
        self.items.append(Item(self.dossier(statement, records), ((statement.start, statement.end),), order))
        return statement

    def dossier(self, statement: Statement, records: list[Record]) -> str:
        """Put where boards fetch it; its name."""
        dossier = Dossier(statement.to_bytes(), tuple(r.sealed.data for r in records))
        self.put(file_name(dossier.sha256), dossier.to_bytes())
        self.within[dossier.sha256] = statement.sha256
        return dossier.sha256

    def alarm(self, statement: Statement, records: list[Record] | None = None) -> Statement:
        records = [self.record(statement, "p5", "approve", "duty")] if records is None else records
        self.emergencies.append(Dossier(statement.to_bytes(), tuple(r.sealed.data for r in records)))
        return statement

    def withdraw(self, statement: Statement, person: str = "p3", role: str = "approver") -> Record:
        record = self.record(statement, person, "withdraw", role, NOW)
        self.put(f"records/{record.sha256}.json", record.sealed.data)
        self.items = [i for i in self.items if self.within[i.dossier] != statement.sha256]
        self.withdrawn.append(Removed(statement.sha256, (record.sha256,)))
        return record

    # ── the machine's work ───────────────────────────────────────────────────────────────────────

    def put(self, name: str, data: bytes) -> None:
        path = self.served / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def manifest(self) -> Manifest:
        values: dict[str, Any] = {
            "commune": COMMUNE, "commune_name": "Xã Mẫu", "repository": self.repository.identity()[1],
            "board": BOARD, "board_name": "Nhà văn hóa thôn 3", "number": self.number, "made": NOW,
            "until": NOW + 90 * DAY, "mode": self.mode, "items": tuple(self.items),
            "evergreen": tuple(self.evergreen), "withdrawn": tuple(self.withdrawn), "hidden": tuple(self.hidden),
        }  # fmt: skip
        return Manifest(**{**values, **self.overrides})

    def lich(self) -> dict[str, bytes]:
        alarms = EmergencyList(self.number, NOW, tuple(self.emergencies), tuple(self.cancelled))
        return {EMERGENCIES: alarms.to_bytes(), manifest_name(BOARD): self.manifest().to_bytes()}

    def publish(self, now: datetime = NOW) -> None:
        self.number += 1
        self.repository.publish(self.lich(), now)

    def sign_people(self) -> None:
        self.repository.sign_people(self.people().to_bytes(), NOW, None)

    def metadata(self, name: str) -> Path:
        return self.served / "metadata" / name

    def resign(self, role: str, change: Callable[[Any], None], now: datetime = NOW) -> None:
        """What a thief of this role's key can do: change the metadata at will, and make it current."""
        metadata: Metadata[Any] = self.repository._read(role)
        change(metadata.signed)
        self.repository._renew(role, metadata, now)
        self.repository._snapshot(now)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Wire

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        path = Path(self.translate_path(self.path))
        data = path.read_bytes() if path.is_file() else None
        for name, change in self.server.changes.items():
            if name in self.path:
                data = change(data)
        if data is None or isinstance(data, int):
            self.send_response(404 if data is None else data)
            self.send_header("Location", "/board/metadata/timestamp.json")
            data = b""
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


class Wire(ThreadingHTTPServer):
    """The web server, and whoever sits on the line: `changes` maps a part of a path to a forgery."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.changes: dict[str, Callable[[Any], Any]] = {}
        self.asked: list[str] = []
        self._open: list[socket.socket] = []
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        pass

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.append(request)
        super().process_request(request, client_address)

    def stop(self) -> None:
        """As a machine that is gone: kept connections too."""
        self.shutdown()
        self.server_close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def wire(office: Office) -> Iterator[Wire]:
    server = Wire(office.folder / "publication")
    yield server
    server.stop()


@dataclass
class Kiosk:
    """An enrolled board, and its rounds."""

    board: Board
    line: Line = field(default_factory=Line)

    def sync(self, clock: Clock | None = None) -> Outcome:
        """As a new process would: nothing is remembered but what is on the disk."""
        return Syncer(self.board, self.line, clock or Clock()).round()

    def held(self) -> Any:
        from signage.board.shelf import Shelf

        return Shelf(self.board.shelf).holding(self.board.root(), self.board.identity, datetime.now(UTC))

    def shown(self) -> set[str]:
        """Titles of what may be shown now."""
        held = self.held()
        return {entry.title for entry in held.playlist.everything()} if held else set()

    def why(self) -> dict[str, str]:
        held = self.held()
        return {r.statement: r.code for r in held.playlist.refused} if held else {}


def enrolled(office: Office, wire: Wire, folder: Path) -> Kiosk:
    root = office.repository.root_bytes()
    return Kiosk(identity.enroll(folder, board=BOARD, url=wire.url, root=root))


@pytest.fixture
def kiosk(office: Office, wire: Wire, tmp_path: Path) -> Kiosk:
    return enrolled(office, wire, tmp_path / "board")


# ── a display ────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Display:
    name: str

    def grab(self) -> Image.Image:
        """What is on the virtual glass, taken by a program that is not ours."""
        return ImageGrab.grab(xdisplay=self.name).convert("RGB")


@pytest.fixture(scope="session")
def display(make_screen: Callable[[int, int], str]) -> Display:
    """A virtual screen of its own, 1280 × 800."""
    return Display(make_screen(1280, 800))
