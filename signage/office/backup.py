"""All that a commune's office cannot make again, in one file; and an office made from it on another machine.

A plain tar: settings, content with the review book, audit log, archive, the signed metadata; every name with its size
and SHA-256 in `muc-luc.json`; the online keys in `khoa.bin`, encrypted with a passphrase (scrypt, AES-256-GCM) that
also vouches for that list. So any machine can read the notices out of it, nobody the keys, and no changed byte is
restored.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .. import durable
from ..errors import Refused
from ..publication import BOARD_FOLDER
from ..settings import PEOPLE_FILE, SETTINGS, Settings
from ..wire import BadFormat, canonical, parse, sha256, when
from . import archive, audit
from .repository import ONLINE
from .rules import OWN_RULES

LIST, SECRET = "muc-luc.json", "khoa.bin"
FILES = (SETTINGS, PEOPLE_FILE, "pelicanconf.py", OWN_RULES)
# What says of one another what it is: taken while nothing is published …
TOGETHER = (audit.FOLDER, f"publication/{BOARD_FOLDER}/metadata", f"publication/{BOARD_FOLDER}/targets")
GROWING = ("content", archive.FOLDER)  # … and after it what is large and is only added to: an alarm waits for no backup
FOLDERS = (*TOGETHER, *GROWING)
MAX_LIST, MAX_SECRET = 256 * 1024 * 1024, 1024 * 1024  # bytes
PATIENCE_S = 60.0  # for a publication to end
_SCRYPT = {"length": 32, "n": 2**17, "r": 8, "p": 1}  # 128 MiB of memory for each guess at the passphrase
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Saved:
    """When a backup was made, and how much is in it."""

    made: datetime
    files: int
    size: int  # bytes, of the files


def backup(settings: Settings, path: Path, passphrase: str, now: datetime, *, with_offline: bool = False) -> Saved:
    """Write the backup `path`, whole or not at all; over an older one of that name.

    `with_offline`: with everything in `keys/`, not only what publishes. Raises `Unavailable` (`locked`), `OSError`.
    """
    temp = path.absolute().with_name(f".bangtin-tmp-{secrets.token_hex(6)}")
    try:
        handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, durable.SECRET)
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            known: dict[str, tuple[int, str]] = {}
            with durable.only_one(settings.state / "publish.lock", patience_s=PATIENCE_S):
                _take(tar, known, settings.folder, FILES, TOGETHER)
                keys = _keys(settings.keys, with_offline=with_offline)
            _take(tar, known, settings.folder, (), GROWING)
            told = canonical({"v": 1, "made": when(now), "files": {n: list(one) for n, one in known.items()}})
            _put(tar, LIST, told)
            _put(tar, SECRET, _locked(keys, passphrase, told))
        durable.take(temp, path)
    finally:
        temp.unlink(missing_ok=True)
    return Saved(now, len(known), sum(size for size, _ in known.values()))


def _take(
    tar: tarfile.TarFile, known: dict[str, tuple[int, str]], folder: Path, files: Iterable[str], folders: Iterable[str]
) -> None:
    for name, file in _wanted(folder, files, folders):
        with suppress(FileNotFoundError):  # an officer's editor comes and goes
            known[name] = _add(tar, file, name)


def _wanted(folder: Path, files: Iterable[str], folders: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """(name in the backup, file): plain files alone, and not the history of a git folder."""
    paths = [folder / name for name in files]
    for name in folders:
        paths += sorted((folder / name).rglob("*"))
    for path in paths:
        inside = path.relative_to(folder)
        usual = not durable.is_temporary(path.name) and ".git" not in inside.parts
        if usual and path.is_file() and not path.is_symlink():
            yield inside.as_posix(), path


def _add(tar: tarfile.TarFile, file: Path, name: str) -> tuple[int, str]:
    """(size, SHA-256) of what went into the tar, whatever happens to the file meanwhile."""
    with file.open("rb") as source:
        info = tarfile.TarInfo(name)
        info.size, info.mtime = os.fstat(source.fileno()).st_size, int(os.fstat(source.fileno()).st_mtime)
        hashed = _Hashed(source)
        tar.addfile(info, hashed)
    return info.size, hashed.digest.hexdigest()


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.digest = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _keys(folder: Path, *, with_offline: bool) -> dict[str, str]:
    """The private keys to keep, by their path below `keys/`."""
    patterns = ["*.json", *(f"{role}*.pem" for role in ONLINE)]  # the register of keys, and the floor of versions
    paths = {path for pattern in patterns for path in folder.glob(pattern)}
    if with_offline:
        paths |= set(folder.rglob("*.pem"))
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(paths)}


def _locked(keys: dict[str, str], passphrase: str, told: bytes) -> bytes:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, canonical({"v": 1, **keys}), sha256(told).encode())
    return canonical({"v": 1, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()})


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, **_SCRYPT).derive(passphrase.encode())


# ── back again ───────────────────────────────────────────────────────────────────────────────────


def unpack(path: Path, folder: Path, passphrase: str, then: Callable[[Path, datetime], object] | None = None) -> Saved:
    """What the backup `path` holds, into the empty or absent `folder`; whole or not at all.

    `then` is called with the filled folder, before it has its name, and the backup's moment.

    Raises `Refused`: `folder-taken`, `backup-damaged` (a byte differs), `backup-locked` (another passphrase).
    """
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise Refused("folder-taken", folder=str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".bangtin-tmp-", dir=folder.parent))
    try:
        saved = _unpacked(path, fresh, passphrase)
        if then:
            then(fresh, saved.made)
        os.sync()  # thousands of small files: once for all of them
        fresh.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)
        durable.sync_folder(folder.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return saved


def _unpacked(path: Path, fresh: Path, passphrase: str) -> Saved:
    found: dict[str, list[Any]] = {}
    own = {LIST: b"", SECRET: b""}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                plain = member.isreg() and not member.issparse()  # a sparse file of a kilobyte unpacks to terabytes
                source = tar.extractfile(member) if plain else None
                if source is None or not _ours(member.name) or member.name in found:
                    raise Refused("backup-damaged", file=str(path), why=member.name)
                if member.name in own:
                    own[member.name] = source.read(MAX_LIST)
                else:
                    found[member.name] = [member.size, _extract(source, fresh / member.name)]
        fields = parse(own[LIST], limit=MAX_LIST)
        if fields.object("files").raw != found:
            raise Refused("backup-damaged", file=str(path), why=LIST)
        keys = _unlocked(own[SECRET], passphrase, own[LIST])
    except (tarfile.TarError, EOFError, BadFormat) as error:
        raise Refused("backup-damaged", file=str(path), why=str(error)) from error
    if keys is None:
        raise Refused("backup-locked", file=str(path))
    for name, pem in keys.items():
        durable.write(fresh / "keys" / name, pem.encode(), mode=durable.SECRET)
    for secret in [fresh / "keys", *(p for p in (fresh / "keys").rglob("*") if p.is_dir())]:
        secret.chmod(0o700)
    return Saved(fields.when("made"), len(found), sum(size for size, _ in found.values()))


def _ours(name: str) -> bool:
    """Whether a backup may hold a file of this name: below what we save, and nowhere else."""
    path = PurePosixPath(name)
    if ".." in path.parts or path.is_absolute() or path.as_posix() != name or "\\" in name or "\0" in name:
        return False
    return name in (*FILES, LIST, SECRET) or any(name.startswith(f"{folder}/") for folder in FOLDERS)


def _extract(source: IO[bytes], target: Path) -> str:
    """Write the member; its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _unlocked(data: bytes, passphrase: str, told: bytes) -> dict[str, str] | None:
    """The keys by their path below `keys/`; None when passphrase or list are not those of the backup."""
    fields = parse(data, limit=MAX_SECRET)
    try:
        salt, nonce, sealed = (bytes.fromhex(fields.text(n, most=MAX_SECRET)) for n in ("salt", "nonce", "sealed"))
        opened = AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, sha256(told).encode())
    except (InvalidTag, ValueError):
        return None
    keys = {name: str(pem) for name, pem in parse(opened, limit=MAX_SECRET).raw.items() if name != "v"}
    if not all(_ours(f"content/{name}") for name in keys):
        raise BadFormat(SECRET, "names")
    return keys
