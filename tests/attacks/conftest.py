"""A board that holds one good notice, and how it is asked what it shows.

Every attack here ends with that question. The board is asked itself: what lies on its disk, through the
functions by which its player reads it; and, where a test takes `glass`, a real player that ran all the while.

"thật", the good notice, is shown when nothing else is: whatever an attack gets past the board takes the glass at once.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from signage.board import rotation
from signage.board.shelf import Shelf
from signage.board.sync import Outcome
from signage.wire import sha256
from tests.board.conftest import Kiosk, Office, Wire, _Handler, kiosk, office  # noqa: F401
from tests.board.test_player import Playing

GOOD = "thật"


class _Liar(_Handler):
    """Also answers with any bytes at all, headers too, and as nginx does to conditions."""

    def do_GET(self) -> None:
        for name, stream in self.server.streams.items():
            if name in self.path:
                self.close_connection = True
                try:
                    for data in stream():
                        self.server.sent += self.wfile.write(data)
                except OSError:
                    pass  # the board has hung up
                return
        if self.server.remembers and self._same_to_nginx():
            self.send_response(304)
            self.end_headers()
            return
        super().do_GET()

    def _same_to_nginx(self) -> bool:
        """Whole seconds and size make an ETag there."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return False
        found = path.stat()
        told = self.server.etags.get(self.path)
        self.server.etags[self.path] = tag = f'"{int(found.st_mtime):x}-{found.st_size:x}"'
        asked = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        return told == tag and any(asked)


@pytest.fixture
def wire(office: Office) -> Iterator[Wire]:  # noqa: F811
    """The web server, and a liar on the line: `streams` maps a part of a path to whole raw answers."""
    server: Any = Wire(office.folder / "publication")
    server.streams, server.sent, server.remembers, server.etags = {}, 0, False, {}

    def serve(folder: Path) -> None:
        """New connections end at this publication."""
        server.RequestHandlerClass = partial(_Liar, directory=str(folder))

    server.folder = serve
    serve(office.folder / "publication")
    yield server
    server.stop()


@pytest.fixture
def good(office: Office, kiosk: Kiosk) -> Kiosk:  # noqa: F811
    """A board that holds one good notice, shown when nothing else is."""
    statement = office.show(office.statement(GOOD))
    office.items[-1] = replace(office.items[-1], ranges=())
    office.evergreen.append(statement.sha256)
    office.publish()
    assert kiosk.sync().error is None
    return kiosk


def shown(board: Kiosk, at: datetime | None = None) -> set[str]:
    """The titles that this board shows at this moment (now), all in the pixels that were approved."""
    at = at or datetime.now(UTC)
    shelf = Shelf(board.board.shelf)
    held = shelf.holding(board.board.root(), board.board.identity, at)
    usable = held.playlist.only(lambda slide: shelf.whole(slide.file)) if held else None
    titles = {e.title for _, some in rotation._choices(usable, at) for e in some} if usable else set()
    for slide in usable.slides() if usable else ():
        if data := shelf.get(slide.file):
            with Image.open(io.BytesIO(data)) as picture:
                assert sha256(picture.convert("RGB").tobytes()) == slide.pixels
    scene = rotation.scene(usable, at)
    assert (scene.entry.title if scene.entry else None) in (titles or {None})
    return titles


def still_shows(board: Kiosk, *titles: str, at: datetime | None = None) -> None:
    """It shows these and nothing else."""
    assert shown(board, at) == set(titles)


def refused(board: Kiosk, statement: Any) -> str | None:
    """Why the board does not show this statement of the publication that it holds."""
    return board.why().get(statement.sha256)


@dataclass
class Glass:
    """A player that shows all the while, and what it was given to show."""

    board: Kiosk
    playing: Playing

    def still_shows(self, outcome: Outcome, title: str = GOOD) -> None:
        """Once the player has read what the round left behind, this is on the glass."""
        note = self.playing.until(
            lambda note: note["number"] == outcome.number and note["showing"]["title"] == title
        )  # fmt: skip
        assert note["verdict"] == "match"


@pytest.fixture
def glass(good: Kiosk) -> Iterator[Glass]:
    """The real player in front of the good notice."""
    with Playing(good.board) as playing:
        playing.shows(GOOD)
        yield Glass(good, playing)


@pytest.fixture
def another(tmp_path: Path) -> Callable[[str], Office]:
    """Makes another commune's office, or a thief's: other keys for everything."""
    return lambda name: Office(tmp_path / name)
