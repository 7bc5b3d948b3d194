"""Fresh metadata as bytes: python-tuf's `Updater`, which refuses rollback and freezing, on the board's own time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import DownloadError, DownloadHTTPError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Root, Timestamp
from tuf.ngclient import Updater, UpdaterConfig

from .. import durable
from ..errors import BangtinError, Refused, Unavailable
from ..publication import manifest_name
from . import trust
from .clock import Clock
from .download import Line
from .identity import Board

WHOLE_S = 3600.0  # seconds after which all metadata are asked for, whatever the timestamp
LOOK_S = 20.0  # seconds between two looks at the timestamp while slides are fetched
_STAMP, _TARGETS = "metadata/timestamp.json", ("targets.json", "lich.json")
_CONFIG = UpdaterConfig(max_root_rotations=64, max_delegations=4)


@dataclass(frozen=True)
class Fresh:
    """What the server has, signed and not expired."""

    chain: trust.Chain
    until: datetime  # when the first of it expires
    expired: Refused | None  # expired by the word of the publication in force alone: good only to take that back


class _Updater(Updater):
    """python-tuf's updater, whose files survive a power cut and whose time is ours."""

    def __init__(
        self, board: Board, line: Line, now: datetime, timestamp: bytes | None, *, newer_root: bool = True
    ) -> None:
        """`newer_root`: ask whether there is one, and keep what comes at once (`keep`)."""
        self.timestamp = timestamp  # as the server has it, once it was asked
        self._newer_root = newer_root
        self.unkept: dict[Path, bytes] = {}
        board.tuf.mkdir(parents=True, exist_ok=True)
        super().__init__(
            str(board.tuf), f"{board.url}/board/metadata/", fetcher=line, config=_CONFIG, bootstrap=board.root()
        )
        # A board's own clock may be at 2000, when nothing ever expires.
        self._trusted_set.reference_time = now

    def _download_metadata(self, rolename: str, length: int, version: int | None = None) -> bytes:
        if rolename == Root.type and not self._newer_root:
            raise DownloadHTTPError("not asked for", 404)
        if rolename != Timestamp.type:
            return super()._download_metadata(rolename, length, version)
        if self.timestamp is None:
            self.timestamp = super()._download_metadata(rolename, length, version)
        return self.timestamp

    def _persist_file(self, filename: str, data: bytes) -> None:
        self.unkept[Path(filename)] = data
        if self._newer_root:
            self.keep()

    def keep(self) -> None:
        """To the disk, and only what is new: a memory card bears so many writes, and rounds are many."""
        for path, data in self.unkept.items():
            if not path.is_file():
                durable.discard(path)
            durable.write_if_changed(path, data)
        self.unkept.clear()

    def _update_root_symlink(self) -> None:
        """Nobody needs it who brings his own root."""

    @property
    def root_versions(self) -> range:
        return range(1, self._trusted_set.root.version + 1)

    @property
    def until(self) -> datetime:
        soonest: datetime = min(signed.expires for signed in self._trusted_set)
        return soonest


