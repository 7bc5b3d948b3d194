"""Ed25519 keys of people and machines, and the envelopes that they sign (DSSE).

Private keys are PKCS#8 PEM files of mode 0600, encrypted with a passphrase where a person holds
them. Envelopes are DSSE (securesystemslib): the signature covers the type and the bytes, so that a
record can never be taken for a report. Key ids are TUF's: SHA-256 of the public key's canonical form.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from . import durable
from .errors import BadInput, Problem, Refused
from .wire import BadFormat, Fields, canonical, sha256

MAX_ENVELOPE = 96 * 1024  # bytes of any envelope that we open: the largest report in base64
RECORD_TYPE = "application/vnd.bangtin.record+json"
REPORT_TYPE = "application/vnd.bangtin.report+json"
VERIFIED = 64  # envelopes of which we remember whether a key signed them
ROUNDS = 600_000  # of PBKDF2 (OWASP Password Storage Cheat Sheet, 2023); about 0.1 s each time a key is opened
# Object identifiers, in DER: 1.2.840.113549.1.5.13, 1.2.840.113549.1.5.12, 1.2.840.113549.2.9, 2.16.840.1.101.3.4.1.42
_PBES2, _PBKDF2, _HMAC_SHA256, _AES_256_CBC = (
    bytes.fromhex(told)
    for told in ("06092a864886f70d01050d", "06092a864886f70d01050c", "06082a864886f70d0209", "060960864801650304012a")
)
# The y of each point whose order divides 8, as it can be written, without the sign of x: with such a key one signature
# is good for any words (RFC 8032 leaves the check to who needs it; the list is libsodium's).
_ANYBODYS = frozenset((
    "00" * 32, "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f",
))  # fmt: skip
SCHEME = "ed25519"  # how a key signs; `Sealed.signed_by` is the one place where another would be told apart


@dataclass(frozen=True)
class PublicKey:
    """A public Ed25519 key, 32 bytes as hex, and its TUF key id."""

    public: str

    @property
    def keyid(self) -> str:
        return _keyid(self.public)

    @property
    def fingerprint(self) -> str:
        """The first 64 bits of the key id in four groups, for two people to compare aloud."""
        return " ".join(self.keyid[i : i + 4] for i in range(0, 16, 4))

    def tuf(self) -> SSlibKey:
        """The key as TUF and DSSE know it."""
        return SSlibKey(self.keyid, "ed25519", SCHEME, {"public": self.public})


@lru_cache(maxsize=256)
def _keyid(public: str) -> str:
    return sha256(canonical({"keytype": "ed25519", "scheme": SCHEME, "keyval": {"public": public}}))


class SigningKey(Protocol):
    """What signs a record for a person: the one thing that desk and approval page ask of a key.

    A passkey (WebAuthn) comes in here: an object whose `seal` makes an envelope of the assertion that the
    person's browser gave for SHA-256 of the DSSE bytes (`PAE`) of `payload`. The page then fixes the payloads
    first (`at` is part of them), hands their hashes out with the form and takes the assertions back with it;
    and it must be served under `localhost`, since a passkey belongs to a name and never to an address. The
    other half of the seam is `Sealed.signed_by`, with the key's `scheme` from `people.json`.
    """

    def seal(self, payload: bytes, payload_type: str) -> bytes:
        """A DSSE envelope with one signature, as canonical JSON."""
        ...


class PrivateKey:
    """A private key in memory; never printed, never pickled."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.public = PublicKey(raw.hex())

    @classmethod
    def generate(cls) -> PrivateKey:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> PrivateKey:
        """Raises `Refused` (`key-missing`, `key-locked`) or `BadInput` (`key-bad`)."""
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise Refused("key-missing", file=str(path)) from error
        try:
            key = serialization.load_pem_private_key(data, passphrase.encode() if passphrase else None)
        except TypeError as error:  # encrypted and no passphrase, or the reverse
            raise Refused("key-locked", file=str(path)) from error
        except (ValueError, UnsupportedAlgorithm) as error:
            if b"ENCRYPTED" in data and passphrase:
                raise Refused("key-locked", file=str(path)) from error
            raise BadInput([Problem("key-bad", str(path))]) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadInput([Problem("key-bad", str(path))])
        return cls(key)

    def save(self, path: Path, passphrase: str | None = None) -> None:
        """Write the key, 0600, encrypted when a passphrase is given; never over another key."""
        if path.exists():
            raise Refused("key-exists", file=str(path))
        none, form = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
        if passphrase:
            pem = _locked(self._key.private_bytes(serialization.Encoding.DER, form, none), passphrase)
        else:
            pem = self._key.private_bytes(serialization.Encoding.PEM, form, none)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.write(path, pem, mode=durable.SECRET)

    def signer(self) -> CryptoSigner:
        """The key as python-tuf signs with it."""
        return CryptoSigner(self._key, self.public.tuf())

    def seal(self, payload: bytes, payload_type: str) -> bytes:
        """A DSSE envelope with one signature, as canonical JSON."""
        envelope = Envelope(payload, payload_type, {})
        envelope.sign(self.signer())
        return canonical(envelope.to_dict())

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.keyid[:8]}…)"


