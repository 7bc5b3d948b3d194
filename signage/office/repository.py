"""The TUF repository of a commune: what the boards fetch, signed and fresh.

`root` and `targets` are kept offline, `lich`, `snapshot` and `timestamp` sign online in the
office. `targets` signs `people.json` and delegates `lich/*`; `lich` signs the boards' manifests.
`root` says whose keys all of them are; so many of its own keys sign it as its threshold asks.
Metadata are written so that no reader sees half: what is named comes before what names it, and
`timestamp.json` last (TUF specification 1.0, section 6).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)

from .. import durable
from ..errors import Refused, Unavailable
from ..keys import PrivateKey, PublicKey
from ..publication import PEOPLE
from ..wire import canonical, parse, sha256
from .metafiles import Files

LIVES = {
    "root": timedelta(days=730),
    "targets": timedelta(days=365),
    "lich": timedelta(days=60),
    "snapshot": timedelta(days=60),
    "timestamp": timedelta(days=14),
}
REMIND_AT = 0.3  # share of a life left at which people are told
OFFLINE, ONLINE = ("root", "targets"), ("lich", "snapshot", "timestamp")
BUILT_IN = "bangtin"  # our field in root.json: {"commune", "repository"}


@dataclass(frozen=True)
class Life:
    """How long a role's metadata is still good."""

    role: str
    expires: datetime
    share_left: float


@dataclass(frozen=True)
class Offline:
    """The keys for the safe: any `threshold` of `root` sign the root, `targets` signs the people."""

    root: tuple[PrivateKey, ...]
    threshold: int
    targets: PrivateKey


@dataclass(frozen=True)
class Role:
    """Who signs a role: public keys, and how many of them are needed."""

    keys: tuple[PublicKey, ...]
    threshold: int

    @property
    def keyids(self) -> frozenset[str]:
        return frozenset(key.keyid for key in self.keys)


