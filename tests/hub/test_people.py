"""People of the hub, on both stores: passwords, log-ins, roles, and an audit that shows what was touched."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from signage.errors import BadInput, Refused, Unavailable
from signage.hub.people import accounts, audit, browsers, entry, passwords, sessions
from signage.hub.people.accounts import Account, Wanted
from signage.hub.people.audit import ON_THE_BOX, Actor, Sought
from signage.hub.people.passwords import Fresh
from signage.hub.people.roles import Role, Viewer
from signage.hub.store import Store
from signage.hub.store import tables as t

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HERE, THERE = "20506", "20507"
RIGHT, WRONG = "bốn con trâu qua sông", "năm con trâu qua sông"


class Quick:
    """Argon2id with the least work, which counts how often it was asked: these tests are not about its strength."""

    def __init__(self) -> None:
        self._hasher, self.asked = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), 0
        self.hash, self.check_needs_rehash = self._hasher.hash, self._hasher.check_needs_rehash

    def verify(self, kept: str, told: str) -> bool:
        self.asked += 1
        return bool(self._hasher.verify(kept, told))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Quick:
    made = Quick()
    monkeypatch.setattr(passwords, "_hasher", made)
    passwords._nobody.cache_clear()
    return made


@pytest.fixture
def known(store: Store, quick: Quick) -> Store:
    """Two communes, an administrator of all of them."""
    with store.writing() as connection:
        connection.execute(insert(t.commune), [{"code": HERE, "name": "Xã Mẫu"}, {"code": THERE, "name": "Xã Khác"}])
    add(store, "quan-tri", Role.ADMIN)
    return store


def add(store: Store, name: str, role: Role, communes: frozenset[str] | None = None) -> Account:
    fresh = passwords.fresh(RIGHT, name)
    with store.writing() as connection:
        return accounts.add(connection, name, Wanted(f"Người {name}", role, communes), fresh, ON_THE_BOX, NOW)


def try_in(
    store: Store, name: str, password: str, *, at: datetime = NOW, address: str = "10.0.0.1", browser: str = ""
) -> bool:  # fmt: skip
    """A log-in, as the page does it."""
    with store.writing() as connection:
        tried = entry.begin(connection, name, address, at, browser)
    right = entry.is_right(tried, password)
    with store.writing() as connection:
        return entry.end(connection, tried, right, at) is not None


def rows(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(select(t.audit).order_by(t.audit.c.id)))


# ── passwords ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "password-short"),
        ("x" * 201, "password-long"),
        ("mười bốn ký tự", "password-short"),
        ("matkhau@12345678", "password-common"),
        ("Mật khẩu, mật khẩu!", "password-common"),
        ("Password123456789", "password-common"),
        ("con trâu mượn xe đạp", "password-common"),  # the page's own example
        ("123456789012345", "password-common"),
        ("abcdefghijklmnop", "password-common"),
        ("aaaaaaaabbbbbbbb", "password-common"),
        ("nguyen.lan-2026", "password-common"),
        ("nguyenlannguyenlan", "password-common"),
    ],
)
def test_what_everybody_tries_is_refused(password: str, code: str) -> None:
    assert [problem.code for problem in passwords.problems(password, "nguyen.lan")] == [code]


@pytest.mark.parametrize(
    "password",
    [RIGHT, "aB3$ kF9! qL7% x", "trời hôm nay đẹp quá đi", "k7pw-x4mm-t2qz-9rhc", "🐃🌾🌧️☀️🏞️🚜🌱🌳🐓🐖🐂🦆🐕🐈🐎"],
)
def test_long_is_enough_and_every_character_counts(password: str) -> None:
    assert passwords.problems(password, "nguyen.lan") == []


def test_it_is_kept_as_argon2id_as_strong_as_promised_and_typed_in_any_normal_form() -> None:
    kept = passwords.hashed("mật khẩu của tôi dài")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.matches(kept, "mật khẩu của tôi dài".encode().decode())
    assert not passwords.matches(kept, "mật khẩu của tôi dai")


def test_who_waits_to_be_hashed_is_few(quick: Quick) -> None:
    with ExitStack() as held:
        for _ in range(passwords.AT_ONCE):
            held.enter_context(passwords._Turn())
        waiting = [threading.Thread(target=passwords.hashed, args=(RIGHT,)) for _ in range(passwords.WAITING)]
        for thread in waiting:
            thread.start()
        end = time.monotonic() + 20
        while passwords._places._value and time.monotonic() < end:
            time.sleep(0.01)
        with pytest.raises(Unavailable) as crowded:
            passwords.matches(None, WRONG)
        assert crowded.value.code == "hub-crowded"
    for thread in waiting:
        thread.join()
    assert not passwords.matches(None, WRONG), "there is room again"


# ── logging in ───────────────────────────────────────────────────────────────────────────────────


def test_who_guesses_from_one_place_waits_ever_longer_and_shuts_out_nobody_else(known: Store, quick: Quick) -> None:
    at, waited = NOW, timedelta(0)
    with known.reading() as connection:
        account = accounts.find(connection, "quan-tri")
    assert account
    for _ in range(entry.TRIES):
        assert not try_in(known, "quan-tri", WRONG, at=at)
    for _ in range(9):
        assert not try_in(known, "quan-tri", RIGHT, at=at), "this place waits, and nothing tells that it was right"
        assert try_in(known, "quan-tri", RIGHT, at=at, address="10.0.9.9"), "its own person, elsewhere"
        with known.reading() as connection:
            until = entry.waits(connection, account.id, at)
        assert until and waited <= until - at <= entry.LONGEST_WAIT
        at, waited = until + timedelta(seconds=1), until - at
        assert not try_in(known, "quan-tri", WRONG, at=at)
    assert waited == entry.LONGEST_WAIT
    at += entry.LONGEST_WAIT + timedelta(seconds=1)
    assert try_in(known, "quan-tri", RIGHT, at=at)
    for _ in range(entry.TRIES):
        assert not try_in(known, "quan-tri", WRONG, at=at), "all was forgotten, and it begins anew"


def test_a_browser_that_is_no_stranger_gets_in_while_others_guess(known: Store) -> None:
    with known.reading() as connection:
        row = connection.execute(select(t.account.c.id, t.account.c.password)).one()
    mark = browsers.mark(row.id, row.password)
    for n in range(entry.ACCOUNT_TRIES):
        assert not try_in(known, "quan-tri", WRONG, address=f"10.0.{n}.1")
    with known.reading() as connection:
        account = accounts.find(connection, "quan-tri")
    assert account and account.is_locked(NOW)
    assert not try_in(known, "quan-tri", RIGHT, address="10.1.0.1"), "a stranger, though the password is right"
    for forged in (mark[:-1] + "x", "0" * 32 + mark[32:], "é.é", browsers.mark(row.id + 1, row.password)):
        assert not try_in(known, "quan-tri", RIGHT, address="10.1.0.1", browser=forged)
    for _ in range(entry.TRIES):
        assert not try_in(known, "quan-tri", WRONG, address="10.1.0.1", browser=mark)
    assert not try_in(known, "quan-tri", RIGHT, address="10.1.0.2", browser=mark), (
        "whoever has that browser guesses no faster"
    )
    other = browsers.mark(row.id, row.password)
    assert try_in(known, "quan-tri", RIGHT, address="10.1.0.1", browser=other)
    with known.writing() as connection:
        accounts.set_password(connection, account, passwords.fresh(WRONG, "quan-tri"), ON_THE_BOX, NOW)
        assert browsers.known(row.id, str(connection.execute(select(t.account.c.password)).scalar()), other) is None


def test_guessing_an_account_from_everywhere_makes_strangers_wait_ever_longer(known: Store) -> None:
    lock = timedelta(0)
    for n in range(entry.ACCOUNT_TRIES):
        assert not try_in(known, "quan-tri", WRONG, address=f"10.0.1.{n}")
    assert not try_in(known, "quan-tri", RIGHT), "locked, and nothing tells that it was right"
    moment = NOW
    for _ in range(8):
        with known.reading() as connection:
            account = accounts.find(connection, "quan-tri")
        assert account and account.locked_until
        lock, before = account.locked_until - moment, lock
        assert before <= lock <= entry.LONGEST_WAIT
        moment = account.locked_until + timedelta(seconds=1)
        assert not try_in(known, "quan-tri", WRONG, at=moment, address="10.0.2.1")
    assert lock == entry.LONGEST_WAIT
    assert try_in(known, "quan-tri", RIGHT, at=moment + entry.LONGEST_WAIT + timedelta(seconds=1))
    for n in range(entry.ACCOUNT_TRIES - 1):
        assert not try_in(known, "quan-tri", WRONG, at=moment + timedelta(hours=3), address=f"10.0.3.{n}")
    assert try_in(known, "quan-tri", RIGHT, at=moment + timedelta(hours=3), address="10.0.4.1")


def test_the_box_lets_in_again_who_locked_himself_out(known: Store) -> None:
    for _ in range(entry.TRIES + 1):
        try_in(known, "quan-tri", WRONG)
    with known.writing() as connection:
        account = accounts.find(connection, "quan-tri")
        assert account and entry.waits(connection, account.id, NOW)
        accounts.unlock(connection, account, ON_THE_BOX, NOW)
    assert try_in(known, "quan-tri", RIGHT)


def test_an_address_that_tries_many_names_waits_and_is_not_heard(known: Store, quick: Quick) -> None:
    for n in range(entry.ADDRESS_TRIES):
        try_in(known, f"ai-do-{n}", WRONG, address="2001:db8::1")
    asked = quick.asked
    assert not try_in(known, "quan-tri", RIGHT, address="2001:db8::ffff"), "the same network of a guesser"
    assert quick.asked == asked, "no hash is spent on it"
    assert try_in(known, "quan-tri", RIGHT, address="2001:db8:0:1::1")
    assert try_in(known, "quan-tri", RIGHT, address="2001:db8::1", at=NOW + entry.FORGOTTEN + timedelta(minutes=1))


def test_a_name_that_is_not_there_takes_the_same_work(known: Store, quick: Quick) -> None:
    counted = []
    for name in ("quan-tri", "khong-co", "da-ngung"):
        if name == "da-ngung":
            stopped = add(known, name, Role.AUDITOR, frozenset({HERE}))
            with known.writing() as connection:
                accounts.disable(connection, stopped, ON_THE_BOX, NOW)
        before = quick.asked
        assert not try_in(known, name, RIGHT if name == "da-ngung" else WRONG)
        counted.append(quick.asked - before)
    assert counted == [1, 1, 1]


def test_addresses_and_failed_rows_have_an_end(known: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "MAX_ATTEMPTS", 20)
    monkeypatch.setattr(audit, "MOST_AN_HOUR", 15)
    for n in range(60):
        assert not try_in(known, "quan-tri", WRONG, address=f"10.1.{n}.1", at=NOW + timedelta(seconds=n))
    failed = [row for row in rows(known) if row.act == "login.failed"]
    assert len(failed) == 15
    with known.reading() as connection:
        assert connection.execute(select(func.count()).select_from(t.attempt)).scalar_one() <= 20
    try_in(known, "quan-tri", WRONG, at=NOW + timedelta(hours=2))
    assert '"not_written":45' in rows(known)[-1].detail


# ── log-ins that last ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("role", "idle"), [(Role.ADMIN, True), (Role.OPERATOR, True), (Role.AUDITOR, False)])
def test_a_log_in_ends_when_nobody_is_there_and_after_a_day(known: Store, role: Role, idle: bool) -> None:
    account = add(known, "ai-do", role)
    with known.writing() as connection:
        token = sessions.open_new(connection, account.id, NOW, address="10.0.0.1", agent="x" * 999)
        found = sessions.find(connection, token, sessions.PAGE, NOW + sessions.IDLE)
        assert found and len(found.agent) == sessions.MAX_AGENT and token not in str(found)
        later = NOW + sessions.IDLE + timedelta(minutes=1)
        assert (sessions.find(connection, token, sessions.PAGE, later) is None) == idle
        sessions.touch(connection, found, NOW + sessions.IDLE)
        assert sessions.find(connection, token, sessions.PAGE, later)
        sessions.touch(connection, found, NOW + sessions.LONGEST)
        assert sessions.find(connection, token, sessions.PAGE, NOW + sessions.LONGEST) is None
        assert sessions.find(connection, token, sessions.TOKEN, NOW) is None, "no program's"


def test_log_ins_of_one_account_have_an_end_and_the_oldest_goes(known: Store) -> None:
    account = add(known, "ai-do", Role.OPERATOR)
    with known.writing() as connection:
        made = [
            sessions.open_new(connection, account.id, NOW + timedelta(seconds=n), address="", agent="")
            for n in range(sessions.MAX_EACH + 3)
        ]
        at = NOW + timedelta(minutes=1)
        assert [bool(sessions.find(connection, token, sessions.PAGE, at)) for token in made] == (
            [False] * 3 + [True] * sessions.MAX_EACH
        )
        marks = [one.mark for one in sessions.of_account(connection, account.id, at)]
        assert not sessions.end(connection, account.id + 1, marks[0]), "of somebody else"
        assert not sessions.end(connection, account.id, "")
        assert sessions.end(connection, account.id, marks[0])
        assert sessions.find(connection, made[-1], sessions.PAGE, at) is None


@pytest.mark.parametrize("what", ["change", "password", "disable"])
def test_what_changes_an_account_ends_its_log_ins(known: Store, what: str) -> None:
    account = add(known, "ai-do", Role.OPERATOR, frozenset({HERE}))
    fresh = passwords.fresh("một câu hoàn toàn khác", account.name)
    with known.writing() as connection:
        token = sessions.open_new(connection, account.id, NOW, address="", agent="")
        program = sessions.open_new(connection, account.id, NOW, address="", agent="", kind=sessions.TOKEN)
        if what == "change":
            wanted = Wanted(account.full_name, Role.AUDITOR, frozenset({HERE}))
            assert accounts.change(connection, account, wanted, ON_THE_BOX, NOW).role is Role.AUDITOR
        elif what == "password":
            accounts.set_password(connection, account, fresh, ON_THE_BOX, NOW)
        else:
            accounts.disable(connection, account, ON_THE_BOX, NOW)
        assert sessions.find(connection, token, sessions.PAGE, NOW) is None
        assert sessions.find(connection, program, sessions.TOKEN, NOW) is None
    assert rows(known)[-1].act == f"account.{what}" and RIGHT not in str(rows(known))


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


def test_everything_that_is_wrong_is_told_at_once(known: Store) -> None:
    with known.writing() as connection, pytest.raises(BadInput) as wrong:
        wanted = Wanted("", Role.AUDITOR, frozenset({"99998"}), email="không phải thư")
        accounts.add(connection, "Tên Lạ", wanted, passwords.fresh("ngắn", "ten"), ON_THE_BOX, NOW)
    assert {p.code for p in wrong.value.problems} == {
        "account-name", "account-full-name", "account-email", "account-commune", "password-short",
    }  # fmt: skip
    with pytest.raises(Refused) as there:
        add(known, "QUAN-TRI ", Role.AUDITOR)
    assert there.value.code == "account-there"
    assert len(rows(known)) == 1


def test_somebody_is_always_left_who_may_manage_everybody(known: Store) -> None:
    with known.reading() as connection:
        last = accounts.find(connection, "quan-tri")
    assert last
    add(known, "mot-xa", Role.ADMIN, frozenset({HERE}))
    for change in (Wanted("A", Role.OPERATOR, None), Wanted("A", Role.ADMIN, frozenset({HERE}))):
        with pytest.raises(Refused) as refused, known.writing() as connection:
            accounts.change(connection, last, change, ON_THE_BOX, NOW)
        assert refused.value.code == "account-last"
    with pytest.raises(Refused), known.writing() as connection:
        accounts.disable(connection, last, ON_THE_BOX, NOW)
    add(known, "hai", Role.ADMIN)
    with known.writing() as connection:
        accounts.disable(connection, last, ON_THE_BOX, NOW)
    assert not try_in(known, "quan-tri", RIGHT)


def test_a_password_may_be_given_an_age(known: Store) -> None:
    with known.writing() as connection:
        account = accounts.find(connection, "quan-tri")
        assert account and not accounts.must_change(connection, account, NOW + timedelta(days=3000))
        accounts.set_password_days(connection, 90, ON_THE_BOX, NOW)
        assert not accounts.must_change(connection, account, NOW + timedelta(days=90))
        assert accounts.must_change(connection, account, NOW + timedelta(days=91))
        with pytest.raises(BadInput):
            accounts.set_password_days(connection, -1, ON_THE_BOX, NOW)


_CODES = st.frozensets(st.sampled_from([HERE, THERE, "20508"]))
_VIEWERS = st.builds(Viewer, st.just(1), st.just("a"), st.just("A"), st.sampled_from(Role), st.none() | _CODES)


@given(_VIEWERS, st.none() | _CODES)
def test_nobody_hands_out_more_than_he_has(viewer: Viewer, communes: frozenset[str] | None) -> None:
    allowed = viewer.may_manage(communes)
    if viewer.role is not Role.ADMIN:
        assert not allowed
    elif allowed:
        everything = [HERE, THERE, "20508", "20509"] if communes is None else communes
        assert all(viewer.may_see(code) for code in everything)
    assert all(viewer.may_see(code) for code in (HERE, THERE) if viewer.may_act(code))
    assert viewer.role is not Role.AUDITOR or not viewer.may_act(HERE)


# ── the audit ────────────────────────────────────────────────────────────────────────────────────


def test_the_audit_shows_what_was_changed_taken_out_or_put_in(known: Store) -> None:
    for n in range(6):
        with known.writing() as connection:
            audit.record(connection, Actor(None, "a"), "try", str(n), NOW, commune=HERE, n=n)
    whole = rows(known)
    assert [b.prev for _, b in pairwise(whole)] == [a.sha for a, _ in pairwise(whole)]
    a = t.audit
    for touch in (
        update(a).where(a.c.id == whole[3].id).values(thing="khác"),
        update(a).where(a.c.id == whole[3].id).values(at=1),
        delete(a).where(a.c.id == whole[3].id),
        update(a).where(a.c.id == whole[3].id).values(commune=""),
    ):
        with pytest.raises(ZeroDivisionError), known.writing() as connection:
            assert audit.verify(connection) == audit.Chain(len(whole), whole[-1].sha)
            connection.execute(touch)
            found = audit.verify(connection)
            assert found.broken in (whole[3].id, whole[4].id) and found.newest == whole[2].sha
            raise ZeroDivisionError  # take it back


def test_rows_that_are_written_at_one_time_make_one_chain(known: Store) -> None:
    def write(who: str) -> None:
        for n in range(10):
            with known.writing() as connection:
                audit.record(connection, Actor(None, who), "try", str(n), NOW)

    threads = [threading.Thread(target=write, args=(f"n{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with known.reading() as connection:
        assert audit.verify(connection).broken is None
        assert len(rows(known)) == 41


def test_rows_of_other_communes_are_not_told(known: Store) -> None:
    mine = add(known, "mot-xa", Role.AUDITOR, frozenset({HERE}))
    with known.writing() as connection:
        for commune in (HERE, THERE, ""):
            audit.record(connection, Actor(None, "a"), "try", f"ở {commune}", NOW, commune=commune)
        audit.record(connection, Actor(mine.id, mine.name), "login", "10.0.0.1", NOW)
    with known.reading() as connection:
        seen = audit.newest(connection, mine.as_viewer(), Sought(), limit=100)
        assert [(one.act, one.thing) for one in seen] == [("login", "10.0.0.1"), ("try", f"ở {HERE}")]
        assert audit.count(connection, mine.as_viewer(), Sought(act="try")) == 1
        assert audit.count(connection, mine.as_viewer(), Sought(commune=THERE)) == 0
        day = timedelta(days=1)
        everybody = Viewer(mine.id, "x", "X", Role.ADMIN)
        assert audit.count(connection, everybody, Sought(since=NOW + day)) == 0
        assert audit.count(connection, everybody, Sought(actor="a", until=NOW + day)) == 3


def test_what_is_given_for_the_first_time_is_taken() -> None:
    given_ = {accounts.given_password() for _ in range(50)}
    assert len(given_) == 50 and not [one for one in given_ if passwords.problems(one, "nguyen.lan")]
    assert Fresh((), "$argon2id$…").kept not in repr(Fresh((), "$argon2id$…")), "a hash is in no log"
