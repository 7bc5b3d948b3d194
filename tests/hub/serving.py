"""Hubs as processes of their own that need not load the program anew: a server forks them from one that has."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from signage.hub import app

OFTEN = timedelta(milliseconds=300)  # between two looks of a watchman whom a test waits for
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.hub.serving"])


def start(
    folder: Path, publication: Path | None, look_every: timedelta, patience_s: float
) -> tuple[ForkServerProcess, int]:
    """A hub of this folder on a port of its own: as `bangtin hub serve`, from when all is imported."""
    here, there = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_serve, args=(folder, publication, look_every, there))
    process.start()
    there.close()
    with here:
        assert here.poll(patience_s), "no hub"
        return process, int(here.recv())


def _serve(folder: Path, publication: Path | None, look_every: timedelta, told: Connection) -> None:
    with app.listen("127.0.0.1", 0) as listening:
        told.send(listening.getsockname()[1])
        told.close()
        app.serve(folder, listening, publication, look_every=look_every)
