"""English for structure, organisation and contacts.

A page of the commune's own whose slug begins with `en-` stands at `en/<rest>.html`; until one is
approved, what the settings say stands at `en/index.html` and `en/organisation.html`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

from ....settings import Settings
from ..views import Published
from .page import Page, sources

# Pages that say the same in both languages: Vietnamese, English.
TWINS = (
    ("index.html", "en/index.html"), ("gioi-thieu.html", "en/organisation.html"),
    ("lien-he.html", "en/contact.html"), ("thu-tuc.html", "en/procedures.html"),
)  # fmt: skip
_UNITS = {
    "xã": "commune", "phường": "ward", "đặc khu": "special zone", "tỉnh": "province", "thành phố": "city",
}  # fmt: skip


def twin(url: str, known: Container[str]) -> str:
    """The address of the same page in the other language, when there is one; else ""."""
    for pair in TWINS:
        if url in pair:
            other = pair[1 - pair.index(url)]
            return other if other in known or other in ALWAYS else ""
    return ""


ALWAYS = ("index.html", "gioi-thieu.html", "en/index.html", "en/organisation.html")  # these are never missing


def translated(name: str) -> str:
    """`Đồng Mẫu commune` for `xã Đồng Mẫu`; unchanged when its unit is not known."""
    for unit, word in _UNITS.items():
        if name.casefold().startswith(f"{unit} "):
            return f"{name[len(unit) + 1 :]} {word}"
    return name


def english(pages: Sequence[Published], settings: Settings) -> Iterator[Page]:
    """`en/index.html` and `en/organisation.html`, where the commune has no page of its own there."""
    own = [i for i in pages if i.notice.is_english]
    commune, known = settings.commune, {i.notice.url for i in own}
    values: dict[str, Any] = {
        "name": translated(commune.name), "province": translated(commune.province),
        "hamlets": [h.name for h in settings.hamlets],
        "own": [[i.notice.title, i.notice.url] for i in own if i.notice.url not in ALWAYS],
    }  # fmt: skip
    for url, title in (("en/index.html", "About this website"), ("en/organisation.html", "Organisation and contacts")):
        if url not in known:
            more = {"title": title, "url": url, "twin": twin(url, known)}
            yield Page(url, "english_settings.html", sources(own), values={**values, **more})
