"""`bangtin alert`: on the boards before anything else is published, and whatever becomes of that."""

from signage.cli import main
from signage.errors import Unavailable
from signage.office.desk import Desk
from signage.office.publish import repository
from signage.publication import EMERGENCIES, EmergencyList, manifest_name

WORDS = ["--title", "Lũ lên nhanh", "--text", "Di dời ngay.", "--level", "4", "--source", "Đài KTTV", "--as", "p5"]


def bangtin(office, *words):
    return main([*words, "--dir", str(office.folder)])


def served(office):
    return EmergencyList.read(repository(office.settings).current(EMERGENCIES))


def test_an_emergency_and_its_end_reach_the_boards_though_nothing_else_can_be_published(office, monkeypatch, capsys):
    office.publish()
    manifest, told = repository(office.settings).current(manifest_name("cong-xa")), []

    def never(settings, now):
        told.append((len(served(office).entries), len(served(office).cancelled)))
        raise Unavailable("locked", file="publish.lock")

    monkeypatch.setattr("signage.office.publish.publish", never)
    assert bangtin(office, "alert", "raise", "--name", "lu", *WORDS) == 1
    assert "Đã phát tới các bảng: bản số" in capsys.readouterr().out
    (ident,) = (path.relative_to(office.folder / "content") for path in office.folder.glob("content/khan-cap/*/lu.md"))
    assert bangtin(office, "alert", "cancel", str(ident.with_suffix("")), "--as", "p5") == 1
    assert "Đã phát tới các bảng: bản số" in capsys.readouterr().out
    assert told == [(1, 0), (0, 1)]
    assert repository(office.settings).current(manifest_name("cong-xa")) == manifest  # the boards need not fetch it


def test_who_raises_or_ends_an_alarm_waits_for_no_archive_to_be_read(office, monkeypatch):
    office.publish()
    monkeypatch.setattr("signage.cli.publishing.publish_once", lambda *_: 0)
    read, some = [], Desk.read
    monkeypatch.setattr(Desk, "standings", lambda _: read.append("book") or [])
    monkeypatch.setattr(Desk, "read", lambda desk, few=None: some(desk, few) if few else read.append("folder"))
    assert bangtin(office, "alert", "raise", "--name", "lu", *WORDS) == 0
    (path,) = office.folder.glob("content/khan-cap/*/lu.md")
    assert bangtin(office, "alert", "cancel", str(path.relative_to(office.folder / "content")), "--as", "p5") == 0
    assert (len(served(office).entries), len(served(office).cancelled), read) == (0, 1, [])


def test_an_alarm_whose_address_another_file_may_have_is_held_against_all_of_them(office, text):
    office.publish()
    office.write("hop/lu", text())
    assert bangtin(office, "alert", "raise", "--name", "lu", "--no-publish", *WORDS) == 1
    assert not served(office).entries and not list(office.folder.glob("content/khan-cap/*/lu.md"))


def test_a_short_way_that_is_closed_holds_up_nothing(office, monkeypatch, capsys):
    office.publish()

    def closed(*_, **__):
        raise Unavailable("locked", file="publish.lock")

    monkeypatch.setattr("signage.office.urgent.publish_emergencies", closed)
    assert bangtin(office, "alert", "raise", *WORDS) == 0
    assert "Đã phát hành" in capsys.readouterr().out and len(served(office).entries) == 1


def test_who_only_signs_publishes_nothing(office, capsys):
    office.publish()
    assert bangtin(office, "alert", "raise", "--no-publish", *WORDS) == 0
    assert "Đã phát" not in capsys.readouterr().out and not served(office).entries
