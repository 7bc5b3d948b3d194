"""What docs/gallery.md shows: notices of the sample commune, some with a field or two changed."""

from __future__ import annotations

from dataclasses import dataclass, field

NIGHT_H = 6.0  # hours that dark hours or a dimmed night last


@dataclass(frozen=True)
class Plate:
    """One picture of the gallery."""

    name: str
    title: str
    words: str  # what to look at
    notice: str = ""  # below content/, without .md; empty: nothing is published
    changes: dict[str, str | None] = field(default_factory=dict)  # of its fields; None takes one away, "" is the body
    page: int = 0  # which of its slides; the last where it has fewer
    drawn: bool = True  # False: the emergency comes without slides, and the board draws its words
    paper: str = ""  # "dark": light letters, on screens (a matrix is always dark)
    dark: bool = False  # it is within the board's dark hours
    percent: int = 100  # of the board's light
    colours: int = 56  # that its picture keeps: enough for letters, too few for a photograph
    play: tuple[str, ...] = ()  # more words for `bangtin board play`


FLOOD, STORM = "khan-cap/2026/lu-song-mau-khan-cap", "khan-cap/2026/bao-so-6-khan-cap"
FIELD, CUT = "tin/2026/canh-dong-mau-vu-dong", "thong-bao/2026/cat-dien-thon-3"
MOVING = "canh-dong.mp4"  # made from the sample's picture when the gallery is made
SEEN = "Tranh minh họa: ruộng xanh, đê sông Mẫu, dãy đồi và mặt trời buổi sớm"


TABLE = """| Thôn | Ngày | Giờ |
|---|---|---|
| Thôn 1, thôn 2 | 01/12 | 07:30–11:00 |
| Thôn 3, thôn 5 | 02/12 | 07:30–11:00 |
| Thôn 4 | 03/12 | 07:30–10:00 |
| Thôn 6, thôn 7 | 04/12 | 08:00–11:00 |
"""


def _flood(level: int, title: str, words: str) -> dict[str, str | None]:
    return {"Title": f"KHẨN CẤP: {title}", "Level": str(level), "Board-Summary": words}


LEVELS = {
    1: _flood(1, "Nước sông Mẫu lên chậm, bà con theo dõi tin",
              "NƯỚC SÔNG MẪU LÊN CHẬM. Theo dõi tin trên loa và bảng tin. Thu dọn đồ đạc ở bãi thấp. "
              "Hỏi 0299 000 0001."),
    2: _flood(2, "Lũ sông Mẫu trên báo động 1, không ra bãi sông",
              "LŨ SÔNG MẪU TRÊN BÁO ĐỘNG 1. Không ra bãi sông, không vớt củi. Chuẩn bị đèn pin, nước uống, thuốc men. "
              "Cần cứu giúp gọi 0299 000 0001."),
    3: {},
    4: _flood(4, "Lũ rất lớn trên sông Mẫu, sơ tán thôn 3 và thôn 5",
              "LŨ RẤT LỚN. Thôn 3 và thôn 5 sơ tán NGAY đến Trường Tiểu học Đồng Mẫu. Cắt cầu dao điện. "
              "Không lội qua dòng nước xiết. Cần cứu giúp gọi 0299 000 0001."),
    5: _flood(5, "Nguy cơ vỡ đê Bến Mẫu, toàn bộ thôn 3 rời đi ngay",
              "ĐÊ BẾN MẪU CÓ THỂ VỠ. Toàn bộ thôn 3 đi NGAY lên đồi thôn 7. Không quay lại lấy đồ. "
              "Giúp người già, trẻ nhỏ. Cần cứu giúp gọi 0299 000 0001."),
}  # fmt: skip

