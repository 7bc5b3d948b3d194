"""From a signature to the glass: how soon what was approved is seen, with years of notices in the archive.

    python bench/approve_to_glass.py [--quick] [--count N] [--runs N] [--far MS]

Everything is real: `bangtin publish --watch`, `bangtin serve`, `bangtin board sync --watch` and `bangtin board play`
as processes of their own, HTTP on loopback, a window on an X server whose frame buffer we look at. The office has
10,000 approved notices (`--quick`: 300), of which 50 are live.

- **normal**: an approver signs a correction of the notice that stands on the board; its author had submitted it before.
  From the moment at which the approval lies in the review book until the first pixel of the new slide. The board has
  that one notice in turn (the other live ones are for the other boards), so no rotation is waited for: a board with
  fifty shows the fifty-first when its turn comes, but has it in its active publication at the same moment.
- **emergency**: `bangtin alert raise`. From the moment at which the duty person's record lies in the review book until
  the first pixel. `emergency_from_enter` is from the start of that command, which must load, read, draw and sign first.
- **cancelled**: `bangtin alert cancel`, from the record to the first pixel of what comes back.
- **far**: the emergencies once more, with 200 ms of round trip between the board and its server (`--far 0`: without).
- **page**: the same approvals, until the page of the website that says so is served.

Each is told with its stages, one after the other: watch (until the office begins), parse (read and judge), sign (and
put where boards fetch), hint, fetch, verify, shelve (with the board's waking up and what else is between), first
frame. Where a stage of the office or the board ends is read from the times of the files that they leave, and from a
listener of our own on the hint channel; what lies within is noted by `stages`. Slides are drawn before anybody signs:
`draw`. The website is built after the boards have theirs: `build`. A fade has begun with its first frame, whose pixels
are nearly the old ones: the first pixel that differs at all counts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import archive
import network
import psutil
import stages
import synthetic
from glass import Screen
from peers import running, until
from record import Row, write

from signage import hint
from signage.board import identity
from signage.keys import PrivateKey
from signage.notice import read_file
from signage.office import starter
from signage.office.desk import Desk, Signatory
from signage.office.publish import signed_people
from signage.settings import Settings

BOARD, PLACE = "tram-y-te", "board:tram-y-te"  # an LCD of 1280 × 720 that is never dark
ELSEWHERE = "board:cong-xa, board:mot-cua, board:nha-van-hoa-3"
SIZE = (1280, 720)
ROWS = range(120, 600, 24)  # of pixels that are looked at: letters stand there, and no clock
BANGTIN = [sys.executable, "-m", "signage"]
STAGED = [sys.executable, stages.__file__]
OFFICE_MARKS, ALERT_MARKS = "office.marks", "alert.marks"
RESTING = 0.05  # of a core: a process that burns less does nothing but wait
PATIENCE_S = 180.0  # for one change to be seen
IDENT, PAGE = "thong-bao/dang-chieu", "tin/dang-chieu.html"
STAGES = ("watch", "parse", "sign", "hint", "fetch", "verify", "shelve", "first_frame")
QUICK, FULL = (300, 6), (10_000, 12)  # notices, runs


@dataclass
class Run:
    """Moments of one change, in seconds since its signature; and for how long each stage had it."""

    signed: float  # seconds of the wall clock
    at: dict[str, float] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)


@dataclass
class Commune:
    """The office, its server and one board, all running."""

    settings: Settings
    port: int  # of its server
    board: identity.Board
    screen: Screen
    hints: Hints
    publisher: psutil.Process
    marks: Path  # of `stages`, of its board

    @property
    def served(self) -> Path:
        return self.settings.publication / "board"

    def desk(self) -> Desk:
        return Desk(self.settings, signed_people(self.settings))

    def person(self, ident: str, role: str) -> Signatory:
        return Signatory(ident, role, PrivateKey.load(starter.person_key(self.settings.folder, ident)))


class Hints:
    """Listens as a board does, and keeps when hints came (seconds of the wall clock)."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._line = socket.create_connection((place.hostname or "", place.port or 80))
        self._line.sendall(f"GET /board/{hint.PATH} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
        self.came: list[float] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while data := self._line.recv(65536):
            if b"data: look" in data:
                self.came.append(time.time())


# ── the commune ──────────────────────────────────────────────────────────────────────────────────


def office(folder: Path, count: int) -> Settings:
    """Its archive ends now; none of its live notices is for our board."""
    now, plain = datetime.now(UTC), synthetic.text
    synthetic.SINCE = (now - timedelta(days=5 * 365 + 2)).replace(tzinfo=None)
    archive.NOW, archive.SIGNED_SINCE = now, now - timedelta(days=300)
    synthetic.text = lambda number, count, *, also: plain(number, count, also={**also, "Boards": ELSEWHERE})
    try:
        return archive.make(folder, count)
    finally:
        synthetic.text = plain


def notice(run: int) -> str:
    now = datetime.now()
    fields = {
        "Title": f"Lịch khám sức khỏe người cao tuổi, sửa lần {run}", "Date": f"{now:%Y-%m-%d} 07:00",
        "Kind": "y-te", "Category": "an-sinh", "Boards": PLACE, "Start": f"{now - timedelta(days=2):%Y-%m-%d} 07:00",
        "End": f"{now + timedelta(days=20):%Y-%m-%d} 17:00", "Summary": f"Bàn khám số {run}, mang theo thẻ bảo hiểm.",
    }  # fmt: skip
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{head}\nKhám tại bàn số {run}, từ 7 giờ đến 11 giờ. Người trên 80 tuổi được khám trước.\n"


def submitted(commune: Commune, run: int) -> Callable[[], object]:
    """The next correction, drawn and signed by its author; what is answered signs it for the approver.

    Not through `bangtin submit` and `approve`, which read all notices first: the clock begins at the signature.
    """
    path, desk = commune.settings.content / f"{IDENT}.md", commune.desk()
    path.write_text(notice(run), "utf-8")
    read, problems = read_file(path, commune.settings.content, commune.settings.places)
    assert read, problems
    (statement,) = desk._stated([read])
    desk._sign(statement, "submit", commune.person(archive.AUTHOR, "author"), datetime.now(UTC))
    approver = commune.person(archive.APPROVER, "approver")
    return lambda: desk._sign(statement, "approve", approver, datetime.now(UTC))


@contextmanager
def everything(folder: Path, count: int) -> Iterator[Commune]:
    """The office and a board beside it."""
    with ExitStack() as stack:
        began = time.monotonic()
        settings = office(folder / "xa", count)
        print(f"{count} notices approved: {time.monotonic() - began:.0f} s", flush=True)
        log = stack.enter_context((folder / "office.log").open("w"))
        where = ["--dir", str(settings.folder)]
        watching = ["publish", "--watch", "--clock-is-right", *where]
        publisher = _process(stack, [*STAGED, str(folder / OFFICE_MARKS), *watching], log)
        until((settings.publication / "index.html").exists, 1800)
        print(f"first publication: {time.monotonic() - began:.0f} s", flush=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        _process(stack, [*BANGTIN, "serve", "--port", str(port), *where], log)
        until(lambda: not socket.socket().connect_ex(("127.0.0.1", port)))
        yield stack.enter_context(watched(settings, port, folder / "bang", publisher))


@contextmanager
def watched(settings: Settings, port: int, folder: Path, publisher: psutil.Process) -> Iterator[Commune]:
    """A board whose publication is served at this port, with its window and its hints."""
    with ExitStack() as stack:
        url, log = f"http://127.0.0.1:{port}", stack.enter_context((folder.parent / "board.log").open("a"))
        root = (settings.publication / "board/metadata/1.root.json").read_bytes()
        board = identity.enroll(folder, board=BOARD, url=url, root=root)
        marks = folder.parent / f"{folder.name}.marks"
        syncing = ["board", "sync", "--watch", "--every", "600", "--dir", str(board.folder)]
        _process(stack, [*STAGED, str(marks), *syncing], log)
        screen = Screen(folder.parent / f"x-{folder.name}", SIZE)
        stack.callback(screen.stop)
        stack.enter_context(running([*BANGTIN, "board", "play", "--dir", str(board.folder)], screen))
        hints = Hints(url)
        until((board.shelf / "current").exists)
        yield Commune(settings, port, board, screen, hints, publisher, marks)


def _process(stack: ExitStack, command: list[str], log: object) -> psutil.Process:
    child = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "LC_ALL": "C.UTF-8"})  # type: ignore[call-overload]
    stack.callback(child.wait, 20)
    stack.callback(child.terminate)
    return psutil.Process(child.pid)


