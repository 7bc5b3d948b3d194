"""What a board can measure about its own computer; a sensor that is not there is None, not zero."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from ..report import Machine

MB = 1024 * 1024


def measure(folder: Path, pids: Iterable[int]) -> Machine:
    """The machine as a report tells it; `pids`: the board's processes, whose memory is summed."""
    return Machine(
        uptime_s=max(0, int(time.time() - psutil.boot_time())),
        rss_mb=sum(_memory(pid) for pid in set(pids)) // MB,
        disk_free_mb=psutil.disk_usage(str(folder)).free // MB,
        temp_c=_temperature(),
    )


def _memory(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _temperature() -> int | None:
    """The hottest sensor in °C."""
    sensors = getattr(psutil, "sensors_temperatures", None)
    if sensors is None:
        return None
    found = [one.current for group in sensors().values() for one in group if one.current is not None]
    hot = [value for value in found if -60 <= value <= 150]
    return round(max(hot)) if hot else None


def alive(pid: int) -> bool:
    """Whether this process exists and is more than a zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
