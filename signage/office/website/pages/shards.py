"""Which word stands in which notices, kept between plans: one notice more touches only the files of its words.

A notice's place is its rank by date among all that were ever approved, so that one more at the end moves no
other and one that is taken back leaves a hole. A word's places are kept as the very JSON that is written,
each as its distance from the one before: a tenth of what Python's own numbers would need. Words are kept in
groups by how they begin; a new process asks the office's disk (`Backing`) for those that a change touches.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, zip_longest
from typing import Any, Protocol

import msgspec

from ....wire import sha256
from ..views import Published

HEADS, BODIES = "a", "b"  # titles, numbers, summaries, hamlets, kinds; words of bodies
EVERYWHERE = 0.5  # a body's word in more than this share of many notices tells them not apart
MANY = 200  # notices
REBUILT = 0.3  # share of changed places from which all is counted afresh

_NUMBERS = msgspec.json.Decoder(list[int])

Spots = dict[tuple[str, str, str], int]  # tier, folded, as written ("" in bodies) → where it stands
Place = tuple[str, Published | None]  # what stands there, by its key; "" and None for a hole
Words = dict[str, "dict[str, Posting]"]  # folded → as written → places


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
        return _NUMBERS.decode(b"[%b]" % bytes(self.text))

    def _ends(self, values: list[int]) -> list[int]:
        step = self.step
        return list(accumulate(values if step == 1 else [value // step for value in values]))

    def _before(self, place: int) -> tuple[int, int]:
        """Of the first entry that is not before `place`: the place before it, and where its text begins."""
        values = self._values()
        ends = self._ends(values)
        number = bisect_left(ends, place)
        begin = len(msgspec.json.encode(values[:number])) - 1 if number else 0  # a bracket less, a comma more
        return ends[number - 1] if number else 0, begin


def _some(text: bytes) -> list[bytes]:
    return [text] if text else []


class Backing(Protocol):
    """What was kept by another process; each raises `LookupError` when it is not there as it was left."""

    def group(self, tier: str, name: str) -> Words:
        """Words of one group."""

    def counts(self) -> dict[str, int]:
        """In how many bodies each word stands."""

    def spots(self, place: int) -> bytes:
        """The words of one place, packed."""


class Index:
    """All words, and the files that hold them.

    `read` tells a notice's words, `group` to which group a word belongs, `split` which files a group fills.
    """

    def __init__(
        self, read: Callable[[Published], Spots], group: Callable[[str], str],
        split: Callable[[Mapping[str, str]], dict[str, str]],
    ) -> None:  # fmt: skip
        self._read, self.group_of, self._split = read, group, split
        self.backing: Backing | None = None
        self.files_of: dict[str, dict[str, dict[str, str]]] = {HEADS: {}, BODIES: {}}  # tier, group, file → SHA-256
        self.placed: list[Place] = []
        self.anew = True  # everything was counted afresh since `settle`
        self.changed: set[tuple[str, str]] = set()  # words whose places changed since then
        self.moved: dict[int, bytes] = {}  # places that changed since then, and what stands there, packed
        self._words: dict[str, Words] = {HEADS: {}, BODIES: {}}  # by tier; not all, while there is a backing
        self._members: dict[tuple[str, str], set[str]] = {}  # words of a group that is here
        self._counts: dict[str, int] | None = None  # body's word → notices
        self._common: set[str] = set()
        self._made: dict[tuple[str, str], dict[str, bytes]] = {}  # files of the groups that the last update touched

    def update(self, wanted: Sequence[Place]) -> None:
        """Make it the index of `wanted`."""
        self._made = {}
        try:
            self._renew(wanted)
        except (LookupError, ValueError):
            if self.backing is None:
                raise
            self._empty()  # what was kept does not fit together: it is believed no longer
            self.placed = []
            self._renew(wanted)

    def _renew(self, wanted: Sequence[Place]) -> None:
        pairs = zip_longest(self.placed, wanted, fillvalue=("", None))
        changed = [(n, old, new) for n, (old, new) in enumerate(pairs) if old[0] != new[0]]
        if len(changed) > REBUILT * len(wanted):
            self._empty()
            changed = [(n, ("", None), new) for n, new in enumerate(wanted)]
        if changed:
            self._know_counts()
            touched: dict[str, set[str]] = {HEADS: set(), BODIES: set()}
            for place, old, new in changed:
                self._change(place, self._standing_at(place, old), self._read(new[1]) if new[1] else {}, touched)
            self._regroup(touched, wanted)
        self.placed = list(wanted)

    def settle(self) -> None:
        """What the last updates changed is kept elsewhere."""
        self.anew, self.changed, self.moved, self._made = False, set(), {}, {}

    def _empty(self) -> None:
        self.backing, self.anew = None, True
        self.files_of, self._words = {HEADS: {}, BODIES: {}}, {HEADS: {}, BODIES: {}}
        self._members = {}
        self._counts, self._common = {}, set()
        self.changed, self.moved = set(), {}

    def _know_counts(self) -> None:
        if self._counts is None:
            self._counts = self.backing.counts() if self.backing else {}
            self._common = self._everywhere(self.placed)

    def _group(self, tier: str, name: str) -> set[str]:
        """One group's words, brought from the disk when they are first asked for."""
        found = self._members.get((tier, name))
        if found is None:
            kept = self.backing.group(tier, name) if self.backing else {}
            found = self._members[tier, name] = set(kept)
            self._words[tier] |= kept
        return found

    def _forms(self, tier: str, word: str) -> dict[str, Posting]:
        """A word as it is written here and there."""
        found = self._words[tier].get(word)
        if found is None:
            self._group(tier, self.group_of(word)).add(word)
            found = self._words[tier].setdefault(word, {})
        return found

    def _standing_at(self, place: int, old: Place) -> Spots:
        kept, item = old
        if item is not None:
            return self._read(item)
        return _unpacked(self.backing.spots(place)) if kept and self.backing else {}

    def _change(self, place: int, was: Spots, now: Spots, touched: dict[str, set[str]]) -> None:
        assert self._counts is not None
        self.moved[place] = _packed(now)
        for spot in [spot for spot, where in was.items() if now.get(spot) != where]:
            tier, word, form = spot
            forms = self._forms(tier, word)
            forms[form].remove(place)
            if not forms[form].count:
                del forms[form]
            touched[tier].add(word)
        for spot, where in now.items():
            if was.get(spot) != where:
                tier, word, form = spot
                forms = self._forms(tier, word)
                posting = forms.get(form)
                if posting is None:
                    posting = forms[form] = Posting(8 if tier == HEADS else 1)
                posting.add(place, where)
                touched[tier].add(word)

    def _everywhere(self, places: Sequence[Place]) -> set[str]:
        live = sum(1 for kept, _ in places if kept)
        counts = (self._counts or {}).items()
        return {word for word, count in counts if count > EVERYWHERE * live} if live > MANY else set()

    def _regroup(self, touched: dict[str, set[str]], wanted: Sequence[Place]) -> None:
        assert self._counts is not None
        for tier, some in touched.items():
            for word in some:
                self.changed.add((tier, word))
                forms = self._forms(tier, word)
                if tier == BODIES:
                    self._counts[word] = forms[""].count if forms else 0
                if not forms:
                    self._group(tier, self.group_of(word)).discard(word)
                    del self._words[tier][word]
        common = self._everywhere(wanted)
        stale = {HEADS: {self.group_of(word) for word in touched[HEADS]},
                 BODIES: {self.group_of(word) for word in touched[BODIES] | (common ^ self._common)}}  # fmt: skip
        self._common = common
        for tier, names in stale.items():
            for name in names:
                texts = self._made[tier, name] = self._texts(tier, name)
                self.files_of[tier][name] = {file: sha256(text) for file, text in texts.items()}
                if not texts:
                    del self.files_of[tier][name]

    def _texts(self, tier: str, name: str) -> dict[str, bytes]:
        words = [word for word in self._group(tier, name) if tier == HEADS or word not in self._common]
        texts = self._split({word: _json(tier, self._words[tier][word]) for word in words})
        return {file: text.encode() for file, text in texts.items()}

    def files(self) -> Iterator[tuple[str, str, str, str]]:
        """(tier, group, file, SHA-256) of each file."""
        for tier, groups in self.files_of.items():
            for group, files in groups.items():
                for file, digest in files.items():
                    yield tier, group, file, digest

    def text(self, tier: str, group: str, file: str) -> bytes:
        """What stands in one file."""
        if (tier, group) not in self._made:
            self._know_counts()
            self._made[tier, group] = self._texts(tier, group)
        return self._made[tier, group][file]

    def postings(self) -> Iterator[tuple[str, str, str, str, Posting]]:
        """(tier, group, word, form, places) of what changed since `settle`."""
        some = self.changed
        if self.anew:
            some = {(tier, word) for tier, words in self._words.items() for word in words}
        for tier, word in some:
            for form, posting in self._words[tier].get(word, {}).items():
                yield tier, self.group_of(word), word, form, posting


def _packed(spots: Spots) -> bytes:
    """Ten thousand notices' words would need more memory than all the rest of a build."""
    lines = "\n".join(f"{tier}\t{word}\t{form}\t{where}" for (tier, word, form), where in spots.items())
    return zlib.compress(lines.encode(), 1)


def _unpacked(packed: bytes) -> Spots:
    try:
        lines = (line.split("\t") for line in zlib.decompress(packed).decode().splitlines())
        return {(tier, word, form): int(where) for tier, word, form, where in lines}
    except zlib.error as error:
        raise LookupError from error


def _json(tier: str, forms: Mapping[str, Posting]) -> str:
    if tier == BODIES:
        return f"[{forms[''].text.decode()}]"
    return "{" + ",".join(f"{quoted(form)}:[{forms[form].text.decode()}]" for form in sorted(forms)) + "}"


def quoted(value: Any) -> str:
    """JSON as the search's files have it."""
    return msgspec.json.encode(value).decode()