# ── one change ───────────────────────────────────────────────────────────────────────────────────


def seen(commune: Commune, since: float) -> float:
    """When the glass changed, in seconds of the wall clock; raises `SystemExit` when it never does."""
    screen, width = commune.screen, SIZE[0] * 4
    spots = [slice(screen.at(0, row), screen.at(0, row) + width) for row in ROWS]
    before = [screen._memory[spot] for spot in spots]
    while time.time() - since < PATIENCE_S:
        if any(screen._memory[spot] != was for spot, was in zip(spots, before, strict=True)):
            return time.time()
        time.sleep(0.001)
    raise SystemExit(f"nothing new on the glass: see {commune.settings.folder.parent}")


def settled(commune: Commune, seconds: float = 3.0) -> None:
    """Nothing moves on the glass, and nobody publishes any more: not the look at every file either, after the site."""
    until(lambda: _resting(commune.publisher), PATIENCE_S)
    spots = [slice(commune.screen.at(0, row), commune.screen.at(0, row) + SIZE[0] * 4) for row in ROWS]
    stamp, quiet, last = commune.served / "metadata/timestamp.json", time.monotonic(), None
    while time.monotonic() - quiet < seconds:
        now = [commune.screen._memory[spot] for spot in spots], stamp.stat().st_ctime
        if now != last:
            last, quiet = now, time.monotonic()
        time.sleep(0.02)


