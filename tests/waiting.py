"""Waiting for what a process of its own does: for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 60.0  # seconds for what takes less than one
LOOK_S = 0.01


def until(happened: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """What it answers, once that is true; an `AssertionError` after `patience_s`."""
    end = time.monotonic() + patience_s
    while not (found := happened()):
        assert time.monotonic() < end
        time.sleep(LOOK_S)
    return found
