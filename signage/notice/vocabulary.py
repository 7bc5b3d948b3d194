"""The words of the field, as data: kinds, classes, categories, risk levels."""

from __future__ import annotations

from typing import NamedTuple

# What a commune really publishes; the text is what citizens read above the headline.
KINDS: dict[str, str] = {
    "tiep-dan": "Lịch tiếp công dân",
    "cat-dien": "Ngừng cung cấp điện",
    "cat-nuoc": "Ngừng cung cấp nước",
    "thien-tai": "Phòng, chống thiên tai",
    "tiem-chung": "Tiêm chủng",
    "y-te": "Y tế, dịch bệnh",
    "ket-qua-tthc": "Kết quả thủ tục hành chính",
    "dau-gia": "Đấu giá tài sản",
    "niem-yet": "Niêm yết công khai",
    "lay-y-kien": "Lấy ý kiến nhân dân",
    "lich-lam-viec": "Lịch làm việc",
    "tuyen-quan": "Tuyển quân",
    "duong-cam": "Đường cấm, hạn chế đi lại",
    "chay-rung": "Phòng cháy rừng",
    "guong-tot": "Gương người tốt, việc tốt",
    "khau-hieu": "Khẩu hiệu",
    "chien-dich": "Chiến dịch",
    "phan-anh": "Phản ánh và trả lời",
    "hop-thon": "Họp thôn",
    "van-ban": "Văn bản",
    "tin": "Tin tức",
    "trang": "Trang",
}
SLOGAN, CAMPAIGN, PAGE = "khau-hieu", "chien-dich", "trang"  # the kinds that look or live differently

# TT 39/2020 (written for radio, used for boards by choice): three classes, the last pre-empts all.
NORMAL, PRIORITY, EMERGENCY = "thong-thuong", "uu-tien", "khan-cap"
CLASSES: dict[str, str] = {NORMAL: "Thông thường", PRIORITY: "Ưu tiên", EMERGENCY: "Khẩn cấp"}
DRILL = "DIỄN TẬP"  # instead of the class, and in a band: nobody may take an exercise for the thing itself

# Essential information by NĐ 49/2024 art. 6 (its tail is unverified).
CATEGORIES: dict[str, str] = {
    "chinh-sach": "Chính sách, pháp luật",
    "an-sinh": "Chương trình, dự án, an sinh",
    "kinh-te-xa-hoi": "Chính trị, kinh tế, văn hóa, xã hội",
    "an-ninh-trat-tu": "An ninh, trật tự, quân sự",
    "thien-tai-dich-benh": "Thiên tai, cháy nổ, cứu nạn, dịch bệnh",
    "nguoi-tot-viec-tot": "Người tốt, việc tốt",
    "phong-chong-vi-pham": "Phòng, chống vi phạm",
    "san-xuat-doi-song": "Sản xuất và đời sống",
}


class Level(NamedTuple):
    """A disaster risk level; number, word and icon always go with the colour."""

    word: str
    colour: str
    ink: str


# QĐ 18/2021 art. 4.
LEVELS: dict[int, Level] = {
    1: Level("Thấp", "#b3e5fc", "#000000"),
    2: Level("Trung bình", "#fff59d", "#000000"),
    3: Level("Lớn", "#ff9800", "#000000"),
    4: Level("Rất lớn", "#b00020", "#ffffff"),
    5: Level("Thảm họa", "#6a1b9a", "#ffffff"),
}

WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")  # Monday … Sunday, as officers write them and boards show them
