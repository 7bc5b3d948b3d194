"""Every single byte of a small publication changed, on the wire and on the board's own card.

Whatever byte it is: the board shows what it held, or the news without the item concerned, or the news whole when
the byte says nothing (the case of a signature's hex digits); never a pixel that nobody approved, never a traceback.
And when the line is clean again, the news come. Here some bytes of each file; every one on the wire in
`make test-long`. (A power cut at each write of a sync: tests/board.)
"""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.conftest import GOOD, shown
from tests.board.conftest import BOARD, DAY, NOW, Kiosk

SAMPLE = 2  # bytes of each file, in `make test`
CLEAN = 3  # after each so many tries the line is clean again
STRIDE = 31  # between two bytes on the card, in `make test-long`: its files are longer, and there are more of them
NEWS = {GOOD, "mới"}
# What the news are made of, as the board asks for it.
WIRE = (
    ".root.", "timestamp.", ".snapshot.", ".targets.", ".lich.", ".people.", f".{BOARD}.", ".khan-cap.",
    "dossiers/", "records/", "slides/",
)  # fmt: skip
CARD = ("shelf/generation", "shelf/current", "shelf/objects", "trust/tuf", "state")


@dataclass
class Asleep:
    """A board's folder before the news, put back before each try."""

    board: Kiosk
    copy: Path

    def again(self) -> Kiosk:
        shutil.rmtree(self.board.board.folder)
        shutil.copytree(self.copy, self.board.board.folder)
        return self.board


@pytest.fixture
def asleep(office, good, tmp_path) -> Asleep:
    """A board that holds the good notice; the office has new people, a new root, a new notice and took one back."""
    shutil.copytree(good.board.folder, tmp_path / "copy")
    office.void["p2"] = NOW - DAY
    office.sign_people()
    office.resign("root", lambda root: None)
    office.show(office.statement("mới", ("#111111",)))
    office.withdraw(office.statement("rút", ("#222222",)))
    office.publish()
    return Asleep(good, tmp_path / "copy")


def bytes_of(size: int, stride: int | None) -> Iterator[tuple[int, int]]:
    """Places (None: a few) and what is put over their bytes (by exclusive or), the same in every run."""
    chance = random.Random(size)
    few = sorted(chance.sample(range(size), min(SAMPLE, size)))
    for place in range(0, size, stride) if stride else few:
        yield place, chance.randrange(1, 256)


def flipped(data: bytes, place: int, mask: int) -> bytes:
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


def on_the_wire(office, asleep, wire, kind, stride=None):
    wire.asked.clear()
    assert asleep.again().sync().error is None and shown(asleep.board) == NEWS
    names = [path for path in wire.asked if kind in path and (office.folder / f"publication{path}").is_file()]
    assert names, f"the board asks for no {kind}"
    for name in dict.fromkeys(names):
        data = (office.folder / f"publication{name}").read_bytes()
        for n, (place, mask) in enumerate(bytes_of(len(data), stride)):
            board = asleep.again()
            wire.changes = {name: lambda _, place=place, mask=mask, data=data: flipped(data, place, mask)}
            outcome = board.sync()
            there = shown(board)
            assert {GOOD} <= there <= NEWS
            assert outcome.error in (None, "tuf-refused", "file-wrong"), (name, place, mask, outcome)
            assert there == NEWS or outcome.error or outcome.wrong, (name, place, mask)
            wire.changes = {}
            if n % CLEAN == 0:
                assert board.sync().error is None and shown(board) == NEWS, (name, place, mask)


def test_some_corrupted_bytes(office, asleep, wire):
    for kind in WIRE:
        on_the_wire(office, asleep, wire, kind)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", WIRE)
def test_every_single_byte_corrupted(office, asleep, wire, kind):
    on_the_wire(office, asleep, wire, kind, stride=1)


def on_the_card(asleep, part, stride=None):
    """With the news already there: the board restarts, and has them, or what it held, and mends itself."""
    assert asleep.again().sync().error is None
    folder = asleep.board.board.folder
    shutil.rmtree(asleep.copy)
    shutil.copytree(folder, asleep.copy)
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and str(p.relative_to(folder)).startswith(part)]
    assert paths, part
    for path in paths:
        data = path.read_bytes()
        for place, mask in bytes_of(len(data), stride):
            board = asleep.again()
            path.write_bytes(flipped(data, place, mask))
            assert shown(board) <= NEWS
            outcome = board.sync()
            assert outcome.error is None and shown(board) == NEWS, (path.name, place, mask, outcome)


def test_some_corrupted_bytes_on_the_card(asleep):
    for part in CARD:
        on_the_card(asleep, part)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", CARD)
def test_many_corrupted_bytes_on_the_card(asleep, part):
    on_the_card(asleep, part, STRIDE)
