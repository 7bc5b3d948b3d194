"""What an officer, or whoever sits at that desk, may write: problems are told, nothing gets into the page."""

from __future__ import annotations

import html.parser
import io
import random
import string
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from PIL import Image

from signage.notice import Places, read_all
from signage.notice.header import FIELDS, FORBIDDEN
from signage.notice.reading import MAX_FILE
from signage.office.drawing import BadPictureError, decode
from signage.office.prose import enough, parts
from signage.office.website.wording import OUTWARD, page_html

Tried = Callable[[Any, Callable[[Any], None]], None]
PLACES = Places(frozenset({"cong-xa"}), frozenset({"ngoai-troi"}), frozenset({"thon-3"}))
HEAD = "Title: a\nDate: 2026-11-20 09:00\nKind: tin\nCategory: an-sinh\nSummary: a\n\n"
WORDS = st.sampled_from([
    "a", " ", "\n", "\n\n", "\t", "    ", "- ", "1. ", "9" * 30 + ". ", "> ", "# ", "|", "-|-\n", "*", "**", "_", "`",
    "```",
    "<", ">", "</", "<!--", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "[", "]", "(", ")", "!", "[a](javascript:alert(1))", "[a](JaVa\tScript:alert(1))", "[a](data:text/html,x)",
    "![a](https://x.example/a.png)", "![a](../../keys/root.pem)", "[a](//x.example)",
    "[a]: javascript:alert(1) \"x\"\n",
    "[a](&#106;avascript:alert(1))", "<javascript:alert(1)>", "<https://x.example>", "&lt;script&gt;", "&#0;", "&amp;",
    "\x02", "\x03", "\x02wzxhzdk:0\x03", "\x02klzzwxh:0000\x03", "\x02amp\x03", "\x0212\x03", "\u202e", "\ufeff", "\\",
    "\" onmouseover=\"alert(1)", "{: onclick=alert(1) }", "[TOC]", "Ế", "\u0300", "\U0001f600", "=\n", "---\n", "\r",
])  # fmt: skip
BODIES = st.lists(WORDS | st.text(max_size=5), max_size=40).map("".join)
TAGS = {
    "a", "blockquote", "br", "code", "em", "hr", "img", "li", "ol", "p", "pre", "strong", "ul", "h2", "h3", "h4", "h5",
    "h6", "table", "tbody", "td", "th", "thead", "tr", "div", "section",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "src", "alt", "start", "class", "role", "aria-label", "tabindex"}


