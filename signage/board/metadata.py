"""Fresh metadata as bytes: python-tuf's `Updater`, which refuses rollback and freezing, on the board's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError
from tuf.ngclient import Updater, UpdaterConfig

from .. import durable
from ..errors import Refused, Unavailable
from ..publication import manifest_name
from . import trust
from .clock import Clock
from .download import Line
from .identity import Board

_CONFIG = UpdaterConfig(max_root_rotations=64, max_delegations=4)


@dataclass(frozen=True)
class Fresh:
    """What the server has, signed and not expired."""

    chain: trust.Chain
    until: datetime  # when the first of it expires
    expired: Refused | None  # expired by the word of the publication in force alone: good only to take that back


class _Updater(Updater):
    """python-tuf's updater, whose files survive a power cut and whose time is ours."""

    def __init__(self, board: Board, line: Line, now: datetime) -> None:
        board.tuf.mkdir(parents=True, exist_ok=True)
        super().__init__(
            str(board.tuf), f"{board.url}/board/metadata/", fetcher=line, config=_CONFIG, bootstrap=board.root()
        )
        # A board's own clock may be at 2000, when nothing ever expires.
        self._trusted_set.reference_time = now

    def _persist_file(self, filename: str, data: bytes) -> None:
        """To the disk, and only what is new: a memory card bears so many writes, and rounds are many."""
        path = Path(filename)
        if not path.is_file():
            durable.discard(path)
        durable.write_if_changed(path, data)

    def _update_root_symlink(self) -> None:
        """Nobody needs it who brings his own root."""

    @property
    def root_versions(self) -> range:
        return range(1, self._trusted_set.root.version + 1)

    @property
    def until(self) -> datetime:
        soonest: datetime = min(signed.expires for signed in self._trusted_set)
        return soonest


def fetch(board: Board, line: Line, clock: Clock) -> Fresh:
    """Raises `Unavailable` (`net-failed`) or `Refused` (`tuf-refused`, `tuf-expired`, `trust-missing`)."""
    expired: Refused | None = None
    try:
        updater = _updated(board, line, clock.now())
    except Refused as refused:
        if refused.code != "tuf-expired" or clock.unsaid() >= clock.now():
            raise
        # Perhaps the publication in force was made in the future: a new one may take that back.
        updater, expired = _updated(board, line, clock.unsaid()), refused
    root = board.root()
    first = trust.version_of(root)
    roots = [_kept(board, f"root_history/{n}.root.json") for n in updater.root_versions if n > first]
    chain = trust.Chain((root, *roots), _kept(board, "targets.json"), _kept(board, "lich.json"))
    return Fresh(chain, updater.until, expired)


def _updated(board: Board, line: Line, now: datetime) -> _Updater:
    try:
        updater = _Updater(board, line, now)
        updater.refresh()
        updater.get_targetinfo(manifest_name(board.id))  # loads `lich`
    except DownloadError as error:
        raise Unavailable("net-failed", url=board.url, why=str(error)) from error
    except ExpiredMetadataError as error:
        raise Refused("tuf-expired", why=str(error)) from error
    except RepositoryError as error:
        raise Refused("tuf-refused", why=f"{type(error).__name__}: {error}") from error
    return updater


def _kept(board: Board, name: str) -> bytes:
    try:
        return (board.tuf / name).read_bytes()
    except OSError as error:
        raise Refused("trust-missing", name=name) from error
