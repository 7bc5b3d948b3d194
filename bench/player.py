"""The player beside Chromium, mpv and feh: memory, CPU, the first slide, frames on a virtual glass.

    python bench/player.py [--quick]

Twenty text slides of 1920 × 1080, a new one every 3 s with a cross-fade of 1 s; each program under
an X server of its own, whose frame buffer is a file that we look at. Programs take turns (A B A B),
since the machine is shared; ratios are of one round, figures are medians of rounds.

- first slide: from the start of the process until its pixel is there, files in the page cache, no
  network; Chromium begins with a new profile each time.
- memory: PSS (/proc/<pid>/smaps_rollup) of the process and all that it started, the most of several looks.
- CPU: percent of one core, of the same processes; the X server's apart.
- frames: distinct values of one pixel during fades. mpv and feh cannot fade between pictures: they cut.

There is no graphics card here: on one, Chromium would use less CPU. As root, all that is measured goes
before the machine's other work; CPU per frame still says more than CPU where frames are left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil
import publisher
import record
from glass import Screen, watching
from peers import CHROMIUM, OURS, PEERS, Peer, Show, Tree, running, spent, until

from signage.board import notes

SIZE = (1920, 1080)
SLIDES = 20
TURN_MS, FADE_MS = 3000, 1000  # our player fades for a third of a turn at most
FIRST = -15  # nice
LEVELS = 4  # levels of 255 by which a peer may draw a colour otherwise
COLUMNS = (
    "first s",
    "CPU s",
    "PSS MB",
    "proc",
    "still %",
    "+X",
    "fading %",
    "+X",
    "fps",
    "p99 ms",
    "longest",
    "usual",
    "blink",
)
BANGTIN = [sys.executable, "-m", "signage", "board"]


@dataclass(frozen=True)
class Plan:
    """How long to look (seconds) and how often."""

    rounds: int
    starts: int  # more starts than rounds
    fading: float
    still: float
    board: float


QUICK = Plan(rounds=1, starts=1, fading=2.4 * TURN_MS / 1000, still=6, board=3)
FULL = Plan(rounds=4, starts=5, fading=5 * TURN_MS / 1000, still=60, board=20)


@dataclass
class Figures:
    """What one program was measured at, one entry a round."""

    first_s: list[float] = field(default_factory=list)
    first_cpu_s: list[float] = field(default_factory=list)  # spent by then: says more on a busy machine
    pss_mb: list[float] = field(default_factory=list)
    processes: list[int] = field(default_factory=list)
    still: list[float] = field(default_factory=list)
    still_x: list[float] = field(default_factory=list)
    fading: list[float] = field(default_factory=list)
    fading_x: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)  # a second, during fades
    gap_p99: list[float] = field(default_factory=list)
    gap_longest: list[float] = field(default_factory=list)
    gap_usual: list[float] = field(default_factory=list)  # each fade's longest
    blink_ms: list[float] = field(default_factory=list)  # of the watch


@dataclass
class Stage:
    """Where the programs are measured: one screen each."""

    folder: Path
    stack: ExitStack
    screens: dict[str, Screen] = field(default_factory=dict)

    def screen(self, peer: Peer) -> Screen:
        if peer.name not in self.screens:
            screen = self.screens[peer.name] = Screen(self.folder / f"x-{peer.name}", SIZE)
            self.stack.callback(screen.stop)
        return self.screens[peer.name]

    def cover(self, peer: Peer) -> Callable[[], bool]:
        """Whether a slide is on this program's glass (by the paper at its corner)."""
        screen, expected = self.screen(peer), publisher.paper(0)[:2]
        return lambda: all(abs(a - b) < LEVELS for a, b in zip(screen.pixel(5, 5), expected, strict=False))


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


# ── one program, once ────────────────────────────────────────────────────────────────────────────


def start(peer: Peer, show: Show, stage: Stage, found: Figures) -> None:
    """From the process's start to its first slide, and no further."""
    shown = stage.cover(peer)
    until(lambda: not shown())
    command = peer.command(show)
    began = time.monotonic()
    with running(command, stage.screen(peer)) as tree:
        until(shown)
        found.first_s.append(time.monotonic() - began)
        found.first_cpu_s.append(sum(tree.cpu().values()))


