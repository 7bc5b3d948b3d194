"""Files that survive a power cut: whole or not at all, and still there afterwards.

The only module that replaces a file. `write` is temp file + fsync + rename + fsync of the folder
(ext4 and xfs kept every acknowledged write in a simulated power cut; without fsync none did).
Differences between platforms live here alone: on Windows folders cannot be synced and there is
no `flock`, and a secret file gets an access list; those branches were written from the documentation and
were not run there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import Unavailable

PUBLIC = 0o644
SECRET = 0o600
_TEMP_MARK = ".bangtin-tmp-"
_BLOCK = 1 << 20  # bytes read at once
_LOCK_POLL_S = 0.02  # seconds between two tries for a lock


def write(path: Path, data: bytes, *, mode: int = PUBLIC, sync: bool = True) -> None:
    """Put `data` at `path`, whole or not at all.

    `sync=False` keeps "whole" but not "still there after a power cut": for files that can be made again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(f"{_TEMP_MARK}{secrets.token_hex(6)}")
    handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        if mode == SECRET:
            _for_its_owner_alone(temp)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temp.replace(path)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


def _for_its_owner_alone(path: Path) -> None:
    """On Windows a file's mode says nothing: an access list of one user, before anything secret is in it."""
    if sys.platform == "win32":
        import getpass
        import subprocess

        grant = f"{getpass.getuser()}:F"
        subprocess.run(["icacls", str(path), "/inheritance:r", "/grant:r", grant], check=True, capture_output=True)


def take(source: Path, path: Path, *, sync: bool = True) -> None:
    """Make the finished file `source`, on the same disk, the file `path`; `sync` as for `write`."""
    if sync:
        with source.open("r+b") as file:
            os.fsync(file.fileno())
    try:
        source.replace(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        source.replace(path)
    if sync:
        sync_folder(path.parent)


def move(source: Path, path: Path) -> None:
    """Give the file `source` a name on the same disk that nobody has; raises `FileExistsError` and `OSError`.

    A second name and then one less, so that nothing is ever overwritten; where a disk has no second names (many
    network shares, FAT), an empty file keeps the place.
    """
    try:
        os.link(source, path, follow_symlinks=False)
    except (FileExistsError, FileNotFoundError):
        raise
    except (OSError, NotImplementedError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            source.replace(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    else:
        source.unlink()
    sync_folder(path.parent)


def write_if_changed(path: Path, data: bytes, *, sync: bool = True) -> bool:
    """Like `write`, but leave a file that already holds these bytes alone; True when it was written."""
    try:
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    write(path, data, sync=sync)
    return True


def append(path: Path, data: bytes, *, mode: int = PUBLIC) -> None:
    """Add `data` at the end of `path` and sync it; a torn tail is the reader's to cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(handle, "ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if new:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or deletion in `folder` survive a power cut (etcd #6368)."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Delete `path` if it is there, and keep it deleted."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # the latter: a file lies where its folder was
        path.unlink()
        sync_folder(path.parent)


def discard(path: Path) -> None:
    """Delete whatever stands at `path`: a repaired disk may have a folder where a file belongs."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        remove(path)


def swap_folder(fresh: Path, folder: Path) -> None:
    """Make the finished folder `fresh`, beside `folder`, be `folder`; what was there before goes.

    FAT replaces no folder in one step: after a power cut there may be none of the name, but never a half one.
    """
    old = folder.with_name(f"{folder.name}.old")
    discard(old)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    sync_folder(folder.parent)
    discard(old)


def sweep(folder: Path) -> None:
    """Delete what a crash left half-written in `folder` (not below it)."""
    for left in folder.glob(f"{_TEMP_MARK}*"):
        left.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file of any size, read by blocks; raises `OSError`."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def is_temporary(name: str) -> bool:
    """Whether a file's name is that of a write in progress."""
    return name.startswith(_TEMP_MARK)


@contextlib.contextmanager
def only_one(path: Path, *, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path`.

    Raises `Unavailable` (`locked`) when another process still has it after `patience_s` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + patience_s
    with _openable(path) as file:
        while not _locked(file.fileno()):
            if time.monotonic() >= end:
                raise Unavailable("locked", file=str(path))
            time.sleep(_LOCK_POLL_S)
        yield


def _openable(path: Path) -> BinaryIO:
    """For a lock; on a disk that has become read-only, the file that is there will do."""
    try:
        return path.open("a+b")
    except OSError:
        return path.open("rb")


def _locked(handle: int) -> bool:
    """Take the lock if it is free; it goes with the open file."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
