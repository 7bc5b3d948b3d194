"""The TUF repository of a commune: what the boards fetch, signed and fresh.

`root` and `targets` are kept offline, `lich`, `snapshot` and `timestamp` sign online in the
office. `targets` signs `people.json` and delegates `lich/*`; `lich` signs the boards' manifests.
Metadata are written so that no reader sees half: what is named comes before what names it, and
`timestamp.json` last (TUF specification 1.0, section 6).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Key,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from .. import durable
from ..errors import Refused, Unavailable
from ..keys import PrivateKey
from ..publication import PEOPLE
from ..wire import sha256

LIVES = {
    "root": timedelta(days=730),
    "targets": timedelta(days=365),
    "lich": timedelta(days=60),
    "snapshot": timedelta(days=60),
    "timestamp": timedelta(days=14),
}
REMIND_AT = 0.3  # share of a life left at which people are told
OFFLINE, ONLINE = ("root", "targets"), ("lich", "snapshot", "timestamp")
KEEP_VERSIONS = 20  # versions of snapshot, targets and lich that stay for boards in mid-sync
BUILT_IN = "bangtin"  # our field in root.json: {"commune", "repository"}
_COMPACT = JSONSerializer(compact=True)


@dataclass(frozen=True)
class Life:
    """How long a role's metadata is still good."""

    role: str
    expires: datetime
    share_left: float

    @property
    def needs_reminder(self) -> bool:
        return self.share_left < REMIND_AT


