"""What a board says about itself: health, plays, faults; the format that goes up to the hub.

A report is a DSSE envelope signed by the board's key. `seq` and `prev` chain one board's reports,
so that a lost, repeated or reordered one is noticed. Format: docs/formats.md, "Report".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .keys import REPORT_TYPE, PrivateKey, Sealed
from .wire import BadFormat, Fields, canonical, parse, sha256, to_moment, when

MAX_REPORT = 64 * 1024  # bytes of one report's payload: all that follows at its limit fits
MAX_PLAYS = 200  # plays in one report; the rest go into the next
MAX_FAULTS = 40
MAX_FRAME = 24 * 1024  # bytes of the picture
MAX_BATCH = 40  # reports that may be sent in one go, one envelope a line
MAX_BATCH_BYTES = 256 * 1024  # of them together
VERDICTS = ("match", "transition", "foreign", "black", "frozen", "dark", "unknown")
WORN_LIFE, WORN_EOL = 0x0A, 0x02  # `Wear.life` and `Wear.eol` from which a person must act
MAX_VERSION = 80  # characters of a version or a name of what a board is made of
FRAME_LAYERS = ("surface", "window")
CLOCKS = ("trusted", "suspect", "unknown")


@dataclass(frozen=True)
class Showing:
    """What is on the glass: `kind` says which of the player's states, `layer` how far it was checked."""

    kind: str  # "rotation" | "emergency" | "evergreen" | "safe"
    statement: str | None
    file: str | None
    title: str
    since: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "statement": self.statement, "file": self.file,
            "title": self.title, "since": when(self.since),
        }  # fmt: skip

    @classmethod
    def read(cls, fields: Fields) -> Showing:
        return cls(
            fields.choice("kind", ("rotation", "emergency", "evergreen", "safe")),
            fields.maybe("statement", fields.sha), fields.maybe("file", fields.sha),
            fields.text("title", most=200), fields.when("since"),
        )  # fmt: skip


@dataclass(frozen=True)
class Play:
    """One slide was on the glass: its file, from when, for how many milliseconds."""

    file: str
    at: datetime
    ms: int


@dataclass(frozen=True)
class Frame:
    """A small JPEG of the glass, when it was taken, and who looked.

    `layer`: "window", what stood there, whoever drew it; "surface", what the player says that it drew.
    """

    jpeg: bytes
    at: datetime
    layer: str

    def as_json(self) -> dict[str, Any]:
        data = base64.b64encode(self.jpeg).decode()
        return {"type": "image/jpeg", "at": when(self.at), "layer": self.layer, "data": data}

    @classmethod
    def read(cls, fields: Fields) -> Frame:
        layer = fields.choice("layer", FRAME_LAYERS)
        return cls(fields.data("data", most=MAX_FRAME), fields.when("at"), layer)


@dataclass(frozen=True)
class Machine:
    """What the board's computer measures; None where there is no such sensor."""

    uptime_s: int
    rss_mb: int
    disk_free_mb: int
    temp_c: int | None = None

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def read(cls, fields: Fields) -> Machine:
        temp = fields.maybe("temp_c", lambda name: fields.integer(name, least=-60, most=150))
        return cls(fields.integer("uptime_s"), fields.integer("rss_mb"), fields.integer("disk_free_mb"), temp)


@dataclass(frozen=True)
class Wear:
    """What an eMMC says of its own wear (JEDEC JESD84-B51, EXT_CSD 267 to 269).

    `life`: tenths used of its two kinds of memory, 1 to 11; 0: it does not say. `eol`: spare blocks, 1 normal,
    2 a fifth is left, 3 urgent; 0: it does not say.
    """

    disk: str
    life: tuple[int, int]
    eol: int

    @property
    def worn(self) -> bool:
        """Nine tenths used, or few spare blocks."""
        return max(self.life) >= WORN_LIFE or self.eol >= WORN_EOL

    def as_json(self) -> dict[str, Any]:
        return {"disk": self.disk, "life": list(self.life), "eol": self.eol}

    @classmethod
    def read(cls, fields: Fields) -> Wear:
        first, second = fields.integers("life", count=2, most=255)
        return cls(fields.name("disk"), (first, second), fields.integer("eol", most=255))


