"""What a round of sync costs: bytes on the wire with TLS and TCP, requests, CPU, time.

    python bench/sync.py [--quick]

Beside it, in the same run and on the same server: the common way, in which a board downloads the list of its files
with their MD5 and then each file that differs, by plain requests on a kept connection (as Xibo does, in JSON).
It checks no signature. The month is one in which nothing is published: polls every 10 minutes, the whole asked once an
hour, and the channel for hints with its comments (from our own server; nginx may stand in front of it). What both
carry of slides is taken off where a key says `overhead`.

Slides are random bytes of the size that a 1080p slide has (`bench/slides.py`). nginx serves where it is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import network
import requests
from publisher import BOARD, Publisher
from record import Row, write

from signage import hint
from signage.board import identity, metadata
from signage.board.clock import Clock
from signage.board.download import Line
from signage.board.hints import SLOW_S
from signage.board.sync import Syncer
from signage.office.serving import Server
from signage.publication import Shape

SLIDE = 40_000  # bytes
RTT_S = 0.2  # seconds of a round trip on 4G in the hills
COMMENTS = 6
POLL_S, MONTH_S = 600.0, 30 * 86_400.0  # seconds between two polls on a metered line
PEER = "list + MD5"
HOURS = 92  # days that a manifest has worked out


@dataclass(frozen=True)
class Cost:
    """Of one round."""

    bytes: float  # on the wire, both ways
    requests: float
    cpu_ms: float
    wall_s: float


def costing(round_: Callable[[], int]) -> Cost:
    """What a round costs; it returns how many requests it made."""
    before, cpu, began = network.quiet(), time.process_time(), time.monotonic()
    asked = round_()
    wall, cpu = time.monotonic() - began, time.process_time() - cpu
    return Cost(network.quiet() - before, asked, cpu * 1000, wall)


def median(costs: list[Cost]) -> Cost:
    of = [
        statistics.median(getattr(cost, name) for cost in costs) for name in ("bytes", "requests", "cpu_ms", "wall_s")
    ]
    return Cost(*of)


class CountedLine(Line):
    """Counts its requests."""

    asked = 0

    def _ask(self, *args: Any, **values: Any) -> requests.Response:
        self.asked += 1
        return super()._ask(*args, **values)


class Ours:
    """A board as `bangtin board sync --watch` keeps it: one process, one connection."""

    def __init__(self, folder: Path, commune: Publisher, url: str) -> None:
        self._board = identity.enroll(folder, board=BOARD, url=url, root=commune.root())
        self.reconnect()

    def reconnect(self) -> None:
        self._line = CountedLine()
        self._syncer = Syncer(self._board, self._line, Clock())

    def round(self) -> int:
        before = self._line.asked
        outcome = self._syncer.round()
        assert outcome.error is None and not outcome.wrong, outcome
        return self._line.asked - before


class Rival:
    """The common way."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        folder.mkdir()
        self.reconnect()

    def reconnect(self) -> None:
        self._session = requests.Session()

    def round(self) -> int:
        wanted, asked = self._session.get(f"{self._url}/rival.json").json(), 1
        for one in wanted["files"]:
            path = self._folder / one["file"]
            if not path.exists() or hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != one["md5"]:
                answer = self._session.get(f"{self._url}/board/slides/{one['file']}")
                asked += 1
                assert hashlib.md5(answer.content, usedforsecurity=False).hexdigest() == one["md5"]
                path.write_bytes(answer.content)
        return asked