class Repository:
    """The folder `board/` of a publication, and the keys that sign it."""

    def __init__(self, served: Path, keys: Path) -> None:
        self.metadata = served / "metadata"
        self.targets = served / "targets"
        self._keys = keys

    # ── making ───────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def create(
        cls, served: Path, keys: Path, *, commune: str, people: bytes, now: datetime, passphrase: str | None = None
    ) -> Repository:
        """A new repository with five new keys; root and targets are locked by `passphrase`.

        Raises `Refused` (`repository-exists`) rather than making a second root for a commune.
        """
        repository = cls(served, keys)
        if (repository.metadata / "1.root.json").exists():
            raise Refused("repository-exists", folder=str(served))
        fresh = {role: PrivateKey.generate() for role in (*OFFLINE, *ONLINE)}
        for role, key in fresh.items():
            key.save(keys / f"{role}.pem", passphrase if role in OFFLINE else None)
        root = Root(
            expires=_expiry("root", now),
            consistent_snapshot=True,
            unrecognized_fields={BUILT_IN: {"commune": commune, "repository": secrets.token_hex(32)}},
        )
        for role in ("root", "targets", "snapshot", "timestamp"):
            root.add_key(fresh[role].public.tuf(), role)
        repository._write("root", _signed(root, fresh["root"]))
        repository._first_targets(fresh, people, now)
        return repository

    def _first_targets(self, fresh: Mapping[str, PrivateKey], people: bytes, now: datetime) -> None:
        lich_key: Key = fresh["lich"].public.tuf()
        role = DelegatedRole("lich", [lich_key.keyid], 1, terminating=True, paths=["lich/*"])
        targets = Targets(
            expires=_expiry("targets", now),
            targets={PEOPLE: self._put_target(PEOPLE, people)},
            delegations=Delegations({lich_key.keyid: lich_key}, {"lich": role}),
        )
        self._write("targets", _signed(targets, fresh["targets"]))
        self._write("lich", _signed(Targets(expires=_expiry("lich", now)), fresh["lich"]))
        self._snapshot(now)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    @property
    def exists(self) -> bool:
        return (self.metadata / "1.root.json").exists()

    def root_bytes(self) -> bytes:
        """The first root: what a board is enrolled with; raises `Unavailable` (`repository-missing`)."""
        try:
            return (self.metadata / "1.root.json").read_bytes()
        except FileNotFoundError as error:
            raise Unavailable("repository-missing", folder=str(self.metadata)) from error

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the first root, as printed on the enrolment sheet."""
        return sha256(self.root_bytes())

    def identity(self) -> tuple[str, str]:
        """(commune, repository) as the root states them."""
        fields = self._read("root").signed.unrecognized_fields[BUILT_IN]
        return str(fields["commune"]), str(fields["repository"])

    def current(self, name: str) -> bytes | None:
        """The bytes of a target as now published, or None."""
        file = self._read("targets" if name == PEOPLE else "lich").signed.targets.get(name)
        if file is None:
            return None
        return self._target_path(name, file.hashes["sha256"]).read_bytes()

    def version(self, role: str) -> int:
        return int(self._read(role).signed.version)

    def lives(self, now: datetime) -> list[Life]:
        """How much of each role's life is left."""
        found = []
        for role, life in LIVES.items():
            expires = self._read(role).signed.expires
            found.append(Life(role, expires, (expires - now) / life))
        return found

    # ── publishing ───────────────────────────────────────────────────────────────────────────────

    def publish(self, lich: Mapping[str, bytes], now: datetime) -> None:
        """Put these targets (and no others) under `lich` and make them current."""
        metadata = self._read("lich")
        metadata.signed.targets = {name: self._put_target(name, data) for name, data in sorted(lich.items())}
        self._renew("lich", metadata, now)
        self._snapshot(now)
        self._prune()

    def sign_people(self, people: bytes, now: datetime, passphrase: str | None) -> None:
        """Sign a new `people.json` with the offline `targets` key; raises `Refused` (`key-locked`)."""
        metadata = self._read("targets")
        metadata.signed.targets = {PEOPLE: self._put_target(PEOPLE, people)}
        self._renew("targets", metadata, now, passphrase)
        self._snapshot(now)

    def refresh(self, now: datetime) -> bool:
        """Renew what is past half of its life (online roles only); True when something was written."""
        spent = {life.role for life in self.lives(now) if life.share_left < 0.5} & set(ONLINE)
        if not spent:
            return False
        if "lich" in spent:
            self._renew("lich", self._read("lich"), now)
        if spent & {"lich", "snapshot"}:
            self._snapshot(now)
        else:
            self._timestamp(now)
        return True

    def _snapshot(self, now: datetime) -> None:
        meta = {f"{role}.json": MetaFile(self.version(role)) for role in ("targets", "lich")}
        try:
            metadata = self._read("snapshot")
            metadata.signed.meta = meta
        except Unavailable:
            metadata = Metadata(Snapshot(expires=now, meta=meta))
        self._renew("snapshot", metadata, now)
        self._timestamp(now)

    def _timestamp(self, now: datetime) -> None:
        snapshot = self._file("snapshot", self.version("snapshot")).read_bytes()
        meta = MetaFile(self.version("snapshot"), len(snapshot), {"sha256": sha256(snapshot)})
        try:
            metadata = self._read("timestamp")
            metadata.signed.snapshot_meta = meta
        except Unavailable:
            metadata = Metadata(Timestamp(expires=now, snapshot_meta=meta))
        path = self.metadata / "timestamp.json"
        before = path.stat().st_mtime if path.exists() else 0.0
        self._renew("timestamp", metadata, now)
        # nginx makes its ETag of whole seconds and size; two publications within a second would share it.
        after = max(path.stat().st_mtime, before + 1)
        os.utime(path, (after, after))

    def _renew(self, role: str, metadata: Metadata[Any], now: datetime, passphrase: str | None = None) -> None:
        metadata.signed.version = self._last_version(role) + 1
        metadata.signed.expires = _expiry(role, now)
        key = PrivateKey.load(self._keys / f"{role}.pem", passphrase)
        metadata.sign(key.signer())
        self._write(role, metadata)

    # ── files ────────────────────────────────────────────────────────────────────────────────────

    def _last_version(self, role: str) -> int:
        try:
            return self.version(role)
        except Unavailable:
            return 0

    def _file(self, role: str, version: int) -> Path:
        return self.metadata / ("timestamp.json" if role == "timestamp" else f"{version}.{role}.json")

    def _read(self, role: str) -> Metadata[Any]:
        if role == "timestamp":
            paths = [p for p in [self.metadata / "timestamp.json"] if p.exists()]
        else:
            paths = self._versions(role)[-1:]
        if not paths:
            raise Unavailable("repository-missing", folder=str(self.metadata))
        return Metadata.from_bytes(paths[0].read_bytes())

    def _versions(self, role: str) -> list[Path]:
        found = self.metadata.glob(f"*.{role}.json")
        return sorted((p for p in found if p.name.split(".")[0].isdigit()), key=lambda p: int(p.name.split(".")[0]))

    def _write(self, role: str, metadata: Metadata[Any]) -> None:
        durable.write(self._file(role, metadata.signed.version), metadata.to_bytes(_COMPACT))

    def _target_path(self, name: str, digest: str) -> Path:
        folder, _, file = name.rpartition("/")
        return self.targets / folder / f"{digest}.{file}"

    def _put_target(self, name: str, data: bytes) -> TargetFile:
        digest = sha256(data)
        durable.write_if_changed(self._target_path(name, digest), data)
        return TargetFile(len(data), {"sha256": digest}, name)

    def _prune(self) -> None:
        """Drop versions and targets that no board can still be asking for; roots stay for ever."""
        for role in ("snapshot", "targets", "lich"):
            for old in self._versions(role)[:-KEEP_VERSIONS]:
                durable.remove(old)
        kept = {
            self._target_path(name, file.hashes["sha256"])
            for role in ("targets", "lich")
            for path in self._versions(role)
            for name, file in Metadata[Targets].from_bytes(path.read_bytes()).signed.targets.items()
        }
        _remove_all(p for p in self.targets.rglob("*.json") if p not in kept)


def _expiry(role: str, now: datetime) -> datetime:
    return (now + LIVES[role]).replace(microsecond=0)


def _signed(signed: Root | Targets, key: PrivateKey) -> Metadata[Any]:
    metadata: Metadata[Any] = Metadata(signed)
    metadata.sign(key.signer())
    return metadata


def _remove_all(paths: Iterable[Path]) -> None:
    for path in list(paths):
        durable.remove(path)
