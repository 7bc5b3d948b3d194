"""Pages that lead: the site's map, the accessibility statement, questions and answers, what stands where nothing is.

Their words stand in the templates; here is only what changes with what is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ...settings import Settings
from ..look import Look
from ..views import Published
from .page import Page, kinds, rows, sources
from .register import parts

STATEMENT = "tiep-can.html"
ANSWER = "phan-anh"  # the kind of questions and their answers


def guides(notices: Sequence[Published], pages: Sequence[Published], settings: Settings, look: Look) -> Iterator[Page]:
    """The four pages; `pages`: the commune's own."""
    yield _map(notices, pages, settings)
    if STATEMENT not in {i.notice.url for i in pages}:  # a commune may tell what it tested itself
        yield Page(STATEMENT, "accessibility.html")
    answers = [i for i in reversed(notices) if i.notice.kind == ANSWER]
    newest = answers[: look.per_page]
    values = {"all": f"loai/{ANSWER}.html" if len(answers) > len(newest) else ""}
    yield Page("phan-anh.html", "answers.html", sources(newest), rows(newest), values)
    yield Page("404.html", "missing.html", values={"root": urlsplit(settings.commune.site).path + "/"})


def _map(notices: Sequence[Published], pages: Sequence[Published], settings: Settings) -> Page:
    doctypes, years = parts(notices)
    values = {
        "own": [[i.notice.title, i.notice.url] for i in pages if not i.notice.is_english],
        "kinds": kinds(notices), "hamlets": [[h.id, h.name] for h in settings.hamlets],
        "doctypes": doctypes, "years": years,
    }  # fmt: skip
    return Page("so-do.html", "site_map.html", sources(pages), values=values)
