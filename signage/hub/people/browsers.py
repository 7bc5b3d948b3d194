"""Browsers in which an account's right password was typed before: whoever shuts the account by guessing shuts out
strangers, not its own person (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").

The mark says nothing but "not a stranger": without the password it opens nothing. Its key is what the store keeps of
the password, so another password makes every browser a stranger, and nothing more needs to be kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

DAYS = 180  # that a browser keeps the mark
NONCE_BYTES = 16
MAX_MARK = 200  # characters


def mark(account: int, kept: str) -> str:
    """For the browser in which this account's password was right just now; `kept`: the password as the store has it."""
    nonce = secrets.token_hex(NONCE_BYTES)
    return f"{nonce}.{_proof(account, kept, nonce)}"


def known(account: int, kept: str, told: str) -> str | None:
    """Which browser a mark is of, when it was made for this account and this password; None for a stranger."""
    nonce, _, proof = told[:MAX_MARK].partition(".")
    if len(nonce) != 2 * NONCE_BYTES or not nonce.isascii() or not proof.isascii():
        return None
    return nonce if hmac.compare_digest(proof, _proof(account, kept, nonce)) else None


def _proof(account: int, kept: str, nonce: str) -> str:
    return hmac.new(kept.encode(), f"browser {account} {nonce}".encode(), hashlib.sha256).hexdigest()
