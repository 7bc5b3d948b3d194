"""The fleet's settings file: every board with its place, and groups of boards; written from the store, read whole.

    v = 1

    [[board]]
    commune = "20506"
    id = "cong-xa"
    name = "Bảng cổng xã"
    site = "Cổng UBND xã"
    metered = true

    [[group]]
    commune = "20506"          # none: a group of the whole hub
    name = "Các thôn vùng cao"
    boards = ["20506/cong-xa"]
    mute = ["hot"]             # reasons that are kept, but about which nobody is told

What is not in the file stays as it is; a board or a group that is left out is not removed by that, and
one without `mute` keeps what it has: `mute = []` ends it.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import BadInput, Problem
from ...settings.table import NAME, Table

MAX_FILE = 16 * 1024 * 1024  # bytes: 40,000 boards are about 9 MB
MAX_BOARDS = 50_000
MAX_GROUPS = 2000
MAX_MEMBERS = 50_000  # boards of one group
MAX_MUTED = 30  # reasons
CODE = r"[a-z]+(-[a-z]+)*(:[a-z0-9-]{1,64})?"


@dataclass(frozen=True)
class BoardSetting:
    """A board as the file wants it; None: as it is."""

    commune: str
    id: str
    name: str | None = None
    site: str | None = None
    hamlet: str | None = None
    shape: str | None = None
    metered: bool | None = None
    retired: bool | None = None
    latitude: float | None = None  # degrees
    longitude: float | None = None
    mute: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        return f"{self.commune}/{self.id}"


@dataclass(frozen=True)
class GroupSetting:
    """A group; its boards as `commune/id`."""

    commune: str | None
    name: str
    boards: tuple[str, ...]
    mute: tuple[str, ...] | None = None  # as it is

    @property
    def key(self) -> str:
        return f"{self.commune or '*'}/{self.name}"


@dataclass(frozen=True)
class FleetFile:
    """All of a file, or all of a store."""

    boards: tuple[BoardSetting, ...] = ()
    groups: tuple[GroupSetting, ...] = ()


def read(path: Path) -> FleetFile:
    """Raises `BadInput` with every problem."""
    try:
        with path.open("rb") as opened:
            return parsed(opened.read(MAX_FILE + 1), path.name)
    except OSError as error:
        raise BadInput([Problem("settings-toml", str(path), values={"why": str(error)})]) from error


def parsed(data: bytes, name: str) -> FleetFile:
    """The same of bytes; `name`: what problems call the file."""
    problems: list[Problem] = []
    try:
        if len(data) > MAX_FILE:
            raise ValueError(f"more than {MAX_FILE} bytes")
        root = Table(tomllib.loads(data.decode()), "", name, problems)
    except ValueError as error:
        raise BadInput([Problem("settings-toml", name, values={"why": str(error)})]) from error
    if root.values.get("v") != 1:
        root.wrong("v", "setting-shape", value=root.values.get("v"), pattern="v = 1")
    root.used.add("v")
    boards = [_board(table) for table in root.tables("board", most=MAX_BOARDS)]
    groups = [_group(table) for table in root.tables("group", most=MAX_GROUPS)]
    root.done()
    for what, keys in (("board", [b.key for b in boards]), ("group", [g.key for g in groups])):
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                root.wrong(what, "setting-twice", value=key)
            seen.add(key)
    if problems:
        raise BadInput(problems)
    return FleetFile(tuple(boards), tuple(groups))


def written(fleet: FleetFile) -> str:
    """The file that says what a store says."""
    parts = ["v = 1\n"]
    for board in fleet.boards:
        parts.append(
            "\n[[board]]\n" + _lines({name: getattr(board, name) for name in BoardSetting.__dataclass_fields__})
        )
    for group in fleet.groups:
        values = {"commune": group.commune, "name": group.name, "boards": group.boards, "mute": group.mute or None}
        parts.append("\n[[group]]\n" + _lines(values))
    return "".join(parts)


def _board(t: Table) -> BoardSetting:
    has = t.values.__contains__
    shape = r"(lcd|led)-[0-9]{1,5}x[0-9]{1,5}"
    found = BoardSetting(
        commune=t.text("commune", pattern="[0-9]{5}"),
        id=t.name("id"),
        name=t.text("name", "") if has("name") else None,
        site=t.text("site", "") if has("site") else None,
        hamlet=t.text("hamlet", "") if has("hamlet") else None,
        shape=t.text("shape", "", pattern=shape) if has("shape") else None,
        metered=t.flag("metered", False) if has("metered") else None,
        retired=t.flag("retired", False) if has("retired") else None,
        latitude=_degrees(t, "latitude", 90),
        longitude=_degrees(t, "longitude", 180),
        mute=_muted(t) if has("mute") else None,
    )
    if has("name") and not found.name:
        t.wrong("name", "setting-missing", what="văn bản / text")
    t.done()
    return found


def _group(t: Table) -> GroupSetting:
    members = t.values.get("boards")
    if isinstance(members, list):  # a group may be larger than other lists of names
        t.used.add("boards")
        if len(members) > MAX_MEMBERS:
            t.wrong("boards", "setting-type", what=f"≤ {MAX_MEMBERS}", value=len(members))
        wrong = [m for m in members if not (isinstance(m, str) and _is_key(m))]
        for one in wrong[:5]:
            t.wrong("boards", "setting-shape", value=one, pattern="20506/cong-xa")
        boards = tuple(dict.fromkeys(m for m in members if isinstance(m, str)))
    else:
        boards = t.names("boards")
    commune = t.text("commune", "", pattern="[0-9]{5}") or None
    found = GroupSetting(commune, t.text("name"), boards, _muted(t) if "mute" in t.values else None)
    outside = [key for key in boards if commune and not key.startswith(f"{commune}/")]
    for key in outside[:5]:
        t.wrong("boards", "fleet-group-commune", value=key, commune=commune)
    t.done()
    return found


def _is_key(text: str) -> bool:
    return re.fullmatch(rf"[0-9]{{5}}/{NAME}", text) is not None


def _muted(t: Table) -> tuple[str, ...]:
    codes = t.names("mute", [], pattern=CODE)
    if len(codes) > MAX_MUTED:
        t.wrong("mute", "setting-type", what=f"≤ {MAX_MUTED}", value=len(codes))
    return tuple(sorted(set(codes)))


def _degrees(t: Table, name: str, most: int) -> float | None:
    if name not in t.values:
        return None
    value = t.values[name]
    t.used.add(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        t.wrong(name, "setting-shape", value=value, pattern=f"-{most} … {most}")
        return None
    return round(float(value), 6)


def _lines(values: dict[str, Any]) -> str:
    def told(value: Any) -> str:
        return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)

    return "".join(f"{name} = {told(value)}\n" for name, value in values.items() if value not in (None, ""))