def _resting(process: psutil.Process, seconds: float = 1.0) -> bool:
    """Whether it burns next to nothing, for so long."""

    def burnt() -> float:
        times = process.cpu_times()
        return float(times.user + times.system)

    before = burnt()
    time.sleep(seconds)
    return burnt() - before < RESTING * seconds


def newest_record(commune: Commune) -> float:
    return max(entry.stat().st_mtime for entry in os.scandir(commune.settings.review_book / "records"))


def measured(commune: Commune, act: Callable[[], object], page: Callable[[], bool] | None = None) -> Run:
    """Act in a thread of its own, and look."""
    settled(commune)
    before, began = newest_record(commune), time.time()
    shelf, told = commune.board.shelf / "current", len(commune.hints.came)
    acting = threading.Thread(target=act)
    acting.start()
    glass, shelved = seen(commune, began), shelf.stat().st_mtime
    published = (commune.served / "metadata/timestamp.json").stat().st_ctime
    until(lambda: newest_record(commune) > before, PATIENCE_S)
    signed = newest_record(commune)
    run = Run(signed, {"from_enter": glass - began, "glass": glass - signed, "shelved": shelved - signed,
                       "hinted": commune.hints.came[told] - signed, "published": published - signed})  # fmt: skip
    hinted = run.at["hinted"]
    marks = stages.read(commune.marks, signed + hinted, shelved)
    fetch, verify = (stages.own(marks, stage) for stage in ("fetch", "verify"))
    run.took = {"sign": published - signed, "hint": signed + hinted - published, "fetch": fetch, "verify": verify,
                "shelve": run.at["shelved"] - hinted - fetch - verify, "first_frame": glass - shelved}  # fmt: skip
    if page:
        until(page, PATIENCE_S)
        run.at["page"] = time.time() - signed
    acting.join()
    return run


def corrected(commune: Commune, run: int) -> Run:
    began = time.perf_counter()
    approve = submitted(commune, run)
    drawn = time.perf_counter() - began
    page, words = commune.settings.publication / PAGE, f"bàn số {run},"
    found = measured(commune, approve, lambda: page.exists() and words in page.read_text("utf-8"))
    until(lambda: _resting(commune.publisher), PATIENCE_S)
    marks = stages.read(commune.settings.folder.parent / OFFICE_MARKS, found.signed, time.time())
    published = found.signed + found.at["published"]
    watch = next(mark for mark in marks if mark.stage == "turn").begun - found.signed
    parse = stages.own([mark for mark in marks if mark.ended <= published], "read")
    sign, build = found.at["published"] - watch - parse, stages.own(marks, "site")
    found.took |= {"draw": drawn, "watch": watch, "parse": parse, "sign": sign, "build": build}
    return found


