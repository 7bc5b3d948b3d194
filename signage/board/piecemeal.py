"""Films, fetched after everything else and a piece at a time: no emergency ever waits for one.

A film may have 64 MiB, on a line that is paid by the megabyte and carries alarms. So a round gives films
`ROUND_S` seconds and the next one goes on where this one stopped, after power cuts too. A server that
cannot send pieces (none in the field) sends the film whole.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from .. import durable
from ..errors import Refused, Unavailable
from ..review import Film
from .download import Line
from .shelf import Shelf

PIECE = 256 * 1024  # bytes asked for at once: what an alarm may have to wait for on a slow line
ROUND_S = 8.0  # seconds that one round gives to films


@dataclass
class Films:
    """What a round did for films."""

    done: int = 0  # became whole
    wrong: list[str] = field(default_factory=list)  # names of those that the server has wrong
    late: bool = False  # the line broke, or the disk has no room: the next round tries again


def fetch(films: list[Film], shelf: Shelf, line: Line, url: str) -> Films:
    """Go on with the films that are not here. Their trouble is theirs alone: it is told, and fails no round."""
    end, told = time.monotonic() + ROUND_S, Films()
    missing = [film for film in films if not shelf.has(film.file, film.size)]
    _forget(shelf, {film.file for film in missing})
    for film in missing:
        name, part = f"slides/{film.name}", _part(shelf, film.file)
        try:
            shelf.room_for(film.size - _size(part))
            if not line.more(f"{url}/board/{name}", part, size=film.size, piece=PIECE, until=end):
                break  # time is up, or a hint waits
            if durable.sha256_of(part) != film.file:
                raise Refused("file-wrong", url=name, why="another SHA-256")
            shelf.adopt(part, film.file)
            told.done += 1
        except Refused:
            durable.remove(part)
            told.wrong.append(name)
        except (Unavailable, OSError):
            told.late = True  # and perhaps a smaller one fits
            if time.monotonic() >= end:
                break
    if told.done:
        shelf.touch()
    return told


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _part(shelf: Shelf, sha: str) -> Path:
    return shelf.folder / f"part-{sha}"


def _forget(shelf: Shelf, wanted: set[str]) -> None:
    """Pieces of films that nobody wants any more."""
    for path in shelf.folder.glob("part-*"):
        if path.name.partition("-")[2] not in wanted:
            durable.remove(path)