class Source:
    """What one process asks the server for, round after round.

    As long as the server's timestamp is, byte for byte, the one that was verified, nothing else can be new to us,
    and one request is a round. Now and then all of it is asked for, the next root first, as TUF has it.
    """

    def __init__(self, board: Board, line: Line, clock: Clock, rang: Callable[[], bool] = lambda: False) -> None:
        """`rang`: whether a hint waits."""
        self._board, self._line, self._clock, self._rang = board, line, clock, rang
        self._last: Fresh | None = None
        self._timestamp, self._whole_at, self._asked_at = b"", 0.0, 0.0
        self._root_unasked = False  # since a hint
        self.keep: Callable[[], None] = _nothing  # write what a hint brought
        self.hint_was_true = False  # the last one, or at least there was news
        self.was_news = False  # the last round: another timestamp than before, verified

    def fetch(self, hint: Mapping[str, bytes] | None = None) -> Fresh:
        """`hint`: files by path that were pushed to us (`signage.hint`).

        Raises `Unavailable` (`net-failed`) or `Refused` (`tuf-refused`, `tuf-expired`, `trust-missing`).
        """
        before, hinted = self._timestamp, self._hinted(hint) if hint else None
        fresh = hinted or self._asked()
        self.was_news = before != self._timestamp
        self.hint_was_true = bool(hinted) or self.was_news or (hint or {}).get(_STAMP) == before
        return fresh

    def _hinted(self, hint: Mapping[str, bytes]) -> Fresh | None:
        """What a hint has brought along, when it is good: python-tuf verifies it as if it had been fetched.

        A process's first round asks the server for all, and the next round after this one asks for a new root: who
        could keep that from us here could as well have answered "there is none". What is not true is forgotten.
        """
        timestamp, last, now = hint.get(_STAMP), self._last, self._clock.now()
        if not timestamp or last is None or last.expired or now >= last.until or self._whole_is_due():
            return None
        if timestamp == self._timestamp:
            return last
        self._line.bring({f"{self._board.url}/board/{path}": data for path, data in hint.items() if path != _STAMP})
        try:
            self._last = self._whole(timestamp, newer_root=False)
        except BangtinError:
            self._line.bring({})
            return None
        self._asked_at, self._root_unasked = time.monotonic(), True
        return self._last

    def _whole_is_due(self) -> bool:
        return time.monotonic() - self._whole_at >= WHOLE_S

    def _asked(self) -> Fresh:
        last, self._last = self._last, None
        timestamp: bytes | None = None
        usual = not self._whole_is_due() and not self._root_unasked
        if last and not last.expired and self._clock.now() < last.until and usual:
            timestamp = self._now()
            if timestamp == self._timestamp:
                self._last, self._asked_at = last, time.monotonic()
                return last
        else:
            self._whole_at = time.monotonic()
        self._last, self._root_unasked = self._whole(timestamp), False
        self._asked_at = time.monotonic()
        return self._last

    def superseded(self) -> bool:
        """Whether there is something newer by now, perhaps an emergency: asked now and then among slow downloads,
        and whenever a hint waits.
        """
        if time.monotonic() - self._asked_at < LOOK_S and not self._rang():
            return False
        self._asked_at = time.monotonic()
        return self._now() != self._timestamp

    def _now(self) -> bytes:
        """The server's timestamp, unverified."""
        return self._line.small(f"{self._board.url}/board/{_STAMP}", limit=_CONFIG.timestamp_max_length)

    def _whole(self, timestamp: bytes | None, *, newer_root: bool = True) -> Fresh:
        board, clock = self._board, self._clock
        expired: Refused | None = None
        try:
            updater = _updated(board, self._line, clock.now(), timestamp, newer_root=newer_root)
        except Refused as refused:
            if refused.code != "tuf-expired" or clock.unsaid() >= clock.now() or not newer_root:
                raise
            # Perhaps the publication in force was made in the future: a new one may take that back.
            updater, expired = _updated(board, self._line, clock.unsaid(), timestamp), refused
        root = board.root()
        first = trust.version_of(root)
        roots = [_kept(board, f"root_history/{n}.root.json") for n in updater.root_versions if n > first]
        targets, lich = (updater.unkept.get(board.tuf / name) or _kept(board, name) for name in _TARGETS)
        chain, self.keep = trust.Chain((root, *roots), targets, lich), updater.keep
        self._timestamp = updater.timestamp or b""
        return Fresh(chain, updater.until, expired)


def _nothing() -> None:
    """There is nothing to keep."""


def _updated(board: Board, line: Line, now: datetime, timestamp: bytes | None, *, newer_root: bool = True) -> _Updater:
    try:
        updater = _Updater(board, line, now, timestamp, newer_root=newer_root)
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
