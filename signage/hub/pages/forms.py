"""What a form sends, and whether a page of ours sent it.

Forms are read whole and limited. A browser says where a request comes from (Sec-Fetch-Site, or Origin in
older ones); a form of another site is refused before anything of it is looked at.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_FORM = 64 * 1024  # bytes
MAX_FIELDS = 500
MAX_NEXT = 500  # characters of an address to go on to
KIND = "application/x-www-form-urlencoded"
EXPIRED = "Trang này mở đã lâu hoặc không phải của lần đăng nhập này. Quay lại, tải lại trang rồi làm lại."
FOREIGN = "Biểu mẫu này không gửi từ trang của máy chủ."

Form = dict[str, list[str]]


async def read(request: Request) -> Form:
    """The fields; raises `HTTPException` (415, 413, 400)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise HTTPException(415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            raise HTTPException(413)
    fields: Form = {}
    try:
        told = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
        for name, value in told:
            if "\0" in value:  # PostgreSQL keeps none
                raise ValueError(name)
            fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    except ValueError as error:
        raise HTTPException(400) from error
    return fields


def refuse_foreign(request: Request) -> None:
    """Raises `HTTPException` (403) unless the browser says that a page of this very address sent it."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        if site != "same-origin":
            raise HTTPException(403, FOREIGN)
    elif origin is None or urlsplit(origin).netloc != request.headers.get("host", ""):
        raise HTTPException(403, FOREIGN)


def then(request: Request) -> str:
    """`?tiep=…`: where to go on after the log-in; nothing for the first page."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "" if path == "/" or len(path) > MAX_NEXT else f"?tiep={quote(path, safe='/')}"


def next_of(text: str) -> str:
    """The page to go on to, when it is one of ours."""
    parts = urlsplit(text)
    ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if ours and len(text) <= MAX_NEXT and not parts.netloc and not parts.scheme else "/"
