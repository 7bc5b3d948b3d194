"""Whose turn it is: signatures and personal keys that near their end.

Below `REMIND_AT` of a life people are told; below `URGENT_AT` `bangtin publish` says so with its exit code. The
website and the boards go on: what is signed stays good until its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..errors import Problem
from ..schedule import VIETNAM_TIME
from ..settings import PEOPLE_FILE, Settings
from . import keyring
from .repository import REMIND_AT, Repository
from .starter import SIGNING

URGENT_AT = 0.1  # share of a life left
LENT = timedelta(days=365)  # a key for less than this is lent until a date (a province's): its end is no surprise


def problems(settings: Settings, repository: Repository, now: datetime) -> list[Problem]:
    """Warnings; errors for what is urgent."""
    found: list[Problem] = []
    for life in repository.lives(now):
        who = keyring.holders(settings.keys, repository.role(life.role).keys)
        values = {"role": life.role, "expires": _day(life.expires), "who": who}
        found += _told("role-ends", f"keys/{life.role}", life.share_left, values)
    for member in settings.members:
        person = settings.people.get(member.id)
        if person is None or person.void_from or not set(member.roles) & SIGNING:
            continue
        newest = max((k for k in person.keys if k.since <= now), key=lambda k: k.until, default=None)
        if newest is None or newest.until <= now or newest.until - newest.since < LENT:
            continue
        left = (newest.until - now) / (newest.until - newest.since)
        values = {"person": member.id, "expires": _day(newest.until), "who": member.name}
        found += _told("person-key-ends", PEOPLE_FILE, left, values)
    return found


def _told(code: str, where: str, left: float, values: dict[str, str]) -> Iterable[Problem]:
    if left < REMIND_AT:
        yield Problem(code, where, severity="error" if left < URGENT_AT else "warning", values=values)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM_TIME):%H:%M ngày %d/%m/%Y}"
