"""A store with boards whose clock is turned by hand, for the watchman and whoever tells what it saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from signage.hub.duty import says
from signage.hub.store import Store, bulk
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.hub.watchman import Watchman
from signage.report import Machine, Report, Showing

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
COMMUNE = "20506"


@dataclass
class Place:
    """A store with boards, a clock that is turned by hand, and a watchman."""

    store: Store
    now: datetime = NOON
    boards: dict[str, int] = field(default_factory=dict)
    man: Watchman = field(init=False)

    def __post_init__(self) -> None:
        self.man = Watchman(self.store, says, clock=lambda: self.now)
        with self.store.writing() as connection:
            connection.execute(insert(t.commune), {"code": COMMUNE, "name": "Xã Mẫu", "newest": 412, "newest_seen": 0})
            connection.execute(insert(t.account), {
                "name": "lan", "full_name": "Lan", "role": "operator", "password": "x", "password_set": 0, "made": 0,
            })  # fmt: skip

    def add(self, code: str, **more: Any) -> int:
        told = {
            "commune": COMMUNE, "code": code, "public": f"{len(self.boards):064x}", "chain": 1, "repository": "0" * 64,
            "enrolled": 0, "name": f"Bảng {code}",
        }  # fmt: skip
        with self.store.writing() as connection:
            made = connection.execute(insert(t.board).returning(t.board.c.id), told | more)
            self.boards[code] = int(made.scalar_one())
        return self.boards[code]

    def hear(self, *codes: str, uptime_s: int = 10**6, **values: Any) -> None:
        since = self.now - timedelta(minutes=5)
        known: dict[str, Any] = {
            "commune": COMMUNE, "repository": "0" * 64, "seq": 1, "prev": "0" * 64, "sent": self.now,
            "publication": 412, "verdict": "match", "layer": "window", "plays": (), "faults": (),
            "showing": Showing("rotation", "a" * 64, "f" * 64, "Ngừng cấp điện thôn 3", since),
            "clock_state": "trusted", "clock_offset_ms": 12, "sync_last_ok": self.now, "sync_error": None,
            "machine": Machine(uptime_s, 71, 18211, 52), "frame": None,
        }  # fmt: skip
        with self.store.writing() as connection:
            for code in codes or list(self.boards):
                report = Report(board=code, **(known | values))
                row = {
                    "board": self.boards[code], "chain": 1, "seq": 1, "sha": report.sha256,
                    "received": to_ms(self.now), "sent": to_ms(self.now), "evidence": to_ms(self.now),
                    "report": report.to_payload(), "publication": report.publication, "verdict": report.verdict,
                    "layer": report.layer, "screen": "right", "kind": "rotation", "statement": None, "faults": "",
                    "temp_c": 52, "disk_mb": 1, "marks": 0,
                }  # fmt: skip
                bulk.upsert(connection, t.state, [row], keys=("board",))

    def wait(self, length: timedelta, *heard: str, each: timedelta = timedelta(minutes=1)) -> None:
        """Time passes; these boards are heard meanwhile, and the watchman looks."""
        end = self.now + length
        while self.now < end:
            self.now += each
            if heard:
                self.hear(*heard)
            assert self.man.look()

    def alarms(self) -> list[Any]:
        with self.store.reading() as connection:
            return list(connection.execute(select(t.alarm).where(t.alarm.c.opened.is_not(None)).order_by(t.alarm.c.id)))

    def spans(self) -> list[Any]:
        with self.store.reading() as connection:
            return list(connection.execute(select(t.span).order_by(t.span.c.id)))
