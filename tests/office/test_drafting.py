"""What officers have becomes a draft: what the document says is there, what it does not say is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signage.notice import Notice, read_file
from signage.notice.header import split
from signage.office import starter
from signage.office.drafting.draft import Draft, draft
from signage.settings import Settings, load
from tests.office import documents

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
ALWAYS = {"Kind", "Category", "Hamlets", "Boards", "Start", "End", "Summary"}  # asked for, whatever a document says
ANSWERS = {
    "Kind": "van-ban", "Category": "an-sinh", "Hamlets": "thon-3", "Boards": "all", "Start": "2026-11-22 09:00",
    "End": "2026-12-23 17:00", "Summary": "Tóm tắt.", "Title": "Tiêu đề", "Number": "46/KH-UBND",
    "Issued": "2026-11-21", "Issuer": "ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU", "Recipients": "Lưu: VT",
}  # fmt: skip
Made = Callable[[str, bytes], Draft]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load(starter.sample_root())


@pytest.fixture
def made(tmp_path: Path, settings: Settings) -> Made:
    """A draft of a file with this name and these bytes."""

    def run(name: str, data: bytes) -> Draft:
        path = tmp_path / name
        path.write_bytes(data)
        return draft(path, settings, NOW)

    return run


def fields(found: Draft) -> dict[str, str]:
    """A draft's fields by name."""
    return {f.name: f.value for f in split(found.markdown.decode(), "")[0].values()}


def body(found: Draft) -> str:
    return found.markdown.decode().split("\n\n", 1)[1]


def answered(found: Draft, settings: Settings, tmp_path: Path) -> Notice:
    """The notice that a draft becomes when a person fills in each of its blanks, and nothing else."""
    text = found.markdown.decode()
    for name, answer in ANSWERS.items():
        text = re.sub(rf"^{name}: \[điền:.*$", f"{name}: {answer}", text, flags=re.MULTILINE)
    text = re.sub(r"\[điền:[^\[\]\n]*\]", "chữ điền vào", text)
    folder = tmp_path / "content" / "thong-bao"
    folder.mkdir(parents=True)
    for name, data in found.files.items():
        (folder / name).write_bytes(data)
    (folder / f"{found.name}.md").write_text(text, encoding="utf-8")
    notice, problems = read_file(folder / f"{found.name}.md", tmp_path / "content", settings.places)
    assert notice is not None, [p.told() for p in problems]
    return notice


def codes(found: Draft) -> list[str]:
    return [p.code for p in found.warnings]


def test_a_signed_notice_asks_only_for_what_no_document_says(made: Made, settings: Settings, tmp_path: Path) -> None:
    found = made("Cắt điện thôn 3.docx", documents.power_cut())
    assert {p.field for p in found.questions} == ALWAYS and not found.warnings
    assert {p.code for p in found.questions} == {"blank-left"}
    notice = answered(found, settings, tmp_path)
    assert notice.document is not None and notice.document.signer is not None
    assert notice.title == "Thông báo về việc tạm ngừng cung cấp điện thôn 3 và thôn 5"
    assert (notice.document.number, str(notice.document.issued)) == ("45/TB-UBND", "2026-11-19")
    assert notice.issuer == "ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU"
    assert notice.document.signer.name == "Lý Đức Thịnh" and notice.document.signer.title == "PHÓ CHỦ TỊCH"
    assert notice.document.signer.authority == "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH"
    assert notice.document.recipients == ("Thường trực Đảng ủy (để báo cáo)", "Trưởng các thôn", "Lưu: VT, KT")
    assert "| 24/11/2026 | 05:00 – 17:00 | Thôn 3 |" in notice.body
    assert "CỘNG HÒA" not in notice.body and "Lý Đức Thịnh" not in notice.body
