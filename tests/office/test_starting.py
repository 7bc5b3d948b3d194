"""`bangtin new`: each kind's template tells what it waits for, and filled in it is a notice without a fault."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from signage import settings
from signage.errors import Problem
from signage.notice import KINDS, Notice, read_file
from signage.notice.hints import hints
from signage.office import brevity, starter
from signage.schedule import VIETNAM_TIME

SAMPLE = settings.load(Path(__file__).parents[2])
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=VIETNAM_TIME)
HAPPENING = {"cat-dien", "cat-nuoc", "tiep-dan", "tiem-chung", "hop-thon", "dau-gia", "tuyen-quan"}
NUMBERED = {"tiep-dan", "dau-gia", "niem-yet", "lay-y-kien", "tuyen-quan", "duong-cam", "chay-rung", "van-ban"}


def filled(template: str) -> str:
    """Each blank as its example, or as the words that say what belongs there; what one may delete is deleted."""
    kept = [line for line in template.split("\n") if "xóa dòng này]" not in line]
    return re.sub(r"\[điền: (?:[^\]]*ví dụ )?([^\]]*)\]", r"\1", "\n".join(kept))


def read(text: str, folder: Path) -> tuple[Notice | None, list[Problem]]:
    (folder / "moi.md").write_text(text, "utf-8")
    return read_file(folder / "moi.md", folder, SAMPLE.places)


@pytest.mark.parametrize("kind", KINDS)
def test_an_untouched_template_says_only_what_is_to_be_filled_in(kind: str, tmp_path: Path) -> None:
    text = starter.notice_template(kind, SAMPLE, NOW)
    notice, problems = read(text, tmp_path)
    assert notice is None and {p.code for p in problems} == {"blank-left"}
    assert "$" not in text and not hints(text, "moi.md")
    told = " ".join(p.told() for p in problems)
    assert kind == "trang" or "[Summary]" in told
    assert all(p.line and "[điền:" in text.split("\n")[p.line - 1] for p in problems)
    assert len(problems) == sum("[điền:" in line for line in text.split("\n"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_that_is_filled_in_is_a_good_notice(kind: str, tmp_path: Path) -> None:
    text = filled(starter.notice_template(kind, SAMPLE, NOW))
    notice, problems = read(text, tmp_path)
    assert notice and not problems and notice.kind == kind
    assert hints(text, "moi.md", [SAMPLE.commune.phone]) == []
    assert bool(notice.calendar) == (kind in HAPPENING) and bool(notice.document) == (kind in NUMBERED)
    days_off = SAMPLE.days_off(notice.start.date(), notice.end.date())
    for one in notice.occasions(days_off):
        assert notice.start <= one.start <= notice.end  # shown until it takes place


@pytest.mark.long
@pytest.mark.parametrize("kind", [k for k in KINDS if k != "trang"])
def test_a_template_that_is_filled_in_can_be_read_on_every_board(kind: str, tmp_path: Path) -> None:
    notice, _ = read(filled(starter.notice_template(kind, SAMPLE, NOW)), tmp_path)
    assert notice
    faults = brevity.problems(notice, SAMPLE.commune, SAMPLE.boards)
    assert {p.code for p in faults} <= {"board-shortened"}


def test_a_commune_without_hamlets_is_not_asked_for_one() -> None:
    text = starter.notice_template("cat-dien", replace(SAMPLE, hamlets=()), NOW)
    assert "Hamlets" not in text
    assert "thon-1, thon-2" in starter.notice_template("cat-dien", SAMPLE, NOW)
