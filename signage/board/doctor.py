"""What of a board's own computer is unsafe or wants doing, and the facts of it. Nothing is changed."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any

from .. import machine
from ..errors import Problem
from ..wire import sha256
from . import identity

NEEDED = ("requests", "tuf", "securesystemslib", "psutil", "pygame-ce")  # what a board imports
PROGRAMS = ("startx", "xset")  # of the session that `bangtin board install` writes


def examine(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Facts by name, and problems. Raises `Unavailable` (`board-not-enrolled`), `BadFormat`."""
    board = identity.load(folder)
    secrets = machine.private_keys(folder)
    found = [*machine.open_files(secrets, folder), *machine.in_git(folder)]
    if stat.S_IMODE(folder.stat().st_mode) & 0o002:
        found.append(Problem("doctor-board-folder", str(folder)))
    found += [Problem("doctor-wifi", name, severity="warning") for name in machine.wireless()]
    found += [Problem("doctor-program", name, severity="warning") for name in PROGRAMS if not shutil.which(name)]
    facts = {
        "board": board.id, "commune": board.commune, "repository": board.repository, "url": board.url,
        "hub": board.hub or "", "root": sha256(board.root()), "words": list(board.words()),
        "key": board.key().public.fingerprint,
        "secrets": [
            {"file": path.relative_to(folder).as_posix(), "mode": f"{stat.S_IMODE(path.stat().st_mode):04o}"}
            for path in secrets
        ],
    }  # fmt: skip
    return facts, found
