"""Two public values as four words that two people can read to each other over the telephone.

A board that was enrolled shows four words on its wall, the office works out the same four from what
came back to it; when they agree, the key is that board's and the root is that office's.

`words.txt` has 1,024 pairs of common Vietnamese syllables, no two alike without their marks or as
they sound in the north and in the south; so four of them say 40 bits. Who wants a key of their own
with the same words must try 2^40 keys, and `scrypt` makes each try cost what this machine's own
takes: 16 MiB and some 50 ms of a processor, 1,700 years of one for all of them.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources

COUNT, LIST = 4, 1024  # words told, words there are
_BITS = 10  # of one word: LIST is 2 ** 10
_COST, _BLOCK = 2**14, 8  # scrypt's N and r: 128 · N · r bytes of memory
_SALT = b"bangtin four words 1"


@lru_cache(maxsize=1)
def every_word() -> tuple[str, ...]:
    """The list, in its order."""
    return tuple(resources.files("signage").joinpath("words.txt").read_text("utf-8").splitlines())


@lru_cache(maxsize=4)
def words(key: str, root: str) -> tuple[str, ...]:
    """The four words of a board's public key and the fingerprint of its root, both 64 hex digits."""
    told = hashlib.scrypt(bytes.fromhex(key) + bytes.fromhex(root), salt=_SALT, n=_COST, r=_BLOCK, p=1, dklen=8)
    number = int.from_bytes(told, "big")
    return tuple(every_word()[number >> (_BITS * place) & (LIST - 1)] for place in range(COUNT))
