"""A page of HTML and CSS as a PDF that can be printed and read aloud (PDF/UA), by WeasyPrint (the extra `[print]`).

Only files of this machine are looked at, never the network: what is printed needs our fonts and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .errors import Unavailable

FONTS = Path(__file__).parent / "fonts"


def laid_out(html: str) -> Any:
    """WeasyPrint's document, with its `pages`. Raises `Unavailable` (`print-extra`)."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # OSError: Pango itself is not on this machine
        raise Unavailable("print-extra", why=str(error).splitlines()[0]) from error
    return HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"file"})).render()


def written(document: Any) -> bytes:
    """A document as a PDF: the same bytes from the same page."""
    data: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"bangtin")
    return data


def pdf(html: str) -> bytes:
    """A page as a PDF, however many sheets it takes. Raises `Unavailable` (`print-extra`)."""
    return written(laid_out(html))
