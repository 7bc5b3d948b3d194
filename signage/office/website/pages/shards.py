"""Which word stands in which notices, kept between plans: one notice more touches only the files of its words.

A notice's place is its rank by date among all that were ever approved, so that one more at the end moves no
other and one that is taken back leaves a hole. A word's places are kept as the very JSON that is written,
each as its distance from the one before: a tenth of what Python's own numbers would need.
Pure but for `load` and `save`, which the office's own disk answers (`website.state`).
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, zip_longest
from typing import Any

from ....wire import sha256
from ..views import Published

HEADS, BODIES = "a", "b"  # titles, numbers, summaries, hamlets, kinds; words of bodies
EVERYWHERE = 0.5  # a body's word in more than this share of many notices tells them not apart
MANY = 200  # notices
REBUILT = 0.3  # share of changed places from which all is counted afresh

Spots = dict[tuple[str, str, str], int]  # tier, folded, as written ("" in bodies) → where it stands
Place = tuple[str, Published | None]  # what stands there, by its key; "" and None for a hole


class Posting:
    """The places of one word."""

    __slots__ = ("count", "last", "step", "text")

    def __init__(self, step: int, text: bytes = b"", last: int = 0, count: int = 0) -> None:
        self.step, self.text, self.last, self.count = step, bytearray(text), last, count

    def add(self, place: int, where: int) -> None:
        """One place more, which it does not have."""
        if not self.count or place > self.last:
            value = (place - self.last) * self.step + (where if self.step > 1 else 0)
            self.text += b",%d" % value if self.count else b"%d" % value
            self.last, self.count = place, self.count + 1
            return
        before, begin = self._before(place)
        following, _, rest = bytes(self.text[begin:]).partition(b",")
        mine = (place - before) * self.step + (where if self.step > 1 else 0)
        self.text[begin:] = b",".join([b"%d,%d" % (mine, int(following) - (place - before) * self.step), *_some(rest)])
        self.count += 1

    def remove(self, place: int) -> None:
        """One place less, which it has."""
        before, begin = self._before(place)
        mine, _, rest = bytes(self.text[begin:]).partition(b",")
        if place == self.last:
            del self.text[max(begin - 1, 0) :]
            self.last = before
        else:
            following, _, rest = rest.partition(b",")
            moved = int(following) + int(mine) // self.step * self.step
            self.text[begin:] = b",".join([b"%d" % moved, *_some(rest)])
        self.count -= 1

    def places(self) -> dict[int, int]:
        """Each place, and where the word stands there."""
        step = self.step
        values = self._values()
        return dict(zip(self._ends(values), [value % step if step > 1 else 1 for value in values], strict=True))

    def _values(self) -> list[int]:
        return list(json.loads(b"[%b]" % bytes(self.text)))

    def _ends(self, values: list[int]) -> list[int]:
        step = self.step
        return list(accumulate(values if step == 1 else [value // step for value in values]))

    def _before(self, place: int) -> tuple[int, int]:
        """Of the first entry that is not before `place`: the place before it, and where its text begins."""
        ends = self._ends(self._values())
        number = bisect_left(ends, place)
        begin = len(self.text) - len(self.text.split(b",", number)[number])
        return ends[number - 1] if number else 0, begin


def _some(text: bytes) -> list[bytes]:
    return [text] if text else []


class Index:
    """All words, and the files that hold them."""

    def __init__(
        self, read: Callable[[Published], Spots], split: Callable[[Mapping[str, str]], dict[str, str]]
    ) -> None:
        self._read, self._split = read, split
        self.words: dict[str, dict[str, dict[str, Posting]]] = {HEADS: {}, BODIES: {}}
        self.groups: dict[str, dict[str, dict[str, str]]] = {HEADS: {}, BODIES: {}}  # tier → group → file → SHA-256
        self.placed: list[Place] = []
        self.changed: set[tuple[str, str]] = set()  # words whose places changed since `clean`
        self.fetch: Callable[[Index], None] | None = None  # brings `words` from the disk when they are first wanted
        self._members: dict[str, dict[str, set[str]]] = {}
        self._common: set[str] = set()
        self._made: dict[tuple[str, str], dict[str, str]] = {}  # files of the groups that the last update touched

    def update(self, wanted: Sequence[Place], group: Callable[[str], str]) -> None:
        """Make it the index of `wanted`."""
        self._made = {}
        pairs = zip_longest(self.placed, wanted, fillvalue=("", None))
        changed = [(n, old[1], new[1]) for n, (old, new) in enumerate(pairs) if old[0] != new[0]]
        lost = {n for n, old, _ in changed if old is None and n < len(self.placed) and self.placed[n][0]}
        if not changed:
            self.placed = list(wanted)
            return
        if len(changed) > REBUILT * len(wanted):
            self.words, self.groups, self._common = {HEADS: {}, BODIES: {}}, {HEADS: {}, BODIES: {}}, set()
            self.fetch, self._members, self.changed = None, {HEADS: {}, BODIES: {}}, {("", "")}
            lost = set()
            changed = [(n, None, item) for n, (_, item) in enumerate(wanted) if item is not None]
        self._bring(group)
        touched: dict[str, set[str]] = {HEADS: set(), BODIES: set()}
        forgotten = self._standing_at(lost)
        for place, old, new in changed:
            was = self._read(old) if old else forgotten.get(place, {})
            self._change(place, was, self._read(new) if new else {}, touched)
        self.placed = list(wanted)
        self._regroup(touched, group)

    def settle(self) -> None:
        """What the last update changed is kept elsewhere."""
        self.changed, self._made = set(), {}

    def _bring(self, group: Callable[[str], str]) -> None:
        if self.fetch:
            self.fetch(self)
            self.fetch = None
            self._common = self._everywhere()
            self._members = {}
        if not self._members:
            self._members = {tier: defaultdict(set) for tier in (HEADS, BODIES)}
            for tier, words in self.words.items():
                for word in words:
                    self._members[tier].setdefault(group(word), set()).add(word)

    def _change(self, place: int, was: Spots, now: Spots, touched: dict[str, set[str]]) -> None:
        for spot, where in was.items():
            if now.get(spot) != where:
                tier, word, form = spot
                forms = self.words[tier][word]
                forms[form].remove(place)
                if not forms[form].count:
                    del forms[form]
                touched[tier].add(word)
        for spot, where in now.items():
            if was.get(spot) != where:
                tier, word, form = spot
                forms = self.words[tier].setdefault(word, {})
                posting = forms.get(form)
                if posting is None:
                    posting = forms[form] = Posting(8 if tier == HEADS else 1)
                posting.add(place, where)
                touched[tier].add(word)

    def _standing_at(self, places: set[int]) -> dict[int, Spots]:
        """The words at places whose notices this process never saw: every word is looked through once."""
        found: dict[int, Spots] = {place: {} for place in places}
        if places:
            for tier, word, form, posting in self.postings():
                spots = posting.places()
                for place in places & spots.keys():
                    found[place][tier, word, form] = spots[place]
        return found

    def postings(self, some: Iterable[tuple[str, str]] | None = None) -> Iterator[tuple[str, str, str, Posting]]:
        """Every word in every form, or some words (tier, word)."""
        every = ((tier, word) for tier, words in self.words.items() for word in words)
        for tier, word in every if some is None else some:
            for form, posting in self.words[tier].get(word, {}).items():
                yield tier, word, form, posting

    def _everywhere(self) -> set[str]:
        live = sum(1 for key, _ in self.placed if key)
        if live <= MANY:
            return set()
        return {word for word, forms in self.words[BODIES].items() if forms[""].count > EVERYWHERE * live}

    def _regroup(self, touched: dict[str, set[str]], group: Callable[[str], str]) -> None:
        for tier, words in touched.items():
            for word in words:
                self.changed.add((tier, word))
                if self.words[tier][word]:
                    self._members[tier].setdefault(group(word), set()).add(word)
                else:
                    del self.words[tier][word]
                    self._members[tier][group(word)].discard(word)
        common = self._everywhere()
        stale = {HEADS: {group(word) for word in touched[HEADS]},
                 BODIES: {group(word) for word in touched[BODIES] | (common ^ self._common)}}  # fmt: skip
        self._common = common
        for tier, names in stale.items():
            for name in names:
                texts = self._made[tier, name] = self._texts(tier, name)
                self.groups[tier][name] = {file: sha256(text.encode()) for file, text in texts.items()}
                if not self.groups[tier][name]:
                    del self.groups[tier][name]

    def _texts(self, tier: str, name: str) -> dict[str, str]:
        words = self._members[tier].get(name, set())
        return self._split(
            {word: self._json(tier, word) for word in words if tier == HEADS or word not in self._common}
        )

    def _json(self, tier: str, word: str) -> str:
        forms = self.words[tier][word]
        if tier == BODIES:
            return f"[{forms[''].text.decode()}]"
        return "{" + ",".join(f"{quoted(form)}:[{forms[form].text.decode()}]" for form in sorted(forms)) + "}"

    def files(self) -> Iterator[tuple[str, str, str, str]]:
        """(tier, group, file, SHA-256) of each file."""
        for tier, groups in self.groups.items():
            for group, files in groups.items():
                for file, digest in files.items():
                    yield tier, group, file, digest

    def text(self, tier: str, group: str, file: str, key: Callable[[str], str]) -> bytes:
        """What stands in one file."""
        if (tier, group) not in self._made:
            self._bring(key)
            return self._texts(tier, group)[file].encode()
        return self._made[tier, group][file].encode()


def quoted(value: Any) -> str:
    """JSON as the search's files have it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
