"""Who this board is, and whom it trusts: the enrolled folder.

    board.toml       id, address of the publication, hub, commune, repository; how the picture lies, if a stick said so
    key.pem          the board's own key, 0600; board.pub.json is its public half for the hub
    trust/root.json  the root that was brought by hand, or whose printed fingerprint was typed
    trust/tuf/ shelf/ play/ outbox/ state/    written by sync and player

Never trust on first use: without a root file or a typed fingerprint there is no enrolment.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .. import durable
from ..errors import Refused, Unavailable, WrongUse
from ..keys import PrivateKey
from ..publication import Mode
from ..wire import BadFormat, Fields, sha256
from . import trust

if TYPE_CHECKING:
    from ..stick import Card

MIN_FINGERPRINT = 32  # hex digits that must be typed: 128 bits
MAX_BOARD_FILE = 16 * 1024  # bytes
MAX_ROOT = 512 * 1024  # bytes
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True)
class Board:
    """An enrolled board's folder."""

    folder: Path
    id: str
    url: str  # of the publication, no final slash
    hub: str | None
    commune: str
    repository: str
    mode: Mode | None = None  # that the office gave it to begin with, if it was enrolled from a stick

    @property
    def identity(self) -> trust.Identity:
        return trust.Identity(self.id, self.commune, self.repository)

    @property
    def tuf(self) -> Path:
        return self.folder / "trust" / "tuf"

    @property
    def shelf(self) -> Path:
        return self.folder / "shelf"

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    @property
    def plays(self) -> Path:
        return self.folder / "play"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def root(self) -> bytes:
        """The root that this board was enrolled with; raises `Unavailable` (`board-not-enrolled`).

        Where its file has rotted, the copy that `sync` keeps: the lowest of its roots, which came from here.
        """
        path = _root_path(self.folder)
        numbered = {
            int(n): p for p in self.tuf.glob("root_history/*.root.json") if (n := p.name.split(".")[0]).isdecimal()
        }
        copy = [numbered[min(numbered)]] if numbered else []
        found = [data for one in (path, *copy) if (data := _read(one))]
        if not found:
            raise Unavailable("board-not-enrolled", folder=str(self.folder))
        return next((data for data in found if self._is_ours(data)), found[0])

    def _is_ours(self, root: bytes) -> bool:
        try:
            return trust.built_in(root) == (self.commune, self.repository)
        except Refused:
            return False

    def mend_root(self) -> bool:
        """Write the enrolled root again where its file has rotted; True when it had."""
        path, root = _root_path(self.folder), self.root()
        if _read(path) == root:
            return False
        durable.discard(path)
        durable.write(path, root)
        return True

    def key(self) -> PrivateKey:
        return PrivateKey.load(self.folder / "key.pem")

    def words(self) -> tuple[str, ...]:
        """Its four words (`spoken`); raises as `key` and `root` do."""
        from .. import spoken  # a player that holds something needs none of this

        return spoken.words(self.key().public.public, sha256(self.root()))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _root_path(folder: Path) -> Path:
    return folder / "trust" / "root.json"


def load(folder: Path) -> Board:
    """Raises `Unavailable` (`board-not-enrolled`) or `BadFormat`."""
    try:
        data = (folder / "board.toml").read_bytes()
    except OSError as error:
        raise Unavailable("board-not-enrolled", folder=str(folder)) from error
    try:
        fields = Fields(tomllib.loads(data[:MAX_BOARD_FILE].decode()), "board.toml")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFormat("board.toml", "not TOML") from error
    hub = fields.maybe("hub", lambda name: fields.text(name, most=500))
    return Board(
        folder, fields.name("id"), fields.text("url", most=500), hub or None,
        fields.text("commune", least=5, most=5), fields.sha("repository"),
        Mode.read(fields) if fields.has("output") else None,
    )  # fmt: skip


def same_fingerprint(typed: str, root: bytes) -> bool:
    """Whether the typed fingerprint is that of the root; raises `WrongUse` (`fingerprint-short`)."""
    digits = re.sub(r"[\s:]", "", typed).lower()
    if not _HEX.fullmatch(digits) or len(digits) < MIN_FINGERPRINT:
        raise WrongUse("fingerprint-short", least=MIN_FINGERPRINT)
    return sha256(root).startswith(digits)


def enroll(
    folder: Path, *, board: str, url: str, hub: str | None = None, root: bytes | None = None,
    fingerprint: str | None = None, fetch_root: Callable[[str], bytes] | None = None, again: bool = False,
    mode: Mode | None = None, code: str | None = None,
) -> Board:  # fmt: skip
    """Make `folder` a board; `again`: over an enrolled one, which keeps its key. `code`: of its ticket.

    Raises `Refused` (`enrolled-already`, `fingerprint-differs`, `trust-root`), `WrongUse`, `Unavailable`.
    """
    if (folder / "board.toml").exists() and not again:
        raise Refused("enrolled-already", folder=str(folder))
    url, hub = address(url), address(hub) if hub else None
    Fields({"board": board}).name("board")
    if root is None:
        if fingerprint is None or fetch_root is None:
            raise WrongUse("enroll-root-missing")
        root = fetch_root(url)
    if fingerprint is not None and not same_fingerprint(fingerprint, root):
        raise Refused("fingerprint-differs", found=sha256(root))
    commune, repository = trust.built_in(root)
    made = Board(folder, board, url, hub, commune, repository, mode)
    _write(made, root, code)
    return made


def card(folder: Path, board: str, root: bytes, code: str | None = None) -> Card:
    """What this machine says of itself as `board`; it makes its key for that, if it has none yet."""
    from ..stick import Card, proven

    path = folder / "key.pem"
    key = PrivateKey.load(path) if path.exists() else PrivateKey.generate()
    if not path.exists():
        key.save(path)
    commune, repository = trust.built_in(root)
    proof = proven(code, board, key.public, sha256(root)) if code else None
    return Card(board, key.public, commune, repository, sha256(root), proof)


def _write(board: Board, root: bytes, code: str | None) -> None:
    """`board.toml` goes last: a folder without it is not enrolled.

    With the root that it already trusts, a board keeps what it holds, and what it knows to be withdrawn.
    """
    folder, root_path = board.folder, _root_path(board.folder)
    durable.remove(folder / "board.toml")
    if not root_path.exists() or root_path.read_bytes() != root:
        for old in ("trust", "shelf"):
            _forget(folder / old)
        durable.write(root_path, root)
    durable.write(folder / "board.pub.json", card(folder, board.id, root, code).to_bytes())
    values = {
        "id": board.id, "url": board.url, "hub": board.hub or "", "commune": board.commune,
        "repository": board.repository, **(board.mode.as_json() if board.mode else {}),
    }  # fmt: skip
    # A TOML basic string escapes like JSON does.
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    durable.write(folder / "board.toml", text.encode())


def _forget(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


def address(url: str) -> str:
    """An address of a server, without a slash at its end. Raises `WrongUse` (`address-bad`)."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise WrongUse("address-bad", url=url)
    return url.rstrip("/")
