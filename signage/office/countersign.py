"""When a key is stolen: which notices on show lean on it, and a successor who signs them in one batch.

What the thief could have signed counts no more anywhere. What was signed before counts only on boards that had
verified it before (`docs/formats.md`, Record), so a board that is new or was away would not show it either.
Both are signed again, by somebody else, over the very same files: nothing is drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ..errors import Refused
from ..review import Approval, People, approval, effective, sign
from ..review.judgement import stolen
from .desk import Desk, Signatory
from .standing import Standing, in_force, standings


@dataclass(frozen=True)
class Leaning:
    """A notice on show whose approval needs a signature of a stolen key."""

    standing: Standing
    fallen: bool  # it is approved no more; else only boards that had verified it still show it
    needs: tuple[str, ...]  # roles whose signature is wanting


def leaning(desk: Desk, now: datetime) -> list[Leaning]:
    """By notice: what was approved, has not ended and was not withdrawn, but for stolen keys."""
    book = desk.book.records()
    trusting = People(tuple(replace(p, void_from=None) for p in desk.people.people))
    today = {s.sha256: s for s in desk.standings()}
    before = in_force(standings(desk.book.statements(), book, trusting))
    found = []
    for _, known in sorted(before.items()):
        standing = today[known.sha256]
        # An alarm of a stolen duty key is not signed again: who is on duty raises it anew if it is true.
        if known.statement.end <= now or standing.withdrawn or known.statement.is_emergency:
            continue
        if needs := _needs(desk, standing):
            found.append(Leaning(standing, standing.approval is None, needs))
    return found


def _needs(desk: Desk, standing: Standing) -> tuple[str, ...]:
    """The roles whose signature no other person has given; empty when nothing is wanting."""
    sha = standing.sha256
    solid = [r for r in desk.book.records(sha).get(sha, []) if not stolen(r.person, desk.people)]
    if isinstance(approval(standing.statement, solid, desk.people), Approval):
        return ()
    acts = {r.act for r in solid if effective(r, sha, desk.people)}
    return tuple(role for role, act in (("author", "submit"), ("approver", "approve")) if act not in acts)


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
    every = {s.sha256: s for s in desk.standings()}
    return [every[statement.sha256] for statement in wanted]
