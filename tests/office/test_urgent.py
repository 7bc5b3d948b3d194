"""The short way of an emergency: the boards' list alone, as a whole publication would sign it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signage import durable
from signage.errors import Unavailable
from signage.office import archive
from signage.office.boards import number_told
from signage.office.inquiry import inquire
from signage.office.minutes import KEPT
from signage.office.publish import repository
from signage.office.repository import Repository
from signage.office.urgent import publish_emergencies
from signage.publication import EMERGENCIES, EmergencyList

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIELDS = {"class": "khan-cap", "kind": "thien-tai", "source": "Đài KTTV", "bulletin_time": "2026-11-22 08:00",
          "start": "2026-11-22 08:00", "end": "2026-11-22 20:00"}  # fmt: skip
Office = Any  # tests/conftest.py's
Text = Callable[..., str]


@pytest.fixture(autouse=True)
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are of boards: what follows an emergency on the site is built elsewhere (`test_publish`)."""
    monkeypatch.setattr("signage.office.publish.Publisher._build", lambda *_: None)


def alarm(office: Office, text: Text, name: str, level: int = 3, now: datetime = NOW) -> str:
    """A signed emergency; its statement."""
    office.write(f"khan-cap/{name}", text(title=f"Lũ lên {name}", level=str(level), **FIELDS))
    standing = office.desk.raise_alert(f"khan-cap/{name}", office.person("p5", "duty"), now)
    return str(standing.sha256)


def act(office: Office, name: str, act: str, now: datetime) -> str:
    who = office.person("p5", "duty")
    return str(office.desk.take_back(f"khan-cap/{name}", act, who, now, "Lũ rút")[0].sha256)


def served(office: Office) -> EmergencyList:
    return EmergencyList.read(repository(office.settings).current(EMERGENCIES) or b"")


def said(office: Office) -> tuple[Any, Any]:
    return served(office).entries, served(office).cancelled


def faults(office: Office) -> list[str]:
    return [p.code for p in inquire(office.settings, repository(office.settings))[1] if p.severity == "error"]


def test_it_signs_what_the_whole_publication_would(office: Office, text: Text) -> None:
    office.publish()
    for name, level in (("a", 3), ("b", 5), ("c", 1)):
        number = publish_emergencies(office.settings, [alarm(office, text, name, level)], NOW)
        assert number == repository(office.settings).version("lich") == served(office).number
    assert publish_emergencies(office.settings, [act(office, "b", "withdraw", NOW + MINUTE)], NOW + MINUTE)
    short = said(office)
    assert [len(entries) for entries in short] == [2, 1] and not faults(office)
    version = repository(office.settings).version("lich")
    outcome = office.publish(NOW + MINUTE)
    assert repository(office.settings).version("lich") == version == outcome.number, "the boards have it all already"
    assert said(office) == short and not faults(office)


def test_everything_else_waits_for_the_publication_after(office: Office, text: Text) -> None:
    office.publish()
    before = {name: repository(office.settings).current(name) for name in repository(office.settings).current_names()}
    office.write("tin/b", text())
    office.both("tin/b")
    assert publish_emergencies(office.settings, [alarm(office, text, "a")], NOW)
    repo = repository(office.settings)
    assert {n for n in repo.current_names() if repo.current(n) != before[n]} == {EMERGENCIES}
    assert number_told(repo) == repo.version("lich") - 1, "what boards say they have is their manifest's number"
    office.publish()
    assert {n for n in repo.current_names() if repo.current(n) != before[n]} > {EMERGENCIES}
    assert len(served(office).entries) == 1 and not faults(office)


def test_each_of_two_in_a_row_is_kept_in_the_archive(office: Office, text: Text) -> None:
    office.publish()
    for name in "ab":
        publish_emergencies(office.settings, [alarm(office, text, name)], NOW)
    office.publish()
    kept = [path.name.split("-")[1] for path in sorted((office.folder / archive.FOLDER).glob("2026/*"))]
    assert kept == ["2", "3", "4"]


@pytest.mark.parametrize("how", ["withdraw", "hide"])
def test_what_was_taken_down_comes_not_back_with_the_next_one(office: Office, text: Text, how: str) -> None:
    """Not though its record is deleted from the shared folder, nor though nobody has published it yet."""
    for name in "ab":
        alarm(office, text, name)
    office.publish()
    act(office, "a", how, NOW + MINUTE)
    office.publish(NOW + MINUTE)
    for path in office.settings.review_book.glob(f"records/*.{how}.*"):
        path.unlink()
    act(office, "b", how, NOW + 2 * MINUTE)
    assert publish_emergencies(office.settings, [alarm(office, text, "c")], NOW + 2 * MINUTE)
    entries, cancelled = said(office)
    assert ["Lũ lên c" in entry.statement.decode() for entry in entries] == [True]
    assert len(cancelled) == (2 if how == "withdraw" else 0)


def test_who_may_not_raises_nothing(office: Office, text: Text) -> None:
    """A statement without a record that counts, and one of another commune, are no emergency."""
    office.publish()
    sha = alarm(office, text, "a")
    for path in office.settings.review_book.glob(f"records/{sha}.*"):
        path.rename(path.with_suffix(".bak"))
    assert publish_emergencies(office.settings, [sha, "0" * 64], NOW) is None and not served(office).entries


def test_its_words_damaged_it_stays_off_the_boards(office: Office, text: Text) -> None:
    office.publish()
    sha = alarm(office, text, "a")
    (standing,) = office.desk.standings()
    office.desk.book.file(standing.statement.text, "md").write_bytes(b"x")
    assert publish_emergencies(office.settings, [sha], NOW) is None and not served(office).entries


def test_where_only_the_whole_publication_helps_it_says_so(
    office: Office, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.publish()
    sha = alarm(office, text, "a")
    assert publish_emergencies(office.settings, [sha], NOW - timedelta(days=1)) is None, "a clock that went back"
    with monkeypatch.context() as power, pytest.raises(OSError, match="power"):
        power.setattr(Repository, "_timestamp", lambda *_: (_ for _ in ()).throw(OSError("power")))
        publish_emergencies(office.settings, [sha], NOW)
    assert publish_emergencies(office.settings, [sha], NOW) is None, "what was half-written is published whole"
    office.publish()
    assert len(served(office).entries) == 1 and not faults(office)


def test_it_waits_for_the_publication_under_way(office: Office, text: Text) -> None:
    office.publish()
    sha = alarm(office, text, "a")
    with durable.only_one(office.folder / "state/publish.lock"), pytest.raises(Unavailable, match="locked"):
        publish_emergencies(office.settings, [sha], NOW, patience_s=0.05)
    assert not served(office).entries


def test_the_log_needs_no_reading_but_is_read_where_its_end_does_not_fit(office: Office, text: Text) -> None:
    office.publish()
    (path,) = (office.folder / "nhat-ky").glob("*.jsonl")
    path.write_bytes(path.read_bytes() + b'{"torn')
    assert publish_emergencies(office.settings, [alarm(office, text, "a")], NOW)
    assert not faults(office) and not list((office.folder / "nhat-ky" / KEPT).glob("*"))
