"""The hub's states in Vietnamese, as an officer reads them: what it is, and what to do about it.

Every state has a word and a shape; colour only repeats them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ... import errors
from ...lettering import control_characters
from ...report import Report
from ...schedule import VIETNAM_TIME
from ..alarms import CLOCK_TOLERANCE, SAFE_ASKED, Contact, Content, Facts, Judgement, Level, Screen, clock_offset
from ..store.engine import from_ms

CONTACT = {
    Contact.CONNECTED: ("Đang nối", Level.CALM),
    Contact.LATE: ("Trễ", Level.WARNING),
    Contact.LOST: ("Mất liên lạc", Level.ALARM),
    Contact.NEVER: ("Chưa báo lần nào", Level.WARNING),
}
AWAITED = ("Chờ nghe lại", Level.NOTE)  # neither heard nor lost: it was this hub that did not listen
UNSURE = ("Chưa rõ", Level.NOTE)  # what such a board said last was right, and may not be any more
CONTENT = {
    Content.CURRENT: ("Đúng bản", Level.CALM),
    Content.DOWNLOADING: ("Đang tải", Level.NOTE),
    Content.OLD: ("Bản cũ", Level.WARNING),
    Content.UNCONFIRMED: ("Không xác nhận", Level.NOTE),
}
SCREEN = {
    Screen.RIGHT: ("Nhìn thấy đúng", Level.CALM),
    Screen.CLAIMED: ("Tự báo đúng", Level.NOTE),
    Screen.DARK: ("Tắt theo lịch", Level.CALM),
    Screen.UNCHECKED: ("Chưa kiểm tra", Level.NOTE),
    Screen.FROZEN: ("Đứng hình", Level.ALARM),
    Screen.BLACK: ("Màn hình đen", Level.ALARM),
    Screen.FOREIGN: ("Hình lạ", Level.ALARM),
}
VERDICT = {
    "match": "Đúng hình",
    "transition": "Đang chuyển hình",
    "foreign": "Hình lạ",
    "black": "Hình đen",
    "frozen": "Đứng hình",
    "dark": "Tắt theo lịch",
    "unknown": "Không rõ",
}
LAYER = {
    "window": "nhìn cửa sổ đang hiện",
    "surface": "chỉ theo lời trình chiếu",
    "none": "không nhìn được hình",
}
KIND = {
    "rotation": "thông báo thường lệ",
    "emergency": "khẩn cấp",
    "evergreen": "nội dung thường trực",
    "safe": "hình an toàn",
}
CLOCK = {"trusted": "tin được", "suspect": "nghi sai", "unknown": "chưa biết giờ"}
MARK = {
    "gap": "Thiếu báo cáo",
    "torn": "Chuỗi báo cáo bị đứt",
    "fork": "Số đã dùng, nội dung khác",
    "old": "Gửi lại số đã cũ",
    "new-key": "Chuỗi mới, khóa mới",
}
MARK_MEANS = {
    "gap": "Bảng đã bỏ hoặc mất các báo cáo này; lượt chiếu trong đó không được tính.",
    "torn": "Báo cáo này không nối vào báo cáo đang giữ.",
    "fork": "Đĩa của bảng có thể bị khôi phục hoặc sao chép.",
    "old": "Bảng bị đặt lại bộ đếm, hoặc ai đó phát lại báo cáo cũ.",
    "new-key": "Bảng được ghi danh lại với khóa khác.",
}
REFUSED = {
    "bad-format": "sai định dạng",
    "report-key-wrong": "sai khóa ký",
    "report-large": "quá lớn",
    "report-slow": "gửi quá chậm",
    "report-rate": "gửi quá dồn dập",
    "hub-busy": "máy chủ bận",
}
REASON = {
    "lost": "Không nghe được bảng từ {heard}. Bảng vẫn tự chiếu bản đã có; gọi người trông bảng xem điện, mạng, SIM.",
    "late": "Báo cáo gần nhất nhận {heard}, lẽ ra mỗi {beat} một lần.",
    "never": "Bảng đã ghi danh nhưng chưa gửi báo cáo nào. Xem địa chỉ máy chủ và khóa trên bảng.",
    "foreign": "Hình đang hiện không phải hình đã duyệt. Gọi người đến xem ngay; nếu đúng là hình lạ thì ngắt"
    " nguồn mặt hiển thị và báo Công an xã.",
    "black": "Bảng hiện hình đen ngoài giờ tắt. Gọi người đến xem.",
    "frozen": "Hình đứng yên, không đổi theo lịch. Khởi động lại bảng nếu không tự hết.",
    "dark": "Bảng tối theo lịch: đang trong giờ tắt đã đặt, hết giờ tự sáng lại.",
    "dark-by-day": "Bảng tối theo lịch giữa ban ngày. Xem giờ tắt (dark) trong bangtin.toml và đồng hồ của bảng;"
    " không ai đặt như thế thì nghi lộ khóa phát hành.",
    "unchecked": "Chưa có gì xác nhận hình đang hiện là đúng.",
    "old": "Bảng còn giữ bản {number}, bản mới nhất là {newest}. Xem đường truyền của bảng.",
    "downloading": "Đang giữ bản {number}, đang tải bản {newest}.",
    "nothing": "Bảng chưa có bản phát hành nào.",
    "ahead": "Bảng báo bản {number}, lớn hơn bản mới nhất đã biết ({newest}). Xem lại máy phát hành.",
    "alone": "Chỉ bảng này báo bản {number}, các bảng khác của xã mới báo đến bản {newest}. Nếu vừa phát hành, hãy chờ"
    " các bảng ấy tải về; nếu không, hãy so với máy phát hành: bảng này báo sai, hoặc các bảng kia không tải được.",
    "no-newest": "Chưa biết bản mới nhất để so.",
    "safe": "Bảng đang hiện hình an toàn: không có nội dung hợp lệ để chiếu.",
    "sync-error": "Đồng bộ lỗi: {sync_error}",
    "sync-stale": "Đồng bộ được lần cuối lúc {synced}.",
    "clock-offset": "Giờ trong báo cáo lệch {offset} so với máy chủ: đồng hồ bảng sai, hoặc báo cáo gửi bù.",
    "disk-low": "Đĩa của bảng chỉ còn {disk} MB.",
    "hot": "Máy của bảng nóng {temp} °C.",
}
# Of codes that a board reports: where our sentence has gaps that the report cannot fill, or where people must act.
FAULT = {
    "dark-long": "Lịch đòi bảng tắt hoặc giảm sáng quá 14 giờ một ngày; phần quá bảng vẫn sáng. Xem dark và night trong"
    " bangtin.toml; không ai đặt như thế thì nghi lộ khóa phát hành.",
    "disk-worn": "Ổ nhớ của máy bảng báo đã mòn gần hết, có thể hỏng bất cứ lúc nào.",
    "disk-full": "Đĩa của bảng không đủ chỗ cho nội dung mới.",
    "file-wrong": "Máy chủ đưa tệp không đúng như đã ký; bảng không dùng tệp ấy.",
    "made-in-future": "Bản phát hành ghi giờ ở tương lai: đồng hồ máy của xã sai, hoặc có người giả.",
    "net-failed": "Bảng không lấy được gì từ máy chủ. Xem đường truyền của bảng.",
    "trust-delegation": "Bản phát hành trao quyền ký cho nơi bảng không chấp nhận.",
    "trust-misplaced": "Bản phát hành có tệp do sai vai ký.",
    "trust-missing": "Bản phát hành thiếu phần của bảng này.",
    "trust-older": "Máy chủ đưa bản cũ hơn bản bảng đang giữ.",
    "trust-other-board": "Máy chủ đưa lịch chiếu của bảng khác.",
    "trust-signature": "Chữ ký của bản phát hành không đúng.",
    "trust-target": "Bản phát hành có tệp không khớp chữ ký.",
    "tuf-expired": "Bản phát hành đã quá hạn chữ ký. Phát hành lại ở máy của xã.",
    "tuf-refused": "Bảng từ chối bản phát hành: chữ ký hoặc số bản không đúng.",
    "clock-suspect": "Đồng hồ của bảng không tin được.",
    "clock-unknown": "Bảng chưa biết giờ.",
}
_WRONG = (Screen.FOREIGN, Screen.BLACK, Screen.FROZEN)
MAX_SHOWN = 300  # characters of a board's own text on a page


def plain(text: str) -> str:
    """A board's own text without controls and direction overrides, so that it cannot disguise itself."""
    for character in control_characters(text):
        text = text.replace(character, "\ufffd")
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def span(time: timedelta) -> str:
    """`45 giây`, `3 phút`, `2 giờ 5 phút`, `12 giờ`, `4 ngày 3 giờ`: two units while the second matters."""
    seconds = int(abs(time).total_seconds())
    for size, word, small, small_word in ((86400, "ngày", 3600, "giờ"), (3600, "giờ", 60, "phút")):
        if seconds >= size:
            count, rest = seconds // size, seconds % size // small
            return f"{count} {word} {rest} {small_word}" if rest and count < 10 else f"{count} {word}"
    return f"{seconds // 60} phút" if seconds >= 60 else f"{seconds} giây"


def ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "chưa lần nào"
    past = now - moment
    return "vừa xong" if past < timedelta(seconds=5) else f"{span(past)} trước"


def seconds(count: int) -> str:
    """A number of seconds that a board reports; it may be any number."""
    return span(timedelta(seconds=min(count, 10**9)))


def offset(report: Report, received: datetime) -> str:
    """A report's own time against ours."""
    late = clock_offset(report, received)
    if abs(late) <= CLOCK_TOLERANCE:
        return "khớp"
    return f"{'chậm' if late > timedelta(0) else 'nhanh'} {span(late)}"


def clock(moment: datetime) -> str:
    return local(moment, "%H:%M:%S %d/%m/%Y")


def local(moment: datetime | int | None, form: str = "%H:%M %d/%m/%Y") -> str:
    """`07:30 22/11/2026`, Vietnamese time; of a moment, or of the store's milliseconds."""
    if moment is None:
        return "chưa rõ"
    moment = from_ms(moment) if isinstance(moment, int) else moment
    try:
        return moment.astimezone(VIETNAM_TIME).strftime(form)
    except OverflowError:  # a board may claim the year 9999
        return "không rõ"


def contact(facts: Facts, judgement: Judgement) -> tuple[str, Level]:
    """Whether it is heard; of a hub that was away itself, that it waits to be heard again."""
    return AWAITED if facts.awaited and judgement.contact is not Contact.LOST else CONTACT[judgement.contact]


