"""Whoever can write in the shared folder, or holds an author's key and a program of their own: the review book."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from signage.errors import Refused
from signage.notice.canonical import SourceFile, digest
from signage.office import preview
from signage.office.book import Book
from signage.office.manifests import Edition, targets
from signage.office.publish import repository
from signage.publication import EMERGENCIES, MAX_REMOVED, EmergencyList, Manifest, manifest_name
from signage.review import Record, sign
from signage.wire import BadFormat, canonical, sha256
from tests.conftest import NOW

ALARM = {
    "kind": "thien-tai", "category": "thien-tai-dich-benh", "level": "3", "source": "Đài Khí tượng Thủy văn",
    "bulletin_time": "2026-11-22 08:30", "start": "2026-11-22 09:00", "end": "2026-11-22 21:00",
}  # fmt: skip


def wrong(told, value):
    return told + value if isinstance(value, timedelta) else value and {**told, **value}


def rewritten(data, how):
    """The same signed words in another file: longer, or in another encoding."""
    envelope = json.loads(data)
    if how == "spaces":
        return data + b" " * 20_000
    if how == "fields":
        envelope["signatures"][0]["more"] = "x" * 20_000
        return canonical(envelope)
    if how == "utf-16":
        return data.decode().encode("utf-16")
    envelope["payload"] = envelope["payload"].rstrip("=")
    return json.dumps(envelope).encode()


@pytest.mark.parametrize("how", ["spaces", "fields", "utf-16", "base64"])
def test_a_record_has_one_form(office, how):
    """In the emergency list one that is too long would make every board refuse every publication."""
    key = office.person("p5", "duty").key
    record = sign(key, act="withdraw", statement="0" * 64, person="p5", role="duty", at=NOW)
    assert Record.read(record.sealed.data) == record
    with pytest.raises(BadFormat):
        Record.read(rewritten(record.sealed.data, how))


def test_a_rewritten_record_stops_no_publication(office, text):
    office.write("tin/a", text())
    office.both("tin/a")
    records = office.settings.review_book / "records"
    for path, how in zip(sorted(records.iterdir()), ("utf-16", "spaces"), strict=True):
        path.write_bytes(rewritten(path.read_bytes(), how))
    assert [p.code for p in office.publish().problems].count("book-damaged") == 2
    assert EmergencyList.read(repository(office.settings).current(EMERGENCIES))


def test_a_statement_that_no_file_can_hold_is_left_out(office, text):
    office.write("tin/a", text())
    office.submit("tin/a")
    (standing,) = office.desk.standings()
    strange = replace(standing.statement, files=(SourceFile("xin", "0" * 64, 1),)).to_bytes()
    path = office.settings.review_book / "statements" / f"{'1' * 64}.json"
    path.write_bytes(strange.replace(b"xin", b"\\ud800"))
    book = Book(office.settings.review_book)
    assert list(book.statements()) == [standing.sha256]
    assert [p.code for p in book.problems] == ["book-damaged"]


@pytest.mark.parametrize("other", [
    {"alert": {"words": "Vỡ đập, chạy ngay"}}, {"alert": {"level": 5}}, {"alert": {"drill": True}},
    {"alert": {"template": "0" * 64}}, {"alert": {"source": "Ai đó"}}, {"end": timedelta(hours=9)},
    {"start": timedelta(hours=-3)}, {"alert": None},
])  # fmt: skip
def test_what_a_statement_says_beside_the_words_is_what_they_say(office, text, other):
    """An approver reads the notice; a board draws what the statement says of it, and goes by its times."""
    office.write("tin/a", text(**{"class": "khan-cap"}, **ALARM))
    office.submit("tin/a")
    (standing,) = office.desk.standings()
    statement = standing.statement
    assert office.desk.book.notice(statement).title == statement.title
    forged = {name: wrong(getattr(statement, name), value) for name, value in other.items()}
    with pytest.raises(Refused, match="book-text"):
        office.desk.book.notice(replace(statement, **forged))


def test_an_attachment_that_check_refuses_is_told_to_the_approver_or_refused(office, text):
    """An author's own program need not run `check`: a page with a script would be served under the commune's name."""
    path = office.write("tin/a", text(attachments="so-lieu.csv"))
    (path.parent / "so-lieu.csv").write_bytes(b"thon;ho\n1;2\n")
    office.submit("tin/a")
    (standing,) = office.desk.standings()
    assert not preview.strange_files(office.desk, [standing])
    statement, files = standing.statement, office.settings.review_book / "files"
    other = b"\0 no table"
    (files / f"{sha256(other)}.csv").write_bytes(other)
    forged = replace(statement, files=(replace(statement.files[0], sha256=sha256(other)),))
    (problem,) = preview.strange_files(office.desk, [replace(standing, statement=forged)])
    assert (problem.code, problem.values["name"]) == ("attachment-other", "so-lieu.csv")
    plain = (files / f"{statement.text}.md").read_bytes()

    def attached(name):
        words, page = plain.replace(b"so-lieu.csv", name.encode()), SourceFile(name, "0" * 64, 9)
        (files / f"{sha256(words)}.md").write_bytes(words)
        return replace(statement, text=sha256(words), digest=digest(words, (page,)), files=(page,))

    assert office.desk.book.notice(attached("trang.txt")).attachments == ("trang.txt",)
    with pytest.raises(Refused, match="book-text"):
        office.desk.book.notice(attached("trang.html"))


def test_a_picture_that_changes_between_two_looks_is_not_shown(office, text, tmp_path, monkeypatch):
    """The shared folder may answer otherwise when the page for the approver is laid out."""
    office.write("tin/a", text())
    office.submit("tin/a")
    desk, real = office.desk, Book.slides

    def changed(book, statement):
        paths = list(real(book, statement))
        paths[0].write_bytes(b"another picture")
        return iter(paths)

    monkeypatch.setattr(Book, "slides", changed)
    with pytest.raises(Refused, match="book-file"):
        preview.sheet(office.settings, desk, desk.standings(), tmp_path / "duyet", NOW)


def test_withdrawals_of_what_nobody_approved_push_nothing_out(office, text):
    """An author's key alone makes as many as there is room on the disk; one manifest too long stops everything."""
    office.write("tin/a", text())
    office.both("tin/a")
    (true,) = office.desk.take_back("tin/a", "withdraw", office.person("p1", "author"), NOW, "Sai")
    late = replace(true.withdrawn, at=NOW + timedelta(days=300))
    false = [replace(true, sha256=f"{n:064x}", approval=None, withdrawn=late) for n in range(MAX_REMOVED + 1)]
    lich = targets(office.settings, [], [*false, true], Edition.at("0" * 64, 2, NOW), [])
    removed = Manifest.read(lich[manifest_name("cong-xa")]).withdrawn
    assert len(removed) == MAX_REMOVED and true.sha256 in [one.statement for one in removed]


def test_a_statement_of_another_commune_is_none_of_ours(office, text):
    """The same person signs for many communes of a province: what is good for one is not good for the next."""
    office.write("tin/a", text())
    office.both("tin/a")
    settings = office.folder / "bangtin.toml"
    settings.write_text(settings.read_text("utf-8").replace('code = "99999"', 'code = "11111"'), "utf-8")
    assert not office.desk.standings()
    office.publish()
    assert not (office.folder / "publication/tin/a.html").exists()
