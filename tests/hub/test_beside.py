"""The process beside the serving one: it watches, is started again when it dies, and ends with the serving one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from signage.hub import beside, watchman
from signage.hub.store import open_store

PATIENCE_S = 40.0


def until(what: str, is_so: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.05)
    pytest.fail(f"never: {what}")


def family(hub: Any) -> list[psutil.Process]:
    """Guard and worker."""
    return psutil.Process(hub.process.pid).children(recursive=True)


def looked(folder: Path) -> Any:
    with open_store(folder) as store, store.reading() as connection:
        return watchman.watch(connection)


def test_a_watch_that_is_killed_is_started_again_and_ends_with_its_hub(hub: Any) -> None:
    before = until("a look", lambda: looked(hub.folder))
    guard, worker = until("guard and worker", lambda: two if len(two := family(hub)) == 2 else None)
    worker.kill()
    until("another worker", lambda: worker.pid not in {p.pid for p in family(hub)} and len(family(hub)) == 2)
    until("its look", lambda: looked(hub.folder).looked > before.looked)
    assert hub.get("/healthz")[0] == 200
    guard, worker = family(hub)
    hub.kill()
    until("the end of both", lambda: not psutil.pid_exists(worker.pid) and not psutil.pid_exists(guard.pid))


def test_a_guard_that_is_killed_takes_nothing_with_it(hub: Any) -> None:
    """Its worker ends; the serving process looks itself, and stays well."""
    until("a look", lambda: looked(hub.folder))
    guard, worker = until("guard and worker", lambda: two if len(two := family(hub)) == 2 else None)
    guard.kill()
    until("the worker's end", lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    ended = datetime.now(UTC)
    until("a look of its own", lambda: looked(hub.folder).looked > ended)
    until("all is well", lambda: hub.get("/healthz")[0] == 200)
    assert hub.stop() == 0


def test_who_stops_leaves_nobody_behind(hub: Any) -> None:
    until("guard and worker", lambda: len(family(hub)) == 2)
    left = family(hub)
    assert hub.stop() == 0
    assert not [process for process in left if process.is_running()]


def test_a_watch_of_which_nothing_is_heard_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signage.hub.app import listen

    with listen("127.0.0.1", 0) as listening, beside.Beside(tmp_path / "hub", listening) as one:
        assert one._guard.is_alive() and list(one.reasons()) == ["duty-dead"], "nothing was heard yet"
        one._shared.tell({"postman-failing", "watchman-late"})
        assert list(one.reasons()) == ["watchman-late", "postman-failing"]
        monkeypatch.setattr(beside, "SILENT_S", -1.0)
        assert list(one.reasons()) == ["duty-dead"] and not one._shared.well()
    assert not one._guard.is_alive()
