"""How many boards one hub holds, on SQLite and on PostgreSQL, with this program's load on the same machine.

    python bench/fleet.py [--quick]

Boards with keys of their own send signed reports as real ones do, open loop (`fleet_load`): a rate is held when every
report was acknowledged, 99 of 100 within `P99_MS` of their moment. A rate is told as boards that report once in 30 s.
The hub is the real one, by its command, on loopback without TLS; what it acknowledged is counted in its store after
`kill -9`. Which part limits is said by the CPU of hub, the process beside it, database and this program, in `parts`.
A whole run takes five minutes.

`fleet_boards` makes boards and reports, `fleet_load` sends, `fleet_hub` runs the hub, `fleet_hints` listens.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import fleet_boards
from fleet_boards import EACH_S
from fleet_hints import HEAR_S, Listeners
from fleet_hub import Hub, Used
from fleet_load import Load, Run
from publisher import Publisher
from record import Row, write

from signage.hub.store import open_store
from signage.publication import Shape
from tests.postgres import Postgres, programs

P99_MS = 500.0
GOAL = 40_000  # boards
STEPS = (0.3, 0.45, 0.6, 0.8, 1.0, 1.25)  # of the goal
STORE_S = 150.0  # seconds of one store, from the first report: then no other rate is tried
HINTS = 4000  # boards that listen
IDLE = 15_000  # connections that only listen
PROTOTYPE = "prototype with bearer tokens"
PUSH_PEER = "Starlette SSE (prototype)"


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    boards: int
    connections: int
    run_s: float
    steps: tuple[float, ...]
    pages: int
    idle: int


WHOLE = Size(GOAL, 8000, 20.0, STEPS, 9, IDLE)
QUICK = Size(4000, 1000, 5.0, (0.2, 0.4), 3, 4000)


@dataclass
class Part:
    """One rate on one store, and who took how much of a core."""

    store: str
    boards: int
    run: Run
    hub: float
    beside: float
    database: float
    all: float

    @property
    def held(self) -> bool:
        return self.run.taken == self.run.planned and self.run.at(0.99) <= P99_MS

    def as_json(self) -> dict[str, Any]:
        return {
            "store": self.store, "boards": self.boards, "reports_per_s": round(self.run.rate, 1), "held": self.held,
            "planned": self.run.planned, "answers": {str(k): n for k, n in sorted(self.run.answers.items())},
            "p50_ms": _ms(self.run, 0.5), "p99_ms": _ms(self.run, 0.99), "hub_core_pct": round(self.hub * 100),
            "beside_core_pct": round(self.beside * 100), "database_core_pct": round(self.database * 100),
            "sender_core_pct": _pct(self.run),
            "machine_core_pct": round(self.all * 100), "sender_late_p99_ms": round(self.run.late * 1000, 1),
        }  # fmt: skip

    def told(self) -> str:
        it = self.as_json()
        return (
            f"  {it['store']:10} {it['boards']:>6} boards  {it['reports_per_s']:>6}/s  p50 {it['p50_ms']} ms  "
            f"p99 {it['p99_ms']} ms  hub {it['hub_core_pct']} %  beside {it['beside_core_pct']} %  "
            f"database {it['database_core_pct']} %  sender {it['sender_core_pct']} %  "
            f"all {it['machine_core_pct']} %  {'held' if it['held'] else 'NOT held'}"
            f"  {it['answers']}"
        )


def _ms(run: Run, share: float) -> float:
    return round(run.at(share), 1)


def _pct(run: Run) -> int:
    return round(run.cpu / run.seconds * 100)


@dataclass
class Found:
    """What one store can do."""

    store: str
    filled: float  # reports a second, as fast as they go
    parts: list[Part]
    page_ms: float
    lost: int
    memory_mb: float

    @property
    def best(self) -> Part | None:
        return max((part for part in self.parts if part.held), key=lambda part: part.boards, default=None)

    @property
    def rated(self) -> Part | None:
        """At the goal, or at the most below it that was held."""
        within = [part for part in self.parts if part.held and part.boards <= GOAL]
        return max(within, key=lambda part: part.boards, default=None)


def measured(name: str, folder: Path, size: Size, url: str | None, postmaster: int | None) -> Found:
    """Fill a hub with its boards' first reports, look for the rate that it holds, then cut it off and count."""
    boards = fleet_boards.fleet(size.boards)
    hub = Hub(folder, boards, url)
    try:
        began = time.monotonic()
        with Load(hub.port, size.boards, size.connections) as load:
            first = load.fill(size.boards)
            print(f"  {name:10} first reports: {first.taken / first.seconds:.0f}/s {first.answers}", flush=True)
            parts, taken = _climb(name, hub, load, size, postmaster, began + STORE_S)
            page = hub.page_ms("/", size.pages)
            memory = hub.memory_mb()
            hub.kill()
            for board, last in zip(boards, load.acknowledged(), strict=True):
                board.acknowledged = last
    finally:
        hub.kill()
    with open_store(folder) as store:
        lost = fleet_boards.lost(store, boards, taken + first.taken)
    return Found(name, first.taken / first.seconds, parts, page, lost, memory)


