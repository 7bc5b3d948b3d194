"""A month of a board on a SIM: bytes on the wire of a real board's process, by what they are for.

    python bench/month.py [--quick]

`bangtin board sync --watch --every 600 --heartbeat 900` with a clock that goes `FASTER` times as fast, a real hub and
nginx with TLS, and between them a proxy that reads from the kernel (TCP_INFO) how many bytes and packets each of the
board's connections carried; a packet has 52 bytes of IP and TCP. In a network of its own (`network`). By hand are made:
the play log (90 plays of 12 files in each quarter of an hour), what player and witness say, and the small JPEG.

What is measured by event is multiplied by the counts below, and by nothing else. Slides are not in it.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import network
from PIL import Image, ImageDraw
from publisher import BOARD, Publisher
from record import Row, write
from sqlalchemy import select

from signage import hint
from signage.board import glimpse, identity, notes, tending
from signage.board.download import Line
from signage.board.identity import Board
from signage.board.playlog import PlayLog
from signage.hub import asking, roster
from signage.hub.people import accounts, audit
from signage.hub.people.accounts import Wanted
from signage.hub.people.passwords import Fresh
from signage.hub.people.roles import Role
from signage.hub.roster import Card, Place
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t
from signage.publication import Shape
from signage.wire import when

FASTER = 56.0  # 280 s between two comments become 5 whole seconds
HEARTBEAT_S, POLL_S = 900.0, 600.0  # `--heartbeat` and `--every`
HOURS_A_MONTH = 720
REPORTS, CHANGES, FRAMES = 4 * HOURS_A_MONTH, 300, 60  # of a month: quarters, changes told at once, pictures asked for
PLAYS, FILES = 90, 12  # of a quarter of an hour
PACKET = 52  # bytes of IP, TCP and its timestamps
WAIT_S = 60.0
HUB = """
import sys, pathlib
from signage import hint
hint.LEAST_S = hint.MOST_S = float(sys.argv[4])
from signage.hub import app
listening = app.listen("127.0.0.1", 0)
pathlib.Path(sys.argv[3]).write_text(str(listening.getsockname()[1]))
app.serve(pathlib.Path(sys.argv[1]), listening, pathlib.Path(sys.argv[2]))
"""
SYNC = """
import sys, pathlib
from signage import hint
from signage.board import hints, identity, metadata, tending
faster = float(sys.argv[2])
hint.LEAST_S = hint.MOST_S = hint.MOST_S / faster
tending.METERED_HEARTBEAT_S /= faster
tending.SLOW_METERED_S /= faster
tending.QUIET_S /= faster
metadata.WHOLE_S /= faster
try:
    tending.watch(identity.load(pathlib.Path(sys.argv[1])), every=float(sys.argv[3]), heartbeat=float(sys.argv[4]))
except KeyboardInterrupt:
    pass
"""


class Proxy:
    """Passes TCP on, and knows what each connection on the board's side has carried."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._sockets: list[socket.socket] = []
        self._ended: list[tuple[int, int]] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def carried(self) -> list[tuple[int, int]]:
        """Of each connection so far, in their order: bytes on the wire, and how many of these the board sent."""
        return [_carried(one) for one in self._sockets]

    def _accept(self) -> None:
        while True:
            near = self._listening.accept()[0]
            away = socket.create_connection(("127.0.0.1", self._target))
            self._sockets.append(near)
            for one, other in ((near, away), (away, near)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_pass, args=(one, other), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket) -> None:
    """Sockets are never closed: the kernel tells of closed ones no more."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _carried(one: socket.socket) -> tuple[int, int]:
    info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    acked, received, out, came = struct.unpack_from("QQII", info, 120)  # linux/tcp.h: struct tcp_info
    return acked + received + PACKET * (out + came), received + PACKET * came


@dataclass
class Month:
    """The board's two addresses as the proxies count them: `site` has sync; `hub` has push and reports."""

    site: Proxy
    hub: Proxy

    def now(self) -> tuple[int, int, int]:
        """Bytes of sync, push, reports. Of the hub's connections reports are those on which the board sends more."""
        lines = sorted(self.hub.carried(), key=lambda line: line[1] / max(1, line[0]))
        push = lines[0][0] if len(lines) > 1 else 0
        return sum(line[0] for line in self.site.carried()), push, sum(line[0] for line in lines) - push


