"""Words into lines and lines into pages, with a ruler on which every letter is ten pixels wide."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from signage.office.typesetting import clause_cut, filled, largest, lines, paginate
from signage.office.words import Word, plain, sentences, words
from signage.phrases import NBSP, bound

TEXT = st.text("aăbcdeghik ,.:–0123456789/", max_size=300)


def measure(word: Word) -> int:
    return 10 * len(word.text)


def set_text(text: str, width: int, *, even: bool = False) -> list[str]:
    return [" ".join(w.text for w in line.words) for line in lines(words(plain(text)), width, measure, 10, even=even)]


def kept(text: str) -> str:
    return bound(text).replace(NBSP, "_")


def test_numbers_stay_with_what_they_count() -> None:
    assert kept("Số 45/TB-UBND") == "Số_45/TB-UBND"
    assert kept("dài 1,2 km, rộng 500 m²") == "dài 1,2_km, rộng 500_m²"
    assert kept("lúc 17 giờ 30 phút ngày 22 tháng 11 năm 2026") == "lúc_17_giờ 30_phút ngày_22_tháng_11_năm_2026"
    assert kept("thôn 3, thôn 5 và 40 hộ") == "thôn_3, thôn_5 và 40_hộ"
    assert kept("gọi 0299 000 0113") == "gọi 0299_000_0113"
    assert kept("KT. CHỦ TỊCH, ông Nguyễn Văn An") == "KT._CHỦ_TỊCH, ông_Nguyễn Văn An"
    assert kept("đường liên thôn 2 – 6") == "đường liên thôn_2_–_6"
    assert kept("cống Gò – ngã ba") == "cống Gò_– ngã ba"
    assert kept("86.450.000 đồng") == "86.450.000_đồng"


@given(TEXT)
def test_binding_changes_only_spaces(text: str) -> None:
    assert len(bound(text)) == len(text)
    assert bound(text).replace(NBSP, " ") == text.replace(NBSP, " ")


def test_strong_words_stay_strong() -> None:
    found = words((("Cấm ", False), ("mọi xe", True), (", trừ xe cứu thương.", False)))
    assert [w.parts for w in found][:3] == [
        (("Cấm", False),), (("mọi", True),), (("xe", True), (",", False)),
    ]  # fmt: skip


def test_sentences_know_short_forms() -> None:
    assert sentences("Họp ngày 18/9. Nhà tạm sơ tán! Gọi 0299 000 0001.") == [
        "Họp ngày 18/9.", "Nhà tạm sơ tán!", "Gọi 0299 000 0001.",
    ]  # fmt: skip
    assert sentences("Đến TP. Huế. KT. CHỦ TỊCH ký.") == ["Đến TP. Huế.", "KT. CHỦ TỊCH ký."]
    assert sentences("1. Mang theo sổ. 2. Đến đúng giờ.") == ["1. Mang theo sổ.", "2. Đến đúng giờ."]
    assert sentences("") == []


@given(TEXT, st.integers(40, 400), st.booleans())
def test_lines_keep_every_word_and_fit(text: str, width: int, even: bool) -> None:
    made = lines(words(plain(text)), width, measure, 10, even=even)
    flat = "".join(w.text for line in made for w in line.words)
    assert flat.replace(NBSP, "") == bound(text).replace(" ", "").replace(NBSP, "")
    for line in made:
        assert line.width == sum(measure(w) for w in line.words) + 10 * (len(line.words) - 1)
        assert line.width <= width


@given(st.lists(st.text("abc", min_size=1, max_size=9), max_size=60), st.integers(90, 400))
def test_lines_are_the_fewest(text: list[str], width: int) -> None:
    count, used = 0, width + 1
    for word in text:
        used += 10 + 10 * len(word)
        if used > width:
            count, used = count + 1, 10 * len(word)
    assert len(set_text(" ".join(text), width)) == count


def test_headlines_are_balanced_and_break_at_clauses() -> None:
    assert set_text("Tạm ngừng cấp điện thôn năm", 220, even=True) == ["Tạm ngừng cấp", "điện thôn năm"]
    assert set_text("Bão vào chiều nay, người dân ở nhà", 240, even=True) == ["Bão vào chiều nay,", "người dân ở nhà"]


def test_a_word_wider_than_the_line_is_cut_where_it_hurts_least() -> None:
    assert set_text("dongmau.example/tin/cat-dien-thon-3.html", 200) == ["dongmau.example/tin/", "cat-dien-thon-3.html"]
    assert set_text("ngày 24/11/2026", 120) == ["ngày", "24/11/2026"]
    assert set_text("abcdefghij", 40) == ["abcd", "efgh", "ij"]


def cut(text: str, width: int, fit: int) -> str:
    made = lines(words(plain(text)), width, measure, 10)
    flat = [w.text for line in made for w in line.words]
    return " ".join(flat[: clause_cut(made, fit)])


LONG = (
    "Hộ dân chủ động tích nước sinh hoạt trước năm giờ. Ngắt cầu dao khi ra khỏi nhà, rút phích cắm của "
    "các thiết bị điện và không tự ý đóng điện từ máy phát vào lưới điện của khu vực nếu chưa được phép."
)


def test_a_page_ends_after_a_sentence_or_a_clause() -> None:
    assert cut(LONG, 300, 3).endswith("năm giờ.")
    after = LONG.removeprefix("Hộ dân chủ động tích nước sinh hoạt trước năm giờ. ")
    assert cut(after, 300, 3).endswith("ra khỏi nhà,")


def test_a_short_paragraph_is_not_cut_inside_a_sentence() -> None:
    assert cut("Toàn xã ngừng cấp điện để bảo dưỡng đường dây trung áp trước mùa mưa bão.", 300, 2) == ""


def test_nothing_is_cut_after_a_colon() -> None:
    text = "Ban chỉ huy gồm các thành viên sau: " + "một hai ba bốn năm sáu bảy " * 6
    assert not cut(text, 300, 2).endswith(":")


@dataclass(frozen=True)
class Stone:
    """A block for `paginate`: it can be cut anywhere, or not at all."""

    name: str
    height: int
    gap: int = 5
    sticky: bool = False
    soft: bool = False
    width: int = 100
    reading: str = ""

    def marks(self, x: int, y: int) -> list[object]:
        return []

    def split(self, room: int, fresh: bool) -> tuple[Stone, Stone] | None:
        if not self.soft or not 0 < room < self.height:
            return None
        head, tail = min(room, self.height), self.height - min(room, self.height)
        return Stone(self.name, head, self.gap, soft=True), Stone(self.name, tail, self.gap, self.sticky, soft=True)


STONES = st.lists(
    st.builds(
        Stone,
        st.text("ab", min_size=1, max_size=3),
        st.integers(1, 90),
        st.integers(0, 9),
        st.booleans(),
        st.booleans(),
    ),
    max_size=40,
)


@given(STONES)
def test_pages_hold_every_block_in_order(stones: list[Stone]) -> None:
    pages = paginate(stones, lambda page: 80 if page else 60)
    total: dict[int, int] = {}
    order = [block for page in pages for block in page]
    position = 0
    for block in order:  # pieces of one stone follow each other and add up to it
        total[position] = total.get(position, 0) + block.height
        assert block.name == stones[position].name
        assert total[position] <= stones[position].height
        if total[position] == stones[position].height:
            position += 1
    assert position == len(stones)


@given(STONES)
def test_only_what_cannot_be_cut_overfills_a_page(stones: list[Stone]) -> None:
    for n, page in enumerate(paginate(stones, lambda page: 80 if page else 60)):
        if filled(page) > (80 if n else 60):
            assert len(page) == 1
            assert not page[0].soft  # type: ignore[attr-defined]


@given(STONES)
def test_a_heading_never_ends_a_page(stones: list[Stone]) -> None:
    pages = paginate(stones, lambda page: 80 if page else 60)
    for page in pages[:-1]:
        if len(page) > 1 and not all(block.sticky for block in page):
            assert not page[-1].sticky


def test_the_largest_size_that_fits_is_found() -> None:
    assert largest(16, lambda n: n <= 11) == 11
    assert largest(16, lambda n: True) == 15
    assert largest(16, lambda n: False) == 0
