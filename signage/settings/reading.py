"""The two TOML files → `Settings`, with every problem of both."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from typing import TypeVar

from ..errors import BadInput, Problem
from ..keys import SCHEME, PublicKey, valid_public
from ..notice.vocabulary import CLASSES
from ..publication import (
    DAY,
    DAY_LEAST,
    MAX_FADE,
    MAX_OUTPUT_PIXELS,
    NIGHT_LEAST,
    NIGHT_MOST,
    ROTATIONS,
    WAKE_LEVEL,
    WAKES_ALWAYS,
    Mode,
    Shape,
)  # fmt: skip
from ..review import People, Person, PersonKey
from ..review.people import MAX_KEYS
from ..review.record import ROLES
from ..schedule import Pattern, at_most, merged
from .model import BUDGET_S, COMPARE_AT, FADE_MS, Board, Commune, DaysOff, Hamlet, Member, Settings, SharedFolder
from .table import Table

T = TypeVar("T")
SETTINGS, PEOPLE_FILE = "bangtin.toml", "people.toml"
MAX_SETTINGS = 1024 * 1024  # bytes of one settings file
MAX_BUDGET_S = 3600  # seconds
HOUR = r"([01][0-9]|2[0-3]):[0-5][0-9]"
PHONE = r"\+?[0-9][0-9 .-]{1,18}[0-9]"
EMAIL = r"[^\s@]{1,64}@[^\s@]{1,128}"
KEY_LIFE = timedelta(days=3 * 365)  # of a personal key, unless people.toml says otherwise


def load(folder: Path) -> Settings:
    """The commune in `folder`; raises `BadInput` with every problem of both files."""
    problems: list[Problem] = []
    root = _open(folder / SETTINGS, problems)
    people_root = _open(folder / PEOPLE_FILE, problems)
    if problems:
        raise BadInput(problems)
    if root.values.get("v") != 1:
        root.wrong("v", "setting-shape", value=root.values.get("v"), pattern="v = 1")
    root.used |= {"v", "commune"}
    commune = _commune(Table(root.values.get("commune"), "commune", SETTINGS, problems))
    hamlets = _unique([_hamlet(t) for t in root.tables("hamlet")], lambda h: h.id, "hamlet", problems)
    boards = _unique([b for t in root.tables("board") if (b := _board(t))], lambda b: b.id, "board", problems)
    holidays = _days_off(root.table("holidays"))
    sharing = _sharing(root.table("folder"))
    compare_at = _compare_at(root.table("office"))
    root.done()
    read = [_member(t) for t in people_root.tables("person")]
    members = _unique([m for m, _ in read], lambda m: m.id, "person", problems, PEOPLE_FILE)
    _unique([m for m in members if m.email], lambda m: m.email.casefold(), "person.email", problems, PEOPLE_FILE)
    people_root.used.add("v")
    if people_root.values.get("v", 1) != 1:
        people_root.wrong("v", "setting-shape", value=people_root.values["v"], pattern="v = 1")
    people_root.done()
    for board in boards:
        if board.hamlet and board.hamlet not in {h.id for h in hamlets}:
            values = {"value": board.hamlet, "known": ", ".join(h.id for h in hamlets)}
            problems.append(Problem("hamlet-unknown", SETTINGS, None, f"board.{board.id}.hamlet", values=values))
    people = _people([p for _, p in read], problems)
    if problems:
        raise BadInput(problems)
    return Settings(
        folder, commune, tuple(hamlets), tuple(boards), tuple(members), people, holidays, sharing, compare_at
    )


def _open(path: Path, problems: list[Problem]) -> Table:
    try:
        data = path.read_bytes()
        if len(data) > MAX_SETTINGS:
            raise ValueError(f"more than {MAX_SETTINGS} bytes")
        return Table(tomllib.loads(data.decode()), "", path.name, problems)
    except FileNotFoundError:
        problems.append(Problem("settings-missing", path.name, values={"folder": str(path.parent)}))
    except OSError as error:
        why = error.strerror or str(error)
        problems.append(Problem("settings-unreadable", path.name, values={"file": str(path), "why": why}))
    except ValueError as error:
        problems.append(Problem("settings-toml", path.name, values={"why": str(error)}))
    return Table({}, "", path.name, problems)


def _commune(t: Table) -> Commune:
    commune = Commune(
        code=t.text("code", pattern=r"[0-9]{5}"),
        name=t.text("name"),
        short=t.text("short"),
        province=t.text("province"),
        authority=t.text("authority"),
        phone=t.text("phone"),
        phones=t.names("phones", [], pattern=PHONE),
        address=t.text("address", ""),
        email=t.text("email", ""),
        site=t.text("site", pattern=r"https?://[^\s/]+(/[^\s]*)?").rstrip("/"),
        agency=t.text("agency", "", pattern=r"[0-9A-Z]+(\.[0-9A-Z]+)*"),
        sample=t.flag("sample", False),
        hub=t.text("hub", "", pattern=r"https?://[^\s/]+(/[^\s]*)?").rstrip("/"),
    )
    t.done()
    return commune


def _days_off(t: Table) -> DaysOff:
    found = DaysOff(t.days("extra"), t.days("working"))
    t.done()
    return found


def _sharing(t: Table) -> SharedFolder:
    found = SharedFolder(t.text("path", ""), t.flag("on", True), t.flag("polling", False))
    t.done()
    return found


def _compare_at(t: Table) -> time | None:
    text = t.text("compare_at", f"{COMPARE_AT:%H:%M}", pattern=HOUR)
    t.done()
    return time.fromisoformat(text) if re.fullmatch(HOUR, text) else None


def _hamlet(t: Table) -> Hamlet:
    hamlet = Hamlet(t.name("id"), t.text("name"))
    t.done()
    return hamlet


def _board(t: Table) -> Board | None:
    ident, name = t.name("id"), t.text("name")
    kind = t.text("kind", pattern="lcd|led")
    width, height = t.integers("output", 2)
    x, y, w, h = t.integers("viewport", 4, [0, 0, width, height])
    rotate = int(t.number("rotate") or 0)
    dark, night = t.hours("dark"), t.hours("night")
    board_rest = {
        "groups": t.names("groups", []), "hamlet": t.name("hamlet", "") or None, "site": t.text("site", ""),
        "owner": t.text("owner", ""), "officer": t.text("officer", ""), "permit": t.text("permit", ""),
        "pitch_mm": t.number("pitch_mm"), "distance_m": t.number("distance_m"), "metered": t.flag("metered", False),
        "dark": dark, "night": night,
        "brightness": t.whole("brightness", 100, least=DAY_LEAST, most=100, code="brightness-low"),
        "night_brightness": t.whole("night_brightness", 100, least=NIGHT_LEAST, most=100, code="brightness-low"),
        "wake_level": t.whole("wake_level", WAKE_LEVEL, least=1, most=WAKES_ALWAYS), "sound": t.flag("sound", False),
        "fade_ms": t.whole("fade_ms", FADE_MS.get(kind, 0), least=0, most=MAX_FADE),
        "budget_s": t.whole("budget_s", BUDGET_S, least=5, most=MAX_BUDGET_S),
    }  # fmt: skip
    paper = t.text("paper", "", pattern="light|dark" if kind == "lcd" else "dark")
    t.done()
    if _too_long(dark, night):
        name = "dark" if _too_long(dark) else "night"
        t.wrong(name, "night-long", value=t.values[name], most=NIGHT_MOST // timedelta(hours=1))
    if rotate not in ROTATIONS:
        t.wrong("rotate", "setting-shape", value=rotate, pattern="0 | 90 | 180 | 270")
    if width * height > MAX_OUTPUT_PIXELS:
        t.wrong("output", "output-large", pixels=width * height, most=MAX_OUTPUT_PIXELS)
        return None
    if not (w and h) or x + w > width or y + h > height:
        t.wrong("viewport", "viewport-outside", viewport=[x, y, w, h], output=[width, height])
        return None
    upright = (h, w) if rotate in (90, 270) else (w, h)
    shape = Shape(kind, *upright, "dark" if kind == "lcd" and paper == "dark" else "")
    mode = Mode((width, height), (x, y, w, h), rotate, shape)
    return Board(ident, name, mode, **board_rest)  # type: ignore[arg-type]


def _too_long(*hours: tuple[time, time] | None) -> bool:
    """Whether a board would not follow these nightly hours: counted as the board counts (`board.light`)."""
    days = (date(2026, 1, day) for day in range(1, 5))  # any: it is the same every night
    asked = merged(Pattern(one).span(day) for day in days for one in hours if one)
    return at_most(asked, NIGHT_MOST, DAY) != asked


def _member(t: Table) -> tuple[Member, Person]:
    ident, name, roles = t.name("id"), t.text("name"), t.names("roles")
    for role in roles:
        if role not in ROLES:
            t.wrong("roles", "setting-shape", value=role, pattern=" | ".join(ROLES))
    email = t.text("email", "", pattern=EMAIL)
    classes = t.names("classes", [])
    for klass in classes:
        if klass not in CLASSES:
            t.wrong("classes", "setting-shape", value=klass, pattern=" | ".join(CLASSES))
    keys = tuple(k for table in t.tables("key", most=MAX_KEYS) if (k := _key(table)))
    person = Person(ident, frozenset(roles), keys, t.moment("void_from"), classes)
    t.done()
    return Member(ident, name, roles, email), person


def _key(t: Table) -> PersonKey | None:
    t.text("scheme", SCHEME, pattern=SCHEME)
    public, since, until = t.text("public"), t.moment("from"), t.moment("until")
    t.done()
    if not valid_public(public) or since is None:
        t.wrong("public", "setting-shape", value=public[:12], pattern="64 hex (bangtin init / bangtin people)")
        return None
    return PersonKey(PublicKey(public), since, until or since + KEY_LIFE)


def _people(people: list[Person], problems: list[Problem]) -> People:
    publics = [k.key.public for p in people for k in p.keys]
    if len(set(publics)) < len(publics):
        problems.append(Problem("key-shared", PEOPLE_FILE))
    return People(tuple(people))


def _unique(
    found: list[T], ident: Callable[[T], str], what: str, problems: list[Problem], file: str = SETTINGS
) -> list[T]:
    seen: set[str] = set()
    for one in found:
        if ident(one) in seen:
            problems.append(Problem("setting-twice", file, None, what, values={"value": ident(one)}))
        seen.add(ident(one))
    return found
