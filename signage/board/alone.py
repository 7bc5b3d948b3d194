"""One player and one kiosk a board; but a picture is worth more than the lock.

A disk that is full, read-only or damaged may take no lock file: who cannot have one goes on without.
Another process that lives and has it is another matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from .. import durable


@contextmanager
def alone(lock: Path, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock file, where it can be held. Raises `Unavailable` (`locked`) after `patience_s` seconds."""
    with ExitStack() as stack:
        with suppress(OSError):  # of taking the lock alone: the body's own errors are the body's
            stack.enter_context(durable.only_one(lock, patience_s=patience_s))
        yield
