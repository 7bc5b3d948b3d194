"""Who may do what, with which keys: the TUF target `people.json`, signed offline.

Names stay in the office; here a person is an id. A key counts from `from` until `until`; a person
marked `void_from` counts only before it; one with `classes` counts for notices of these classes only:
so a province's pair or duty person can be named in a commune for its clips and alerts.

Each key says its `scheme`. Today there is one; a key of a scheme that this program does not know counts
for nothing and refuses nothing else, so that passkeys can come while old boards are still on the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import Refused
from ..keys import SCHEME, PublicKey, valid_public
from ..notice.vocabulary import CLASSES
from ..wire import BadFormat, Fields, canonical, parse, when
from .record import ROLES

MAX_PEOPLE = 500
MAX_KEYS = 20  # of one person, over the years
MAX_PEOPLE_BYTES = 512 * 1024
MAX_SCHEME = 40  # characters


@dataclass(frozen=True)
class PersonKey:
    """A person's public key and when its signatures count."""

    key: PublicKey
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Person:
    """An opaque id, roles and keys."""

    id: str
    roles: frozenset[str]
    keys: tuple[PersonKey, ...]
    void_from: datetime | None = None
    classes: tuple[str, ...] = ()  # that this person may sign; empty: all

    def may_sign(self, klass: str) -> bool:
        """Whether a notice of this class is theirs to submit or approve (taking down is anybody's)."""
        return not self.classes or klass in self.classes


@dataclass(frozen=True)
class People:
    """Everybody who may sign for a commune."""

    people: tuple[Person, ...]

    def get(self, person: str) -> Person | None:
        return next((p for p in self.people if p.id == person), None)

    def hold_to_classes(self, person: str, *classes: str) -> None:
        """Raises `Refused` (`class-not-theirs`) when one of these is not among those that the person may sign."""
        known = self.get(person)
        for klass in classes:
            if known is not None and not known.may_sign(klass):
                raise Refused("class-not-theirs", person=person, klass=klass, classes=", ".join(known.classes))

    def to_bytes(self) -> bytes:
        return canonical({"v": 1, "people": [_person_json(p) for p in self.people]})

    @classmethod
    def read(cls, data: bytes) -> People:
        """Raises `BadFormat`; two persons with one key or one id are refused."""
        fields = parse(data, limit=MAX_PEOPLE_BYTES)
        people = tuple(_person(f) for f in fields.objects("people", most=MAX_PEOPLE))
        ids = [p.id for p in people]
        keys = [k.key.public for p in people for k in p.keys]
        if len(set(ids)) < len(ids) or len(set(keys)) < len(keys):
            raise BadFormat("$.people", "two persons share an id, or a key stands twice")
        return cls(people)


def _person_json(person: Person) -> dict[str, Any]:
    keys = [
        {
            "keyid": k.key.keyid, "scheme": SCHEME, "public": k.key.public,
            "from": when(k.since), "until": when(k.until),
        }
        for k in person.keys
    ]  # fmt: skip
    void = when(person.void_from) if person.void_from else None
    told = {"id": person.id, "roles": sorted(person.roles), "keys": keys, "void_from": void}
    return {**told, "classes": list(person.classes)} if person.classes else told


def _person(fields: Fields) -> Person:
    roles = fields.array("roles", most=len(ROLES))
    if not all(role in ROLES for role in roles):
        raise BadFormat(fields.at("roles"), f"not among {', '.join(ROLES)}")
    keys = tuple(k for f in fields.objects("keys", most=MAX_KEYS) if (k := _key(f)))
    classes = fields.array("classes", most=len(CLASSES)) if fields.has("classes") else []
    if not all(klass in CLASSES for klass in classes):
        raise BadFormat(fields.at("classes"), f"not among {', '.join(CLASSES)}")
    void_from = fields.maybe("void_from", fields.when)
    return Person(fields.name("id"), frozenset(roles), keys, void_from, tuple(classes))


def _key(fields: Fields) -> PersonKey | None:
    """None for a key of a scheme from the future."""
    if fields.text("scheme", most=MAX_SCHEME) != SCHEME:
        return None
    public = fields.sha("public")  # 32 bytes in hex, like a SHA-256
    key = PublicKey(public)
    if not valid_public(public) or key.keyid != fields.sha("keyid"):
        raise BadFormat(fields.at("public"), "not an Ed25519 key with that keyid")
    return PersonKey(key, fields.when("from"), fields.when("until"))
