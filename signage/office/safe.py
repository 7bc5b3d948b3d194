"""What the keys from the safe do to a repository: another life, another key, another root.

Every root that ever was stays in `metadata/`, each signed by enough keys of the one before: a board that
slept through several follows them one by one (TUF specification 5.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tuf.api.metadata import Metadata, Root

from ..errors import Refused
from ..keys import PrivateKey, PublicKey
from .repository import ONLINE, Repository, Role

MAX_ROOT_KEYS = 9


class Safe(Repository):
    """A repository whose offline keys are at hand."""

    def renew(self, role: str, now: datetime, signers: Sequence[PrivateKey]) -> None:
        """Sign `root` or `targets` again for a new life; raises `Refused` (`keys-few`, `key-missing`)."""
        self._ready()
        if role == "root":
            self._sign_root(self._read("root"), now, signers)
        else:
            self._enough(role, self.role(role), signers)
            self._renew(role, self._read(role), now, signers)
        self._snapshot(now)

    def change_root(
        self, keys: Sequence[PublicKey], threshold: int, now: datetime, signers: Sequence[PrivateKey]
    ) -> None:
        """A new root with these root keys, signed by enough of the old and enough of the new."""
        self._ready()
        metadata = self._read("root")
        for keyid in list(metadata.signed.roles["root"].keyids):
            metadata.signed.revoke_key(keyid, "root")
        for key in keys:
            metadata.signed.add_key(key.tuf(), "root")
        metadata.signed.roles["root"].threshold = threshold
        self._sign_root(metadata, now, signers)
        self._snapshot(now)

    def change_key(self, role: str, fresh: PrivateKey, now: datetime, signers: Sequence[PrivateKey]) -> None:
        """Another key for `targets`, `snapshot`, `timestamp` (the root says so) or `lich` (`targets` says so).

        Old metadata of the role are signed again with the new key, so that nothing of the old one is left.
        """
        self._ready(role)
        if role == "lich":
            self._delegate_lich(fresh, now, signers)
        else:
            self._name_in_root({role: fresh}, now, signers)
            if role == "targets":
                self._renew(role, self._read(role), now, [fresh])
        self._snapshot(now)

    def change_online(
        self, fresh: Mapping[str, PrivateKey], now: datetime, root: Sequence[PrivateKey], targets: Sequence[PrivateKey]
    ) -> None:
        """Other keys for `lich`, `snapshot` and `timestamp` at once: the office's machine was stolen or is gone."""
        self._enough("targets", self.role("targets"), targets)
        self._name_in_root({role: fresh[role] for role in ("snapshot", "timestamp")}, now, root)
        self._delegate_lich(fresh["lich"], now, targets)
        self._snapshot(now)

    def _ready(self, *but: str) -> None:
        """Raises `Refused` (`key-missing`) before anything is written: online keys sign what follows."""
        for role in set(ONLINE) - set(but):
            self.key(role)

    def _name_in_root(self, fresh: Mapping[str, PrivateKey], now: datetime, signers: Sequence[PrivateKey]) -> None:
        metadata = self._read("root")
        for role, key in fresh.items():
            for keyid in list(metadata.signed.roles[role].keyids):
                metadata.signed.revoke_key(keyid, role)
            metadata.signed.add_key(key.public.tuf(), role)
        self._sign_root(metadata, now, signers)

    def _delegate_lich(self, fresh: PrivateKey, now: datetime, signers: Sequence[PrivateKey]) -> None:
        metadata = self._read("targets")
        old = metadata.signed.delegations.roles["lich"].keyids
        for keyid in list(old):
            metadata.signed.revoke_key(keyid, "lich")
        metadata.signed.add_key(fresh.public.tuf(), "lich")
        self._enough("targets", self.role("targets"), signers)
        self._renew("targets", metadata, now, signers)
        self._renew("lich", self._read("lich"), now)

    def _sign_root(self, metadata: Metadata[Root], now: datetime, signers: Sequence[PrivateKey]) -> None:
        root = metadata.signed
        publics = tuple(PublicKey(root.keys[keyid].keyval["public"]) for keyid in root.roles["root"].keyids)
        self._enough("root", self.role("root"), signers)
        self._enough("root", Role(publics, root.roles["root"].threshold), signers)
        self._renew("root", metadata, now, signers)

    @staticmethod
    def _enough(name: str, role: Role, signers: Iterable[PrivateKey]) -> None:
        """Raises `Refused` (`keys-few`) when these keys cannot sign for the role."""
        have = len({key.public.keyid for key in signers} & role.keyids)
        if have < role.threshold:
            who = ", ".join(key.fingerprint for key in role.keys)
            raise Refused("keys-few", role=name, have=have, need=role.threshold, who=who)
