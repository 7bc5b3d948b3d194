"""The search's index: small files that a browser asks for by what is typed, whatever the size of the archive.

    tim/c.json        how many places, rows per file, which files there are, what to choose among
    tim/a-<ab>.json   words that begin with “ab” in titles, numbers, summaries, hamlets, kinds:
                      {folded: {as written: [delta of the notice's place * 8 + where it stands]}}
    tim/b-<ab>.json   words of bodies, folded: {word: [delta of the notice's place]}
    tim/d/<n>.json    rows to show, ROWS to a file, in order of date

A file that grows large is split by one letter more (a-than.json beside a-thon.json, and a-tho.json for the word
“tho” itself): a word is in the file with the longest name that it begins with.
A notice's place is its rank by date among all that were ever approved (`shards`); what was taken back leaves
an empty row. Words are folded as `lettering.folded` does; `theme/static/tim.js` folds what is typed alike. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from ....lettering import folded, nfc
from ....notice.vocabulary import KINDS
from ....schedule import VIETNAM_TIME
from ....settings import Settings
from ....wire import sha256
from ..views import Published, day
from .page import Output, Page
from .shards import BODIES, HEADS, Index, Place, Spots, quoted
from .shelves import Shelves

ROWS = 8  # rows of one file: what is found lies far apart
LARGE = 12_000  # characters of a file that is split if it can be; a third of it on the wire
IN_TITLE, IN_NUMBER, ELSEWHERE = 1, 2, 4  # where a word stands
MAX_WORD = 24  # letters of a word that is indexed
KEPT_WORDS = 1 << 15  # folded words remembered: few stand in most texts
# What people call it, beside what the office does.
ALSO = {
    "cat-dien": "cắt điện, mất điện, cúp điện", "cat-nuoc": "cắt nước, mất nước, cúp nước",
    "tiep-dan": "tiếp dân, gặp chủ tịch, gặp lãnh đạo", "tiem-chung": "tiêm phòng, chích ngừa, vắc xin",
    "thien-tai": "mưa bão, lũ lụt, sạt lở", "tuyen-quan": "đi bộ đội, khám tuyển nghĩa vụ",
    "dau-gia": "bán đấu giá, thuê đất", "ket-qua-tthc": "trả hồ sơ, một cửa", "duong-cam": "cấm đường, chặn đường",
    "phan-anh": "kiến nghị, hỏi đáp", "chay-rung": "cháy rừng", "lay-y-kien": "góp ý",
}  # fmt: skip
_WORD = re.compile(r"\d+|[^\W\d_]+")


def words(text: str) -> Iterator[tuple[str, str]]:
    """(folded, as written in lower case) of each word, once each; a number without leading zeros."""
    return filter(None, map(_indexed, dict.fromkeys(_WORD.findall(nfc(text).lower()))))


@lru_cache(KEPT_WORDS)
def _indexed(found: str) -> tuple[str, str] | None:
    word = (found.lstrip("0") or "0") if found.isdecimal() else found
    return (folded(word), word) if len(word) <= MAX_WORD else None


def key(word: str) -> str:
    """Which file holds a folded word while files are small: its first two letters."""
    return word[:2] if word[:2].isascii() else "__"


def search(shelves: Shelves, settings: Settings, index: Index | None = None) -> tuple[Page, dict[str, Output]]:
    """The page, and its index.

    `index` is what the last plan left: only the words of what changed since are looked at.
    """
    hamlets, items = settings.hamlet_names, shelves.places
    index = index or words_index(settings)
    names = sha256(quoted(hamlets).encode())[:8]
    places: list[Place] = [(f"{i.statement} {names}", i) if not i.withdrawn_at else ("", None) for i in items]
    index.update(places)
    told = shelves.notices.sources
    files = {
        f"tim/{tier}-{file}.json": Output(
            digest, partial(index.text, tier, group, file), told
        )
        for tier, group, file, digest in index.files()
    }  # fmt: skip
    shards = {
        tier: sorted(file for files in groups.values() for file in files) for tier, groups in index.files_of.items()
    }
    files["tim/c.json"] = Output.of(quoted({**_card(shelves, settings), **shards}).encode(), told)
    for start in range(0, len(items), ROWS):
        some = items[start : start + ROWS]
        files[f"tim/d/{start // ROWS}.json"] = Output(
            sha256("\n".join(place for place, _ in places[start : start + ROWS]).encode()),
            partial(_rows, some), told,
        )  # fmt: skip
    page = Page("tim-kiem.html", "search.html", values={"kinds": shelves.kinds, "hamlets": list(hamlets.items())})
    return page, files


def words_index(settings: Settings) -> Index:
    """An index that has read nothing yet."""
    hamlets = settings.hamlet_names
    return Index(lambda item: _spots(item, hamlets), key, _shards)


def _spots(item: Published, hamlets: Mapping[str, str]) -> Spots:
    found: Spots = {}
    for where, text in _fields(item, hamlets):
        for fold, word in words(text):
            spot = (HEADS, fold, word)
            found[spot] = found.get(spot, 0) | where
    for label in _labels(item):
        found[HEADS, label, ""] = ELSEWHERE
    for fold, _ in words(item.notice.body):
        found[BODIES, fold, ""] = 1
    return found


def _fields(item: Published, hamlets: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    notice = item.notice
    yield IN_TITLE, notice.title
    if notice.document:
        yield IN_NUMBER, notice.document.number
        yield ELSEWHERE, notice.document.signer.name if notice.document.signer else ""
    yield ELSEWHERE, f"{KINDS[notice.kind]} {ALSO.get(notice.kind, '')} {notice.slug}"
    yield ELSEWHERE, notice.summary
    for name in notice.hamlets:
        yield ELSEWHERE, hamlets.get(name, name)


def _labels(item: Published) -> Iterator[str]:
    """What a visitor may choose: not words, and in files of their own."""
    notice = item.notice
    yield f"k_{notice.kind}"
    yield f"y_{notice.date.astimezone(VIETNAM_TIME).year}"
    yield from (f"h_{name}" for name in notice.hamlets)


def _shards(index: Mapping[str, str]) -> dict[str, str]:
    """Files by the first letters of their words, each a JSON object; `index` has values that are JSON already."""
    groups: dict[str, list[str]] = defaultdict(list)
    for word in sorted(index):
        groups[key(word)].append(word)
    shards: dict[str, str] = {}
    while groups:
        name, held = groups.popitem()
        if sum(len(index[word]) for word in held) > LARGE:
            more = len(name) + 1
            longer = [word for word in held if len(word) >= more and word[:more].isascii() and name != "__"]
            for word in longer:
                groups[word[:more]].append(word)
            held = sorted({*held}.difference(longer))
        if held:
            shards[name] = "{" + ",".join(f"{quoted(word)}:{index[word]}" for word in held) + "}"
    return shards


def _rows(items: Sequence[Published]) -> bytes:
    return quoted([None if item.withdrawn_at else _row(item) for item in items]).encode()


def _row(item: Published) -> list[Any]:
    notice = item.notice
    number = notice.document.number if notice.document else ""
    return [notice.url, notice.title, notice.summary, number, notice.kind, day(notice.date), day(notice.end)]


def _card(shelves: Shelves, settings: Settings) -> dict[str, Any]:
    years = sorted({year for year, _ in shelves.of_month}, reverse=True)
    return {
        "v": 1, "n": len(shelves.places), "rows": ROWS, "kinds": dict(shelves.kinds), "years": years,
        "hamlets": settings.hamlet_names,
    }  # fmt: skip
