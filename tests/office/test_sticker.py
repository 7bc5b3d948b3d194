"""The sticker on a board: printed on A4 as Chromium prints it, the code dials, nothing is cut off."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from signage.cli import main
from signage.office import qr, starter, sticker
from signage.settings import load
from tests.browsing import chromium

OVERFLOWS = """() => [...document.querySelectorAll('section')].map(s => [...s.querySelectorAll('*')].some(e => {
    const a = e.getBoundingClientRect(), b = s.getBoundingClientRect();
    return a.right > b.right || a.bottom > b.bottom || a.left < b.left || a.top < b.top }))"""


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    """Five stickers as a browser shows them: their picture, their words, whether anything is outside its box."""
    settings = load(starter.sample_root())
    first = settings.boards[0]
    boards = [*settings.boards[:3], replace(first, id="w" * 64, name="<b>Bảng</b>"), replace(first, id="a", site="")]
    file = tmp_path_factory.mktemp("nhan") / "nhan.html"
    file.write_text(sticker.page(settings.commune, boards, "0912 345 678"), "utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 794, "height": 1123})
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"file://{file}")
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        words, outside, pdf = page.inner_text("body"), page.evaluate(OVERFLOWS), page.pdf(prefer_css_page_size=True)
    assert len(asked) == 1, "it needs nothing else"
    return boards, picture, words, outside, pdf


def test_each_says_which_board_and_whom_to_call(sheet):
    boards, picture, words, outside, _ = sheet
    assert all(board.id in words and board.name in words for board in boards)
    assert words.count("Gọi 0912 345 678") == len(boards) and "0299" not in words
    assert "Thấy nội dung lạ trên bảng này?" in words and "giả định" in words
    assert qr.read(picture) == ["tel:0912345678"] * len(boards)
    assert not any(outside), outside


def test_two_to_a_sheet_of_a4(sheet):
    *_, pdf = sheet
    assert pdf.count(b"/Type /Page\n") == 3 and (b"594.9" in pdf or b"595" in pdf)


def test_the_command_writes_one_or_all_and_knows_its_boards(office, capsys):
    folder = ["--dir", str(office.folder)]
    assert main(["sticker", *folder]) == 0
    made = office.folder / "state/nhan-bang.html"
    assert str(made) in capsys.readouterr().out and made.read_text("utf-8").count("<section>") == 2
    assert main(["sticker", "cong-xa", *folder, "--output", str(office.folder / "x/y.html")]) == 0
    assert (office.folder / "x/y.html").read_text("utf-8").count("<section>") == 1
    assert main(["sticker", "cong-xq", *folder]) == 1
    assert "cong-xa" in capsys.readouterr().err