class Looked(html.parser.HTMLParser):
    """Reads a page as a browser does, and holds each tag against what may be there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            if name == "href":
                assert value is not None and (value.startswith(OUTWARD) or value == "here.html"), value
            if name == "src":
                assert value == "here.html", value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(text: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tin" / "a.md"
        path.parent.mkdir()
        path.write_bytes(text)
        return read_all(Path(folder), PLACES)


@pytest.mark.parametrize("known", [True, False], ids=["its-own", "elsewhere"])
def test_no_script_gets_into_the_page(tried: Tried, known: bool) -> None:
    def check(body: str) -> None:
        Looked().feed(page_html(body, lambda name: "here.html" if known else None))

    tried(BODIES, check)


def test_no_body_makes_a_traceback(tried: Tried) -> None:
    def check(body: str) -> None:
        reading = read((HEAD + body).encode("utf-8", "surrogatepass"))
        assert all(p.told("vi") and p.told("en") for p in reading.problems)
        for notice in reading.notices.values():
            enough(parts(notice.body))

    tried(BODIES, check)


def test_no_header_makes_a_traceback(tried: Tried) -> None:
    value = st.one_of(BODIES, st.text(max_size=30), st.sampled_from([
        "0001-01-01 00:00", "9999-12-31 23:59", "2026-02-30", "99:99-00:00", "T2-T9", "âm 30/02", "00/00",
        "31/12-01/01",
        "a | b | c | d", "a=b=c; =; ;", "../x.pdf", "/etc/passwd", "C:\\x.pdf", "..", ".", "con.pdf", "a.pdf; a.pdf",
        "khan-cap", "yes", "9" * 400, "-1", "１２", "²", "all, none", "board:", "group:;",
    ]))  # fmt: skip
    field = st.tuples(st.sampled_from([*FIELDS, *sorted(FORBIDDEN), "X-Y"]), value)

    def check(some: list[tuple[str, str]]) -> None:
        text = "".join(f"{name}: {value}\n" for name, value in some) + "\nNội dung.\n"
        reading = read(text.encode("utf-8", "surrogatepass"))
        assert all(p.told("vi") and p.told("en") for p in reading.problems)
        assert not any({f.name for f in n.files} - {"a.pdf"} for n in reading.notices.values())

    tried(st.lists(field, max_size=12), check)


N = MAX_FILE - 1000
HURTING = {
    "brackets": "[" * N, "pictures": "![" * (N // 2), "links": "[a](" * (N // 4), "picture-links": "![a](x" * (N // 6),
    "quotes": "> " * (N // 2), "autolinks": "<http://" * (N // 8), "slashes": "<" + "/" * N, "tags": "<a" * (N // 2),
    "nested": "[" * (N // 2) + "]" * (N // 2), "addresses": "<a@" * (N // 3),
    "lists": "\n".join(" " * (4 * i) + "- a" for i in range(300)),
    "tabs": "\n".join("\t" * i + "- a" for i in range(200)),
}  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", HURTING)
def test_a_quarter_megabyte_of_spite_is_refused_before_markdown_reads_it(case: str) -> None:
    """Without its limit the first of these takes Markdown hours."""
    reading = read((HEAD + HURTING[case]).encode())
    for notice in reading.notices.values():
        page_html(notice.body, lambda _: None)
        enough(parts(notice.body))
    if case not in ("slashes", "addresses"):
        assert "body-tangled" in {p.code for p in reading.problems}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("sign", ["*a_", "**", "_", "` ", "-", "|", "&", "&#x41;", "\\", "(", "\n", "#", "{", "a@"])
def test_a_long_row_of_one_sign_is_read(sign: str) -> None:
    body = sign * (30_000 // len(sign))
    Looked().feed(page_html(body, lambda _: None))
    enough(parts(body))


def test_an_ordinary_long_notice_is_not_called_tangled() -> None:
    """Two hundred rows with a link each, and a hundred paragraphs with one."""
    rows = "Tên|Văn bản\n---|---\n" + "".join(f"Hộ số {n}|[số {n}](https://xa.example/{n})\n" for n in range(200))
    text = "\n\n".join(f"Đoạn {n} có [đường dẫn](https://xa.example/{n}) và vài chữ nữa." for n in range(100))
    assert not read((HEAD + rows + "\n\n" + text).encode()).errors


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    image = Image.effect_noise(size, 60).convert("RGB")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_damaged_pictures(tried: Tried, kind: str) -> None:
    """Flipped, cut and grown files: a picture, or one kind of refusal; what a notice cannot hold is refused whole."""
    good = picture(kind)
    places = st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), max_size=8)

    def check(change: tuple[list[tuple[int, int]], int, bytes]) -> None:
        made = bytearray(good[: change[1]] if change[1] % 2 else good) + change[2]
        for at, to in change[0]:
            made[min(at, len(made) - 1)] = to
        try:
            image = decode(bytes(made))
        except BadPictureError:
            return
        assert kind in ("PNG", "JPEG", "WEBP") and image.mode == "RGB" and not image.info

    tried(st.tuples(places, st.integers(20, len(good)), st.binary(max_size=40)), check)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("where", [b"zTXt", b"iTXt", b"iCCP", b"eXIf"])
def test_a_bomb_in_a_pictures_words(where: bytes) -> None:
    """64 MB of nothing, packed into 64 kB beside the pixels, where no limit on pixels looks."""
    packed = zlib.compress(b"\0" * (64 << 20), 9)
    head = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0", b"eXIf": b""}[where]
    good = picture("PNG")
    bomb = good[:33] + chunk(where, head + packed) + good[33:]
    try:
        assert decode(bomb).size == (40, 30)
    except BadPictureError as error:
        assert error.code in ("picture-broken", "picture-large")


def test_names_that_lead_out_of_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"%PDF-1.7 secret")
    content = tmp_path / "content"
    (content / "tin").mkdir(parents=True)
    (content / "tin" / "link.pdf").symlink_to(secret)
    picked = random.Random(7)
    names = ["../secret.pdf", "..\\secret.pdf", str(secret), "link.pdf", "./../secret.pdf",
             "tin/../../secret.pdf", "%2e%2e/secret.pdf", "\u2025/secret.pdf", "..%2fsecret.pdf",
             "~/secret.pdf", "secret.pdf\0.png"]  # fmt: skip
    names += ["../" * picked.randint(1, 4) + "".join(picked.choices(string.ascii_letters, k=5)) for _ in range(20)]
    for name in names:
        for field in ("Attachments: {}\n", "Image: {} | a\n", "Film: {} | a\n"):
            text = HEAD.rstrip("\n") + "\n" + field.format(name) + "\nNội dung.\n"
            (content / "tin" / "a.md").write_text(text, "utf-8")
            reading = read_all(content, PLACES)
            assert reading.errors and not reading.notices, name
        (content / "tin" / "a.md").write_text(HEAD + f"![a]({name})\n", "utf-8")
        reading = read_all(content, PLACES)
        assert not any(n.files for n in reading.notices.values()), name
