"""What the folder's watcher knows from one round to the next, and after a restart: `state/thu-muc/so.json`.

It can be made again: without it every notice is read and drawn once more, and a copy below `content/` that is neither
what the officer's file says nor kept in the review book is left alone and told: nobody knows any more who wrote it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import durable
from ...errors import Problem

FILE = "so.json"
MAX_FILE = 32 * 1024 * 1024  # bytes
_FORM = 1  # of the file; another form is forgotten


@dataclass(frozen=True)
class Row:
    """One notice's file as its card last told of it."""

    mark: str  # of the files, the settings and the program that made the card
    wanted: tuple[str, ...]  # keys of the files that the notice names
    ident: str
    digest: str  # of the notice; "" when it has errors
    url: str
    title: str
    prepared: bool
    errors: int
    shown: str  # of what the card said beside them
    card: str  # its name
    words: str = ""  # of its standing, for the overview
    step: str = ""
    blanks: int = 0  # of the errors: questions of a draft that nobody has answered yet


@dataclass(frozen=True)
class Drafted:
    """A draft that we laid beside an officer's Word file, PDF or poster."""

    origin: str  # its name
    mark: str  # what it was then: inode, size, times
    sha256: str  # of the draft as we wrote it
    files: tuple[tuple[str, str], ...]  # name and SHA-256 of all that we wrote
    told: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # code and values of what the drafting noticed


@dataclass
class Memory:
    """Rows by path below the shared folder; what was copied into `content/`, by id and name; moves under way."""

    rows: dict[str, Row] = field(default_factory=dict)
    placed: dict[str, dict[str, str]] = field(default_factory=dict)
    drafted: dict[str, Drafted] = field(default_factory=dict)  # by path below the shared folder
    moves: list[tuple[str, str]] = field(default_factory=list)  # from, to: below the shared folder
    root: str = ""  # the shared folder that had stages in it
    # What a file that makes no draft was, and why it makes none: not written down, a new process tries it again.
    failed: dict[Path, tuple[str, list[Problem]]] = field(default_factory=dict)
    _written: bytes = b""

    @classmethod
    def load(cls, folder: Path) -> Memory:
        """An empty one when there is none, or none that can be read."""
        made, path = cls(), folder / FILE
        with suppress(OSError, ValueError, TypeError, LookupError):
            if path.stat().st_size > MAX_FILE:
                return made
            told = json.loads(path.read_bytes())
            if told["form"] != _FORM:
                return made
            rows = {name: Row(**{**row, "wanted": tuple(row["wanted"])}) for name, row in told["rows"].items()}
            placed = {str(k): {str(n): str(s) for n, s in v.items()} for k, v in told["placed"].items()}
            moves = [(str(a), str(b)) for a, b in told["moves"]]
            drafted = {name: _drafted(one) for name, one in told["drafted"].items()}
            made = cls(rows, placed, drafted, moves, str(told["root"]))
        return made

    def save(self, folder: Path) -> None:
        told: dict[str, Any] = {
            "form": _FORM, "rows": {name: vars(row) for name, row in sorted(self.rows.items())},
            "drafted": {name: vars(one) for name, one in sorted(self.drafted.items())},
            "placed": self.placed, "moves": self.moves, "root": self.root,
        }  # fmt: skip
        data = json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
        if data != self._written:
            durable.write_if_changed(folder / FILE, data, sync=False)
            self._written = data


def _drafted(told: dict[str, Any]) -> Drafted:
    files = tuple((str(n), str(d)) for n, d in told["files"])
    notes = tuple((str(c), tuple((str(k), str(v)) for k, v in values)) for c, values in told["told"])
    return Drafted(str(told["origin"]), str(told["mark"]), str(told["sha256"]), files, notes)
