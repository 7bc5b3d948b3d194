"""What goes down to a board: its manifest and the emergency list; the format, its limits, its check.

A manifest orders and times what people have approved; it is signed by the office's online key and
can neither add nor change a word. Served below `board/` of a publication:

    metadata/                  TUF: N.root.json … timestamp.json
    targets/                   people.json, lich/<board>.json, lich/khan-cap.json (hash-prefixed)
    dossiers/<sha256>.json     records/<sha256>.json   slides/<sha256>.<type>
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .dossier import MAX_RECORDS, Dossier
from .schedule import MAX_RANGES, Range
from .wire import BadFormat, Fields, canonical, parse, when

MAX_MANIFEST = 4 * 1024 * 1024  # bytes
MAX_ITEMS = 1000  # items of one board
MAX_EMERGENCIES = 20  # entries of lich/khan-cap.json
MAX_EMERGENCY_LIST = 4 * 1024 * 1024  # bytes of lich/khan-cap.json
MAX_REMOVED = 2000  # withdrawn or hidden statements that a manifest remembers
MAX_OUTPUT, MAX_OUTPUT_PIXELS = 8192, 4096 * 2160  # of one side; of the whole picture: 4 bytes each in memory
MAX_FADE = 2_000  # milliseconds of a cross-fade
WAKE_LEVEL = 3  # risk level from which an emergency wakes a dark board, unless its record says otherwise
WAKES_ALWAYS = 4  # … and whatever its record says
# Percent of a slide's colour values that a board shows at least: dark is what `dark` says, nothing else. A screen turns
# 40 % into about 13 % of its light (gamma 2.2): 45 cd/m² of an LCD's 350, 650 of a matrix's 5,000. 20 %: 10 and 145.
DAY_LEAST, NIGHT_LEAST, EMERGENCY_LEAST = 40, 20, 40
NIGHT_MOST = timedelta(hours=14)  # a board is dark or at night brightness in any `DAY`: the longest night, with dusk
DAY = timedelta(hours=24)
ROTATIONS = (0, 90, 180, 270)
BOARD_FOLDER = "board"  # below a publication; the rest of it is the website
EMERGENCIES = "lich/khan-cap.json"
PEOPLE = "people.json"


def manifest_name(board: str) -> str:
    """The TUF target path of a board's manifest."""
    return f"lich/{board}.json"


@dataclass(frozen=True)
class Shape:
    """A board's picture: technology and size in pixels; slides are drawn once per shape."""

    kind: str  # "lcd" | "led"
    width: int
    height: int
    paper: str = ""  # "dark": light letters on dark paper, on an LCD; a matrix is never anything else

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.width}x{self.height}" + (f"-{self.paper}" if self.paper else "")

    @classmethod
    def named(cls, name: str) -> Shape:
        """The inverse of `name`; raises `ValueError`."""
        kind, _, rest = name.partition("-")
        size, _, paper = rest.partition("-")
        width, _, height = size.partition("x")
        shape = cls(kind, int(width), int(height), paper)
        # `name` once more: "lcd-+9x0_9" is a shape for int(), and would be a second name of it
        sides = 1 <= shape.width <= MAX_OUTPUT and 1 <= shape.height <= MAX_OUTPUT
        papers = ("", "dark") if kind == "lcd" else ("",)
        if kind not in ("lcd", "led") or paper not in papers or not sides or shape.name != name:
            raise ValueError(name)
        return shape


