"""Films, fetched after everything else and a piece at a time: no emergency ever waits for one.

A film may have 64 MiB, on a line that is paid by the megabyte and carries alarms. So a round gives films
`ROUND_S` seconds and the next one goes on where this one stopped, after power cuts too. A server that
cannot send pieces (none in the field) sends the film whole.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from .. import durable
from ..errors import Refused
from ..review import Film
from .download import Line
from .shelf import Shelf

PIECE = 256 * 1024  # bytes asked for at once: what an alarm may have to wait for on a slow line
ROUND_S = 8.0  # seconds that one round gives to films
_BLOCK = 1 << 20


def fetch(films: list[Film], shelf: Shelf, line: Line, url: str, wrong: list[str]) -> int:
    """Go on with the films that are not here; how many became whole. What the server has wrong joins `wrong`.

    Raises `Unavailable` (`net-failed`, `disk-full`).
    """
    end, done = time.monotonic() + ROUND_S, 0
    missing = [film for film in films if not shelf.has(film.file, film.size)]
    _forget(shelf, {film.file for film in missing})
    for film in missing:
        name, part = f"slides/{film.name}", _part(shelf, film.file)
        shelf.room_for(film.size)
        try:
            if not line.more(f"{url}/board/{name}", part, size=film.size, piece=PIECE, until=end):
                break  # time is up
            if _hash(part) != film.file:
                raise Refused("file-wrong", url=name, why="another SHA-256")
            shelf.adopt(part, film.file)
            done += 1
        except Refused:
            durable.remove(part)
            wrong.append(name)
    if done:
        shelf.touch()
    return done


def _part(shelf: Shelf, sha: str) -> Path:
    return shelf.folder / f"part-{sha}"


def _forget(shelf: Shelf, wanted: set[str]) -> None:
    """Pieces of films that nobody wants any more."""
    for path in shelf.folder.glob("part-*"):
        if path.name.partition("-")[2] not in wanted:
            durable.remove(path)


def _hash(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
