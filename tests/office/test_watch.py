"""What rings the watching office, and for what it waits a little longer."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signage import durable
from signage.office import watch


def bell_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Thread, threading.Event, list[bool]]:
    """An office that watches `folder`; for each time that it acts: whether a file was perhaps half there."""
    stop, acted, heard = threading.Event(), threading.Event(), list[bool]()
    bell = watch._Bell()
    monkeypatch.setattr(watch, "_Bell", lambda _: bell)
    usual = watch._wait

    def waits(bell: watch._Bell, stop: threading.Event, wanted: datetime | None) -> None:
        acted.set()
        bell.rang.wait(10)
        heard.append(bell.written.is_set())
        usual(bell, stop, datetime.now(UTC) + timedelta(seconds=5))
        stop.set()

    monkeypatch.setattr(watch, "_wait", waits)
    thread = threading.Thread(target=watch.watch, args=([folder], lambda: None, stop))
    thread.start()
    assert acted.wait(10)
    return thread, stop, heard


def test_a_file_that_was_renamed_into_place_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, _, heard = bell_of(tmp_path, monkeypatch)
    durable.write(tmp_path / "a.json", b"whole")
    thread.join(20)
    assert heard == [False]


def test_a_file_that_is_written_where_it_lies_may_be_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, _, heard = bell_of(tmp_path, monkeypatch)
    (tmp_path / "a.json").write_bytes(b"half")
    thread.join(20)
    assert heard == [True]


def test_a_clock_that_is_set_back_delays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a machine has started with a wrong year, and the time server then corrects it."""
    told = iter([datetime(2027, 11, 22, tzinfo=UTC)] * 2)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return next(told, datetime(2026, 11, 22, tzinfo=UTC))

    monkeypatch.setattr(watch, "datetime", Clock)
    wanted = datetime(2027, 11, 22, 0, 0, 0, 300_000, tzinfo=UTC)
    waits = threading.Thread(target=watch._wait, args=(watch._Bell(), threading.Event(), wanted), daemon=True)
    waits.start()
    waits.join(20)
    assert not waits.is_alive()


def test_a_folder_that_is_made_anew_is_watched_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `git checkout` and a share that is mounted again do; on the old one no event ever comes."""
    monkeypatch.setattr(watch, "SAME_S", 0.05)
    content, stop, found = tmp_path / "content", threading.Event(), threading.Semaphore(0)
    content.mkdir()
    seen: list[set[str]] = []

    def act() -> None:
        seen.append({path.name for path in content.glob("*")})
        found.release()

    def until(names: set[str]) -> None:
        while not seen or seen[-1] != names:
            assert found.acquire(timeout=20), seen

    thread = threading.Thread(target=watch.watch, args=([content], act, stop))
    thread.start()
    try:
        until(set())
        content.rename(tmp_path / "cu")
        until(set())
        content.mkdir()
        (content / "a.md").write_text("a", "utf-8")
        until({"a.md"})
        (content / "b.md").write_text("b", "utf-8")
        until({"a.md", "b.md"})
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