@dataclass(frozen=True)
class Mode:
    """How a board's picture lies in its output: all in pixels of the HDMI picture, `MAX_OUTPUT_PIXELS` at most.

    The slide is drawn upright at the shape's size and turned by `rotate` degrees clockwise to fill
    the viewport; for 90 and 270 the viewport's sides are the shape's, exchanged.
    """

    output: tuple[int, int]
    viewport: tuple[int, int, int, int]  # x, y, width, height
    rotate: int
    shape: Shape

    def as_json(self) -> dict[str, Any]:
        return {
            "output": list(self.output), "viewport": list(self.viewport),
            "rotate": self.rotate, "shape": self.shape.name,
        }  # fmt: skip

    @classmethod
    def read(cls, fields: Fields) -> Mode:
        """Raises `BadFormat`; the viewport lies in the output and fits the shape."""
        width, height = fields.integers("output", count=2, least=1, most=MAX_OUTPUT)
        if width * height > MAX_OUTPUT_PIXELS:
            raise BadFormat(fields.at("output"), f"more than {MAX_OUTPUT_PIXELS} pixels")
        x, y, w, h = fields.integers("viewport", count=4, most=MAX_OUTPUT)
        rotate = fields.integer("rotate", most=270)
        try:
            shape = Shape.named(fields.text("shape", most=40))
        except ValueError as error:
            raise BadFormat(fields.at("shape"), "not like lcd-1920x1080") from error
        turned = (h, w) if rotate in (90, 270) else (w, h)
        if rotate not in ROTATIONS or x + w > width or y + h > height or turned != (shape.width, shape.height):
            raise BadFormat(fields.at("viewport"), "outside the output, or not of the shape's size")
        return cls((width, height), (x, y, w, h), rotate, shape)


@dataclass(frozen=True)
class Item:
    """One approved statement in a board's schedule: the SHA-256 of its dossier, and when it is shown."""

    dossier: str
    ranges: tuple[Range, ...]  # empty: not in the rotation (an evergreen, say)
    order: int

    def as_json(self) -> dict[str, Any]:
        spans = [[when(low), when(high)] for low, high in self.ranges]
        return {"dossier": self.dossier, "ranges": spans, "order": self.order}

    @classmethod
    def read(cls, fields: Fields) -> Item:
        return cls(
            fields.sha("dossier"), read_ranges(fields, "ranges"),
            fields.integer("order", least=-(10**6), most=10**6),
        )  # fmt: skip


@dataclass(frozen=True)
class Light:
    """How bright a board is, in percent of all it can: by day, and by night in the ranges `nights`.

    Any percentage is read; a board shows no less than `DAY_LEAST` and `NIGHT_LEAST`.
    """

    day: int = 100
    night: int = 100
    nights: tuple[Range, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"day": self.day, "night": self.night, "nights": [[when(a), when(b)] for a, b in self.nights]}

    @classmethod
    def read(cls, fields: Fields) -> Light:
        day, night = (fields.integer(name, least=1, most=100) for name in ("day", "night"))
        return cls(day, night, read_ranges(fields, "nights"))


