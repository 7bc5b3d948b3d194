"""May this replace what the board holds? Pure: bytes, a memory and `now` in, values or a refusal out.

Asked when something arrives and again at every start, from the same bytes, without a network:

    authority   root → targets → `lich`: which files are signed by whom (TUF; expiry is told, not obeyed)
    floor       what was accepted before, as far as today's keys vouch for it: nothing goes below
    opened      those files: people (only from `targets`), manifest and emergencies (only from `lich`)
    judge       item by item (`judging`): a refused item never takes the others with it

python-tuf's `Updater` refuses rollback and freezing on the wire, as long as its own files are whole; here
nothing older than `floor` passes, whatever became of those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, TargetFile, Targets

from ..errors import Refused
from ..publication import EMERGENCIES, MAX_MANIFEST, PEOPLE, EmergencyList, Manifest, manifest_name
from ..review import People
from ..wire import BadFormat, Fields, sha256, when
from .clock import Proof

MAX_METADATA = 5_000_000  # bytes of one metadata file, as python-tuf's
MAX_TARGET = MAX_MANIFEST  # bytes of people.json, a manifest or the emergencies
ROLE, PATHS = "lich", ["lich/*"]
BUILT_IN = "bangtin"


@dataclass(frozen=True)
class Identity:
    """Which board of which commune this is, since enrolment."""

    board: str
    commune: str
    repository: str


@dataclass(frozen=True)
class Chain:
    """Metadata as they came: roots from the enrolled one on, then targets and lich."""

    roots: tuple[bytes, ...]
    targets: bytes
    lich: bytes


@dataclass(frozen=True)
class Signed:
    """A file that a role has signed: how long it is and what it hashes to."""

    name: str
    size: int
    sha256: str

    @property
    def hashed_name(self) -> str:
        """Its path below `targets/` (TUF consistent snapshots)."""
        folder, _, name = self.name.rpartition("/")
        return f"{folder}/{self.sha256}.{name}" if folder else f"{self.sha256}.{name}"


@dataclass(frozen=True)
class Authority:
    """The three files that concern this board, and which metadata are past their life."""

    people: Signed
    manifest: Signed
    emergencies: Signed
    expired: tuple[str, ...]
    until: datetime  # the end of what the offline keys signed
    offline: tuple[int, int]  # versions of the root and of the targets

    @property
    def files(self) -> tuple[Signed, ...]:
        return (self.people, self.manifest, self.emergencies)


@dataclass(frozen=True)
class Publication:
    """What the signed files say."""

    people: People
    manifest: Manifest
    emergencies: EmergencyList
    expired: tuple[str, ...]
    offline: tuple[int, int] = (0, 0)  # versions of the root and of the targets that it came with

    @property
    def proof(self) -> Proof:
        """What it says of time, by the online key."""
        return Proof(self.manifest.number, max(self.manifest.made, self.emergencies.made), self.offline)

    @property
    def floor(self) -> Floor:
        """What the next publication may not go below."""
        return Floor(self.manifest.number, self.emergencies.number)


@dataclass(frozen=True)
class Floor:
    """The numbers accepted before; nothing goes below them."""

    manifest: int
    emergencies: int


ANY_NUMBER = Floor(0, 0)

# ── metadata ─────────────────────────────────────────────────────────────────────────────────────


def built_in(root: bytes) -> tuple[str, str]:
    """(commune, repository) that a self-signed root states; raises `Refused` (`trust-root`)."""
    signed = _self_signed(root)
    return _stated(signed)


def version_of(root: bytes) -> int:
    """Raises `Refused` (`trust-root`, `trust-signature`)."""
    return int(_self_signed(root).version)


def authority(chain: Chain, identity: Identity, now: datetime) -> Authority:
    """Which files the commune's keys have signed for this board.

    Raises `Refused`: `trust-root`, `trust-signature`, `trust-delegation`, `trust-misplaced`, `trust-missing`.
    """
    root = _last_root(chain.roots, identity)
    targets = _delegated(root, "targets", chain.targets)
    _only_our_delegation(targets)
    lich = _delegated(targets, ROLE, chain.lich)
    if lich.delegations is not None:
        raise Refused("trust-delegation", role=ROLE)
    if set(targets.targets) - {PEOPLE}:
        raise Refused("trust-misplaced", name=min(set(targets.targets) - {PEOPLE}))
    roles: dict[str, Any] = {"root": root, "targets": targets, ROLE: lich}
    return Authority(
        _file(targets, PEOPLE),
        _file(lich, manifest_name(identity.board)),
        _file(lich, EMERGENCIES),
        tuple(f"expired-{name}" for name, role in roles.items() if role.is_expired(now)),
        min(root.expires, targets.expires),
        (root.version, targets.version),
    )


def floor(chain: Chain, before: Chain, publication: Publication) -> Floor:
    """What a publication of `chain` may not go below, after `publication`, which `before` vouched for.

    Whoever steals the online keys can publish the largest number that there is. So a number is a floor as long as
    today's keys vouch for it; when the offline keys have named others, the numbers begin anew (so does python-tuf
    with its own: TUF specification 5.3.11). Versions of the offline keys' own metadata are floors in the same way.
    Both chains have passed `authority`. Raises `Refused` (`trust-older`).
    """
    root, known = (_load(roots[-1], Root, "root").signed for roots in (chain.roots, before.roots))
    targets = _load(chain.targets, Targets, "targets").signed
    _not_below(root.version, known.version)
    if older := _vouched(root, "targets", before.targets):
        _not_below(targets.version, older.version)
    return publication.floor if _vouched(targets, ROLE, before.lich) else ANY_NUMBER


def _vouched(delegator: Root | Targets, role: str, data: bytes) -> Targets | None:
    try:
        return _delegated(delegator, role, data)
    except Refused:
        return None


def _not_below(number: int, least: int) -> None:
    if number < least:
        raise Refused("trust-older", number=number, floor=least)


def _load(data: bytes, kind: type[Any], role: str) -> Metadata[Any]:
    if len(data) > MAX_METADATA:
        raise Refused("trust-signature", role=role)
    try:
        metadata: Metadata[Any] = Metadata.from_bytes(data)
    except (RepositoryError, RecursionError) as error:
        raise Refused("trust-signature", role=role) from error
    if not isinstance(metadata.signed, kind):
        raise Refused("trust-signature", role=role)
    return metadata


def _self_signed(data: bytes) -> Root:
    metadata = _load(data, Root, "root")
    _verify(metadata.signed, "root", metadata)
    root: Root = metadata.signed
    return root


def _verify(delegator: Root | Targets, role: str, metadata: Metadata[Any]) -> None:
    try:
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, ValueError) as error:
        raise Refused("trust-signature", role=role) from error


def _last_root(roots: Sequence[bytes], identity: Identity) -> Root:
    """Each root signed by the one before and by itself (TUF specification 5.3); none of another commune."""
    if not roots:
        raise Refused("trust-root")
    current = _self_signed(roots[0])
    for data in roots[1:]:
        metadata = _load(data, Root, "root")
        _verify(current, "root", metadata)
        _verify(metadata.signed, "root", metadata)
        if metadata.signed.version != current.version + 1:
            raise Refused("trust-root")
        current = metadata.signed
        _is_ours(current, identity)
    _is_ours(current, identity)
    return current


def _stated(root: Root) -> tuple[str, str]:
    try:
        fields = Fields(root.unrecognized_fields.get(BUILT_IN), BUILT_IN)
        return fields.text("commune", least=5, most=5), fields.sha("repository")
    except BadFormat as error:
        raise Refused("trust-root") from error


def _is_ours(root: Root, identity: Identity) -> None:
    if _stated(root) != (identity.commune, identity.repository):
        raise Refused("trust-root")


def _delegated(delegator: Root | Targets, role: str, data: bytes) -> Targets:
    metadata = _load(data, Targets, role)
    _verify(delegator, role, metadata)
    targets: Targets = metadata.signed
    return targets


def _only_our_delegation(targets: Targets) -> None:
    """`lich/*`, to one role, and nothing else: no other role may ever name a file for a board."""
    delegations = targets.delegations
    roles = delegations.roles if delegations else None
    if delegations is None or delegations.succinct_roles is not None or not roles or list(roles) != [ROLE]:
        raise Refused("trust-delegation", role="targets")
    role = roles[ROLE]
    if role.paths != PATHS or role.path_hash_prefixes or not role.terminating:
        raise Refused("trust-delegation", role="targets")


def _file(role: Targets, name: str) -> Signed:
    file: TargetFile | None = role.targets.get(name)
    digest = file.hashes.get("sha256") if file else None
    if file is None or digest is None or len(digest) != 64 or not 0 <= file.length <= MAX_TARGET:
        raise Refused("trust-missing", name=name)
    return Signed(name, file.length, digest)


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def opened(
    authority: Authority, files: Mapping[str, bytes], identity: Identity, floor: Floor = ANY_NUMBER
) -> Publication:
    """What the signed files say; nothing numbered below `floor`, nor made after the offline keys' signatures end.

    Raises `Refused`: `trust-target`, `trust-other-board`, `trust-older`, `made-in-future`; `BadFormat`.
    """
    for signed in authority.files:
        data = files.get(signed.name, b"")
        if len(data) != signed.size or sha256(data) != signed.sha256:
            raise Refused("trust-target", name=signed.name)
    try:
        people = People.read(files[PEOPLE])
        manifest = Manifest.read(files[authority.manifest.name])
        emergencies = EmergencyList.read(files[EMERGENCIES])
    except ValueError as error:  # text that no file can hold
        raise BadFormat("$", "half of a surrogate pair") from error
    stated = Identity(manifest.board, manifest.commune, manifest.repository)
    if stated != identity:
        raise Refused("trust-other-board", board=manifest.board, commune=manifest.commune)
    _not_below(manifest.number, floor.manifest)
    _not_below(emergencies.number, floor.emergencies)
    publication = Publication(people, manifest, emergencies, authority.expired, authority.offline)
    not_made_after(authority.until, publication)
    return publication


def not_made_after(moment: datetime, publication: Publication) -> None:
    """Raises `Refused` (`made-in-future`): an online key must not move a board's time further than this."""
    if publication.proof.made > moment:
        raise Refused("made-in-future", made=when(publication.proof.made), most=when(moment))
