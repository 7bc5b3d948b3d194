"""Taken down at night: by one person, signed, published at once; shown again by an approver alone."""

import json
import shlex
import shutil
from datetime import timedelta

import pytest

from signage.board import identity, panic
from signage.cli import main
from signage.errors import Refused
from signage.office import safety
from signage.office.publish import repository
from signage.publication import EMERGENCIES, EmergencyList, Manifest, manifest_name
from tests.conftest import NOW
from tests.test_guides import DOCS, commands

PAGE = DOCS / "ha-noi-dung.md"
BOARDS = ("cong-xa", "nha-van-hoa-3")


def manifests(office):
    repo = repository(office.settings)
    return [Manifest.read(repo.current(manifest_name(board))) for board in BOARDS]


def ask(office, act, person, role, now):
    identity = repository(office.settings).identity()[1]
    safety.ask(office.desk, identity, act, office.person(person, role), now, "")
    return safety.asked(office.desk, identity)


def test_any_one_puts_the_safe_slide_on_all_boards_and_an_approver_alone_ends_it(office, text):
    office.write("tin/a", text())
    office.both("tin/a")
    office.publish()
    before = manifests(office)
    assert ask(office, "hide", "p5", "duty", NOW)
    assert "safe-asked" in [p.code for p in office.publish().problems], "who publishes is told, lest it be forgotten"
    for old, new in zip(before, manifests(office), strict=True):
        assert new.safe and not old.safe and new.number > old.number
        assert new.items == old.items, "nothing has to be fetched again afterwards"
        assert new.phone == "0299 000 0000"
    with pytest.raises(Refused, match="may-not-sign"):
        ask(office, "show", "p1", "approver", NOW)
    assert ask(office, "show", "p1", "author", NOW), "signed, and worth nothing"
    assert not ask(office, "show", "p3", "approver", NOW), "in the same second too"
    office.publish()
    assert not any(m.safe for m in manifests(office))


def test_of_two_clocks_the_later_act_counts(office):
    """One machine is an hour ahead: what is asked afterwards at another must not be lost."""
    for person, role in (("p1", "author"), ("p3", "approver"), ("p5", "duty")):
        assert ask(office, "hide", person, role, NOW + timedelta(hours=1))
        assert not ask(office, "show", "p3", "approver", NOW)
        assert ask(office, "hide", person, role, NOW)
        assert not ask(office, "show", "p3", "approver", NOW)


def test_a_record_of_another_commune_or_of_nobody_asks_for_nothing(office, make_office):
    other = make_office("khac")
    identity = repository(office.settings).identity()[1]
    strange = safety.ask(other.desk, identity, "hide", other.person("p1", "author"), NOW, "")
    office.desk.book.put_record(strange)
    safety.ask(office.desk, "0" * 64, "hide", office.person("p1", "author"), NOW, "")
    assert not safety.asked(office.desk, identity)


# ── one action ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shown(office, text):
    """A notice on the boards and on the site; its page."""
    office.write("tin/a", text(title="Sai rồi"))
    office.write("tin/b", text(title="Đúng", boards="board:nha-van-hoa-3"))
    office.both("tin/a", "tin/b")
    office.publish()
    page = office.folder / "publication/tin/a.html"
    assert page.exists()
    return page


def bangtin(office, *words):
    return main([*words, "--dir", str(office.folder)])


def test_hide_is_one_action_and_names_the_notices_own_boards(office, shown, capsys):
    assert bangtin(office, "hide", "tin/b", "--as", "p1", "--reason", "Hình lạ") == 0
    told = capsys.readouterr().out
    assert "Đã phát hành" in told and "Không ai xác nhận được" in told
    assert "(nha-van-hoa-3)" in told and "(cong-xa)" not in told
    (mark,) = manifests(office)[1].hidden  # the hub's page has its beginning
    assert bangtin(office, "show", mark[:16], "--as", "p5") == 3
    assert bangtin(office, "show", mark[:16], "--as", "p3") == 0
    assert not manifests(office)[1].hidden


def test_withdrawn_it_leaves_a_marker_with_its_reason_whatever_comes_later(office, shown, tmp_path):
    """Later: the very words again, an approver's show, and last week's publication copied back from a stick."""
    old = shutil.copytree(office.folder / "publication", tmp_path / "usb")
    assert bangtin(office, "withdraw", "tin/a", "--as", "p1") == 2, "a reason is asked for"
    assert bangtin(office, "withdraw", "tin/a", "--as", "p1", "--reason", "Nhầm ngày họp") == 0
    assert "Nhầm ngày họp" in shown.read_text("utf-8") and "nhân dân chú ý" not in shown.read_text("utf-8")
    assert bangtin(office, "submit", "tin/a", "--as", "p1") == 3
    assert bangtin(office, "show", "tin/a", "--as", "p3") == 3
    shutil.rmtree(office.folder / "publication")
    shutil.copytree(old, office.folder / "publication")
    bangtin(office, "publish")
    assert "Nhầm ngày họp" in shown.read_text("utf-8") and "nhân dân chú ý" not in shown.read_text("utf-8")
    assert [(len(m.withdrawn), len(m.items)) for m in manifests(office)] == [(1, 0), (1, 1)]