class Repository(Files):
    """The folder `board/` of a publication, and the keys that sign it."""

    def __init__(self, served: Path, keys: Path) -> None:
        super().__init__(served)
        self._keys = keys

    # ── making ───────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def create(
        cls, served: Path, keys: Path, *, commune: str, people: bytes, now: datetime, offline: Offline | None = None
    ) -> Repository:
        """A new repository; without `offline`, one root key and one targets key are made too, and not locked.

        Raises `Refused` (`repository-exists`) rather than making a second root for a commune.
        """
        repository = cls(served, keys)
        if repository.exists:
            raise Refused("repository-exists", folder=str(served))
        fresh = {role: PrivateKey.generate() for role in (*(() if offline else OFFLINE), *ONLINE)}
        for role, key in fresh.items():
            key.save(keys / f"{role}.pem")
        offline = offline or Offline((fresh["root"],), 1, fresh["targets"])
        root = Root(
            expires=_expiry("root", now),
            consistent_snapshot=True,
            unrecognized_fields={BUILT_IN: {"commune": commune, "repository": secrets.token_hex(32)}},
        )
        for key in offline.root:
            root.add_key(key.public.tuf(), "root")
        root.roles["root"].threshold = offline.threshold
        for role, key in {**fresh, "targets": offline.targets}.items():
            if role in ("targets", "snapshot", "timestamp"):
                root.add_key(key.public.tuf(), role)
        repository._write("root", _signed(root, offline.root))
        repository._first_targets(offline.targets, fresh["lich"], people, now)
        return repository

    def _first_targets(self, key: PrivateKey, lich: PrivateKey, people: bytes, now: datetime) -> None:
        role = DelegatedRole("lich", [lich.public.keyid], 1, terminating=True, paths=["lich/*"])
        targets = Targets(
            expires=_expiry("targets", now),
            targets={PEOPLE: self._put_target(PEOPLE, people)},
            delegations=Delegations({lich.public.keyid: lich.public.tuf()}, {"lich": role}),
        )
        self._write("targets", _signed(targets, [key]))
        self._write("lich", _signed(Targets(expires=_expiry("lich", now)), [lich]))
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

    def role(self, name: str) -> Role:
        """Whose signatures make this role's metadata good."""
        metadata = self._read("targets" if name == "lich" else "root")
        held = metadata.signed.delegations if name == "lich" else metadata.signed
        role = held.roles[name]
        publics = tuple(PublicKey(held.keys[keyid].keyval["public"]) for keyid in role.keyids)
        return Role(publics, role.threshold)

    def current(self, name: str) -> bytes | None:
        """The bytes of a target as now published, or None."""
        file = self._read("targets" if name == PEOPLE else "lich").signed.targets.get(name)
        if file is None:
            return None
        return self.target_path(name, file.hashes["sha256"]).read_bytes()

    @property
    def served(self) -> bool:
        """Whether the newest metadata are what boards fetch: named by the timestamp, nothing half-written."""
        snapshot, timestamp = self._read("snapshot").signed, self._read("timestamp").signed
        named = {role: file.version for role, file in snapshot.meta.items()}
        now = {f"{role}.json": self.version(role) for role in ("targets", "lich")}
        return bool(named == now and timestamp.snapshot_meta.version == snapshot.version)

    def lives(self, now: datetime) -> list[Life]:
        """How much of each role's life is left."""
        found = []
        for role, life in LIVES.items():
            expires = self._read(role).signed.expires
            found.append(Life(role, expires, (expires - now) / life))
        return found

    # ── publishing ───────────────────────────────────────────────────────────────────────────────

    def publish(self, lich: Mapping[str, bytes], now: datetime, also: Mapping[str, Any] | None = None) -> None:
        """Put these targets (and no others) under `lich` and make them current; `also`: what else `lich` signs."""
        metadata = self._read("lich")
        metadata.signed.unrecognized_fields.update(also or {})
        metadata.signed.targets = {name: self._put_target(name, data) for name, data in sorted(lich.items())}
        self._renew("lich", metadata, now)
        self._snapshot(now)
        self._prune()

    def publish_part(self, lich: Mapping[str, bytes], now: datetime, also: Mapping[str, Any]) -> None:
        """Put these targets under `lich` in place of theirs, and leave all others and whatever is old as they are."""
        metadata = self._read("lich")
        metadata.signed.unrecognized_fields.update(also)
        metadata.signed.targets |= {name: self._put_target(name, data) for name, data in lich.items()}
        self._renew("lich", metadata, now)
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

    def sign_people(self, people: bytes, now: datetime, key: PrivateKey | None = None) -> None:
        """Sign a new `people.json` with the offline `targets` key; raises `Refused` (`key-locked`)."""
        metadata = self._read("targets")
        metadata.signed.targets = {PEOPLE: self._put_target(PEOPLE, people)}
        self._renew("targets", metadata, now, [key] if key else [])
        self._snapshot(now)

    # ── after a restore ──────────────────────────────────────────────────────────────────────────

    def next_version(self, role: str) -> int:
        """What the role's next metadata will be numbered."""
        return max(self._last_version(role), self._floors().get(role, 0)) + 1

    @property
    def behind(self) -> bool:
        """Whether boards may have seen newer metadata than these."""
        return self._floors().get("lich", 0) > self.version("lich")

    def set_floor(self, beyond: int) -> None:
        """From now on every version (but the root's, whose numbers have no gaps) is more than so many above today's."""
        told = {role: self.next_version(role) - 1 + beyond for role in LIVES if role != "root"}
        durable.write(self._keys / "floor.json", canonical({"v": 1, **told}))

    def _floors(self) -> dict[str, int]:
        path = self._keys / "floor.json"
        if not path.exists():
            return {}
        fields = parse(path.read_bytes(), limit=4096)
        return {role: fields.integer(role) for role in LIVES if role != "root"}

    # ── signing ──────────────────────────────────────────────────────────────────────────────────

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

    def _renew(self, role: str, metadata: Metadata[Any], now: datetime, signers: Sequence[PrivateKey] = ()) -> None:
        metadata.signed.version = self.next_version(role)
        metadata.signed.expires = _expiry(role, now)
        self._write(role, _signed(metadata.signed, signers or [self.key(role)]))

    def key(self, role: str) -> PrivateKey:
        """The key in `keys/`; one that a rotation left beside it takes its place once the metadata name it."""
        path, fresh = self._keys / f"{role}.pem", next_key(self._keys, role)
        if fresh.exists() and role in ONLINE and (key := PrivateKey.load(fresh)).public in self.role(role).keys:
            durable.take(fresh, path)
            return key
        return PrivateKey.load(path)


def next_key(keys: Path, role: str) -> Path:
    """Where a new key of a role lies until it counts."""
    return keys / f"{role}-next.pem"


def _expiry(role: str, now: datetime) -> datetime:
    return (now + LIVES[role]).replace(microsecond=0)


def _signed(signed: Any, keys: Iterable[PrivateKey]) -> Metadata[Any]:
    metadata: Metadata[Any] = Metadata(signed)
    for key in keys:
        metadata.sign(key.signer(), append=True)
    return metadata
