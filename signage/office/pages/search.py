"""The search's index: small files that a browser asks for by what is typed, whatever the size of the archive.

    tim/c.json        how many notices, rows per file, which files there are, what to choose among
    tim/a-<ab>.json   words that begin with “ab” in titles, numbers, summaries, hamlets, kinds:
                      {folded: {as written: [delta of the notice's place * 8 + where it stands]}}
    tim/b-<ab>.json   words of bodies, folded: {word: [delta of the notice's place]}
    tim/d/<n>.json    rows to show, ROWS to a file, in order of date

A file that grows large is split by one letter more (a-than.json beside a-thon.json, and a-tho.json for the word
“tho” itself): a word is in the file with the longest name that it begins with.
A notice's place is its rank by date: one more at the end moves no other. Words are folded as
`lettering.folded` does; `theme/static/tim.js` folds what is typed alike. Pure.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...lettering import folded, nfc
from ...notice.vocabulary import KINDS
from ...schedule import VIETNAM_TIME
from ...settings import Settings
from ..views import Published, day
from .page import Output, Page, sources

ROWS = 8  # rows of one file: what is found lies far apart
LARGE = 12_000  # characters of a file that is split if it can be; a third of it on the wire
IN_TITLE, IN_NUMBER, ELSEWHERE = 1, 2, 4  # where a word stands
MAX_WORD = 24  # letters of a word that is indexed
EVERYWHERE = 0.5  # a body's word in more than this share of many notices tells them not apart
MANY = 200  # notices
# What people call it, beside what the office does.
ALSO = {
    "cat-dien": "cắt điện, mất điện, cúp điện", "cat-nuoc": "cắt nước, mất nước, cúp nước",
    "tiep-dan": "tiếp dân, gặp chủ tịch, gặp lãnh đạo", "tiem-chung": "tiêm phòng, chích ngừa, vắc xin",
    "thien-tai": "mưa bão, lũ lụt, sạt lở", "tuyen-quan": "đi bộ đội, khám tuyển nghĩa vụ",
    "dau-gia": "bán đấu giá, thuê đất", "ket-qua-tthc": "trả hồ sơ, một cửa", "duong-cam": "cấm đường, chặn đường",
    "phan-anh": "kiến nghị, hỏi đáp", "chay-rung": "cháy rừng", "lay-y-kien": "góp ý",
}  # fmt: skip
_WORD = re.compile(r"\d+|[^\W\d_]+")

Postings = dict[str, dict[str, dict[int, int]]]  # folded → as written → place → where


def words(text: str) -> Iterator[tuple[str, str]]:
    """(folded, as written in lower case) of each word; a number without leading zeros."""
    for found in _WORD.findall(nfc(text).lower()):
        word = (found.lstrip("0") or "0") if found.isdecimal() else found
        if len(word) <= MAX_WORD:
            yield folded(word), word


def key(word: str) -> str:
    """Which file holds a folded word while files are small: its first two letters."""
    return word[:2] if word[:2].isascii() else "__"


def search(notices: Sequence[Published], settings: Settings) -> tuple[Page, dict[str, Output]]:
    """The page, and its index; `notices` from the oldest."""
    hamlets = {h.id: h.name for h in settings.hamlets}
    heads: Postings = defaultdict(lambda: defaultdict(dict))
    bodies: dict[str, dict[int, int]] = defaultdict(dict)
    for place, item in enumerate(notices):
        for where, text in _fields(item, hamlets):
            for fold, word in words(text):
                spots = heads[fold][word]
                spots[place] = spots.get(place, 0) | where
        for label in _labels(item):
            heads[label][""][place] = ELSEWHERE
        for fold, _ in words(item.notice.body):
            bodies[fold][place] = 1
    limit = EVERYWHERE * len(notices) if len(notices) > MANY else len(notices)
    told = sources(notices)
    first = _shards({word: _json(_written(forms)) for word, forms in heads.items()})
    second = _shards({w: _json(_deltas(spots, 1)) for w, spots in bodies.items() if len(spots) <= limit})
    card = {**_card(notices, settings), "a": sorted(first), "b": sorted(second)}
    files = {"tim/c.json": _json(card)}
    files |= {f"tim/a-{name}.json": text for name, text in first.items()}
    files |= {f"tim/b-{name}.json": text for name, text in second.items()}
    for start in range(0, len(notices), ROWS):
        files[f"tim/d/{start // ROWS}.json"] = _json([_row(item) for item in notices[start : start + ROWS]])
    page = Page("tim-kiem.html", "search.html", values={"kinds": _present(notices), "hamlets": list(hamlets.items())})
    return page, {name: Output(text.encode(), told) for name, text in files.items()}


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


def _written(forms: Mapping[str, Mapping[int, int]]) -> dict[str, list[int]]:
    return {word: _deltas(spots, 8) for word, spots in sorted(forms.items())}


def _deltas(spots: Mapping[int, int], step: int) -> list[int]:
    """Places in order, each as the distance from the one before; below `step` what else is told."""
    found, last = [], 0
    for place in sorted(spots):
        found.append((place - last) * step + (spots[place] if step > 1 else 0))
        last = place
    return found


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
            shards[name] = "{" + ",".join(f"{_json(word)}:{index[word]}" for word in held) + "}"
    return shards


def _row(item: Published) -> list[Any]:
    notice = item.notice
    number = notice.document.number if notice.document else ""
    return [notice.url, notice.title, notice.summary, number, notice.kind, day(notice.date), day(notice.end)]


def _card(notices: Sequence[Published], settings: Settings) -> dict[str, Any]:
    years = sorted({i.notice.date.astimezone(VIETNAM_TIME).year for i in notices}, reverse=True)
    return {
        "v": 1, "n": len(notices), "rows": ROWS, "kinds": dict(_present(notices)), "years": years,
        "hamlets": {h.id: h.name for h in settings.hamlets},
    }  # fmt: skip


def _present(notices: Iterable[Published]) -> list[tuple[str, str]]:
    present = {i.notice.kind for i in notices}
    return [(kind, name) for kind, name in KINDS.items() if kind in present]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