def turn(peer: Peer, show: Show, stage: Stage, found: Figures, seconds: float) -> None:
    """The slideshow for a while: first CPU and frames, then memory, so that neither is in the other's way."""
    screen, shown = stage.screen(peer), stage.cover(peer)
    until(lambda: not shown())
    command = peer.command(show)
    server = Tree(psutil.Process(screen.process.pid))
    began = time.monotonic()
    with running(command, screen) as tree:
        until(shown)
        found.first_s.append(time.monotonic() - began)
        time.sleep(TURN_MS / 1000)
        before, before_x, began = tree.cpu(), server.cpu(), time.monotonic()
        with watching(screen, SIZE[0] - 40, SIZE[1] - 40) as seen:
            time.sleep(seconds)
        took = time.monotonic() - began
        found.fading.append(100 * spent(before, tree.cpu()) / took)
        found.fading_x.append(100 * spent(before_x, server.cpu()) / took)
        weigh(tree, found, TURN_MS / 1000)
    look = seen[0]
    gaps = look.gaps_ms() or [float(FADE_MS)]  # a cut: one gap as long as the fade
    if peer.fades:
        found.frames.append(1000 / statistics.mean(gaps))
        found.gap_p99.append(percentile(gaps, 0.99))
        found.gap_longest.append(max(gaps))
        found.gap_usual += [max(b - a for a, b in pairwise(fade)) * 1000 for fade in look.inner() if len(fade) > 1]
        found.blink_ms.append(look.longest_blink_ms)


def weigh(tree: Tree, found: Figures, seconds: float) -> None:
    """The most memory of several looks, spread over a turn and its fade."""
    end, most, count = time.monotonic() + seconds, 0.0, 0
    while time.monotonic() < end:
        mb, processes = tree.pss_mb()
        most, count = max(most, mb), max(count, processes)
        time.sleep(0.3)
    found.pss_mb.append(most)
    found.processes.append(count)


def rest(peers: Sequence[Peer], show: Show, stage: Stage, figures: dict[str, Figures], seconds: float) -> None:
    """One slide that stays: all programs at the same time, since none of them has anything to do."""
    with ExitStack() as stack:
        trees = {}
        for peer in peers:
            trees[peer.name] = stack.enter_context(running(peer.command(show), stage.screen(peer)))
            until(stage.cover(peer))
        time.sleep(3)
        servers = {p.name: Tree(psutil.Process(stage.screen(p).process.pid)) for p in peers}
        before = {p.name: (trees[p.name].cpu(), servers[p.name].cpu()) for p in peers}
        began = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        for peer in peers:
            ours, theirs = before[peer.name]
            figures[peer.name].still.append(100 * spent(ours, trees[peer.name].cpu()) / took)
            figures[peer.name].still_x.append(100 * spent(theirs, servers[peer.name].cpu()) / took)
    note = notes.read(show.board / "state" / "player.json")
    assert note and note.raw["verdict"] == "match", note and note.raw


def whole_board(show: Show, stage: Stage, seconds: float) -> tuple[float, dict[str, float]]:
    """PSS in MB of all that runs on a board, and of each part: the kiosk with its player and witness, and sync."""
    folder = ["--dir", str(show.board)]
    parts = {"kiosk": [*BANGTIN, "kiosk", *folder], "sync": [*BANGTIN, "sync", "--watch", "--every", "5", *folder]}
    with ExitStack() as stack:
        trees = {name: stack.enter_context(running(words, stage.screen(OURS))) for name, words in parts.items()}
        until(stage.cover(OURS))
        time.sleep(seconds)
        witness = notes.read(show.board / "state" / "witness.json")
        assert witness and witness.raw["verdict"] in ("match", "transition"), witness and witness.raw
        sizes = {name: tree.pss_mb()[0] for name, tree in trees.items()}
    return sum(sizes.values()), sizes


# ── all of them ──────────────────────────────────────────────────────────────────────────────────


def slideshow(folder: Path, slides: int, turn_ms: int, **values: object) -> tuple[Show, publisher.Publisher]:
    board, commune = publisher.slideshow(folder, SIZE, slides, turn_ms, **values)
    (item,) = commune.items
    statement = commune.shown(item)
    files = [commune.served / "slides" / slide.name for slide in statement.slides[commune.shape.name]]
    return Show(folder, files, turn_ms, FADE_MS, board.folder), commune


