"""Where every statement stands: waiting, approved, superseded, withdrawn, hidden.

The authority is the signed `people.json`, not the office's `people.toml`: a changed settings file
approves nobody until the offline key has signed it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from ..dossier import Dossier
from ..errors import Problem
from ..review import Approval, People, Record, Statement, approval, effective, withdrawal

MAY_HIDE = ("author", "approver", "duty")


@dataclass(frozen=True)
class Note:
    """Why somebody sent a statement back. Nobody signed it: it blocks nothing and proves nothing."""

    person: str
    at: datetime
    words: str


@dataclass(frozen=True)
class Standing:
    """One statement and what people have said about it."""

    statement: Statement
    sha256: str
    approval: Approval | None
    why: str  # the code of why it is not approved, "" when it is
    withdrawn: Record | None
    hidden: bool
    submitted: Record | None  # the author's record, when one counts

    @property
    def brief(self) -> Brief:
        return Brief(
            self.sha256, self.statement.notice, self.statement.digest,
            _seconds(self.approval), _seconds(self.withdrawn), self.submitted is not None,
        )  # fmt: skip

    @cached_property
    def dossier(self) -> Dossier:
        """What boards fetch of it when it is approved: it, and the records that approve it."""
        assert self.approval is not None
        return Dossier(self.statement.to_bytes(), tuple(record.sealed.data for record in self.approval.records))


class Brief(NamedTuple):
    """What is asked of every statement of the archive; moments in seconds since 1970."""

    sha256: str
    notice: str
    digest: str
    approved: int | None
    withdrawn: int | None
    submitted: bool

    @property
    def rank(self) -> tuple[int, str]:
        """Of two statements of one notice the one with the higher rank counts."""
        return self.approved or self.withdrawn or 0, self.sha256


def _seconds(said: Approval | Record | None) -> int | None:
    return int(said.at.timestamp()) if said else None


def standings(
    statements: Mapping[str, Statement], records: Mapping[str, Iterable[Record]], people: People,
    seen: Mapping[str, datetime] | None = None,
) -> list[Standing]:  # fmt: skip
    """The standing of each statement; `seen`: when the office first saw each record, where it keeps a log."""
    return [
        _standing(sha, s, [r for r in records.get(sha, ()) if _in_time(r, people, seen)], people)
        for sha, s in statements.items()
    ]


def _in_time(record: Record, people: People, seen: Mapping[str, datetime] | None) -> bool:
    """Of a stolen key only what the office had seen before the theft: the date in a record is the signer's word."""
    person = people.get(record.person)
    if seen is None or person is None or person.void_from is None:
        return True
    first = seen.get(record.sha256)
    return first is not None and first < person.void_from


def _standing(sha: str, statement: Statement, records: list[Record], people: People) -> Standing:
    answer = approval(statement, records, people)
    good = [r for r in records if effective(r, sha, people)]
    submits = [r for r in good if r.act == "submit" and r.role == "author"]
    return Standing(
        statement, sha,
        answer if isinstance(answer, Approval) else None,
        answer if isinstance(answer, str) else "",
        withdrawal(sha, records, people),
        is_hidden(good),
        min(submits, key=lambda r: r.at, default=None),
    )  # fmt: skip


def is_hidden(records: list[Record]) -> bool:
    """Whether those who may have hidden it, and no approver has shown it since; of records that count."""
    hides = [r.at for r in records if r.act == "hide" and r.role in MAY_HIDE]
    shows = [r.at for r in records if r.act == "show" and r.role == "approver"]
    return bool(hides) and max(hides) >= max(shows, default=min(hides))


def in_force(found: Iterable[Standing]) -> dict[str, Standing]:
    """For each notice the approved statement that counts: the one approved last.

    What was taken back stays so when its approval falls with a stolen key: no older one comes back in its place.
    """
    every = {standing.sha256: standing for standing in found}
    winners = briefly_in_force(standing.brief for standing in every.values())
    return {ident: every[brief.sha256] for ident, brief in winners.items()}


def briefly_in_force(found: Iterable[Brief]) -> dict[str, Brief]:
    """The same in brief, by notice, in order."""
    newest: dict[str, Brief] = {}
    for brief in found:
        if brief.approved is None and brief.withdrawn is None:
            continue
        old = newest.get(brief.notice)
        if old is None or brief.rank > old.rank:
            newest[brief.notice] = brief
    return {ident: brief for ident, brief in sorted(newest.items()) if brief.approved is not None}


def still_waiting(found: Iterable[Standing], digests: Mapping[str, str]) -> list[Standing]:
    """Submitted, not approved, and still what the officer's file says; the newest of each notice, by id.

    `digests`: of the folder's good notices.
    """
    newest: dict[str, Standing] = {}
    for standing in found:
        statement, submitted = standing.statement, standing.submitted
        if standing.approval or standing.withdrawn or submitted is None:
            continue
        if digests.get(statement.notice) != statement.digest:
            continue
        old = newest.get(statement.notice)
        if old is None or old.submitted is None or submitted.at > old.submitted.at:
            newest[statement.notice] = standing
    return sorted(newest.values(), key=lambda s: s.statement.notice)


def unapproved(
    digests: Mapping[str, str], broken: Container[str], every: Iterable[Brief], approved: Mapping[str, Brief],
    notes: Mapping[str, Note],
) -> list[Problem]:  # fmt: skip
    """A warning for each notice of the folder that is not in force as it is written, and for each file that is gone.

    `digests`: of the folder's good notices; `broken`: the ids of the others; `approved`: those of `every` in force.
    """
    found: list[Problem] = []
    waiting = {(b.notice, b.digest): b for b in every if b.submitted and b.withdrawn is None}
    for ident, digest in digests.items():
        old, values = approved.get(ident), {"notice": ident}
        if old and old.digest == digest:
            continue
        if waits := waiting.get((ident, digest)):
            note, code = notes.get(waits.sha256), "waits-for-approval"
            values = {**values, "statement": waits.sha256}
            if note:
                code, values = "sent-back", {**values, "person": note.person, "words": note.words}
        else:
            code = "changed-after-approval" if old and old.withdrawn is None else "not-submitted"
        found.append(Problem(code, f"{ident}.md", severity="warning", values=values))
    for ident, old in approved.items():
        if ident not in digests and ident not in broken and old.withdrawn is None:
            found.append(Problem("file-gone", f"{ident}.md", severity="warning", values={"notice": ident}))
    return found
