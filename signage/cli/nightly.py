"""A watching office compares itself once a night, at a quiet hour: `publish --full` in a process of its own.

It gives way to everything else on the machine, and ends with the office that started it. What it found stands in
`state/compared.jsonl` and in the status.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from ..errors import BangtinError
from ..schedule import VIETNAM_TIME
from ..settings import Settings, load

LOOK_S = 20.0  # seconds between two looks at the clock and the settings
LONGEST_S = 3 * 3600.0  # seconds that a comparison may take before it is ended
END_S = 10.0  # seconds to end in by itself
GENTLE = 19  # of `nice`: everybody else first
Say = Callable[[str, str], None]  # in Vietnamese, in English
FAILED = "Chưa so được với bản dựng từ đầu (xem nhật ký)", "Not compared with a clean build (see the log)"


class Nightly(AbstractContextManager["Nightly"]):
    """Looks at the clock in a thread of its own."""

    def __init__(
        self, args: argparse.Namespace, say: Say, now: Callable[[], datetime] = lambda: datetime.now(UTC),
        look_s: float = LOOK_S,
    ) -> None:  # fmt: skip
        self._args, self._say, self._now, self._look_s = args, say, now, look_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nightly", daemon=True)

    def __enter__(self) -> Nightly:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(2 * END_S)

    def _run(self) -> None:
        before = self._now()
        while not self._stop.wait(self._look_s):
            now = self._now()
            with suppress(BangtinError):  # settings that are being written are the publication's to tell
                settings = load(self._args.dir)
                if is_time(settings, before, now):
                    self._compare(settings)
            before = now

    def _compare(self, settings: Settings) -> None:
        from ..office import recheck

        old = recheck.last(settings)
        command = [sys.executable, "-m", "signage", "publish", "--full", "--gently", "--dir", str(self._args.dir)]
        # Its lines are the office's own, told already: what it found is in the record.
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            end = time.monotonic() + LONGEST_S
            while process.poll() is None and not self._stop.is_set() and time.monotonic() < end:
                self._stop.wait(0.25)
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(END_S)
                process.kill()
        if self._stop.is_set():
            return
        found = recheck.last(settings)
        self._say(*(words(found) if found and found != old else FAILED))


def is_time(settings: Settings, before: datetime, now: datetime) -> bool:
    """Whether the hour of comparing has come between two looks at the clock; a clock set far forward is no night."""
    at = settings.compare_at
    if at is None or not before < now <= before + timedelta(hours=1):
        return False
    local = now.astimezone(VIETNAM_TIME)
    due = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return before < due <= now


def words(found: dict[str, Any]) -> tuple[str, str]:
    """A comparison in a line, in both languages."""
    files, took = found["files"], f"{found['took_s']:.0f}"
    if found["good"]:
        return (
            f"So với bản dựng từ đầu: giống từng byte, {files} tệp, {took} giây",
            f"Compared with a clean build: the same to the byte, {files} files, {took} s",
        )
    if not found["settled"]:
        return "So với bản dựng từ đầu: chưa so được, trang đang thay đổi", "Not compared: the site kept changing"
    wrong = [*found["damaged"], *found["differing"]]
    count, named = found["damaged_count"] + found["differing_count"], ", ".join(wrong[:3]) + ", …" * (len(wrong) > 3)
    vi, en = f"{count} tệp khác, đã sửa lại: {named}", f"{count} files differed and were mended: {named}"
    if found["boards_differ"]:
        also = ("bản cho bảng khác với bản đọc lại", "what boards have differed from what was read anew")
        vi, en = (vi + "; " + also[0], en + "; " + also[1]) if count else also
    return f"So với bản dựng từ đầu: {vi} (xem state/compared.jsonl)", f"Compared: {en} (see state/compared.jsonl)"


def be_gentle() -> None:
    """Let everybody else on this machine go first, where the system has a way to say so."""
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(GENTLE)
