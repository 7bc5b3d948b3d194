"""Which passwords are taken, and how they are kept.

NIST SP 800-63B-4, 3.1.1: long is what counts (15 characters, since it stands alone), no rule of what must be in
it, nothing that everybody tries first or that is the name itself, every character allowed, NFC before hashing; no
change for the calendar's sake, but a hub whose authority demands it may set an age. Kept as argon2id by RFC 9106's
second recommendation (64 MiB, 3 passes, 4 lanes).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ...errors import Problem, Unavailable
from ...lettering import folded, nfc

SHORTEST, LONGEST = 15, 200  # characters
AT_ONCE = 2  # hashes at one time: each takes 64 MiB and a core for a tenth of a second
WAITING = 8  # that may wait for a turn: each holds a thread that other pages need; the next is refused at once
WAIT_S = 10  # seconds for a turn; then the log-in is refused as busy
MIN_DIFFERENT = 5  # different characters

_hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)


@dataclass(frozen=True)
class Fresh:
    """A new password of an account: what is wrong with it, or how it is kept."""

    problems: tuple[Problem, ...]
    kept: str = field(default="", repr=False)


def fresh(password: str, name: str) -> Fresh:
    """Looked at and hashed before the store is asked for: nobody waits for a hash. Raises `Unavailable`."""
    found = problems(password, name)
    return Fresh(tuple(found)) if found else Fresh((), hashed(password))


def problems(password: str, name: str) -> list[Problem]:
    """What is wrong with a new password of this account; nothing when it may be taken."""
    found = []
    told = nfc(password)
    if len(told) < SHORTEST:
        found.append(Problem("password-short", name, values={"least": SHORTEST}))
    elif len(told) > LONGEST:
        found.append(Problem("password-long", name, values={"most": LONGEST}))
    elif _is_common(folded(told), name):
        found.append(Problem("password-common", name))
    return found


def _is_common(bare: str, name: str) -> bool:
    """Of a password in small letters without marks: “Một ngày đẹp trời” is tried as often as `motngaydeptroi`."""
    if len(set(bare)) < MIN_DIFFERENT or _runs(bare):
        return True
    # "matkhau@123456", "matkhaumatkhau": a word that everybody tries, twice, or with what is usually put around it.
    word = _once("".join(c for c in bare if c.isalpha()))
    return word in _common() or word == _once("".join(c for c in name if c.isalpha()))


def _once(text: str) -> str:
    """What the text repeats, or the text."""
    return text[: (text + text).find(text, 1)] if text else text


def _runs(bare: str) -> bool:
    """Whether it only counts up or down, such as 123456789012 or abcdefghijkl."""
    steps = {ord(b) - ord(a) for a, b in pairwise(bare)}
    return steps <= {1, -9} or steps <= {-1, 9}


@cache
def _common() -> frozenset[str]:
    text = resources.files("signage.hub.people").joinpath("common.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def hashed(password: str) -> str:
    """To be kept; raises `Unavailable` (`hub-crowded`)."""
    with _Turn():
        return _hasher.hash(nfc(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password; as slow for an account that is not there (None). Raises as `hashed`."""
    with _Turn():
        try:
            return _hasher.verify(kept or _nobody(), nfc(password)[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")


class _Turn:
    def __enter__(self) -> None:
        if not _places.acquire(blocking=False):
            raise Unavailable("hub-crowded")
        if not _turns.acquire(timeout=WAIT_S):
            _places.release()
            raise Unavailable("hub-crowded")

    def __exit__(self, *_: object) -> None:
        _turns.release()
        _places.release()
