"""The player's weight: memory, CPU of a still slide, time to the first slide on a virtual glass.

Twenty slides of 1920 × 1080 under Xvfb, whose frame buffer is a file that we look at: "first slide"
is the moment at which its pixel is there, from the start of the process, without a network. PSS is
from /proc/<pid>/smaps_rollup. CPU is a share of one core, from /proc/<pid>/stat, X server apart.
"""

from __future__ import annotations

import argparse
import fcntl
import io
import mmap
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import record
from PIL import Image, ImageDraw

from signage.board import identity, notes
from signage.board.clock import Clock
from signage.board.download import Line
from signage.board.identity import Board
from signage.board.sync import Syncer
from signage.keys import PrivateKey
from signage.office.repository import Repository
from signage.office.serving import Server
from signage.publication import EMERGENCIES, EmergencyList, Item, Manifest, Mode, Shape, manifest_name
from signage.review import People, Person, PersonKey, SlideFile, Statement, sign
from signage.wire import sha256

SIZE = (1920, 1080)
PATIENCE_S = 60


def picture(number: int) -> bytes:
    """A slide as text slides are: few colours, sharp edges, WebP without loss."""
    image = Image.new("RGB", SIZE, (11, 61, 110 + number))
    draw = ImageDraw.Draw(image)
    for line in range(9):
        for letter in range(40):
            x, y = 90 + letter * 44, 150 + line * 98
            draw.rectangle((x, y, x + (letter * 7 + line * 5 + number) % 34, y + 60), fill="white")
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True, method=4)
    return out.getvalue()


def make_board(folder: Path, slides: int, dwell_ms: int) -> tuple[Board, Server]:
    """A board that holds one approved notice of so many slides, and its server."""
    now = datetime.now(UTC).replace(microsecond=0)
    keys = {name: PrivateKey.generate() for name in ("p1", "p2")}
    roles = {"p1": frozenset(["author"]), "p2": frozenset(["approver"])}
    year = timedelta(days=365)
    people = People(tuple(Person(n, roles[n], (PersonKey(k.public, now - year, now + year),)) for n, k in keys.items()))
    served = folder / "publication" / "board"
    repository = Repository.create(
        served, folder / "keys", commune="99999", people=people.to_bytes(), now=now - timedelta(hours=1)
    )
    shape = Shape("lcd", *SIZE)
    files = []
    for number in range(slides):
        data = picture(number)
        pixels = sha256(Image.open(io.BytesIO(data)).convert("RGB").tobytes())
        files.append(SlideFile(sha256(data), len(data), pixels, "image/webp", dwell_ms))
        path = served / "slides" / files[-1].name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    statement = Statement(
        "99999", "bench", "0" * 64, "0" * 64, (), "tin", "thong-thuong", "Bench", now - timedelta(days=1),
        now + timedelta(days=30), ("all",), {shape.name: tuple(files)}, {},
    )  # fmt: skip
    acts = (("p1", "submit", "author"), ("p2", "approve", "approver"))
    records = [sign(keys[p], act=a, statement=statement.sha256, person=p, role=r, at=now) for p, a, r in acts]
    for name, data in [(f"statements/{statement.sha256}.json", statement.to_bytes())] + [
        (f"records/{r.sha256}.json", r.sealed.data) for r in records
    ]:
        (served / name).parent.mkdir(exist_ok=True)
        (served / name).write_bytes(data)
    item = Item(statement.sha256, tuple(r.sha256 for r in records), ((statement.start, statement.end),), 0)
    manifest = Manifest(
        "99999", "Xã Mẫu", repository.identity()[1], "bench", "Bench", 1, now, now + timedelta(days=90),
        Mode(SIZE, (0, 0, *SIZE), 0, shape), (item,), (),
    )  # fmt: skip
    lich = {manifest_name("bench"): manifest.to_bytes(), EMERGENCIES: EmergencyList(1, now, ()).to_bytes()}
    repository.publish(lich, now)
    server = Server(folder / "publication").start()
    board = identity.enroll(folder / "board", board="bench", url=server.address, root=repository.root_bytes())
    outcome = Syncer(board, Line(), Clock()).round()
    assert outcome.error is None, outcome
    return board, server