@dataclass
class Fake:
    """What stands in for player, witness and kiosk."""

    board: Board
    log: PlayLog
    number: int = 0

    def says(self) -> None:
        """All is well; and how it is called changes nothing of the length."""
        now = datetime.now(UTC).replace(microsecond=0)
        showing = {"kind": "rotation", "statement": "b" * 64, "file": "a" * 64, "since": when(now),
                   "title": "Ngừng cung cấp điện thôn 3 và thôn 5 để sửa chữa đường dây"}  # fmt: skip
        common = {"pid": os.getpid(), "verdict": "match", "faults": []}
        notes.write(self.board.state / "player.json", {**common, "showing": showing, "number": self.number})
        notes.write(self.board.state / "witness.json", {**common, "layer": "window", "since": when(now),
                                                        "at": when(now), "connector": "on"})  # fmt: skip

    def plays(self) -> None:
        """Those of one heartbeat: of real lengths, which differ by milliseconds, at the real distance."""
        chance, begun = random.Random(self.number), datetime.now(UTC) - timedelta(seconds=HEARTBEAT_S)
        for n in range(PLAYS):
            at = (begun + timedelta(seconds=10 * n)).replace(microsecond=0)
            self.log.add(file=_FILES[n % FILES], statement="b" * 64, at=at, ms=10_000 + chance.randrange(-20, 20))
        self.log.flush()

    def looks(self) -> None:
        """A small picture, as the kiosk makes one."""
        image = Image.new("RGB", (480, 270), "#0b3a45")
        draw = ImageDraw.Draw(image)
        for n in range(9):
            draw.text((20, 20 + 26 * n), "Thông báo ngừng cung cấp điện ngày 25/11/2026 tại thôn 3 và thôn 5")
        for quality in range(85, 5, -5):
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality)
            if out.tell() <= glimpse.METERED_FRAME:
                break
        (self.board.state / notes.GLASS).write_bytes(out.getvalue())


_FILES = [random.Random(n).randbytes(32).hex() for n in range(FILES)]


def until(what: str, holds: Callable[[], object], seconds: float = WAIT_S) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)


def last(store: Store) -> int:
    """The number of the report that the hub heard last."""
    with store.reading() as connection:
        return int(connection.execute(select(t.state.c.seq)).scalar() or 0)


def settled(month: Month) -> tuple[int, int, int]:
    """`now`, once nothing more comes for a while (push and keep-alives are at least 5 s apart)."""
    time.sleep(0.5)
    return month.now()


@contextmanager
def running(folder: Path, commune: Publisher) -> Iterator[tuple[Month, Fake, Store, int, str]]:
    """Everything; also the board's number at the hub, and nginx's address."""
    hub_folder, port_file, served = folder / "hub", folder / "port", folder / "commune" / "publication"
    hub_folder.mkdir()
    command = [sys.executable, "-c", HUB, hub_folder, served, port_file, str(hint.MOST_S / FASTER)]
    hub = subprocess.Popen(list(map(str, command)))
    until("the hub", lambda: port_file.exists() and port_file.read_text())
    behind = f"http://127.0.0.1:{port_file.read_text()}"
    more = f"location /v1/ {{ proxy_pass {behind}; proxy_http_version 1.1; proxy_buffering off; " \
        f'proxy_set_header Connection ""; proxy_read_timeout 700s; }}'  # fmt: skip
    try:
        with network.secure_server(served, folder / "server", more) as (url, _):
            port = urlsplit(url).port or 0
            month = Month(Proxy(port), Proxy(port))
            addresses = [f"https://127.0.0.1:{proxy.port}" for proxy in (month.site, month.hub)]
            board = identity.enroll(folder / "board", board=BOARD, url=addresses[0], hub=addresses[1],
                                    root=commune.root())  # fmt: skip
            with open_store(hub_folder) as store:
                yield month, Fake(board, PlayLog(board.plays)), store, _enrolled(store, board), url
    finally:
        hub.terminate()
        hub.wait()


def _enrolled(store: Store, board: Board) -> int:
    card = Card(board.id, board.key().public, board.commune, board.repository, "e" * 64)
    with store.writing() as connection:
        place = Place("Bảng đo", commune_name="UBND xã Đo", metered=True)
        return roster.enroll(connection, card, place, datetime.now(UTC)).number


def measure(month: Month, fake: Fake, store: Store, number: int, hours: float) -> tuple[list[Row], dict[str, float]]:
    """Run the board for so many of its hours; bytes of one hour, one report, one change and one picture."""
    fake.board.state.mkdir(parents=True, exist_ok=True)
    fake.says(), fake.plays()
    arguments = [str(fake.board.folder), str(FASTER), str(POLL_S / FASTER), str(HEARTBEAT_S / FASTER)]
    sync = subprocess.Popen([sys.executable, "-c", SYNC, *arguments])
    try:
        until("the first report", lambda: last(store) >= 1)
        until("the channel for hints", lambda: len(month.hub.carried()) >= 2)
        time.sleep(2 * 280 / FASTER)
        each = _quarters(month, fake, store, hours)
        changed = _each(month, 3, lambda n: _change(fake, store, n))
        frame = _each(month, 3, lambda n: _frame(fake, store, number))
    finally:
        sync.terminate()
        sync.wait()
    found = {"sync_hour": each[0], "push_hour": each[1], "report": each[2], "change": changed, "frame": frame}
    rows = [Row(f"{name}_bytes", value, "B") for name, value in found.items()]
    return rows, found


