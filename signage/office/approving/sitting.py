"""What an approver's and an author's page have in common: one person, their key, and what they have looked at.

Nothing is signed that was not opened here; the key is open for as long as the person said, in this process alone.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...errors import BadInput, BangtinError, Problem, Refused, remedy, sentence
from ...keys import SigningKey
from ...settings import Settings
from .. import preview
from ..desk import Desk, Signatory

MAX_WRONG = 8  # passphrases that may be wrong before the session ends itself
ROLES = {"approver": "người duyệt", "duty": "người trực", "author": "người biên tập"}
Unlock = Callable[[str], SigningKey]


@dataclass(frozen=True)
class Signer:
    """Who sits before the browser; `unlock` makes their key of a passphrase, or raises `Refused` (`key-locked`)."""

    person: str
    name: str
    role: str
    unlock: Unlock
    locked: bool  # whether the key asks for a passphrase


@dataclass(frozen=True)
class Words:
    """What the pages say: an approver approves, an author submits."""

    name: str  # of the whole page
    waiting: str  # after the number of notices
    intro: str
    again: str  # of the button
    act: str  # of the button that signs
    remember: str
    closing: str  # when the session ends by itself; {idle} minutes or hours
    nothing: str  # heading when all is done
    ended: str
    command: str
    back: str  # of the link to the list
    unseen: str = "không lên bảng"  # where a row has no picture


class Sitting(ABC):
    """One person's round of looking and signing; safe for the server's threads."""

    words: Words
    returns = False  # whether it can be sent back to its author
    lasting = False  # whether the page stays when nothing waits
    keeps: timedelta | None = None  # for how long a remembered key stays open; None: as long as the session

    def __init__(
        self, settings: Settings, desk: Callable[[], Desk], signer: Signer, now: Callable[[], datetime]
    ) -> None:
        self.settings, self.signer = settings, signer
        self.told: list[tuple[str, str]] = []  # ("duoc" or "loi", words) for the next page
        self.signed: list[str] = []
        self.returned: list[str] = []
        self.wrong = 0
        self._open_desk, self._now = desk, now
        self._key: SigningKey | None = None if signer.locked else signer.unlock("")
        self._since = now()
        self._opened: set[str] = set()
        self._lock = threading.RLock()

    @property
    def locked(self) -> bool:
        """Whether a passphrase must be typed to sign."""
        with self._lock:
            if self.keeps is not None and self.signer.locked and self._now() - self._since > self.keeps:
                self._key = None
            return self._key is None

    @property
    def who(self) -> dict[str, str]:
        return {"id": self.signer.person, "name": self.signer.name, "role": ROLES[self.signer.role]}

    @property
    def locked_out(self) -> bool:
        return self.wrong >= MAX_WRONG

    def opened(self, sha: str) -> None:
        """The person's browser was given the page."""
        with self._lock:
            self._opened.add(sha)

    def _signatory(self, passphrase: str, remember: bool) -> Signatory:
        """The person with their key; raises `Refused` (`key-locked`)."""
        return Signatory(self.signer.person, self.signer.role, self._unlocked(passphrase, remember))

    def _unlocked(self, passphrase: str, remember: bool) -> SigningKey:
        if not self.locked and self._key is not None:
            return self._key
        try:
            key = self.signer.unlock(passphrase)
        except Refused:
            self.wrong += 1
            raise
        self.wrong = 0
        if remember:
            self._key, self._since = key, self._now()
        return key

    def _wanted(self, marks: Iterable[str]) -> list[str]:
        """What is to be signed, each once; raises `Refused` (`approve-none`, `approve-unseen`)."""
        chosen = list(dict.fromkeys(marks))
        if not chosen:
            raise Refused("approve-none")
        if not set(chosen) <= self._opened:
            raise Refused("approve-unseen")
        return chosen

    # ── what each kind of page knows ─────────────────────────────────────────────────────────────

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """What waits, most urgent first, as the list shows it."""

    @abstractmethod
    def page(self, sha: str) -> preview.Sheet | None:
        """The whole of one notice; None when it does not wait any more."""

    @abstractmethod
    def warnings(self, sha: str) -> list[str]:
        """What this machine notices about it."""

    @abstractmethod
    def next_after(self, sha: str, home: str) -> str:
        """The page of the next notice to look at; "" when all were opened."""

    @abstractmethod
    def why_not(self, sha: str) -> str:
        """Why this person may not sign it, in words; "" when they may."""

    @abstractmethod
    def file(self, sha: str, address: str) -> tuple[str, bytes] | None:
        """A file of a waiting notice, its name and exactly the bytes that are signed; None when there is none."""

    @abstractmethod
    def sign(self, wanted: Iterable[str], passphrase: str, remember: bool) -> None:
        """Sign these, all or none; raises `Refused`."""

    def send_back(self, sha: str, words: str) -> None:
        """A note for the author; raises `Refused`."""
        raise NotImplementedError

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether nothing is left for this person."""


def told(problem: Problem) -> str:
    return sentence(problem.code, "vi", **{"file": problem.file, "field": problem.field or "", **problem.values})


def words_of(error: BangtinError | OSError) -> str:
    """What happened and what to do, for a page."""
    if isinstance(error, OSError):
        return sentence("system", "vi", why=error)
    if isinstance(error, BadInput):
        return " ".join(f"{p.file}: {told(p)} {remedy(p.code, 'vi', **p.values)}" for p in error.problems[:5])
    return f"{sentence(error.code, 'vi', **error.values)} {remedy(error.code, 'vi', **error.values)}".strip()