class Commune:
    """So many live notices of one slide each, served with TLS; the rival's list beside them."""

    def __init__(self, folder: Path, notices: int, *, hours: bool = False) -> None:
        self._numbers, self._hours = itertools.count(), hours
        self.office = Publisher(folder, Shape("lcd", 1920, 1080), datetime.now(UTC).replace(microsecond=0))
        self.office.server.stop()
        self.served = folder / "publication"
        self._slides: dict[str, tuple[str, bytes]] = {}
        for _ in range(notices):
            self._show()
        self.publish()

    def _show(self) -> None:
        data = os.urandom(SLIDE)
        statement = self.office.statement(f"Thông báo số {next(self._numbers)}", [data], 8000)
        item = self.office.show(statement)
        if self._hours:
            day = self.office.began.replace(hour=22, minute=0, second=0) - timedelta(days=1)
            spans = ((day + timedelta(days=n), day + timedelta(days=n, hours=15)) for n in range(HOURS))
            self.office.items[-1] = replace(item, ranges=tuple(spans))
        (slide,) = next(iter(statement.slides.values()))
        self._slides[item.dossier] = (slide.name, data)

    def change_one(self) -> None:
        """One notice goes, another comes."""
        gone = self.office.items.pop(0)
        del self._slides[gone.dossier]
        self._show()
        self.publish()

    def alarm(self) -> None:
        """An emergency, whose words the board draws; the rival needs a picture of them."""
        now = datetime.now(UTC).replace(microsecond=0)
        self.office.alarm(f"Lũ khẩn cấp {next(self._numbers)}", 4, now, now + timedelta(hours=6), [])
        data = os.urandom(SLIDE)
        name = f"{hashlib.sha256(data).hexdigest()}.webp"
        self.office.put(f"slides/{name}", data)
        self._slides["alarm"] = (name, data)
        self.publish()

    def calm(self) -> None:
        self.office.calm(datetime.now(UTC).replace(microsecond=0))
        self._slides.pop("alarm", None)
        self.publish()

    def publish(self) -> None:
        self.office.publish(datetime.now(UTC).replace(microsecond=0))
        listed = [
            {"file": name, "type": "image", "size": len(data), "duration": 8,
             "md5": hashlib.md5(data, usedforsecurity=False).hexdigest()}
            for name, data in self._slides.values()
        ]  # fmt: skip
        (self.served / "rival.json").write_text(json.dumps({"v": 1, "files": listed}, separators=(",", ":")))


Pair = tuple[Cost, Cost]  # ours, the rival's


class Bench:
    """Boards of one commune, ours and the rival's, that see the same."""

    def __init__(self, folder: Path, url: str, commune: Commune, times: int) -> None:
        self._folder, self._url, self._commune, self._times = folder, url, commune, times
        self.served, self.certificate = commune.served, folder / "server"
        self._boards = itertools.count()
        self._both = self._new()
        for board in self._both:
            board.round()

    def _new(self) -> tuple[Ours, Rival]:
        number = next(self._boards)
        ours = Ours(self._folder / f"board-{number}", self._commune.office, self._url)
        return ours, Rival(self._folder / f"rival-{number}", self._url)

    def _costs(self, before: Callable[[], object], after: Callable[[], object] = lambda: None) -> Pair:
        found: tuple[list[Cost], list[Cost]] = ([], [])
        for _ in range(self._times):
            before()
            for board, costs in zip(self._both, found, strict=True):
                costs.append(costing(board.round))
            after()
            for board in self._both:
                board.round()
        return median(found[0]), median(found[1])

    def first(self) -> Pair:
        return self._costs(lambda: setattr(self, "_both", self._new()))

    def unchanged(self) -> Pair:
        return self._costs(lambda: None)

    def unchanged_anew(self) -> Pair:
        """On a new connection."""
        return self._costs(lambda: [board.reconnect() for board in self._both])

    def unchanged_whole(self) -> Pair:
        """As our board asks once an hour, for the next root too."""
        usual, metadata.WHOLE_S = metadata.WHOLE_S, 0.0
        try:
            return self.unchanged()
        finally:
            metadata.WHOLE_S = usual

    def one_changed(self) -> Pair:
        return self._costs(self._commune.change_one)

    def emergency(self) -> Pair:
        return self._costs(self._commune.alarm, self._commune.calm)


def rows(name: str, pair: Pair, times: int, *, goal: str | None = None, less: int = 0) -> list[Row]:
    """The four figures of a case; `less`: bytes of slides, which both must carry."""
    ours, rival = pair
    unit = f"{name}_overhead_bytes" if less else f"{name}_bytes"
    told = [Row(unit, ours.bytes - less, "B", times, goal, PEER, rival.bytes - less)]
    for key, suffix in (("requests", ""), ("cpu_ms", "ms"), ("wall_s", "s")):
        told.append(Row(f"{name}_{key}", getattr(ours, key), suffix, times, None, PEER, round(getattr(rival, key), 4)))
    return told


