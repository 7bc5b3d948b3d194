"""Submit, approve, take back: what the office's people may do, and what `check` tells them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signage.errors import BadInput, Refused
from signage.keys import PrivateKey
from signage.notice import Reading
from signage.office.desk import Desk, Signatory
from signage.office.standing import Standing, in_force, standings
from signage.review import People
from signage.review.statement import MAX_FILES
from signage.wire import BadFormat

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
Office = Any  # tests/conftest.py's


def codes(office: Office) -> dict[str, str]:
    desk = office.desk
    return {p.file.removesuffix(".md"): p.code for p in desk.problems(desk.read(), desk.standings())}


def standing(office: Office, ident: str = "tin/a") -> Standing:
    return in_force(office.desk.standings())[ident]


def test_the_way_of_a_notice(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    assert codes(office) == {"tin/a": "not-submitted"}
    office.submit("tin/a")
    assert codes(office) == {"tin/a": "waits-for-approval"}
    assert [s.statement.notice for s in office.desk.waiting()] == ["tin/a"]
    office.approve("tin/a")
    assert codes(office) == {} and not office.desk.waiting()
    shown = standing(office)
    assert set(shown.statement.slides) == {"led-384x192", "lcd-1280x720"}
    for path in office.desk.files_shown(shown):
        assert path.read_bytes()


def test_one_letter_changed_after_approval(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    before = standing(office).sha256
    office.write("tin/a", text(body="Đề nghị nhân dân chú y."))
    assert codes(office) == {"tin/a": "changed-after-approval"}
    assert standing(office).sha256 == before, "the approved words stay in force"
    assert b"ch\xc3\xba \xc3\xbd." in office.desk.book.notice(standing(office).statement).text
    office.both("tin/a", now=NOW + timedelta(minutes=1))
    assert codes(office) == {} and standing(office).sha256 != before


def test_a_change_between_submission_and_approval(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.submit("tin/a")
    office.write("tin/a", text(body="Khác."))
    with pytest.raises(Refused, match="nothing-waits"):
        office.approve("tin/a")


def test_what_was_taken_back_brings_no_older_one_back_when_its_approver_turns_out_stolen(
    office: Office, text: Callable[..., str]
) -> None:
    minute = timedelta(minutes=1)
    office.write("tin/a", text())
    office.both("tin/a")
    office.write("tin/a", text(body="Nội dung mới."))
    office.submit("tin/a", now=NOW + minute)
    office.approve("tin/a", person="p2", now=NOW + 2 * minute)
    desk = office.desk
    desk.take_back("tin/a", "withdraw", office.person("p5", "duty"), NOW + 3 * minute, "Sai")
    stolen = tuple(replace(p, void_from=NOW if p.id == "p2" else None) for p in desk.people.people)
    every = standings(desk.book.statements(), desk.book.records(), People(stolen))
    assert sorted(bool(s.approval) for s in every) == [False, True] and not in_force(every)
    office.write("tin/a", text(body="Nội dung đúng."))
    office.both("tin/a", now=NOW + 4 * minute)
    again = standings(desk.book.statements(), desk.book.records(), People(stolen))
    assert in_force(again)["tin/a"].approval, "a new one may come"


def test_nobody_approves_their_own(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.submit("tin/a", person="p2")
    with pytest.raises(Refused, match="same-person"):
        office.approve("tin/a", person="p2")


def test_a_key_that_is_not_yours_signs_nothing(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    for stranger in (
        Signatory("p1", "author", PrivateKey.generate()),
        Signatory("p3", "author", office.person("p3", "x").key),
    ):
        with pytest.raises(Refused, match="may-not-sign"):
            office.desk.submit(["tin/a"], stranger, NOW)
    assert not list((office.folder / "content/so-duyet").glob("records/*"))


def test_a_changed_people_file_gives_nobody_a_role(office: Office, text: Callable[..., str]) -> None:
    """Only the offline key makes people.toml count."""
    office.write("tin/a", text())
    office.submit("tin/a")
    path = office.folder / "people.toml"
    path.write_text(path.read_text("utf-8").replace('roles = ["author"]', 'roles = ["author", "approver"]'), "utf-8")
    with pytest.raises(Refused, match=r"may-not-sign|same-person"):
        office.approve("tin/a", person="p1")


def test_every_problem_at_once_and_nothing_written(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text(kind="cat-diem"))
    office.write("tin/b", text(boards="board:x"))
    office.write("tin/c", text())
    with pytest.raises(BadInput) as caught:
        office.submit("tin/a", "tin/b", "tin/c", "tin/d")
    assert {p.code for p in caught.value.problems} == {"choice-bad", "board-unknown", "notice-unknown"}
    assert not (office.folder / "content/so-duyet").exists()


def test_withdrawal_hiding_and_showing(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    desk = office.desk
    desk.take_back("tin/a", "hide", office.person("p1", "author"), NOW, "")
    assert standing(office).hidden
    with pytest.raises(Refused, match="may-not-sign"):
        desk.take_back("tin/a", "show", office.person("p1", "approver"), NOW + timedelta(minutes=1), "")
    desk.take_back("tin/a", "show", office.person("p3", "approver"), NOW + timedelta(minutes=1), "")
    assert not standing(office).hidden
    desk.take_back("tin/a", "withdraw", office.person("p3", "approver"), NOW, "Đổi lịch")
    assert standing(office).withdrawn
    with pytest.raises(Refused, match="nothing-shown"):
        desk.take_back("tin/a", "withdraw", office.person("p3", "approver"), NOW, "Đổi lịch")


def test_what_was_taken_back_returns_only_in_other_words(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    office.desk.take_back("tin/a", "withdraw", office.person("p3", "approver"), NOW, "Đổi lịch")
    with pytest.raises(Refused, match="withdrawn-before"):
        office.submit("tin/a")
    office.write("tin/a", text(date="2026-11-20 09:01"))
    office.both("tin/a", now=NOW + timedelta(minutes=1))
    assert not standing(office).withdrawn


def test_who_hid_it_once_can_hide_it_again(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    desk, author, approver = office.desk, office.person("p1", "author"), office.person("p3", "approver")
    for minute, (act, who) in enumerate([("hide", author), ("show", approver), ("hide", author)]):
        desk.take_back("tin/a", act, who, NOW + timedelta(minutes=minute), "")
        assert standing(office).hidden == (act == "hide")


def test_a_signature_that_no_longer_counts_can_be_given_again(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.submit("tin/a")
    old = office.desk
    old.approve(["tin/a"], office.person("p3", "approver"), NOW)
    lost = old.people.get("p3").keys[0]
    new = PrivateKey.generate()
    people = [
        replace(p, keys=(replace(lost, until=NOW - timedelta(1)), replace(lost, key=new.public)))
        if p.id == "p3" else p for p in old.people.people
    ]  # fmt: skip
    desk = Desk(office.settings, People(tuple(people)))
    assert [s.why for s in desk.standings()] == ["no-approver"]
    desk.approve(["tin/a"], Signatory("p3", "approver", new), NOW + timedelta(minutes=1))
    assert in_force(desk.standings())


def test_two_notices_of_the_same_words_are_two_statements(office: Office, text: Callable[..., str]) -> None:
    for ident in ("tin/a", "tin/b"):
        office.write(ident, text())
        office.submit(ident)
    assert [s.statement.notice for s in office.desk.waiting()] == ["tin/a", "tin/b"]


def test_what_no_board_would_read_is_not_signed(office: Office, text: Callable[..., str]) -> None:
    names = [f"a{n}.txt" for n in range(MAX_FILES + 1)]
    path = office.write("tin/a", text(attachments="; ".join(names)))
    for name in names:
        path.with_name(name).write_text(name)
    with pytest.raises(BadFormat, match="at most 40"):
        office.submit("tin/a")
    assert not list((office.folder / "content/so-duyet").glob("statements/*"))


def test_a_deleted_file_is_told_and_stays_published(office: Office, text: Callable[..., str]) -> None:
    path = office.write("tin/a", text())
    office.both("tin/a")
    path.unlink()
    assert codes(office) == {"tin/a": "file-gone"}


def test_damage_in_the_review_book_is_named_and_does_not_count(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    book = office.folder / "content/so-duyet"
    (statement,) = book.glob("statements/*.json")
    (record,) = book.glob("records/*.approve.*.json")
    record.write_bytes(record.read_bytes().replace(b"sig", b"gis"))
    assert in_force(office.desk.standings()) == {}
    statement.write_bytes(statement.read_bytes()[:-1])
    assert set(codes(office).values()) == {"book-damaged", "not-submitted"} or "book-damaged" in codes(office).values()


def test_a_changed_slide_in_the_book_is_refused(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    slide = office.desk.files_shown(standing(office))[0]
    data = bytearray(slide.read_bytes())
    data[-1] ^= 1
    slide.write_bytes(bytes(data))
    with pytest.raises(Refused, match="book-file"):
        office.desk.files_shown(standing(office))


def test_an_emergency_by_the_duty_person_alone(office: Office, text: Callable[..., str]) -> None:
    fields = {"class": "khan-cap", "kind": "thien-tai", "level": "3", "source": "Đài KTTV",
              "bulletin_time": "2026-11-22 08:00", "start": "2026-11-22 08:00", "end": "2026-11-22 20:00"}  # fmt: skip
    office.write("khan-cap/lu", text(title="Lũ lên", **fields))
    office.write("tin/a", text())
    raised = office.desk.raise_alert("khan-cap/lu", office.person("p5", "duty"), NOW)
    assert raised.approval and raised.statement.alert and raised.statement.alert["level"] == 3
    with pytest.raises(Refused, match="alert-not-emergency"):
        office.desk.raise_alert("tin/a", office.person("p5", "duty"), NOW)


def test_submitting_again_draws_nothing_new(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.submit("tin/a")
    office.submit("tin/a", person="p2")
    assert len(list((office.folder / "content/so-duyet/statements").iterdir())) == 1


def test_reading_is_the_officers_folder_without_the_book(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    reading: Reading = office.desk.read()
    assert list(reading.notices) == ["tin/a"] and not reading.problems
