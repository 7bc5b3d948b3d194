"""Which publication a board should hold, read from the office's own publication folder.

Only to compare numbers for people: nothing is verified here and nothing is trusted for it; the
boards themselves verify what they show. Without a folder the hub goes by the highest number that
any board of the commune has reported, which a stolen board could raise.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from ..publication import MAX_MANIFEST, Manifest, manifest_name
from ..wire import BadFormat
from .alarms import Newest

MAX_METADATA = 5 * 1024 * 1024  # bytes; python-tuf's own limit for targets


class PublicationFolder:
    """`publication/` of the office, looked at again when `timestamp.json` has changed."""

    def __init__(self, folder: Path) -> None:
        self._board = folder / "board"
        self._stamp: tuple[int, int] | None = None
        self._targets: dict[str, str] = {}
        self._found: dict[str, tuple[str, Newest] | None] = {}  # by board: whose, and which
        self._lock = threading.Lock()  # pages are rendered in several threads

    def newest(self, commune: str, board: str) -> Newest | None:
        """The manifest now published for this board; None when there is none, or it cannot be read."""
        try:
            with self._lock:
                self._refresh()
                if board not in self._found:
                    self._found[board] = self._manifest(board)
                of, found = self._found[board] or ("", None)
                return found if of == commune else None  # the folder is one commune's, the hub may hear several
        except (OSError, ValueError, KeyError, TypeError, AttributeError, BadFormat):
            return None

    def _refresh(self) -> None:
        stat = (self._board / "metadata" / "timestamp.json").stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp == self._stamp:
            return
        snapshot = self._role("timestamp.json")["meta"]["snapshot.json"]["version"]
        lich = self._role(f"{int(snapshot)}.snapshot.json")["meta"]["lich.json"]["version"]
        targets = self._role(f"{int(lich)}.lich.json")["targets"]
        self._targets = {name: str(file["hashes"]["sha256"]) for name, file in targets.items()}
        self._found, self._stamp = {}, stamp

    def _role(self, name: str) -> dict[str, Any]:
        signed = json.loads(_read(self._board / "metadata" / name, MAX_METADATA))["signed"]
        return dict(signed)

    def _manifest(self, board: str) -> tuple[str, Newest] | None:
        name = manifest_name(board)
        if name not in self._targets:
            return None
        folder, _, file = name.rpartition("/")
        path = self._board / "targets" / folder / f"{self._targets[name]}.{file}"
        manifest = Manifest.read(_read(path, MAX_MANIFEST))
        return manifest.commune, Newest(manifest.number, manifest.made)


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path.name} is larger than {most} bytes")
    return data
