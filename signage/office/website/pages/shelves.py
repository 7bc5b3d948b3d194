"""What is on the site, sorted once for all the pages that list some of it.

Numbered pages and the search count places, not notices: what was taken back keeps its place, so that no page
but its own changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from ....notice.vocabulary import KINDS, PAGE
from ....schedule import VIETNAM_TIME
from ..views import Published


class Shelves:
    """Everything that was ever approved, from the oldest."""

    def __init__(self, items: Sequence[Published]) -> None:
        ordered = sorted(items, key=lambda i: (i.notice.date, i.notice.id, i.statement))
        self.places = [i for i in ordered if i.notice.kind != PAGE]  # notices, with those that were taken back
        self.gone = [i for i in ordered if i.withdrawn_at]
        self.live = [i for i in ordered if not i.withdrawn_at]
        self.notices = [i for i in self.places if not i.withdrawn_at]
        self.own = [i for i in self.live if i.notice.kind == PAGE]  # the commune's pages
        present = {i.notice.kind for i in self.notices}
        self.kinds = [[kind, name] for kind, name in KINDS.items() if kind in present]

    @cached_property
    def emergencies(self) -> list[Published]:
        """Those of all notices that the duty person raised, with those that were taken back."""
        return [i for i in self.places if i.notice.alert is not None]

    @cached_property
    def documents(self) -> list[Published]:
        """Places of notices that are documents of the register."""
        return [i for i in self.places if i.notice.document is not None]

    @cached_property
    def of_kind(self) -> dict[str, list[Published]]:
        """Places by kind."""
        found: dict[str, list[Published]] = defaultdict(list)
        for item in self.places:
            found[item.notice.kind].append(item)
        return found

    @cached_property
    def of_hamlet(self) -> dict[str, list[Published]]:
        """Places by hamlet, without what is for the whole commune."""
        found: dict[str, list[Published]] = defaultdict(list)
        for item in self.places:
            for name in item.notice.hamlets:
                found[name].append(item)
        return found

    @cached_property
    def of_month(self) -> dict[tuple[int, int], list[Published]]:
        """Notices by year and month."""
        found: dict[tuple[int, int], list[Published]] = defaultdict(list)
        for item in self.notices:
            at = item.notice.date.astimezone(VIETNAM_TIME)
            found[at.year, at.month].append(item)
        return found

    @cached_property
    def newest(self) -> list[Published]:
        """Notices by the moment of approval, the last first."""
        return sorted(self.notices, key=lambda i: (i.approved_at, i.notice.id), reverse=True)
