"""The hub as `bangtin hub serve` runs it, with an account that is logged in; and the CPU that it takes."""

from __future__ import annotations

import http.client
import re
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from fleet_boards import Board, enroll

from signage.hub.pages.visit import COOKIE
from signage.hub.people import accounts, audit, sessions
from signage.hub.people.accounts import Wanted
from signage.hub.people.passwords import Fresh
from signage.hub.people.roles import Role
from signage.hub.store import Store, open_store
from signage.hub.store.engine import URL_FILE

START_S = 60  # seconds that a hub may take to answer
PAGE_S = 60  # seconds that a page may take


class Hub:
    """One process on a fresh store with these boards; `url`: of a PostgreSQL database, else SQLite."""

    def __init__(
        self, folder: Path, boards: list[Board], url: str | None = None, publication: Path | None = None
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        if url:
            (folder / URL_FILE).write_text(url, "utf-8")
        with open_store(folder) as store:
            enroll(store, boards)
            self._cookie = _log_in(store)
        command = [sys.executable, "-m", "signage", "hub", "serve", "--dir", str(folder), "--port", "0"]
        if publication:
            command += ["--publication", str(publication)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        found = re.search(r":(\d+)/", self._process.stdout.readline())
        assert found, "the hub did not start"
        self.port, self._end = int(found[1]), time.monotonic() + START_S
        while self.get("/healthz")[0] != 200 and time.monotonic() < self._end:
            time.sleep(0.1)

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PAGE_S)
        try:
            connection.request("GET", path, headers={"Cookie": f"{COOKIE}={self._cookie}", "Accept": "text/html"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except ConnectionRefusedError:
            return 0, b""
        finally:
            connection.close()

    def page_ms(self, path: str, times: int) -> float:
        """Median from the request to the last byte."""
        found = []
        for _ in range(times):
            began = time.monotonic()
            status, body = self.get(path)
            found.append((time.monotonic() - began) * 1000)
            assert status == 200 and b"</html>" in body, (status, body[:200])
        return statistics.median(found)

    @property
    def pid(self) -> int:
        return self._process.pid

    def memory_mb(self) -> float:
        """Of it and of the process beside it; what they share is counted once."""
        hub = psutil.Process(self.pid)
        return float(sum(one.memory_full_info().pss for one in [hub, *hub.children(recursive=True)])) / 2**20

    def kill(self) -> None:
        """As a power cut would, for what the hub has in memory."""
        self._process.kill()
        self._process.wait()


def _log_in(store: Store) -> str:
    """A cookie of an administrator, who never types the password."""
    now = datetime.now(UTC)
    with store.writing() as connection:
        wanted, fresh = Wanted("Người đo", Role.ADMIN, None), Fresh((), "no password opens this")
        account = accounts.add(connection, "nguoi-do", wanted, fresh, audit.ON_THE_BOX, now)
        return sessions.open_new(connection, account.id, now, address="127.0.0.1", agent="bench")


@dataclass(frozen=True)
class Used:
    """CPU seconds until now: the hub's serving process, what is beside it, the database, the whole machine."""

    hub: float
    beside: float
    database: float
    all: float
    at: float

    @classmethod
    def now(cls, hub: int, postmaster: int | None) -> Used:
        whole = psutil.cpu_times()
        everything = sum(whole) - whole.idle - whole.iowait - getattr(whole, "guest", 0.0)
        database = _own(postmaster) + _children(postmaster) if postmaster else 0.0
        return cls(_own(hub), _children(hub), database, everything, time.monotonic())


def _own(pid: int) -> float:
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


def _children(pid: int) -> float:
    """Of those that run and of those that have ended."""
    process = psutil.Process(pid)
    used = process.cpu_times()
    told = used.children_user + used.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            its = child.cpu_times()
            told += its.user + its.system
    return float(told)