def _climb(name: str, hub: Hub, load: Load, size: Size, postmaster: int | None, end: float) -> tuple[list[Part], int]:
    """From the goal up while it holds, else down until it does; the parts, and how many reports were taken."""
    parts: list[Part] = []
    place = size.steps.index(1.0) if 1.0 in size.steps else 0
    step = 0
    while 0 <= place < len(size.steps) and (not parts or time.monotonic() < end):
        boards = int(GOAL * size.steps[place])
        part = _try(name, boards, hub, load, size, postmaster)
        parts.append(part)
        print(part.told(), flush=True)
        if step == 0:
            step = 1 if part.held else -1
        elif part.held != (step > 0):
            break
        place += step
    return parts, sum(part.run.taken for part in parts)


def _try(name: str, boards: int, hub: Hub, load: Load, size: Size, postmaster: int | None) -> Part:
    rate = boards / EACH_S
    before = Used.now(hub.pid, postmaster)
    run = load.run(int(rate * size.run_s), rate)
    after = Used.now(hub.pid, postmaster)
    # The hub rests while reports are signed: what it used, it used in the run. Of the machine the signing is seen too.
    hub_share, database = ((after.hub - before.hub) / run.seconds, (after.database - before.database) / run.seconds)
    beside, whole = after.beside - before.beside, after.all - before.all
    return Part(name, boards, run, hub_share, beside / (after.at - before.at), database, whole / (after.at - before.at))


def pushed(folder: Path, size: Size) -> list[Row]:
    """A hint to all that listen, what one that listens costs, and the overview of 4,000 boards."""
    office = Publisher(folder / "office", Shape("lcd", 1920, 1080), datetime.now(UTC).replace(microsecond=0))
    office.server.stop()
    publication = folder / "publication"
    publish = partial(_pass_on, office, publication, folder / "office" / "publication")
    publish()
    hub = Hub(folder / "hub", fleet_boards.fleet(HINTS), publication=publication)
    try:
        with Load(hub.port, HINTS, 256) as load:
            load.fill(HINTS)
        page, empty = hub.page_ms("/", size.pages), hub.memory_mb()
        rows = [Row("overview_4000_ms", page, "ms", size.pages, "<= 300")]
        with Listeners(hub.port) as listeners:
            listening = listeners.grow(HINTS)
            times = [_hint_ms(publish, listeners) for _ in range(5)]
            rows.append(Row("hint_all_4000_ms", sorted(times)[2], "ms", 5, "<= 300", PUSH_PEER, 294))
            if size.idle > HINTS:
                listening = listeners.grow(size.idle)
                rows.append(Row("hint_all_idle_ms", _hint_ms(publish, listeners), "ms"))
            rows.append(Row("idle_connections", listening, "", 1, f">= {size.idle}"))
            rows.append(Row("idle_kb_each", (hub.memory_mb() - empty) * 1024 / max(1, listening), "kB", listening))
        return rows
    finally:
        hub.kill()


