"""When a key is stolen: which notices on show lean on it, and a successor who signs them in one batch.

What the thief could have signed counts no more anywhere. What was signed before counts only on boards that had
verified it before (`docs/formats.md`, Record), so a board that is new or was away would not show it either.
Both are signed again, by somebody else, over the very same files: nothing is drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..errors import Refused
from ..review import Approval, People, Record, approval, effective, sign
from ..review.judgement import stolen
from .desk import Desk, Signatory
from .knowledge.overview import Overview
from .standing import Standing, in_force, standings


@dataclass(frozen=True)
class Leaning:
    """A notice on show whose approval needs a signature of a stolen key."""

    standing: Standing
    fallen: bool  # it is approved no more; else only boards that had verified it still show it
    signed: Mapping[str, frozenset[str]]  # who has signed with a key that is not stolen, by role

    @property
    def needs(self) -> tuple[str, ...]:
        """Roles in which somebody else must sign: one author and one approver, two persons."""
        authors, approvers = self.signed["author"], self.signed["approver"]
        alone = len(authors | approvers) == 1 and bool(authors and approvers)
        found = {"author": not authors, "approver": not approvers or alone}
        return tuple(role for role, wanting in found.items() if wanting)

    def may(self, person: str, role: str) -> bool:
        """Whether a signature of this person in this role would help."""
        other = self.signed["approver" if role == "author" else "author"]
        return role in self.needs and person not in self.signed[role] and other != {person}


def leaning(desk: Desk, now: datetime) -> list[Leaning]:
    """By notice: what was approved, has not ended and was not withdrawn, but for stolen keys."""
    seen = Overview(desk.settings)
    seen.look_at_book(desk, now)
    today = {s.sha256: s for s in desk.about(*seen.live(now))}
    book = desk.book.records_of(today)
    trusting = People(tuple(replace(p, void_from=None) for p in desk.people.people))
    before = in_force(standings({sha: s.statement for sha, s in today.items()}, book, trusting))
    found = []
    for _, known in sorted(before.items()):
        standing = today[known.sha256]
        # An alarm of a stolen duty key is not signed again: who is on duty raises it anew if it is true.
        if known.statement.end <= now or standing.withdrawn or known.statement.is_emergency:
            continue
        solid = [r for r in book.get(known.sha256, []) if not stolen(r.person, desk.people)]
        if not isinstance(approval(known.statement, solid, desk.people), Approval):
            found.append(Leaning(standing, standing.approval is None, _signed(desk.people, standing, solid)))
    return found


def _signed(people: People, standing: Standing, records: list[Record]) -> dict[str, frozenset[str]]:
    good = [r for r in records if effective(r, standing.sha256, people)]
    allowed = {p.id for p in people.people if p.may_sign(standing.statement.klass)}
    wanted = (("author", "submit"), ("approver", "approve"))
    return {
        role: frozenset(r.person for r in good if (r.role, r.act) == (role, act) and r.person in allowed)
        for role, act in wanted
    }


def countersign(desk: Desk, chosen: Iterable[Leaning], who: Signatory, now: datetime) -> list[Standing]:
    """Sign these as author or approver, as `who.role` says; all or none.

    Raises `Refused`: `may-not-sign`, `class-not-theirs`.
    """
    act = "submit" if who.role == "author" else "approve"
    wanted = [one.standing.statement for one in chosen]
    made = [
        sign(who.key, act=act, statement=s.sha256, person=who.person, role=who.role, at=now) for s in wanted
    ]  # fmt: skip
    for statement, record in zip(wanted, made, strict=True):
        desk.people.hold_to_classes(who.person, statement.klass)
        if effective(record, statement.sha256, desk.people) is None:
            raise Refused("may-not-sign", person=who.person, role=who.role, act=act)
    for record in made:
        desk.book.put_record(record)
    every = {s.sha256: s for s in desk.about(*(statement.notice for statement in wanted))}
    return [every[statement.sha256] for statement in wanted]