def test_without_the_publishing_keys_it_signs_and_says_who_publishes(office, shown, capsys):
    assert bangtin(office, "hide", "tin/a", "--as", "p1", "--no-publish") == 0
    assert shown.exists() and not any(m.hidden for m in manifests(office))
    for role in ("lich", "snapshot", "timestamp"):
        (office.folder / f"keys/{role}.pem").rename(office.folder / f"{role}.pem")
    assert bangtin(office, "safe", "on", "--as", "p1") == 0
    told = capsys.readouterr().out
    assert "Chưa có hiệu lực" in told and "publish --watch" in told and not any(m.safe for m in manifests(office))
    for role in ("lich", "snapshot", "timestamp"):
        (office.folder / f"{role}.pem").rename(office.folder / f"keys/{role}.pem")
    bangtin(office, "publish")
    assert not shown.exists() and all(m.safe and m.hidden for m in manifests(office)), (
        "what was signed there is published here"
    )


def test_a_notice_whose_words_were_damaged_is_taken_down_all_the_same(office, shown, capsys):
    """Whoever can write in the shared folder must not be able to keep a wrong notice on the glass."""
    (statement,) = [s for s in office.desk.standings() if s.statement.notice == "tin/a"]
    (office.settings.review_book / "files" / f"{statement.statement.text}.md").unlink()
    assert bangtin(office, "withdraw", "tin/a", "--as", "p1", "--reason", "Sai") == 0
    assert "(nha-van-hoa-3)" in capsys.readouterr().out
    assert all([r.statement for r in m.withdrawn] == [statement.sha256] for m in manifests(office))


@pytest.mark.parametrize("how", ["deleted", "changed", "linked"])
def test_who_can_write_in_the_shared_folder_undoes_no_taking_down(office, shown, tmp_path, how):
    """What the office has seen once it keeps, beside its log."""
    assert bangtin(office, "hide", "tin/a", "--as", "p1", "--reason", "Hình lạ") == 0
    assert bangtin(office, "safe", "on", "--as", "p5") == 0
    for path in (office.settings.review_book / "records").glob("*.hide.*"):
        data = path.read_bytes()
        path.unlink()
        if how == "changed":
            path.write_bytes(data[:-1])
        if how == "linked":
            (tmp_path / path.name).write_bytes(data)
            path.symlink_to(tmp_path / path.name)
    told = [p.code for p in office.publish().problems]
    assert told.count("record-brought-back") == 2
    assert not shown.exists() and all(m.safe and m.hidden for m in manifests(office))
    assert "record-brought-back" not in [p.code for p in office.publish().problems]


def test_a_site_that_cannot_be_built_keeps_no_board_waiting(office, shown, capsys):
    (office.folder / "pelicanconf.py").write_text("raise RuntimeError('hỏng')\n", "utf-8")
    assert bangtin(office, "safe", "on", "--as", "p5") != 0
    told = capsys.readouterr()
    assert all(m.safe for m in manifests(office)) and "Không ai xác nhận được" in told.out and told.err


def test_under_the_safe_slide_an_emergency_is_still_published(office, shown, capsys):
    assert bangtin(office, "safe", "on", "--as", "p1") == 0
    raised = ["alert", "raise", "--as", "p5", "--level", "3", "--source", "Đài", "--title", "Lũ", "--text", "Chạy."]
    assert bangtin(office, *raised) == 0
    alarms = EmergencyList.read(repository(office.settings).current(EMERGENCIES))
    assert [json.loads(e.statement)["title"] for e in alarms.entries] == ["Lũ"]
    assert all(m.safe for m in manifests(office))
    (ident,) = (f"khan-cap/{p.parent.name}/{p.stem}" for p in office.folder.glob("content/khan-cap/*/*.md"))
    assert bangtin(office, "alert", "cancel", ident, "--as", "p1") == 0
    assert "(nha-van-hoa-3)" in capsys.readouterr().out, "it says as much as any taking down"
    assert not EmergencyList.read(repository(office.settings).current(EMERGENCIES)).entries


def test_the_page_for_the_night_command_by_command(office, text, tmp_path, monkeypatch, capsys):
    """docs/ha-noi-dung.md, in order but for the withdrawal, after which nothing could be shown again."""
    ident = "thong-bao/2026/cat-dien-thon-3"
    office.write(ident, text())
    office.both(ident)
    office.publish()
    board = tmp_path / "bang"
    identity.enroll(board, board="cong-xa", url="http://127.0.0.1:9", root=repository(office.settings).root_bytes())
    monkeypatch.chdir(office.folder)
    typed = [shlex.split(command.replace("/srv/bang", str(board)))[1:] for command in commands(PAGE)]
    typed.sort(key=lambda words: words[0] == "withdraw")
    assert len(typed) > 7
    for words in typed:
        nobody_plays = words[:2] == ["board", "panic"] and "--off" not in words
        assert main(words) == (1 if nobody_plays else 0), (words, capsys.readouterr())
    assert not panic.on(board / "state") and not any(m.safe or m.hidden for m in manifests(office))
    assert all(m.withdrawn for m in manifests(office)) and (office.folder / "state/nhan-bang.html").exists()