def _locked(key: bytes, passphrase: str) -> bytes:
    """A PKCS#8 key under a passphrase, as PEM (RFC 8018: PBES2 with PBKDF2, HMAC-SHA-256 and AES-256-CBC).

    `cryptography` writes 2,048 rounds and lets nobody choose; eight characters on a lost stick need more.
    """
    from cryptography.hazmat.primitives import hashes, padding  # a board makes no such key
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    salt, start = secrets.token_bytes(16), secrets.token_bytes(16)
    secret = PBKDF2HMAC(hashes.SHA256(), 32, salt, ROUNDS).derive(passphrase.encode())
    padder = padding.PKCS7(128).padder()
    cipher = Cipher(algorithms.AES(secret), modes.CBC(start)).encryptor()
    text = cipher.update(padder.update(key) + padder.finalize()) + cipher.finalize()
    rounds = _der(0x02, ROUNDS.to_bytes(ROUNDS.bit_length() // 8 + 1, "big"))
    derived = _der(0x30, _PBKDF2, _der(0x30, _der(0x04, salt), rounds, _der(0x30, _HMAC_SHA256, b"\x05\x00")))
    method = _der(0x30, _PBES2, _der(0x30, derived, _der(0x30, _AES_256_CBC, _der(0x04, start))))
    lines = base64.encodebytes(_der(0x30, method, _der(0x04, text))).replace(b"\n", b"")
    body = b"\n".join(lines[i : i + 64] for i in range(0, len(lines), 64))
    return b"-----BEGIN ENCRYPTED " + b"PRIVATE KEY-----\n" + body + b"\n-----END ENCRYPTED " + b"PRIVATE KEY-----\n"


def _der(tag: int, *parts: bytes) -> bytes:
    """One ASN.1 value of at most 255 bytes."""
    body = b"".join(parts)
    return bytes([tag, len(body)] if len(body) < 128 else [tag, 0x81, len(body)]) + body


def is_encrypted(path: Path) -> bool:
    """Whether a private key's file asks for a passphrase."""
    return b"ENCRYPTED" in path.read_bytes()


def valid_public(public: str) -> bool:
    """Whether the hex is a usable Ed25519 public key: 32 bytes, and no point for which anybody can sign."""
    try:
        data = bytes.fromhex(public)
        Ed25519PublicKey.from_public_bytes(data)
    except ValueError:
        return False
    if bytes([*data[:31], data[31] & 0x7F]).hex() in _ANYBODYS:
        return False
    return len(public) == 64 and public == public.lower()


@dataclass(frozen=True)
class Sealed:
    """An envelope as it came: its bytes, what it says, and the key id it claims; nothing verified."""

    data: bytes
    payload: bytes
    payload_type: str
    keyid: str

    @classmethod
    def read(cls, data: bytes, payload_type: str) -> Sealed:
        """Raises `BadFormat` when it is not one envelope of this type with one signature."""
        if len(data) > MAX_ENVELOPE:
            raise BadFormat("$", f"envelope of {len(data)} bytes, more than {MAX_ENVELOPE}")
        try:
            envelope = Envelope.from_dict(json.loads(data))
            (keyid,) = envelope.signatures
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadFormat("$", "not a DSSE envelope with one signature") from error
        if envelope.payload_type != payload_type:
            raise BadFormat("payloadType", f"not {payload_type}")
        return cls(data, envelope.payload, payload_type, Fields({"keyid": keyid}).sha("keyid"))

    @property
    def is_plain(self) -> bool:
        """Whether it is written as `PrivateKey.seal` writes it: nobody can make it longer, or another file of it."""
        envelope = Envelope.from_dict(json.loads(self.data))
        for signature in envelope.signatures.values():
            signature.unrecognized_fields = {}
        return canonical(envelope.to_dict()) == self.data

    def signed_by(self, key: PublicKey) -> bool:
        """Whether this key, and no other, made the signature."""
        return self.keyid == key.keyid and _verified(self.data, key)


@lru_cache(VERIFIED)
def _verified(envelope: bytes, key: PublicKey) -> bool:
    """Whether the one signature is of this key; asked of one record several times in a row."""
    try:
        Envelope.from_dict(json.loads(envelope)).verify([key.tuf()], 1)
    except (VerificationError, ValueError, TypeError, KeyError):
        return False
    return True
