"""One life of the machine: what it is called, and how long it has lasted; alike in all its processes."""

from __future__ import annotations

import time
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
MAX_BOOT_ID = 64  # characters


class Boot:
    """`name` is empty where the system names none."""

    def __init__(self, path: Path = BOOT_ID) -> None:
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        self._before = time.clock_gettime(boottime) - time.monotonic() if boottime is not None else 0.0
        self.name = _name(path)

    def seconds(self) -> float:
        """Since the machine was started, sleep included where the system counts it."""
        return self._before + time.monotonic()


def _name(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()[:MAX_BOOT_ID]
    except (OSError, UnicodeDecodeError):
        return ""
