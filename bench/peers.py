"""What else could show these slides: how each is started, and what a process with its children weighs.

Each peer gets its best case: Chromium a page of two pictures that decodes ahead and fades with CSS
`opacity`, without a graphics card asked for in vain; mpv and feh their own slideshow, which cut.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from glass import Screen

QUIET = [
    "--no-first-run", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--noerrdialogs", "--disable-infobars",
    "--disable-features=Translate", "--password-store=basic",
]  # fmt: skip
PAGE = """<!doctype html><meta charset="utf-8"><title>Bench</title>
<style>body{{margin:0;background:#000;overflow:hidden}}
img{{position:absolute;inset:0;opacity:0}} .in{{opacity:1}} .fade{{transition:opacity {fade}ms linear}}</style>
<img id="a"><img id="b"><script type="module">
const slides = {slides}
let shown = b, coming = a, turn = 0
async function next() {{
  coming.src = slides[turn++ % slides.length]
  await coming.decode()
  coming.style.zIndex = turn
  coming.className = turn > 1 ? 'in fade' : 'in';
  [shown, coming] = [coming, shown]
  setTimeout(() => coming.className = '', {fade} + 100)
}}
next()
if (slides.length > 1) setInterval(next, {turn})
</script>"""


@dataclass(frozen=True)
class Show:
    """The slides as files, for how long each stays, and how long a fade takes (milliseconds)."""

    folder: Path
    slides: Sequence[Path]
    turn_ms: int
    fade_ms: int
    board: Path  # the same slides, signed, on a board's shelf


@dataclass(frozen=True)
class Peer:
    name: str
    program: str
    command: Callable[[Show], list[str]]
    fades: bool = True

    @property
    def missing(self) -> bool:
        return shutil.which(self.program) is None


def _ours(show: Show) -> list[str]:
    return [sys.executable, "-m", "signage", "board", "play", "--dir", str(show.board)]


def _chromium(show: Show) -> list[str]:
    """A new profile each time: the cold start that a board has after its power came back with a wiped /tmp."""
    page = show.folder / "page.html"
    slides = json.dumps([slide.as_uri() for slide in show.slides])
    page.write_text(PAGE.format(slides=slides, turn=show.turn_ms, fade=show.fade_ms), "utf-8")
    profile = show.folder / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    return ["chromium", "--kiosk", "--window-position=0,0", "--window-size=1920,1080",
            f"--user-data-dir={profile}", *QUIET, page.as_uri()]  # fmt: skip


def _mpv(show: Show) -> list[str]:
    return ["mpv", "--no-config", "--fs", "--vo=x11", "--no-osc", "--no-audio", "--really-quiet", "--loop-playlist=inf",
            f"--image-display-duration={show.turn_ms / 1000}", *map(str, show.slides)]  # fmt: skip


def _feh(show: Show) -> list[str]:
    turn = ["--slideshow-delay", str(show.turn_ms / 1000)] if len(show.slides) > 1 else []
    return ["feh", "--fullscreen", "--hide-pointer", *turn, *map(str, show.slides)]


OURS = Peer("bangtin", sys.executable, _ours)
CHROMIUM = Peer("chromium", "chromium", _chromium)
PEERS = (OURS, CHROMIUM, Peer("mpv", "mpv", _mpv, fades=False), Peer("feh", "feh", _feh, fades=False))


# ── a process and all that it has started ────────────────────────────────────────────────────────


class Tree:
    """A program with its children: those below it, and those of its session that left it."""

    def __init__(self, child: psutil.Process) -> None:
        self._child = child

    def processes(self) -> list[psutil.Process]:
        found = {self._child.pid: self._child, **{p.pid: p for p in self._child.children(recursive=True)}}
        for process in psutil.process_iter():
            with suppress(OSError):
                if os.getsid(process.pid) == self._child.pid:
                    found[process.pid] = process
        return [p for p in found.values() if p.is_running()]

    def pss_mb(self) -> tuple[float, int]:
        """Proportional memory of all of them, in MB, and how many they are."""
        sizes = []
        for process in self.processes():
            with suppress(OSError):
                text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
                sizes.append(int(next(s for s in text.splitlines() if s.startswith("Pss:")).split()[1]) / 1024)
        return sum(sizes), len(sizes)

    def cpu(self) -> dict[int, float]:
        return {process.pid: cpu_s(process) for process in self.processes()}


def cpu_s(process: psutil.Process) -> float:
    """Seconds of CPU, as fine as the kernel counts them for the threads that live."""
    threads = 0
    with suppress(OSError):
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            with suppress(OSError):
                threads += int((task / "schedstat").read_text().split()[0])
    with suppress(psutil.Error):  # in ticks of 10 ms, but with the threads that have ended
        times = process.cpu_times()
        return max(threads / 1e9, times.user + times.system)
    return threads / 1e9


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds of CPU between two looks; a process that is new has spent all of its own since."""
    return sum(max(0.0, seconds - before.get(pid, 0.0)) for pid, seconds in after.items())


@contextmanager
def running(command: list[str], screen: Screen) -> Iterator[Tree]:
    """Starts it on the screen; at the end, whatever it started ends too."""
    env = {**os.environ, "DISPLAY": screen.name, "LC_ALL": "C.UTF-8"}
    env.pop("WAYLAND_DISPLAY", None)
    child = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    tree = Tree(psutil.Process(child.pid))
    try:
        yield tree
    finally:
        left = tree.processes()
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
        _, stubborn = psutil.wait_procs(left, timeout=2)
        for process in stubborn:
            with suppress(psutil.Error):
                process.kill()
        child.wait(5)


def until(holds: Callable[[], bool], patience_s: float = 60) -> None:
    end = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("never came")
        time.sleep(0.001)