class Screen:
    """An X server whose picture is a file."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        # Two servers that look for a free number at once may each get half of one.
        with (Path(tempfile.gettempdir()) / "bangtin-xvfb.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            size = f"{SIZE[0]}x{SIZE[1]}x24"
            self.process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-fbdir", str(folder), "-noreset"],
                pass_fds=[write], stderr=subprocess.DEVNULL,
            )  # fmt: skip
            os.close(write)
            with os.fdopen(read) as answer:
                self.name = f":{answer.readline().strip()}"
        with (folder / "Xvfb_screen0").open("rb") as file:
            self.memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header, colours = struct.unpack_from(">I", self.memory, 0)[0], struct.unpack_from(">I", self.memory, 76)[0]
        self.offset = header + colours * 12

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        at = self.offset + (y * SIZE[0] + x) * 4
        blue, green, red = self.memory[at : at + 3]
        return red, green, blue

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def running(screen: Screen, *words: object) -> Iterator[psutil.Process]:
    env = {**os.environ, "DISPLAY": screen.name}
    child = subprocess.Popen([sys.executable, "-m", "signage", "board", *map(str, words)], env=env)
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(10)


def shown(screen: Screen) -> bool:
    """Whether a slide of ours is on the glass (its paper is at the corner)."""
    red, green, blue = screen.pixel(5, 5)
    return (red, green) == (11, 61) and blue >= 110


def until(holds: object) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit("never came")
        time.sleep(0.001)


def pss_mb(process: psutil.Process) -> float:
    text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


def first_slide(screen: Screen, board: Board, times: int) -> list[float]:
    found = []
    for _ in range(times):
        until(lambda: not shown(screen))
        began = time.monotonic()
        with running(screen, "play", "--dir", board.folder):
            until(lambda: shown(screen))
            found.append(time.monotonic() - began)
    return found


def weight(screen: Screen, board: Board, seconds: float) -> tuple[float, float]:
    """(PSS in MB at its highest, CPU in % of one core) while the player has run for a while."""
    with running(screen, "play", "--dir", board.folder) as player:
        until(lambda: shown(screen))
        time.sleep(2)
        before, began, most = player.cpu_times(), time.monotonic(), 0.0
        while time.monotonic() - began < seconds:
            time.sleep(0.5)
            most = max(most, pss_mb(player))
        after, took = player.cpu_times(), time.monotonic() - began
        note = notes.read(board.state / "player.json")
        assert note and note.raw["verdict"] == "match", note and note.raw
    return most, 100 * (after.user + after.system - before.user - before.system) / took


def whole_board(screen: Screen, board: Board, seconds: float) -> float:
    """PSS in MB of player and sync together."""
    with (
        running(screen, "play", "--dir", board.folder) as player,
        running(screen, "sync", "--watch", "--every", "5", "--dir", board.folder) as sync,
    ):
        until(lambda: shown(screen) and (board.state / "sync.json").exists())
        time.sleep(seconds)
        return pss_mb(player) + pss_mb(sync)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="under a minute")
    quick = options.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        screen = Screen(folder)
        still, server_a = make_board(folder / "still", 1, 60_000)
        turning, server_b = make_board(folder / "turning", 20, 2_000)
        starts = first_slide(screen, still, 3 if quick else 9)
        still_mb, still_cpu = weight(screen, still, 20 if quick else 60)
        turning_mb, turning_cpu = weight(screen, turning, 10 if quick else 45)
        both = whole_board(screen, turning, 6 if quick else 20)
        for one in (screen, server_a, server_b):
            one.stop()
    rows = [
        record.Row("pss_mb", turning_mb, "MB", 1, "<= 50"),
        record.Row("still_pss_mb", still_mb, "MB"),
        record.Row("board_pss_mb", both, "MB", 1, "<= 110"),
        record.Row("static_cpu_pct", still_cpu, "%", 1, "<= 0.2"),
        record.Row("turning_cpu_pct", turning_cpu, "%"),
        record.Row("first_slide_s", statistics.median(starts), "s", len(starts), "<= 0.3"),
    ]
    record.write("player", rows)


if __name__ == "__main__":
    main()
