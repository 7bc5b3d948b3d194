"""Boards come by one-time codes, are set from one file, go out of use, and are replaced in their place."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from signage.board import identity, trust
from signage.errors import BadInput, Refused
from signage.hub import roster
from signage.hub.fleet import changing, codes, door, file, plan
from signage.hub.fleet.file import BoardSetting, FleetFile
from signage.hub.pages.audit import details
from signage.hub.people import audit
from signage.hub.people.audit import ON_THE_BOX
from signage.hub.roster import Place as Site
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t
from signage.keys import PrivateKey
from signage.office.publish import repository
from signage.spoken import words
from signage.stick import Card, code_secret, proven
from tests.hub.turned import COMMUNE, NOON, Place

ROOT = "c" * 64


def card(code: str, board: str = "cong-xa", key: PrivateKey | None = None, **more: Any) -> Card:
    public = (key or PrivateKey.generate()).public
    proof = proven(code_secret(code), board, public, ROOT)
    return Card(**({"board": board, "key": public, "commune": COMMUNE, "repository": "d" * 64, "root": ROOT,
                    "proof": proof} | more))  # fmt: skip


def make(store: Store, board: str = "cong-xa", **more: Any) -> str:
    with store.writing() as connection:
        place = Site("Bảng cổng xã", "Cổng UBND", "Thôn 1", "Xã Mẫu", True)
        return codes.make(connection, ON_THE_BOX, COMMUNE, board, place, NOON, **more)


def use(store: Store, brought: Card, at: timedelta = timedelta(0)) -> roster.Enrolled:
    with store.writing() as connection:
        return codes.use(connection, brought, NOON + at)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as error:
        act()
    return error.value.code


def test_a_code_takes_one_key_into_one_place(store: Store) -> None:
    code = make(store)
    key = PrivateKey.generate()
    typed = code.lower().replace("-", " ")
    done = use(store, card(typed, key=key))
    assert (done.place.name, done.place.metered, done.key) == ("Bảng cổng xã", True, key.public)
    assert use(store, card(code, key=key)).number == done.number, "the answer was lost, the board asks again"
    assert refused(lambda: use(store, card(code))) == "code-wrong", "a second key with the same code"
    with store.reading() as connection:
        assert audit.verify(connection).broken is None
        acts = connection.execute(select(t.audit.c.act, t.audit.c.detail).order_by(t.audit.c.id)).all()
    assert [act for act, _ in acts] == ["board.code", "board.enroll"]
    assert len(json.loads(acts[1].detail)["words"].split(" · ")) == 4 and code not in str(acts)


def test_of_two_cards_that_come_at_once_one_is_taken_in(store: Store) -> None:
    code = make(store)
    first, second = card(code), card(code)
    with ThreadPoolExecutor(1) as other:
        with store.writing() as connection:
            codes.use(connection, first, NOON)
            late = other.submit(use, store, second)
            wait_for = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            end = time.monotonic() + 20
            while not store.is_sqlite and not connection.exec_driver_sql(wait_for).scalar():
                assert time.monotonic() < end
                connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
        assert refused(late.result) == "code-wrong"
    with store.reading() as connection:
        found = roster.find(connection, COMMUNE, "cong-xa")
        assert found and (found.key, found.chain) == (first.key, 1)


def test_a_card_that_proves_nothing_is_answered_alike(store: Store) -> None:
    code = make(store)
    good = card(code)
    assert good.proof
    for brought in (
        card("0000-0000-0000-0000"),
        card(code, board="khac"),
        card(code, proof=None),
        card(code, key=PrivateKey.generate(), proof=good.proof),  # another key under a proof that was overheard
        Card(**(vars(good) | {"root": "e" * 64})),
    ):
        assert refused(lambda brought=brought: use(store, brought)) == "code-wrong"
    assert refused(lambda: use(store, good, timedelta(days=codes.DAYS))) == "code-wrong"
    again = make(store)
    assert refused(lambda: use(store, good)) == "code-wrong", "a new code ends the one before"
    use(store, card(again))


def test_a_broken_box_is_replaced_in_its_place(store: Store) -> None:
    first = use(store, card(make(store)))
    assert refused(lambda: make(store)) == "code-board-known"
    assert refused(lambda: make(store, "khac", replaces=True)) == "code-board-unknown"
    second = use(store, card(make(store, replaces=True)))
    assert (second.number, second.chain, second.place) == (first.number, first.chain + 1, first.place)
    assert second.key != first.key


@pytest.fixture
def place(store: Store) -> Place:
    made = Place(store)
    for code in ("cong-xa", "nha-van-hoa", "thon-3"):
        made.add(code)
    return made


FILE = """v = 1
[[board]]
commune = "20506"
id = "cong-xa"
name = "Cổng xã"
metered = true
latitude = 15.1234567
mute = ["hot"]
[[board]]
commune = "20506"
id = "thon-3"
retired = true
[[group]]
commune = "20506"
name = "Vùng cao"
boards = ["20506/cong-xa", "20506/nha-van-hoa"]
mute = ["lost"]
"""


def test_one_file_sets_many_boards_and_says_first_what_it_would_change(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "bang.toml"
    path.write_text(FILE, "utf-8")
    wanted = file.read(path)
    with place.store.writing() as connection:
        changes = changing.apply(connection, wanted, path.name, ON_THE_BOX, NOON)
    assert [(c.key, c.field, c.now) for c in changes if c.what == "board"] == [
        ("20506/cong-xa", "name", "Cổng xã"), ("20506/cong-xa", "metered", True),
        ("20506/cong-xa", "latitude", 15.123457), ("20506/cong-xa", "mute", ("hot",)),
        ("20506/thon-3", "retired", True),
    ]  # fmt: skip
    with place.store.reading() as connection:
        there = changing.settings(connection)
        row = connection.execute(select(t.audit).where(t.audit.c.act == "board.settings")).one()
        told = details(audit.Entry(1, NOON, "box", row.act, row.commune, row.thing, row.detail, row.sha))
        assert row.commune == COMMUNE and "20506/thon-3 ngừng dùng = có" in told and "Cổng xã" in told
        assert plan.changes(there, wanted) == [], "what was done is done"
        muted = changing.muted(connection)
    assert muted == {place.boards["cong-xa"]: {"hot", "lost"}, place.boards["nha-van-hoa"]: {"lost"}}
    again = tmp_path / "again.toml"
    again.write_text(file.written(there), "utf-8")
    assert plan.changes(there, file.read(again)) == [], "the file that is printed says what there is"


def test_a_muted_reason_is_kept_and_not_told(place: Place, tmp_path: Path) -> None:
    (tmp_path / "bang.toml").write_text(FILE, "utf-8")
    with place.store.writing() as connection:
        changing.apply(connection, file.read(tmp_path / "bang.toml"), "x", ON_THE_BOX, NOON)
        connection.execute(update(t.board).values(retired=None, metered=False))
    place.hear()
    place.wait(timedelta(minutes=8))
    lost = {alarm.board: alarm.told is not None for alarm in place.alarms() if alarm.code == "lost"}
    assert lost == {place.boards["cong-xa"]: False, place.boards["nha-van-hoa"]: False, place.boards["thon-3"]: True}


def test_a_file_with_problems_changes_nothing_and_names_them_all(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "bang.toml"
    path.write_text(FILE + '[[board]]\ncommune = "205"\nid = "A"\nnmae = "x"\nlongitude = 500\n'
                    '[[group]]\ncommune = "20507"\nname = "n"\nboards = ["20506/cong-xa", "x"]\n', "utf-8")  # fmt: skip
    with pytest.raises(BadInput) as wrong:
        file.read(path)
    assert [(p.code, p.field) for p in wrong.value.problems] == [
        ("setting-shape", "board[2].commune"), ("setting-shape", "board[2].id"),
        ("setting-shape", "board[2].longitude"), ("setting-unknown", "board[2].nmae"),
        ("setting-shape", "group[1].boards"), ("fleet-group-commune", "group[1].boards"),
        ("fleet-group-commune", "group[1].boards"),
    ]  # fmt: skip
    path.write_text(FILE.replace("nha-van-hoa", "nha-van-hoaa").replace('id = "thon-3"', 'id = "thon-4"'), "utf-8")
    with pytest.raises(BadInput) as wrong, place.store.writing() as connection:
        changing.apply(connection, file.read(path), path.name, ON_THE_BOX, NOON)
    assert [p.values["board"] for p in wrong.value.problems] == ["20506/thon-4", "20506/nha-van-hoaa"]
    with place.store.reading() as connection:
        assert changing.settings(connection).groups == ()


def test_a_board_goes_out_of_use_and_back(place: Place) -> None:
    with place.store.writing() as connection:
        code = codes.make(connection, ON_THE_BOX, COMMUNE, "cong-xa", Site("x"), NOON, replaces=True)
        changing.retire(connection, COMMUNE, "cong-xa", ON_THE_BOX, NOON, "dời sang nhà văn hóa mới")
        assert refused(lambda: codes.use(connection, card(code), NOON)) == "code-wrong"
        assert roster.find(connection, COMMUNE, "cong-xa") is None
        with pytest.raises(Refused):
            changing.retire(connection, COMMUNE, "cong-xa", ON_THE_BOX, NOON)
        changing.restore(connection, COMMUNE, "cong-xa", ON_THE_BOX, NOON)
        assert roster.find(connection, COMMUNE, "cong-xa") is not None


def test_what_a_file_leaves_out_stays(place: Place) -> None:
    there = FleetFile((BoardSetting(COMMUNE, "a", "Tên", "Chỗ", metered=True, retired=False),), ())
    assert plan.changes(there, FleetFile((BoardSetting(COMMUNE, "a", site="Khác"),), ())) == [
        plan.Change("board", "20506/a", "site", "Chỗ", "Khác")
    ]
    told = 'v = 1\n[[group]]\nname = "Vùng cao"\nboards = ["20506/a"]\n'
    muted = file.parsed((told + 'mute = ["hot"]\n').encode(), "x")
    assert plan.changes(muted, file.parsed(told.encode(), "x")) == []
    ends = plan.changes(muted, file.parsed((told + "mute = []\n").encode(), "x"))
    assert ends == [plan.Change("group", "*/Vùng cao", "mute", ("hot",), ())]


def run(*args: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "signage", *args], input=typed, capture_output=True, text=True, timeout=120
    )  # fmt: skip


def test_the_command_shows_the_change_and_asks(tmp_path: Path) -> None:
    folder, path = tmp_path / "hub", tmp_path / "bang.toml"
    with open_store(folder) as store:
        Place(store).add("cong-xa")
    path.write_text('v = 1\n[[board]]\ncommune = "20506"\nid = "cong-xa"\nname = "Cổng xã"\n', "utf-8")
    no = run("hub", "fleet", "apply", str(path), "--dir", str(folder), typed="không\n")
    assert no.returncode == 3 and "20506/cong-xa: tên: Bảng cong-xa → Cổng xã" in no.stdout
    yes = run("hub", "fleet", "apply", str(path), "--dir", str(folder), "--json", "--yes")
    assert yes.returncode == 0 and [c["now"] for c in json.loads(yes.stdout)["changes"]] == ["Cổng xã"]
    shown = run("hub", "fleet", "show", "--dir", str(folder))
    assert 'name = "Cổng xã"' in shown.stdout
    wrong = run("hub", "fleet", "retire", "cong-xa", "--dir", str(folder))
    assert wrong.returncode == 2 and "20506/cong-xa" in wrong.stderr


def test_a_board_brings_its_card_to_a_running_hub_and_is_heard_at_once(hub: Any, new_board: Any) -> None:
    board = new_board("cong-xa")
    with open_store(hub.folder) as store, store.writing() as connection:
        place = Site("Bảng cổng xã", commune_name="Xã Mẫu")
        code = codes.make(connection, ON_THE_BOX, COMMUNE, "cong-xa", place, datetime.now(UTC))
    status, answer, _ = hub.ask("POST", door.PATH, b"x")
    assert (status, json.loads(answer)["code"]) == (400, "bad-format")
    status, answer, _ = hub.ask("POST", door.PATH, card("0000-0000-0000-0000").to_bytes())
    assert (status, json.loads(answer)) == (403, {"v": 1, "code": "code-wrong"})
    assert hub.post("cong-xa", board.next())[0] == 403
    status, answer, _ = hub.ask("POST", door.PATH, card(code, key=board.key).to_bytes())
    assert status == 200 and json.loads(answer)["words"] == list(words(board.key.public.public, ROOT))
    assert hub.post("cong-xa", board.next())[0] == 200
    guess = card("0000-0000-0000-0000").to_bytes()
    for _ in range(int(door.BURST) + 1):
        status, answer, headers = hub.ask("POST", door.PATH, guess, **{"X-Forwarded-For": "192.0.2.7"})
    assert (status, json.loads(answer)["code"]) == (429, "report-rate") and headers["Retry-After"]
    assert hub.ask("POST", door.PATH, guess, **{"X-Forwarded-For": "192.0.2.8"})[0] == 403, "shuts out nobody else"


def test_a_card_that_was_overheard_does_nothing_a_second_time(store: Store) -> None:
    """It may be sent again by anybody: nothing changes, and it brings no board back that went out of use."""
    overheard = card(make(store))
    use(store, overheard)
    before = rows_of(store)
    use(store, overheard, timedelta(days=codes.MOST_DAYS))
    assert rows_of(store) == before
    with store.writing() as connection:
        connection.execute(update(t.board).values(retired=1))
    assert refused(lambda: use(store, overheard)) == "code-wrong"


def rows_of(store: Store) -> list[Any]:
    with store.reading() as connection:
        return [connection.execute(select(table)).all() for table in (t.board, t.commune, t.enrolment_code, t.audit)]


def test_the_board_s_side_of_a_code(tmp_path: Path, hub: Any, office: Any) -> None:
    """The program at the board, against a running hub."""
    root = repository(office.settings).root_bytes()
    commune, _ = trust.built_in(root)
    with open_store(hub.folder) as store, store.writing() as connection:
        code = codes.make(connection, ON_THE_BOX, commune, "cong-xa", Site("Bảng cổng xã"), datetime.now(UTC))
    board = identity.enroll(tmp_path / "bang", board="cong-xa", url=hub.url, hub=hub.url, root=root)
    wrong = run("board", "introduce", "0000-0000-0000-0000", "--dir", str(board.folder))
    assert wrong.returncode == 3 and "code-wrong" in wrong.stderr
    done = run("board", "introduce", code, "--dir", str(board.folder))
    assert done.returncode == 0, done.stderr
    assert "   ".join(board.words()) in done.stdout
    with open_store(hub.folder) as store, store.reading() as connection:
        found = roster.find(connection, commune, "cong-xa")
    assert found and found.key == board.key().public
