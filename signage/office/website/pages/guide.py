"""Pages that lead: the site's map, the accessibility statement, questions and answers, what stands where nothing is.

Their words stand in the templates; here is only what changes with what is published.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ....settings import Settings
from ..look import Look
from .page import Page, sources
from .register import choices
from .shelves import Shelves

STATEMENT = "tiep-can.html"
ANSWER = "phan-anh"  # the kind of questions and their answers


def guides(shelves: Shelves, settings: Settings, look: Look) -> Iterator[Page]:
    """The four pages."""
    yield _map(shelves, settings)
    if STATEMENT not in {i.notice.url for i in shelves.own}:  # a commune may tell what it tested itself
        yield Page(STATEMENT, "accessibility.html")
    answers = [i for i in reversed(shelves.of_kind(ANSWER)) if not i.withdrawn_at]
    newest = answers[: look.per_page]
    values = {"all": f"loai/{ANSWER}.html" if len(answers) > len(newest) else ""}
    yield Page("phan-anh.html", "answers.html", items=newest, values=values)
    yield Page("404.html", "missing.html", values={"root": urlsplit(settings.commune.site).path + "/"})


def _map(shelves: Shelves, settings: Settings) -> Page:
    doctypes, years = choices(shelves)
    values = {
        "own": [[i.notice.title, i.notice.url] for i in shelves.own if not i.notice.is_english],
        "kinds": shelves.kinds, "hamlets": [[h.id, h.name] for h in settings.hamlets],
        "doctypes": doctypes, "years": years,
    }  # fmt: skip
    return Page("so-do.html", "site_map.html", sources(shelves.own), values=values)
