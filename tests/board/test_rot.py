"""What a power cut or a failing card leaves: any file of a board empty, cut short, changed, gone or a folder.

A board that holds a good publication, one notice of which was withdrawn, is damaged in one place. Then, each time:
offline it shows nothing but what is approved and not withdrawn, and loses at most the notice concerned; a server that
replays the old publication gets nothing back on the glass; the honest server makes it whole again; and it is told.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from signage.board.clock import Clock
from signage.board.shelf import Shelf
from signage.board.sync import Syncer
from tests.board.conftest import Kiosk, Office, Wire

GOOD, TAKEN_BACK = {"thật", "hai"}, "rút"


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def gone(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    (path / "lost+found").mkdir(parents=True)


DAMAGES: tuple[Callable[[Path], None], ...] = (emptied, cut_short, one_bit, gone, folder)


@dataclass
class World:
    """A board that is put back whole before each damage, the honest server, and one that has the old publication."""

    kiosk: Kiosk
    pristine: Path
    old: Wire

    def restore(self) -> None:
        shutil.rmtree(self.kiosk.board.folder)
        shutil.copytree(self.pristine, self.kiosk.board.folder, symlinks=True)

    def replay(self) -> None:
        board = replace(self.kiosk.board, url=self.old.url)
        Syncer(board, self.kiosk.line, Clock()).round()

    def files(self) -> list[Path]:
        """Every file below `trust/` and `shelf/`, from the board's folder."""
        return sorted(
            path.relative_to(self.pristine)
            for part in ("trust", "shelf")
            for path in (self.pristine / part).rglob("*")
            if path.is_file()
        )

    def whole(self) -> bool:
        """Whether all that is shown is there to be drawn."""
        shelf, held = Shelf(self.kiosk.board.shelf), self.kiosk.held()
        return held is not None and all(shelf.whole(slide.file) for slide in held.playlist.slides())


@pytest.fixture
def world(office: Office, wire: Wire, kiosk: Kiosk, tmp_path: Path) -> Iterator[World]:
    office.show(office.statement("thật"))
    taken = office.show(office.statement(TAKEN_BACK, ("#101010",)))
    office.publish()
    assert kiosk.sync().error is None
    shutil.copytree(office.folder / "publication", tmp_path / "old")
    office.withdraw(taken)
    office.show(office.statement("hai", ("#202020",)))
    office.publish()
    assert kiosk.sync().error is None
    assert kiosk.shown() == GOOD
    shutil.copytree(kiosk.board.folder, tmp_path / "pristine", symlinks=True)
    old = Wire(tmp_path / "old")
    yield World(kiosk, tmp_path / "pristine", old)
    old.stop()


def survives(world: World, damage: Callable[[], None], case: object, *, most_lost: int) -> None:
    """The promises above, for one damage."""
    world.restore()
    damage()
    shown = world.kiosk.shown()
    assert shown <= GOOD and len(GOOD - shown) <= most_lost, (case, shown)
    world.replay()
    assert world.kiosk.shown() <= GOOD, case
    world.restore()
    damage()
    outcome = world.kiosk.sync()
    assert (outcome.error, outcome.wrong) == (None, []), (case, outcome)
    assert world.kiosk.shown() == GOOD and world.whole(), case
    again = world.kiosk.sync()
    assert (again.error, again.fetched, again.switched, again.mended) == (None, 0, False, False), (case, again)


def one_at_a_time(world: World, cases: list[tuple[Path, Callable[[Path], None]]]) -> None:
    for path, damage in cases:
        case = (str(path), damage.__name__)
        survives(
            world, lambda p=path, d=damage: d(world.kiosk.board.folder / p), case, most_lost="objects" in path.parts
        )


def test_each_file_damaged_in_one_way(world: World) -> None:
    """Another way for each; all ways are in the long run."""
    files = world.files()
    assert len(files) > 20 and {path.parts[0] for path in files} == {"trust", "shelf"}
    one_at_a_time(world, [(path, DAMAGES[n % len(DAMAGES)]) for n, path in enumerate(files)])


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_each_file_damaged_in_each_way(world: World, damage: Callable[[Path], None]) -> None:
    one_at_a_time(world, [(path, damage) for path in world.files()])


@pytest.mark.parametrize("part", ["trust/tuf", "trust/tuf/root_history", "shelf", "shelf/objects"])
def test_a_folder_that_was_emptied(world: World, part: str) -> None:
    def empty() -> None:
        shutil.rmtree(world.kiosk.board.folder / part)

    survives(world, empty, part, most_lost=2 if part.startswith("shelf") else 0)


def test_all_files_of_the_metadata_zero_length(world: World) -> None:
    def empty() -> None:
        for path in (world.kiosk.board.folder / "trust" / "tuf").rglob("*.json"):
            path.write_bytes(b"")

    survives(world, empty, "tuf", most_lost=0)


def test_what_was_mended_is_told_for_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    process = Syncer(world.kiosk.board, world.kiosk.line, Clock())
    assert not process.round().mended
    one_bit(max(world.kiosk.board.shelf.glob("generation-*.json")))
    process = Syncer(world.kiosk.board, world.kiosk.line, Clock())
    assert process.round().mended and process.round().mended
    monkeypatch.setattr("signage.board.sync.TOLD_S", 0.0)
    assert not process.round().mended