@dataclass(frozen=True)
class Removed:
    """A statement that was taken back, with the records that say so."""

    statement: str
    records: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """Everything that one board is to show, and how. `number` grows with every publication."""

    commune: str
    commune_name: str
    repository: str
    board: str
    board_name: str
    number: int
    made: datetime
    until: datetime
    mode: Mode
    items: tuple[Item, ...]
    evergreen: tuple[str, ...]  # statements (of items) shown when nothing else is valid
    withdrawn: tuple[Removed, ...] = ()
    hidden: tuple[str, ...] = ()
    dark: tuple[Range, ...] = ()
    # Left out of the JSON at these values.
    templates: tuple[str, ...] = ()  # statements (of items) that an emergency may name; never shown alone
    light: Light = Light()
    wake_level: int = WAKE_LEVEL  # 1 to 5; an emergency from `WAKES_ALWAYS` on wakes the board anyway
    sound: bool = False
    fade_ms: int = 0  # 0: cut
    safe: bool = False  # no notices, the board's own safe slide: somebody has asked for it, on all boards
    phone: str = ""  # to call for whoever sees something strange on a board
    unknown: dict[str, Any] = field(default_factory=dict, compare=False)

    def to_bytes(self) -> bytes:
        return canonical({
            "v": 1, "commune": self.commune, "commune_name": self.commune_name, "repository": self.repository,
            "board": self.board, "board_name": self.board_name, "number": self.number,
            "made": when(self.made), "until": when(self.until), "mode": self.mode.as_json(),
            "items": [i.as_json() for i in self.items], "evergreen": list(self.evergreen),
            "withdrawn": [{"statement": r.statement, "records": list(r.records)} for r in self.withdrawn],
            "hidden": list(self.hidden), "dark": [[when(a), when(b)] for a, b in self.dark],
            **self._chosen(),
        })  # fmt: skip

    def _chosen(self) -> dict[str, Any]:
        """What is not at its default."""
        told = {
            "templates": (list(self.templates), []), "light": (self.light.as_json(), Light().as_json()),
            "wake_level": (self.wake_level, WAKE_LEVEL), "sound": (self.sound, False), "fade_ms": (self.fade_ms, 0),
            "safe": (self.safe, False), "phone": (self.phone, ""),
        }  # fmt: skip
        return {name: value for name, (value, default) in told.items() if value != default}

    @classmethod
    def read(cls, data: bytes) -> Manifest:
        """Raises `BadFormat`."""
        fields = parse(data, limit=MAX_MANIFEST)
        light = fields.maybe("light", fields.object)
        return cls(
            commune=fields.commune("commune"),
            commune_name=fields.text("commune_name", most=200),
            repository=fields.sha("repository"),
            board=fields.name("board"),
            board_name=fields.text("board_name", most=200),
            number=fields.integer("number"),
            made=fields.when("made"),
            until=fields.when("until"),
            mode=Mode.read(fields.object("mode")),
            items=tuple(Item.read(f) for f in fields.objects("items", most=MAX_ITEMS)),
            evergreen=tuple(fields.shas("evergreen", most=MAX_ITEMS)),
            withdrawn=tuple(
                Removed(f.sha("statement"), tuple(f.shas("records", most=MAX_RECORDS)))
                for f in fields.objects("withdrawn", most=MAX_REMOVED)
            ),
            hidden=tuple(fields.shas("hidden", most=MAX_REMOVED)),
            dark=read_ranges(fields, "dark"),
            templates=tuple(fields.shas("templates", most=MAX_ITEMS)) if fields.has("templates") else (),
            light=Light.read(light) if light else Light(),
            wake_level=fields.integer("wake_level", least=1, most=5) if fields.has("wake_level") else WAKE_LEVEL,
            sound=fields.boolean("sound") if fields.has("sound") else False,
            fade_ms=fields.integer("fade_ms", most=MAX_FADE) if fields.has("fade_ms") else 0,
            safe=fields.boolean("safe") if fields.has("safe") else False,
            phone=fields.text("phone", most=200) if fields.has("phone") else "",
        )


@dataclass(frozen=True)
class EmergencyList:
    """The TUF target `lich/khan-cap.json`: all boards of the commune read it. `cancelled`: withdrawals, inline."""

    number: int
    made: datetime
    entries: tuple[Dossier, ...]
    cancelled: tuple[Dossier, ...] = ()

    def to_bytes(self) -> bytes:
        return canonical({
            "v": 1, "number": self.number, "made": when(self.made),
            "entries": [e.as_json() for e in self.entries], "cancelled": [e.as_json() for e in self.cancelled],
        })  # fmt: skip

    @classmethod
    def read(cls, data: bytes) -> EmergencyList:
        """Raises `BadFormat`."""
        fields = parse(data, limit=MAX_EMERGENCY_LIST)

        def entries(name: str) -> tuple[Dossier, ...]:
            return tuple(Dossier.within(f) for f in fields.objects(name, most=MAX_EMERGENCIES))

        return cls(fields.integer("number"), fields.when("made"), entries("entries"), entries("cancelled"))


def read_ranges(fields: Fields, name: str) -> tuple[Range, ...]:
    """A list of `[from, to]` pairs, each not empty; raises `BadFormat`."""
    found = []
    for i, pair in enumerate(fields.array(name, most=MAX_RANGES)):
        if not isinstance(pair, list) or len(pair) != 2:
            raise BadFormat(f"{fields.at(name)}[{i}]", "not a pair of times")
        one = Fields({"from": pair[0], "to": pair[1]}, f"{fields.at(name)}[{i}]")
        low, high = one.when("from"), one.when("to")
        if high <= low:
            raise BadFormat(f"{fields.at(name)}[{i}]", "ends before it starts")
        found.append((low, high))
    return tuple(found)