FAMILIES = (
    Plate("text", "Text", "Headline, facts, paragraphs and numbered steps.",
          "thong-bao/2026/phong-chong-sot-xuat-huyet"),
    Plate("facts", "Facts", "Who, when and where, pulled out of the front matter.", CUT, {"Class": None}),
    Plate("table", "Table", "A schedule: no row is cut in two, and the header comes again on the next slide.",
          "lich/2026/tiem-chung-thang-12-theo-thon",
          {"Title": "Lịch tiêm vắc xin Td tháng 12", "Facts": None, "Board-Summary": None, "": TABLE}, page=1),
    Plate("photo", "Photograph", "A picture at the head of a screen, beside the words of a matrix.", FIELD,
          colours=160),
    Plate("poster", "Poster", "A picture that says nearly everything.", FIELD,
          {"Title": "Vụ đông Đồng Mẫu no ấm", "Board-Summary": "Trồng xong khoai tây trước 30/11/2026."}, colours=160),
    Plate("slogan", "Slogan", "One sentence, as large as it goes (khẩu hiệu).", "khau-hieu/giu-gin-moi-truong"),
    Plate("campaign", "Campaign", "A campaign with its dates and places (chiến dịch).",
          "chien-dich/2026/thang-cao-diem-vi-nguoi-ngheo"),
    Plate("message", "Single large message", "Little to say: said large.", CUT,
          {"Title": "Thôn 3 mất điện đến 17:00 hôm nay", "Facts": None, "Class": None, "Issuer": None,
           "Board-Summary": "Báo sự cố: 0299 000 0119.", "": "Báo sự cố: 0299 000 0119."}),
    Plate("question", "Question and answer", "What a citizen asked, and what the commune answers.",
          "phan-anh/2026/loa-phat-thanh-gio-trua-thon-3"),
    Plate("long", "A long notice, page 2", "The second slide of a notice that takes several.",
          "thong-bao/2026/lay-y-kien-mo-rong-duong-de", page=1),
    Plate("film", "Film", "The film's own picture; a matrix too small for one shows the words.", FIELD,
          {"Image": None, "Film": f"{MOVING} | {SEEN}"}, colours=160),
    Plate("code", "Document with a QR code", "Number, issuer and signer; the code only where a phone can read it.",
          "van-ban/2026/ke-hoach-san-xuat-vu-dong-xuan-2026-2027"),
    Plate("paper", "Dark paper", "The same facts in light letters, for a screen in a dark hall.", CUT,
          {"Class": None}, paper="dark"),
)  # fmt: skip
CLASSES = (
    Plate(
        "class-priority",
        "Ưu tiên",
        "The priority class: badge, sign and words, not colour alone (every plate above is “thông thường”).",
        CUT,
    ),
    Plate("class-emergency", "Khẩn cấp", "An emergency fills the glass: what to do comes first.", STORM),
)
RISKS = tuple(
    Plate(f"level-{level}", f"Risk level {level}", "Number, word, sign and colour of QĐ 18/2021.", FLOOD, changes)
    for level, changes in LEVELS.items()
)
BOARDS_OWN = (
    Plate("safe", "Nothing to show", "The safe slide: true, never black, with the board's id and whom to call."),
    Plate("words", "An emergency without slides", "The board sets the signed words itself.", FLOOD, drawn=False),
    Plate("drill", "A drill", "The band “DIỄN TẬP” lies on every frame of an exercise.", FLOOD, {"Drill": "yes"}),
    Plate("dim", "At night", "The same slide at 30 % of the board's light.", CUT, percent=30),
    Plate("woken", "An emergency in the dark hours", "Level 4 wakes a dark board, at night brightness.", STORM,
          dark=True, percent=40),
    Plate("pattern", "Test pattern", "Grid, corners, pixel ruler, board and version.", play=("--pattern",)),
)  # fmt: skip
SECTIONS = (
    ("Layouts", FAMILIES), ("Classes", CLASSES), ("Risk levels", RISKS), ("What the board draws itself", BOARDS_OWN),
)  # fmt: skip
PLATES = tuple(plate for _, plates in SECTIONS for plate in plates)