def _pass_on(office: Publisher, served: Path, source: Path) -> float:
    """Publish, and bring it where the hub looks, the timestamp last; when that was there (Unix time)."""
    office.publish(datetime.now(UTC).replace(microsecond=0))
    shutil.copytree(source, served, dirs_exist_ok=True, ignore=shutil.ignore_patterns("timestamp.json"))
    stamp = served / "board" / "metadata" / "timestamp.json"
    shutil.copyfile(source / "board" / "metadata" / "timestamp.json", stamp.with_suffix(".new"))
    began = time.time()
    stamp.with_suffix(".new").replace(stamp)
    return began


def _hint_ms(publish: Callable[[], float], listeners: Listeners) -> float:
    """From the new timestamp on the disk until the last has heard."""
    listeners.expect()
    began = publish()
    heard = listeners.heard()
    return (heard[-1] - began) * 1000 if heard and heard[0] else HEAR_S * 1000


def told(found: list[Found], size: Size) -> list[Row]:
    """The figures of both stores."""
    rows = []
    for one in found:
        goal = f">= {GOAL}" if size is WHOLE else None
        rows.append(Row(f"boards_{one.store}", one.best.boards if one.best else 0, "", 1, goal, PROTOTYPE, 24_000))
    # Where no rate was held, the slowest that was tried tells how far it was from it.
    worst = [(one.rated or min(one.parts, key=lambda part: part.boards)).run.at(0.99) for one in found]
    rows.append(Row("p99_ms", max(worst), "ms", 1, f"<= {P99_MS:.0f}", PROTOTYPE, 458))
    rows.append(Row("lost", sum(one.lost for one in found), "", 1, "<= 0"))
    name = f"overview_{size.boards}"
    if size.boards != HINTS:
        rows.append(Row(f"{name}_ms", max(one.page_ms for one in found), "ms", size.pages, "<= 300"))
    for one in found:
        rows.append(Row(f"{name}_{one.store}_ms", one.page_ms, "ms", size.pages))
        rows.append(Row(f"first_reports_{one.store}_per_s", one.filled, "/s"))
        rows.append(Row(f"memory_{one.store}_mb", one.memory_mb, "MB"))
        if part := one.rated:
            thousand = part.boards / 1000
            rows.append(Row(f"p99_{one.store}_ms", part.run.at(0.99), "ms", part.run.planned))
            rows.append(
                Row(f"cpu_pct_per_1000_{one.store}", (part.hub + part.beside + part.database) * 100 / thousand, "%")
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="4,000 boards, short runs, low rates; under a minute")
    parser.add_argument("--store", choices=("sqlite", "postgresql", "hints"), help="only this; writes no results")
    asked = parser.parse_args()
    size = QUICK if asked.quick else WHOLE
    fleet_boards.check()
    found, began = [], time.monotonic()
    postgres = programs() if asked.store in (None, "postgresql") else None
    cluster = Postgres(postgres) if postgres else None
    try:
        with tempfile.TemporaryDirectory(prefix="bangtin-fleet-") as temporary:
            if asked.store in (None, "sqlite"):
                found.append(measured("sqlite", Path(temporary) / "sqlite", size, None, None))
            if cluster:
                pid = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
                folder = Path(temporary) / "postgresql"
                found.append(measured("postgresql", folder, size, cluster.database(), pid))
            rows = told(found, size) if found else []
            if asked.store in (None, "hints"):
                rows += pushed(Path(temporary), size)
    finally:
        if cluster:
            cluster.close()
    parts = [part.as_json() for one in found for part in one.parts]
    if asked.store:
        for row in rows:
            print(f"{row.key:34}{row.value:>12,.2f} {row.unit}")
        return
    write("fleet-quick" if asked.quick else "fleet", rows, parts=parts, connections=size.connections,
          cores=os.cpu_count(), took_s=round(time.monotonic() - began))  # fmt: skip


if __name__ == "__main__":
    main()
