"""The reports' words in Vietnamese: what was out and why, how the figures are made, what the evidence is worth."""

from __future__ import annotations

from ... import errors
from ...lettering import folded
from ...notice.vocabulary import CATEGORIES, CLASSES, KINDS

OUTAGE = {
    ("contact", "lost"): "Mất liên lạc với máy chủ",
    ("screen", "black"): "Màn hình đen ngoài giờ tắt",
    ("screen", "foreign"): "Hình lạ trên màn hình",
    ("screen", "frozen"): "Đứng hình",
    ("screen", "unchecked"): "Không có gì xác nhận hình",
    ("content", "old"): "Giữ bản phát hành cũ",
}
CAUSE = {
    "": "chưa rõ",
    "power": "bảng tắt máy hoặc mất điện",
    "network": "mất mạng của bảng",
    "sim": "ngờ SIM hết dung lượng",
    "area": "mất điện hoặc đường truyền cả khu vực",
    "hub": "máy chủ dừng",
    "machine": "máy của bảng hỏng",
    "screen": "mặt hiển thị hỏng",
    "work": "bảo trì, sửa chữa",
    "other": "lý do khác",
}
LEVEL = {1: "Ghi chú", 2: "Cần xem", 3: "Cần xử lý"}
NO_CATEGORY, WHOLE_COMMUNE, NO_NOTICE = "Không ghi mục", "Toàn xã", "Không rõ thông báo nào"
NO_CLASS = "Không rõ"

HOW = (
    "Số liệu lấy từ báo cáo do từng bảng ký bằng khóa riêng và gửi về máy chủ. Mỗi lúc trong kỳ, bảng ở đúng một trạng "
    "thái: đúng hình (nhìn thấy), đúng hình (tự báo), tắt theo lịch, sai hình, không rõ, hoặc không nghe thấy.",
    "Giờ tính = từ khi bảng được ghi danh (hoặc báo lần đầu) đến khi thôi dùng, trong kỳ. Giờ phải chiếu = giờ tính − "
    "giờ tắt theo lịch mà bảng đã báo. Lúc không nghe thấy bảng vẫn là giờ phải chiếu, kể cả khi lịch bắt tắt.",
    "Tỷ lệ nhìn thấy đúng = giờ đúng hình (nhìn thấy) ÷ giờ phải chiếu. Tỷ lệ có chiếu = giờ đúng hình (nhìn thấy và "
    "tự báo) ÷ giờ phải chiếu. Tỷ lệ làm tròn xuống; giờ cộng từ mili giây rồi mới làm tròn, nên tổng có thể lệch 0,01 "
    "so với cộng các dòng.",
    "“Nhìn thấy”: một tiến trình khác trên bảng đã so cửa sổ đang hiện với hình đã duyệt. “Tự báo”: chỉ có lời của "
    "chương trình trình chiếu. Không cách nào trong hai cách nhìn được mặt đèn, hay biết có người đọc.",
    "Lượt và phút chiếu lấy từ nhật ký chiếu trong báo cáo đã ký. Lượt chiếu khi đồng hồ của bảng chưa đặt không thuộc "
    "kỳ nào nên không tính. Bảng mất liên lạc vẫn chiếu; khi nối lại, nhật ký gửi bù và số liệu của kỳ tăng lên.",
    "Nguyên nhân gián đoạn do máy chủ đoán từ những gì bảng báo, hoặc do người vận hành ghi; “ngờ” là chưa ai xác "
    "minh.",
    "Lớp, mục, thôn, giờ trình và giờ duyệt lấy từ bản phát hành của xã; máy chủ không kiểm tra chữ ký của thông báo, "
    "bảng mới kiểm tra. Muộn: lần đầu có trong bản phát hành sau giờ bắt đầu hiệu lực hơn 5 phút.",
    "Một thông báo dành cho nhiều thôn, chiếu trên nhiều bảng được tính ở từng thôn, từng bảng: cộng các dòng ấy có "
    "thể nhiều hơn tổng số thông báo.",
)
EVIDENCE_IS = (
    "Các lần chiếu trên đây lấy từ nhật ký chiếu do chương trình của từng bảng tự ghi, ký bằng khóa riêng của bảng và "
    "gửi về máy chủ; mỗi báo cáo nối với báo cáo trước bằng mã băm.",
    "Cột “nhìn thấy đúng” là thời gian, trong những ngày có chiếu, mà một tiến trình khác trên bảng đã so cửa sổ đang "
    "hiện với hình đã duyệt và thấy đúng; tính cho mọi nội dung của bảng trong những ngày ấy, không riêng thông báo "
    "này.",
)
EVIDENCE_IS_NOT = (
    "Không phải ảnh chụp mặt bảng: mặt đèn hỏng, bị che hay mất điện riêng thì máy tính của bảng không biết.",
    "Không chứng minh có người đã đọc, và không thay cho việc niêm yết giấy hay đăng trên trang thông tin nếu quy định "
    "đòi các hình thức ấy.",
    "Giờ do đồng hồ của bảng ghi; lượt chiếu khi đồng hồ chưa đặt không có ở đây.",
)


def outage(kind: str, code: str) -> str:
    """What was out."""
    if kind == "fault":
        said = errors.sentence(code) if code in errors.codes() else ""
        return f"Bảng tự báo: {said.rstrip('.')}" if said and "{" not in said else f"Bảng tự báo sự cố {code}"
    return OUTAGE.get((kind, code), f"{kind} {code}")


def klass(code: str) -> str:
    return CLASSES.get(code, code or NO_CLASS)


def category(code: str) -> str:
    return CATEGORIES.get(code, code or NO_CATEGORY)


def kind(code: str) -> str:
    return KINDS.get(code, code)


def hamlets(idents: tuple[str, ...], names: dict[str, str]) -> list[str]:
    """Names of hamlets; of none: the whole commune."""
    return [names.get(ident, ident) for ident in idents] or [WHOLE_COMMUNE]


def ident(name: str) -> str:
    """What a hamlet's id is by custom: `Thôn 3` is `thon-3`."""
    return "-".join("".join(c if c.isalnum() else " " for c in folded(name)).split())