def alarm(commune: Commune, run: int) -> tuple[Run, Run]:
    """Raised, and taken back."""
    where = ["--dir", str(commune.settings.folder), "--as", archive.DUTY]
    name = f"lu-{run}"
    words = [
        "--title",
        f"Lũ trên báo động 3, lần {run}",
        "--text",
        "Di dời ngay.",
        "--level",
        "4",
        "--source",
        "Đài mẫu",
    ]
    marks = commune.settings.folder.parent / ALERT_MARKS
    marks.unlink(missing_ok=True)
    raised = measured(commune, lambda: _command(marks, "alert", "raise", "--name", name, *words, *where))
    raised.took["draw"] = stages.own(stages.read(marks, 0, time.time()), "draw")
    ident = f"khan-cap/{datetime.now():%Y}/{name}"
    return raised, measured(commune, lambda: _command(marks, "alert", "cancel", ident, "--reason", "Hết lũ", *where))


def distant(near: Commune, folder: Path, round_trip_s: float, times: int) -> list[Run]:
    """Emergencies on a board that is far away from its server."""
    with (
        network.far(near.port, round_trip_s) as port,
        watched(near.settings, port, folder / "xa-xoi", near.publisher) as commune,
    ):
        return [alarm(commune, 100 + run)[0] for run in range(times)]


def _command(marks: Path, *words: str) -> None:
    """What it says is shown when it refuses: nothing would come to the glass, and nobody would know why."""
    done = subprocess.run([*STAGED, str(marks), *words], check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"bangtin {words[0]} {words[1]} ended with {done.returncode}:\n{done.stdout}{done.stderr}", flush=True)


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(len(values) * share))]


def rows(name: str, runs: list[Run], goals: tuple[str, str] | None) -> list[Row]:
    """p50 and p95 of the first pixel, and the medians of the stages, one after the other."""
    glass = [run.at["glass"] for run in runs]
    low, high = goals or (None, None)
    told = [Row(f"{name}_p50_s", statistics.median(glass), "s", len(runs), low),
            Row(f"{name}_p95_s", percentile(glass, 0.95), "s", len(runs), high)]  # fmt: skip
    for stage in ("draw", *STAGES, "build"):
        if found := [run.took[stage] for run in runs if stage in run.took]:
            told.append(Row(f"{name}_{stage}_ms", 1000 * statistics.median(found), "ms", len(found)))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="300 notices, 6 runs")
    parser.add_argument("--count", type=int, help="notices in the archive")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--far", type=int, default=200, metavar="MS", help="round trip of the far board")
    args = parser.parse_args()
    count, times = QUICK if args.quick else FULL
    count, times = args.count or count, args.runs or times
    folder = Path(tempfile.mkdtemp(prefix="approve-to-glass-"))  # stays, when something goes wrong
    with everything(folder, count) as commune:
        first = measured(commune, submitted(commune, 0))
        print(f"first notice on the glass: {first.at['glass']:.2f} s", flush=True)
        normal = [corrected(commune, run) for run in range(1, times + 1)]
        alarms = [alarm(commune, run) for run in range(times)]
        far = distant(commune, folder, args.far / 1000, times) if args.far else []
    shutil.rmtree(folder)
    raised, ended = [pair[0] for pair in alarms], [pair[1] for pair in alarms]
    told = rows("normal", normal, ("<= 1.0", "<= 1.5")) + rows("emergency", raised, ("<= 0.4", "<= 0.7"))
    told += rows("cancelled", ended, None) + (rows("far", far, None) if far else [])
    told.append(Row("page_p50_s", statistics.median(run.at["page"] for run in normal), "s", times, "<= 1.0"))
    told.append(Row("emergency_from_enter_p50_s", statistics.median(r.at["from_enter"] for r in raised), "s", times))
    write("approve_to_glass", told, notices=count)


if __name__ == "__main__":
    main()
