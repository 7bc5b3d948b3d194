"""A film of 1920 × 1080 at 30 frames a second: late frames, CPU and memory of the player; mpv beside it.

    python bench/film.py [--quick]

Ten seconds of a moving test picture (H.264, 6 Mb/s) fill the whole slide, and loop. The real player
shows them on a virtual glass whose pixels are read from outside a thousand times a second: each frame
carries its number, so that one that comes after its own time (it must be there within 1/30 s of
the moment that the clock says) or never comes is counted. CPU is percent of one core, the X server's apart;
memory is PSS. There is no graphics card here. Others who use the machine make frames late: the load is told.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import av
import psutil
import publisher
from glass import Screen, Seen, watching
from peers import Tree, running, spent, until
from record import Row, write

from signage.publication import Shape
from signage.review import Film
from signage.wire import sha256

SIZE, FPS, SECONDS = (1920, 1080), 30, 10
CODES = 6  # numbers that follow each other in the patch; a turn of the film holds them a whole number of times
PATCH = 96  # pixels
LOW, STEP = 40, 30  # brightness of the first code in the patch, and between two
RATE = 6_000_000  # bits a second
SETTLE_S = 3.0  # after the first frame, before anything is counted
QUICK_FRAMES, FRAMES = 300, 1800


def make(path: Path) -> Path:
    """The film: FFmpeg's moving test picture, with each frame's number as a grey patch at the upper left."""
    source: Any = av.open(f"testsrc2=size={SIZE[0]}x{SIZE[1]}:rate={FPS}:duration={SECONDS}", format="lavfi")
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *SIZE, "yuv420p", RATE
        stream.options = {"preset": "veryfast"}
        for number, frame in enumerate(source.decode(video=0)):
            mark(frame, number % CODES)
            frame.pts = None
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def mark(frame: Any, code: int) -> None:
    for plane, level, side in zip(
        frame.planes, (LOW + STEP * code, 128, 128), (PATCH, PATCH // 2, PATCH // 2), strict=True
    ):
        rows = bytearray(plane)
        for y in range(side):
            rows[y * plane.line_size : y * plane.line_size + side] = bytes([level]) * side
        plane.update(rows)


def code_of(level: int) -> int:
    """The number in the patch, by the green that a screen shows for its brightness (BT.601, 16 to 235)."""
    return min(range(CODES), key=lambda code: abs((LOW + STEP * code - 16) * 255 / 219 - level))


@dataclass(frozen=True)
class Figures:
    """Of one program: frames that should have been seen, those late or never seen, gaps, CPU, memory."""

    frames: int
    late: int
    gap_p99_ms: float
    worst_ms: float  # behind the clock (ours), or the longest gap (mpv, which follows no clock)
    cpu_pct: float
    cpu_x_pct: float
    pss_mb: float
    looks: Seen


def by_the_clock(seen: Seen, offset: float) -> tuple[int, int, float]:
    """Frames due while it was looked, those late or missing, and the most milliseconds behind the clock."""
    first, last = seen.changes[1][0] + 1.0, seen.ended - 0.5
    behind: dict[int, float] = {}
    for at, level in seen.changes[1:]:
        now = round((at + offset) * FPS * 1000) / 1000
        number = int(now) - (int(now) - code_of(level)) % CODES
        behind.setdefault(number, (now - number) / FPS)
    due = range(int((first + offset) * FPS), int((last + offset) * FPS))
    late = [n for n in due if n not in behind or behind[n] > 1 / FPS]
    return len(due), len(late), 1000 * max(behind.get(n, 1.0) for n in due)


def by_count(seen: Seen) -> tuple[int, int, float]:
    """For who follows no clock: frames that should have come, those left out, and the longest gap."""
    inner = [change for change in seen.changes[1:] if change[0] < seen.ended]
    gone = sum((code_of(b[1]) - code_of(a[1]) - 1) % CODES for a, b in pairwise(inner))
    return len(inner) + gone, gone, 1000 * max(b[0] - a[0] for a, b in pairwise(inner))


def measure(command: list[str], screen: Screen, frames: int, *, clocked: bool) -> Figures:
    server = Tree(psutil.Process(screen.process.pid))
    with running(command, screen) as tree:
        began = screen.pixel(8, 8)
        until(lambda: screen.pixel(8, 8) != began)
        time.sleep(SETTLE_S)
        before, before_x, start = tree.cpu(), server.cpu(), time.monotonic()
        with watching(screen, 8, 8) as looked:
            time.sleep(frames / FPS + 2)
        took = time.monotonic() - start
        cpu, cpu_x = spent(before, tree.cpu()), spent(before_x, server.cpu())
        pss = max(tree.pss_mb()[0] for _ in range(5))
    (seen,) = looked
    offset = time.time() - time.monotonic()
    count, late, worst = by_the_clock(seen, offset) if clocked else by_count(seen)
    gaps = sorted(1000 * (b[0] - a[0]) for a, b in pairwise(seen.changes[1:]))
    return Figures(count, late, gaps[int(len(gaps) * 0.99)], worst, 100 * cpu / took, 100 * cpu_x / took, pss, seen)


def board(folder: Path, film: Path) -> Path:
    """A board that holds one notice whose slide is this film."""
    now, data = datetime.now(UTC).replace(microsecond=0), film.read_bytes()
    commune = publisher.Publisher(folder, Shape("lcd", *SIZE), now)
    plain = commune.statement("Phim", [publisher.picture(0, SIZE)], SECONDS * 6 * 1000)
    (slide,) = plain.slides[commune.shape.name]
    clip = Film(sha256(data), len(data), "video/mp4", (0, 0, *SIZE), SECONDS * 1000, "0" * 64)
    commune.put(f"slides/{clip.name}", data)
    commune.show(replace(plain, slides={commune.shape.name: (replace(slide, film=clip),)}))
    commune.publish(now)
    enrolled = commune.enroll(folder / "board")
    publisher.fetch(enrolled)
    return enrolled.folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_FRAMES} frames instead of {FRAMES}")
    frames = QUICK_FRAMES if parser.parse_args().quick else FRAMES
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        film = make(folder / "film.mp4")
        ours = [sys.executable, "-m", "signage", "board", "play", "--dir", str(board(folder, film))]
        mpv = ["mpv", "--no-config", "--fs", "--vo=x11", "--no-osc", "--no-audio", "--really-quiet", "--loop-file=inf",
               str(film)]  # fmt: skip
        found = {}
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores before the start")
        for name, command in (("player", ours), ("mpv", mpv)):
            screen = Screen(folder / f"x-{name}", SIZE)
            stack.callback(screen.stop)
            found[name] = measure(command, screen, frames, clocked=name == "player")
    player, peer = found["player"], found["mpv"]
    for name, one in found.items():
        looks = one.looks
        print(f"{name}: looked {looks.looks_per_s:.0f} times a second, longest blink {looks.longest_blink_ms:.0f} ms")
    n, left_out = player.frames, 300 * peer.late / peer.frames
    write("film", [
        Row("late_frames_of_300", 300 * player.late / n, "", n, "<= 0", "mpv (left out)", left_out),
        Row("behind_clock_worst_ms", player.worst_ms, "ms", n, "<= 33.4"),
        Row("gap_p99_ms", player.gap_p99_ms, "ms", n, None, "mpv", peer.gap_p99_ms),
        Row("cpu_pct", player.cpu_pct, "%", n, None, "mpv", peer.cpu_pct),
        Row("cpu_x_pct", player.cpu_x_pct, "%", n, None, "mpv", peer.cpu_x_pct),
        Row("pss_mb", player.pss_mb, "MB", n, "<= 140", "mpv", peer.pss_mb),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