def comment(served: Path, work: Path) -> float:
    """Bytes on the wire of one comment on the channel for hints, acknowledgements too, from our own server with TLS."""
    usual, hint.LEAST_S = hint.LEAST_S, 0.6
    server = Server(served)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(work / "cert.pem", work / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.start()
    try:
        url = f"{server.address.replace('http', 'https')}/board/{hint.PATH}?{hint.QUERY}=0"
        heard = Line().listen(url, hint.KIND, 60.0)
        told: list[float] = []
        while len(told) < COMMENTS:
            if b":" in next(heard):
                told.append(network.quiet())
    finally:
        hint.LEAST_S = usual
        server.stop()
    return (told[-1] - told[0]) / (len(told) - 1)


def month(usual: Cost, hourly: Cost, every_s: float) -> float:
    """MB of a month in which nothing changes."""
    rounds, hours = MONTH_S / every_s, MONTH_S / metadata.WHOLE_S
    return (usual.bytes * (rounds - hours) + hourly.bytes * hours) / 1e6


def fifty(bench: Bench, times: int) -> list[Row]:
    idle, hourly, first = bench.unchanged(), bench.unchanged_whole(), bench.first()
    told = rows("unchanged", idle, times, goal="<= 1200") + rows("unchanged_hourly", hourly, times)
    told += rows("changed", bench.one_changed(), times, goal="<= 12000", less=SLIDE)
    told += rows("emergency", bench.emergency(), times)
    told += rows("first_50", first, times, less=SLIDE * 50)
    told += rows("unchanged_new_connection", bench.unchanged_anew(), times)
    for key, every, goal in (("idle_month_polling_mb", POLL_S, "<= 6"), ("idle_month_30s_mb", 30.0, None)):
        ours, rival = (month(idle[n], hourly[n], every) for n in (0, 1))
        told.append(Row(key, ours, "MB", times, goal, PEER, round(rival, 2)))
    pushed = comment(bench.served, bench.certificate)
    told.append(Row("hint_comment_bytes", pushed, "B", COMMENTS))
    whole = month(idle[0], hourly[0], SLOW_S) + pushed * MONTH_S / hint.MOST_S / 1e6
    told.append(Row("idle_month_mb", whole, "MB", times, "<= 6"))
    return told


def two_hundred(bench: Bench, times: int) -> list[Row]:
    first = bench.first()
    told = rows("first_200", first, times, less=SLIDE * 200)
    trips = [cost.requests * RTT_S for cost in first]  # one after the other
    told.append(Row("first_200_waiting_at_200ms_s", trips[0], "s", times, None, PEER, trips[1]))
    told += rows("unchanged_200", bench.unchanged(), times)
    return told + rows("changed_200", bench.one_changed(), times, less=SLIDE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three rounds of each, not seven")
    times = 3 if parser.parse_args().quick else 7
    network.own()
    told, server = [], ""
    with tempfile.TemporaryDirectory() as temporary:
        cases: list[tuple[str, Commune, Callable[[Bench, int], list[Row]]]] = [
            ("50", Commune(Path(temporary) / "50", 50), fifty),
            ("200", Commune(Path(temporary) / "200", 200), two_hundred),
            ("hours", Commune(Path(temporary) / "hours", 50, hours=True),
             lambda bench, n: rows("changed_with_hours", bench.one_changed(), n, less=SLIDE)),
        ]  # fmt: skip
        for name, commune, measured in cases:
            folder = Path(temporary) / f"{name}-boards"
            folder.mkdir()
            with network.secure_server(commune.served, folder / "server") as (url, server):
                told += measured(Bench(folder, url, commune, times), times)
    write("sync", told, server=server, slide_bytes=SLIDE, mtu=network.MTU)


if __name__ == "__main__":
    main()