@dataclass(frozen=True)
class About:
    """What a board runs on: told when it starts, when something of it changes, and once a day."""

    bangtin: str
    python: str
    system: str  # the operating system and its kernel
    pygame: str | None
    sdl: str | None  # None: no player has run
    model: str | None  # of the computer
    disk_mb: int  # whole size of the disk that holds the board
    wear: Wear | None  # None: the disk does not say (memory cards never do)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "wear": self.wear.as_json() if self.wear else None}

    @classmethod
    def read(cls, fields: Fields) -> About:
        def text(name: str) -> str:
            return fields.text(name, most=MAX_VERSION)

        wear = fields.maybe("wear", fields.object)
        return cls(
            text("bangtin"), text("python"), text("system"), fields.maybe("pygame", text), fields.maybe("sdl", text),
            fields.maybe("model", text), fields.integer("disk_mb"), Wear.read(wear) if wear else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Report:
    """One report. `prev` is the SHA-256 of the previous report's payload, zeros for the first."""

    commune: str  # code, five digits
    repository: str  # SHA-256 of the commune's first root, as manifests name it
    board: str
    seq: int
    prev: str
    sent: datetime
    publication: int | None  # number of the manifest in force
    showing: Showing | None
    verdict: str
    layer: str  # "surface": the player's own picture; "window": an independent look; "none"
    plays: tuple[Play, ...]
    faults: tuple[tuple[str, datetime], ...]
    clock_state: str
    clock_offset_ms: int | None
    sync_last_ok: datetime | None
    sync_error: str | None
    machine: Machine
    frame: Frame | None  # when somebody asked for it, and on change where bytes cost nothing
    sync_usb: datetime | None = None  # when a stick was last taken in; left out of the JSON when none was
    about: About | None = None  # left out of the JSON of most

    def to_payload(self) -> bytes:
        frame = self.frame.as_json() if self.frame else None
        return canonical({
            "v": 1, "commune": self.commune, "repository": self.repository, "board": self.board,
            "seq": self.seq, "prev": self.prev, "sent": when(self.sent),
            "publication": self.publication, "showing": self.showing.as_json() if self.showing else None,
            "verdict": self.verdict, "layer": self.layer,
            "plays": [[p.file, when(p.at), p.ms] for p in self.plays],
            "faults": [{"code": code, "since": when(since)} for code, since in self.faults],
            "clock": {"state": self.clock_state, "offset_ms": self.clock_offset_ms},
            "sync": {
                "last_ok": when(self.sync_last_ok) if self.sync_last_ok else None, "error": self.sync_error,
                **({"usb": when(self.sync_usb)} if self.sync_usb else {}),
            },
            "machine": self.machine.as_json(), "frame": frame,
            **({"about": self.about.as_json()} if self.about else {}),
        })  # fmt: skip

    def sealed(self, key: PrivateKey) -> bytes:
        """The envelope to send."""
        return key.seal(self.to_payload(), REPORT_TYPE)

    @property
    def sha256(self) -> str:
        return sha256(self.to_payload())

    @classmethod
    def read(cls, payload: bytes) -> Report:
        """Raises `BadFormat`."""
        fields = parse(payload, limit=MAX_REPORT)
        clock, sync = fields.object("clock"), fields.object("sync")
        frame = fields.maybe("frame", fields.object)
        showing, about = fields.maybe("showing", fields.object), fields.maybe("about", fields.object)
        return cls(
            commune=fields.commune("commune"),
            repository=fields.sha("repository"),
            board=fields.name("board"),
            seq=fields.integer("seq", least=1),
            prev=fields.sha("prev"),
            sent=fields.when("sent"),
            publication=fields.maybe("publication", fields.integer),
            showing=Showing.read(showing) if showing else None,
            verdict=fields.choice("verdict", VERDICTS),
            layer=fields.choice("layer", ("none", "surface", "window")),
            plays=tuple(_play(p, i) for i, p in enumerate(fields.array("plays", most=MAX_PLAYS))),
            faults=tuple((f.name("code"), f.when("since")) for f in fields.objects("faults", most=MAX_FAULTS)),
            clock_state=clock.choice("state", CLOCKS),
            clock_offset_ms=clock.maybe("offset_ms", lambda n: clock.integer(n, least=-(2**53))),
            sync_last_ok=sync.maybe("last_ok", sync.when),
            sync_error=sync.maybe("error", lambda n: sync.text(n, most=200)),
            machine=Machine.read(fields.object("machine")),
            frame=Frame.read(frame) if frame else None,
            sync_usb=sync.maybe("usb", sync.when),
            about=About.read(about) if about else None,
        )


def _play(value: Any, i: int) -> Play:
    try:
        file, at, ms = value
        return Play(Fields({"f": file}).sha("f"), to_moment(at), Fields({"ms": ms}).integer("ms", most=10**9))
    except (TypeError, ValueError) as error:
        raise BadFormat(f"$.plays[{i}]", "not [file, time, milliseconds]") from error


def open_report(data: bytes) -> tuple[Sealed, Report]:
    """The envelope and the report that it claims to be; whose signature it bears is the hub's to check."""
    sealed = Sealed.read(data, REPORT_TYPE)
    return sealed, Report.read(sealed.payload)
