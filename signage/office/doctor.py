"""What of a commune's folder is unsafe or wants doing, and the facts of it, for the security dossier.

Only this machine is looked at: a key that somebody copied to another one is not seen. Nothing is changed.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import machine
from ..errors import Problem, Unavailable
from ..keys import is_encrypted
from ..review import People, Person
from ..settings import Settings
from ..wire import when
from . import keyring, reminders
from .publish import repository, signed_people
from .repository import OFFLINE, ONLINE, REMIND_AT, Repository
from .starter import SIGNING

PORTS = (22, 80, 443)  # that an office box may have open: maintenance and the web server in front


def examine(settings: Settings, now: datetime) -> tuple[dict[str, Any], list[Problem]]:
    """Facts by name, and problems."""
    secrets = machine.private_keys(settings.keys) if settings.keys.is_dir() else []
    found = [*machine.open_files(secrets, settings.folder), *machine.in_git(settings.folder)]
    if secrets and (where := machine.shared_folder(settings.keys)):
        found.append(Problem("doctor-keys-shared", str(settings.keys), values={"where": where}))
    facts: dict[str, Any] = {
        "commune": settings.commune.code,
        "site": settings.commune.site,
        "secrets": [_secret(settings.folder, path) for path in secrets],
    }
    try:
        repo, people = repository(settings), signed_people(settings)
        facts |= {"repository": repo.identity()[1], "root": repo.fingerprint, "roles": _roles(settings, repo, now)}
    except Unavailable as error:
        return facts, [*found, Problem(error.code, str(settings.publication), values=error.values)]
    facts["people"] = [_person(settings, person, now) for person in people.people]
    found += [*_offline(settings, repo), *_on_this_machine(settings, people), *_deputies(people, now)]
    return facts, [*found, *reminders.problems(settings, repo, now)]


def _secret(folder: Path, path: Path) -> dict[str, Any]:
    try:
        locked: bool | None = is_encrypted(path)
    except OSError:
        locked = None
    found = path.stat()
    return {
        "file": path.relative_to(folder).as_posix(), "mode": f"{stat.S_IMODE(found.st_mode):04o}", "passphrase": locked,
        "since": when(datetime.fromtimestamp(found.st_mtime, UTC)),
    }  # fmt: skip


def _roles(settings: Settings, repo: Repository, now: datetime) -> list[dict[str, Any]]:
    told = []
    for life in repo.lives(now):
        role = repo.role(life.role)
        told.append({
            "role": life.role, "threshold": role.threshold, "keys": sorted(key.fingerprint for key in role.keys),
            "expires": when(life.expires), "percent_left": round(life.share_left * 100),
            "who": "máy văn phòng" if life.role in ONLINE else keyring.holders(settings.keys, role.keys),
            "renew_below_percent": round(REMIND_AT * 100),
        })  # fmt: skip
    return told


def _person(settings: Settings, person: Person, now: datetime) -> dict[str, Any]:
    member = settings.member(person.id)
    keys = [
        {"fingerprint": k.key.fingerprint, "from": when(k.since), "until": when(k.until),
         "age_days": max(0, (now - k.since).days), "counts": k.since <= now <= k.until}
        for k in person.keys
    ]  # fmt: skip
    return {
        "id": person.id, "name": member.name if member else "", "roles": sorted(person.roles), "keys": keys,
        "classes": list(person.classes), "void_from": when(person.void_from) if person.void_from else None,
    }  # fmt: skip


# ── judging ──────────────────────────────────────────────────────────────────────────────────────


def _offline(settings: Settings, repo: Repository) -> Iterator[Problem]:
    """Keys that belong into a safe, and a root that one person holds."""
    for role in OFFLINE:
        for path in keyring.files(settings.keys, role):
            bare = not is_encrypted(path)
            yield Problem("doctor-offline-key", str(path), severity="error" if bare else "warning")
    if repo.role("root").threshold == 1:
        yield Problem("doctor-root-alone", "root", severity="warning")


def _on_this_machine(settings: Settings, people: People) -> Iterator[Problem]:
    """Personal keys without a passphrase, and an author's beside an approver's."""
    here: dict[str, tuple[Person, bool]] = {}
    for path in machine.private_keys(settings.keys / "people"):
        if bare := not is_encrypted(path):
            yield Problem("doctor-key-plain", str(path))
        if person := people.get(path.stem):
            here[person.id] = (person, bare)
    authors = [pair for pair in here.values() if "author" in pair[0].roles]
    approvers = [pair for pair in here.values() if "approver" in pair[0].roles]
    for author, first in authors:
        for approver, second in approvers:
            if author.id != approver.id:
                severity: Any = "error" if first or second else "warning"
                names = {"author": author.id, "approver": approver.id}
                yield Problem("doctor-keys-together", str(settings.keys / "people"), severity=severity, values=names)
                return


def _deputies(people: People, now: datetime) -> Iterator[Problem]:
    """Whether two persons can approve without the first approver, and somebody can raise an emergency."""

    def ready(role: str) -> set[str]:
        """Who may sign every class in this role today."""
        return {
            p.id for p in people.people
            if role in p.roles and not p.classes and p.void_from is None
            and any(k.since <= now <= k.until for k in p.keys)
        }  # fmt: skip

    authors, approvers = ready("author"), ready("approver")
    able = {approver for approver in approvers if authors - {approver}}
    if not able:
        yield Problem("doctor-approver-none", "people.toml")
    elif len(able) == 1:
        yield Problem("doctor-deputy-none", "people.toml", severity="warning", values={"person": min(able)})
    if not ready("duty"):
        yield Problem("doctor-duty-none", "people.toml", severity="warning")


def may_sign(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the facts: the people with a role that signs, who may approve first."""
    signing = [person for person in facts.get("people", ()) if set(person["roles"]) & SIGNING]
    return sorted(signing, key=lambda person: ("approver" not in person["roles"], person["id"]))