def content(facts: Facts, judgement: Judgement) -> tuple[str, Level]:
    """Which publication it holds, as far as that is known now."""
    sure = not facts.awaited or judgement.content is not Content.CURRENT
    return CONTENT[judgement.content] if sure else UNSURE


def screen(facts: Facts, judgement: Judgement) -> tuple[str, Level]:
    """What is on the glass, as far as that is known now; what was wrong stays told."""
    sure = not facts.awaited or judgement.screen in _WRONG
    return SCREEN[judgement.screen] if sure else UNSURE


def publication_note(facts: Facts) -> str:
    """`bản 412`, or both numbers when they differ."""
    if facts.report is None or facts.report.publication is None:
        return "chưa có bản" if facts.report else ""
    number, newest = facts.report.publication, facts.newest
    if newest is None or newest.number == number:
        return f"bản {number}"
    alone = number > newest.number and not newest.proven
    return f"bản {number}, " + ("chỉ bảng này báo" if alone else f"mới nhất {newest.number}")


def screen_note(facts: Facts, judgement: Judgement) -> str:
    """Which layer was looked at; of a lost board, what it last said."""
    if facts.report is None:
        return ""
    if facts.awaited or judgement.contact is Contact.LOST:
        return f"lần cuối báo: {VERDICT[facts.report.verdict].lower()}"
    return LAYER[judgement.layer]


def reasons(facts: Facts, judgement: Judgement, now: datetime, *, dated: bool = False) -> list[tuple[str, Level]]:
    """Every reason as a sentence, the loudest first; `dated`: with times that are still right when it is read later."""
    known = _values(facts, now)
    if dated:
        known["heard"] = f"lúc {local(facts.received)}"
    told = []
    for code, level in judgement.reasons:
        family, _, name = code.partition(":")
        if family == "fault":
            sentence = _of_code(name) or f"Bảng tự báo sự cố: {name}."
            if name in SAFE_ASKED and facts.report:  # it may have been forgotten
                sentence += f" Từ {local(dict(facts.report.faults).get(name))}."
        elif family == "mark":
            sentence = f"{MARK[name]}. {MARK_MEANS[name]}"
        else:
            sentence = REASON[code].format_map(known)
        told.append((sentence, level))
    return told


def sync_error(report: Report) -> str:
    """What kept the board from fetching: our own sentence where it is one of our codes."""
    error = report.sync_error or ""
    return _of_code(error) or plain(error)


def _of_code(code: str) -> str | None:
    if code in FAULT:
        return FAULT[code]
    told = errors.sentence(code) if code in errors.codes() else ""
    return told if told and "{" not in told else None  # a sentence with gaps says less than the code


def showing_said(facts: Facts, judgement: Judgement) -> str:
    """What comes before the notice's title: the present only where the board is heard and right."""
    if facts.awaited or judgement.contact is not Contact.CONNECTED:
        return "Lần cuối báo đang chiếu"
    return "Lẽ ra đang chiếu" if judgement.screen in _WRONG else "Đang chiếu"


def gigabytes(megabytes: int) -> str:
    return f"{megabytes / 1024:.1f} GB".replace(".", ",") if megabytes >= 1024 else f"{megabytes} MB"


def play_seconds(ms: int) -> str:
    return f"{ms / 1000:.1f}".replace(".", ",")


def _values(facts: Facts, now: datetime) -> dict[str, str]:
    report = facts.report
    known = {"heard": ago(facts.received, now), "beat": span(facts.heartbeat)}
    known["newest"] = str(facts.newest.number) if facts.newest else "?"
    if report and facts.received:
        known |= {
            "number": str(report.publication), "sync_error": sync_error(report),
            "synced": local(report.sync_last_ok), "offset": span(clock_offset(report, facts.received)),
            "disk": str(report.machine.disk_free_mb), "temp": str(report.machine.temp_c),
        }  # fmt: skip
    return known
