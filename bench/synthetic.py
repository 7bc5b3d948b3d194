"""Synthetic Vietnamese notices: the same for the same number, some 500 syllables each.

Words are drawn at random, so the texts mean nothing; their length, lists, tables, kinds and dates
are those of a commune's notices. Some ninety syllables are enough to fill pages; an index must meet
many words, a few often and most seldom: `natural` has those.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from signage.notice import CATEGORIES, KINDS, Notice, canonical_text, parse

WORDS = (
    "thông báo nhân dân xã thôn ủy ban đề nghị thực hiện ngày giờ điện nước đường cấm tiêm chủng sức khỏe "
    "trạm y tế hồ sơ thủ tục hành chính công khai ngân sách đất đai quy hoạch bảo vệ rừng phòng cháy mưa lũ "
    "sạt lở an toàn giao thông trật tự họp đại biểu cử tri hội đồng chủ tịch phó trưởng cán bộ công chức tổ "
    "dân phố sản xuất vụ mùa đông xuân gieo cấy thu hoạch chăn nuôi dịch bệnh tiêu độc khử trùng hỗ trợ hộ "
    "nghèo người có công chính sách bảo hiểm học sinh trường văn hóa thể thao"
)
SYLLABLES = WORDS.split()
SINCE = datetime(2022, 1, 3, 8, 0)
ONSETS = "b c ch d đ g h kh l m n ng nh ph qu r s t th tr v x"
RIMES = "áp ạch ảm ắng ậu ẵm én ễu iệp ỉnh oằn òng ổi ộng ỡm úc uẩn uột ừng ượt ướn ỷ"
HAMLETS = [f"thon-{n}" for n in range(1, 8)]


def natural(texts: Sequence[str], seed: int = 1) -> list[str]:
    """The words of `texts` as often as they stand there, and one in twenty that nearly nothing else has."""
    common = re.findall(r"[^\W\d_]+", " ".join(texts).lower())
    rare = [onset + rime for onset in ONSETS.split() for rime in RIMES.split()]
    return common + random.Random(seed).sample(rare, min(len(rare), len(common) // 20))


def notices(count: int, *, seed: int = 1, words: Sequence[str] = SYLLABLES) -> Iterator[Notice]:
    """`count` notices over five years, newest last."""
    for number in range(count):
        yield parse(f"thong-bao/so-{number:05}", text(number, count, seed, words), ())


def written(number: int, count: int) -> datetime:
    """The day and hour of one of `count` notices, but for its minutes."""
    return SINCE + timedelta(days=5 * 365) * number / count


def text(
    number: int, count: int, seed: int = 1, words: Sequence[str] = SYLLABLES, also: Mapping[str, str] | None = None
) -> bytes:
    """The canonical text of one notice, with these fields too."""
    draw = random.Random(f"{seed}-{number}")
    at = written(number, count) + timedelta(minutes=draw.randrange(480))
    kind = draw.choice([k for k in KINDS if k != "trang"])
    fields = {
        "Title": _sentence(draw, words, 9, 16), "Date": f"{at:%Y-%m-%d %H:%M}", "Kind": kind,
        "Category": draw.choice(list(CATEGORIES)), "Summary": _sentence(draw, words, 20, 35),
        "Class": draw.choices(["thong-thuong", "uu-tien"], [9, 1])[0],
    }  # fmt: skip
    if draw.random() < 0.5:
        fields["Hamlets"] = ", ".join(draw.sample(HAMLETS, draw.randrange(1, 4)))
    if draw.random() < 0.3:
        fields |= {"Number": f"{number % 900 + 1}/TB-UBND", "Issuer": "UBND xã Đồng Mẫu", "Issued": f"{at:%Y-%m-%d}"}
    return canonical_text({**fields, **(also or {})}, _body(draw, words))


def _sentence(draw: random.Random, words: Sequence[str], least: int, most: int) -> str:
    return " ".join(draw.choices(words, k=draw.randrange(least, most))).capitalize()


def _body(draw: random.Random, words: Sequence[str]) -> str:
    parts = [_paragraph(draw, words)]
    for _ in range(draw.randrange(2, 5)):
        parts.append(f"## {_sentence(draw, words, 3, 8)}")
        parts.append(_paragraph(draw, words))
        parts.append("\n".join(f"{n}. {_sentence(draw, words, 10, 25)}." for n in range(1, draw.randrange(3, 7))))
    if draw.random() < 0.3:
        rows = [
            f"| {_sentence(draw, words, 2, 4)} | {draw.randrange(1, 29)}/11 | {draw.randrange(7, 17)}:00 |"
            for _ in "123456"
        ]
        parts.append("\n".join(["| Thôn | Ngày | Giờ |", "|---|---|---:|", *rows]))
    return "\n\n".join(parts)


def _paragraph(draw: random.Random, words: Sequence[str]) -> str:
    return " ".join(f"{_sentence(draw, words, 12, 28)}." for _ in range(draw.randrange(2, 5)))