def measure(plan: Plan, folder: Path, stack: ExitStack) -> tuple[dict[str, Figures], float, dict[str, float]]:
    stage = Stage(folder, stack)
    turning, commune = slideshow(folder / "turning", SLIDES, TURN_MS, fade_ms=FADE_MS)
    stack.callback(commune.server.stop)
    still, other = slideshow(folder / "still", 1, 60_000)
    stack.callback(other.server.stop)
    peers = [peer for peer in PEERS if not peer.missing]
    figures = {peer.name: Figures() for peer in peers}
    for _ in range(plan.rounds):
        for peer in peers:
            seconds = plan.fading if peer.fades else TURN_MS / 1000
            turn(peer, turning, stage, figures[peer.name], seconds)
    for _ in range(plan.starts):
        for peer in peers:
            start(peer, turning, stage, figures[peer.name])
    rest(peers, still, stage, figures, plan.still)
    board_mb, parts = whole_board(turning, stage, plan.board)
    return figures, board_mb, parts


def table(figures: dict[str, Figures]) -> list[dict[str, object]]:
    """The figures of each program, for people and for the file."""
    told: list[dict[str, object]] = []
    print(f"{'':10}" + "".join(f"{column:>10}" for column in COLUMNS))
    for peer in PEERS:
        if peer.name not in figures:
            print(f"{peer.name:10} not installed")
            told.append({"program": peer.name, "missing": True})
            continue
        values = {
            name: (max if name in ("gap_longest", "blink_ms") else statistics.median)(found) if found else None
            for name, found in vars(figures[peer.name]).items()
        }
        print(f"{peer.name:10}" + "".join(f"{'cuts' if v is None else f'{v:.2f}':>10}" for v in values.values()))
        told.append({"program": peer.name, **{k: v if v is None else round(v, 3) for k, v in values.items()}})
    return told


def rows(figures: dict[str, Figures], board_mb: float) -> list[record.Row]:
    """The keys that are always told; Chromium's beside them where it is installed."""
    ours, theirs = figures[OURS.name], figures.get(CHROMIUM.name)
    rounds = len(ours.fading)

    def one(key: str, name: str, unit: str, goal: str | None) -> record.Row:
        found, peer = getattr(ours, name), getattr(theirs, name) if theirs else None
        value = statistics.median(peer) if peer else None
        return record.Row(key, statistics.median(found), unit, len(found), goal, CHROMIUM.name, value)

    def ratio(key: str, goal: str, of: Callable[[Figures], list[float]]) -> list[record.Row]:
        if theirs is None:
            return []
        shares = [a / b for a, b in zip(of(ours), of(theirs), strict=True)]
        return [record.Row(key, statistics.median(shares), "x", rounds, goal, CHROMIUM.name, 1.0)]

    def with_server(found: Figures) -> list[float]:
        return [a + b for a, b in zip(found.fading, found.fading_x, strict=True)]

    def per_frame(found: Figures) -> list[float]:
        """CPU milliseconds of one frame of a fade: also when fewer are drawn because the machine is busy."""
        frames = [fps * FADE_MS / TURN_MS for fps in found.frames]
        return [10 * cpu / each for cpu, each in zip(with_server(found), frames, strict=True)]

    return [
        one("pss_mb", "pss_mb", "MB", "<= 50"),
        *ratio("pss_ratio_chromium", "<= 0.125", lambda found: found.pss_mb),
        record.Row("board_pss_mb", board_mb, "MB", 1, "<= 110"),
        one("static_cpu_pct", "still", "%", "<= 0.2"),
        *ratio("fade_cpu_ratio_chromium", "<= 0.3333", with_server),
        *ratio("fade_cpu_per_frame_ratio_chromium", "<= 0.3333", per_frame),
        one("fade_gap_p99_ms", "gap_p99", "ms", "<= 20"),
        *([one("fade_longest_gap_usual_ms", "gap_usual", "ms", "<= 20")] if ours.gap_usual else []),
        one("first_slide_s", "first_s", "s", "<= 0.3"),
        one("first_slide_cpu_s", "first_cpu_s", "s", None),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="about a minute")
    plan = QUICK if options.parse_args().quick else FULL
    with suppress(PermissionError):  # only root may: all that is measured then goes before other work
        os.nice(FIRST)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        figures, board_mb, parts = measure(plan, Path(name), stack)
    told = table(figures)
    print("whole board: " + ", ".join(f"{part} {mb:.1f} MB" for part, mb in parts.items()))
    record.write("player", rows(figures, board_mb), programs=told, board=parts)


if __name__ == "__main__":
    main()
