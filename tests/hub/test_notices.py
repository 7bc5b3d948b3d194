"""The office's real publication, read into the hub's store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from signage.hub import notices
from signage.hub.published import Folders, Published
from signage.hub.seen import posted
from signage.hub.store import Store
from signage.hub.store import tables as t
from signage.hub.store.engine import from_ms, to_ms
from signage.office.urgent import publish_emergencies

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FLOOD = {"class": "khan-cap", "kind": "thien-tai", "source": "Đài KTTV", "bulletin_time": "2026-11-22 08:00",
         "start": "2026-11-22 08:00", "end": "2026-11-22 20:00", "level": "3"}  # fmt: skip
POWER, MEETING = "thong-bao/cat-dien", "thong-bao/hop"
Office = Any  # tests/conftest.py's
Text = Callable[..., str]


@pytest.fixture(autouse=True)
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """The website is built elsewhere; of it the hub reads `notices.json` alone, which is put there below."""
    monkeypatch.setattr("signage.office.publish.Publisher._build", lambda *_: None)


@pytest.fixture
def published(office: Office, text: Text, store: Store) -> Published:
    """Two notices, published and read."""
    office.write(POWER, text(hamlets="thon-3", boards="board:nha-van-hoa-3"))
    office.write(MEETING, text(title="Họp thôn", kind="hop-thon"))
    office.both(POWER, MEETING, now=NOW - 3 * MINUTE)
    office.publish(NOW)
    made = Published(store, Folders(office.settings.publication))
    made.look()
    return made


def rows(store: Store) -> dict[str, Any]:
    with store.reading() as connection:
        return {row.notice: row for row in connection.execute(select(t.notice))}


def test_a_notice_is_read_with_its_dates_boards_and_files(published: Published, office: Office, store: Store) -> None:
    power = rows(store)[POWER]
    assert (power.commune, power.title, power.kind) == ("99999", "Ngừng cung cấp điện thôn 3", "cat-dien")
    assert json.loads(power.boards) == ["nha-van-hoa-3"] and json.loads(rows(store)[MEETING].boards) == [
        "cong-xa", "nha-van-hoa-3"
    ]  # fmt: skip
    assert power.submitted == power.approved == to_ms(NOW - 3 * MINUTE) and power.published == to_ms(NOW)
    board = published.folders["99999"] / "board"
    served = {path.stem for path in (board / "slides").iterdir()}
    assert set(json.loads(power.files)) <= served
    file = json.loads(power.files)[0]
    found = notices.slide(board, file)
    assert found and found[1] == "image/webp"
    (board / "slides" / f"{file}.webp").write_bytes(b"something else")
    assert notices.slide(board, file) is None, "what is not what its name says is not shown"
    with store.reading() as connection:
        commune = connection.execute(select(t.commune)).one()
    assert (commune.code, commune.published) == ("99999", 2)


def test_a_commune_whose_boards_came_without_its_name_gets_it_here(office: Office, text: Text, store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(t.commune), {"code": "99999"})
    office.write(POWER, text())
    office.both(POWER, now=NOW - 3 * MINUTE)
    office.publish(NOW)
    Published(store, Folders(office.settings.publication)).look()
    with store.reading() as connection:
        assert connection.execute(select(t.commune.c.name)).scalar_one() == office.settings.commune.name


def test_category_and_hamlets_come_from_the_website_s_list_whenever_it_comes(
    published: Published, office: Office, store: Store
) -> None:
    assert rows(store)[POWER].category == ""
    line = {"statement": rows(store)[POWER].statement, "category": "an-sinh", "hamlets": ["thon-3"]}
    (office.settings.publication / "notices.json").write_text(json.dumps({"notices": [line]}))
    published.look()
    told = rows(store)[POWER]
    assert (told.category, told.hamlets) == ("an-sinh", '["thon-3"]')
    (office.settings.publication / "notices.json").write_text("{")
    published.look()
    assert rows(store)[POWER].category == "an-sinh", "a list that cannot be read takes nothing back"


def test_what_was_taken_back_hidden_or_replaced_is_told_apart(
    published: Published, office: Office, text: Text, store: Store
) -> None:
    duty = office.person("p5", "duty")
    office.desk.take_back(POWER, "withdraw", office.person("p1", "author"), NOW + MINUTE, "Đã có điện")
    office.desk.take_back(MEETING, "hide", duty, NOW + MINUTE, "Sai giờ")
    office.publish(NOW + 2 * MINUTE)
    published.look()
    power, meeting = rows(store)[POWER], rows(store)[MEETING]
    assert from_ms(power.withdrawn) == NOW + MINUTE and power.gone is None
    assert from_ms(meeting.hidden) == NOW + 2 * MINUTE
    office.write(MEETING, text(title="Họp thôn, đổi giờ", kind="hop-thon"))
    office.both(MEETING, now=NOW + 3 * MINUTE)
    office.publish(NOW + 4 * MINUTE)
    published.look()
    with store.reading() as connection:
        n = t.notice.c
        found = {row.title: row for row in connection.execute(select(t.notice).where(n.notice == MEETING))}
    assert from_ms(found["Họp thôn"].gone) == NOW + 4 * MINUTE and found["Họp thôn, đổi giờ"].gone is None
    assert from_ms(found["Họp thôn, đổi giờ"].published) == NOW + 4 * MINUTE


def test_an_emergency_is_there_at_once_and_for_every_board(
    published: Published, office: Office, text: Text, store: Store
) -> None:
    office.write("khan-cap/lu", text(title="Lũ lên", **FLOOD))
    raised = office.desk.raise_alert("khan-cap/lu", office.person("p5", "duty"), NOW + MINUTE)
    assert publish_emergencies(office.settings, [raised.sha256], NOW + MINUTE)
    published.look()
    with store.reading() as connection:
        (flood,) = posted.emergencies(connection, None, NOW + 2 * MINUTE)
    assert (flood.title, flood.alert["level"], flood.alert["source"]) == ("Lũ lên", 3, "Đài KTTV")
    assert set(flood.boards) == {"cong-xa", "nha-van-hoa-3"} and flood.approved == to_ms(NOW + MINUTE)
    assert flood.statement in flood.files, "what a board draws by itself is a play of the statement"


def test_a_first_look_at_an_old_publication_does_not_guess_when_it_was_published(
    published: Published, office: Office, store: Store
) -> None:
    publication = notices.Publication(office.settings.publication)
    for late, told in ((timedelta(hours=5), None), (timedelta(0), to_ms(NOW))):
        publication.forget()
        edition = publication.look()
        assert edition
        with store.writing() as connection:
            connection.execute(delete(t.notice))
            notices.take(connection, replace(edition, made=NOW + late))
        assert rows(store)[POWER].published == told


def test_of_many_folders_each_is_read_for_the_commune_that_it_is_named_after(
    published: Published, office: Office, store: Store, tmp_path: Path
) -> None:  # fmt: skip
    many = tmp_path / "many"
    many.mkdir()
    code = office.settings.commune.code
    for name in (code, "20507", "khong-phai-ma"):
        (many / name).symlink_to(office.settings.publication)
    made = Published(store, Folders(many=many))
    made.look()
    assert made.folders == {code: many / code}, "what lies in another commune's folder is not that commune's"
    with store.reading() as connection:
        assert set(connection.execute(select(t.notice.c.commune)).scalars()) == {code}
    assert Folders(many=tmp_path / "khong-co").all() == []


def test_a_half_copied_publication_changes_nothing(published: Published, office: Office, store: Store) -> None:
    before = rows(store)
    board = office.settings.publication / "board"
    (board / "metadata" / "timestamp.json").write_text("{")
    published.look()
    shutil.rmtree(board / "targets")
    published.look()
    Published(store, Folders(office.settings.publication)).look()
    Published(store, Folders(Path("khong-co"))).look()
    assert rows(store) == before