def _quarters(month: Month, fake: Fake, store: Store, hours: float) -> tuple[float, float, float]:
    """Bytes of sync and push an hour, and of one report."""
    heard, before, began = last(store), settled(month), time.monotonic()
    stop = began + hours * 3600 / FASTER
    while time.monotonic() < stop:
        seen = last(store)
        fake.plays()
        until("a report", lambda seen=seen: last(store) > seen, 3 * HEARTBEAT_S / FASTER + 10)
        fake.says()
    after, passed = settled(month), (time.monotonic() - began) * FASTER / 3600
    sync, push, reports = (b - a for a, b in zip(before, after, strict=True))
    return sync / passed, push / passed, reports / (last(store) - heard)


def _each(month: Month, times: int, act: Callable[[int], None]) -> float:
    """Bytes that reports carry for one of these."""
    before = settled(month)[2]
    for n in range(times):
        act(n)
    return (settled(month)[2] - before) / times


def _change(fake: Fake, store: Store, n: int) -> None:
    """Something that a person should hear of soon, and a few plays since the last report."""
    seen = last(store)
    fake.number += 1
    fake.says()
    until("a change", lambda: last(store) > seen)


def _frame(fake: Fake, store: Store, number: int) -> None:
    """A person asks; the next report hears of it (here: one that a change makes), the one after carries it."""
    now = datetime.now(UTC)
    with store.writing() as connection:
        known = accounts.find(connection, "do")
        wanted = Wanted("Người đo", Role.ADMIN, None)
        account = known or accounts.add(connection, "do", wanted, Fresh((), "x"), audit.ON_THE_BOX, now)
        asking.ask(connection, number, account.id, now, metered=True)
    time.sleep(2 * asking.LOOK_S)
    fake.number += 1
    fake.says()
    wanted_at = fake.board.state / notes.WANTED
    until("a wish", lambda: wanted_at.exists() and wanted_at.stat().st_mtime >= now.timestamp())
    fake.looks()

    def came() -> bool:
        with store.reading() as connection:
            return not asking.waiting(connection, datetime.now(UTC), number)

    until("a picture", came)
    time.sleep(glimpse.EACH_S)


def handshakes(url: str) -> tuple[int, int]:
    """Bytes of a new connection, and of one that goes on with a session, beyond those of a request."""

    def asked(line: Line) -> int:
        before = network.quiet()
        line.small(f"{url}/board/metadata/timestamp.json", limit=100_000)
        return network.quiet() - before

    line = Line()
    new, kept = asked(line), asked(line)
    for adapter in line._session.adapters.values():
        adapter.close()  # the pool goes, the context with its sessions stays
    return new - kept, asked(line) - kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one hour of the board's, not four")
    hours = 1.0 if parser.parse_args().quick else 4.0
    network.own()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        commune = Publisher(folder / "commune", Shape("lcd", 1920, 1080), datetime.now(UTC).replace(microsecond=0))
        commune.server.stop()
        commune.publish(datetime.now(UTC).replace(microsecond=0))
        with running(folder, commune) as (month, fake, store, number, url):
            new, resumed = handshakes(url)
            rows, each = measure(month, fake, store, number, hours)
    rows += [Row("handshake_new_bytes", new, "B"), Row("handshake_resumed_bytes", resumed, "B")]
    write("month", rows + summed(each, resumed), hours=hours, faster=FASTER, certificate="one, of 64 bytes' key")


def summed(each: dict[str, float], resumed: int) -> list[Row]:
    """The month, by the counts above."""
    parts = {
        "sync_mb": each["sync_hour"] * HOURS_A_MONTH, "push_mb": each["push_hour"] * HOURS_A_MONTH,
        "reports_mb": each["report"] * REPORTS + each["change"] * CHANGES,
        "frames_mb": (each["frame"] - each["change"]) * FRAMES,
    }  # fmt: skip
    whole = sum(parts.values())
    polls = HOURS_A_MONTH * 3600 / tending.SLOW_METERED_S
    cut = whole + resumed * (REPORTS + CHANGES + FRAMES + polls)
    # Twice the plays cost at most as much again as these do; half of the reports go.
    half = REPORTS / 2
    rare = cut - half * (each["report"] + resumed) + half * (each["report"] - each["change"])
    rows = [Row(name, value / 1e6, "MB") for name, value in parts.items()]
    rows.append(Row("month_mb", whole / 1e6, "MB", goal="<= 15"))
    rows.append(Row("month_every_line_cut_mb", cut / 1e6, "MB"))
    return [*rows, Row("month_every_line_cut_reports_each_half_hour_mb", rare / 1e6, "MB", goal="<= 15")]


if __name__ == "__main__":
    main()
