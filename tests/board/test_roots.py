"""Keys are changed while a board sleeps: it follows root by root, over real HTTP, and believes no old key again."""

import pytest

from signage.errors import Refused
from signage.keys import PrivateKey
from signage.office.repository import next_key
from signage.office.safe import Safe
from tests.board.conftest import DAY, NOW, Kiosk


@pytest.fixture
def safe(office):
    return Safe(office.served, office.keys)


@pytest.fixture
def asleep(office, kiosk):
    """A board that holds one good notice, and is not asked to sync again before a test says so."""
    office.show(office.statement("thật"))
    office.publish()
    kiosk.sync()
    return kiosk


def the_root(office):
    return [PrivateKey.load(office.keys / "root.pem")]


def changed(office, safe, role, signers):
    fresh = PrivateKey.generate()
    fresh.save(next_key(office.keys, role))
    safe.change_key(role, fresh, NOW, signers)
    if role == "targets":
        (office.keys / "targets.pem").unlink()
        next_key(office.keys, role).rename(office.keys / "targets.pem")
    return fresh


def test_a_board_asleep_through_every_rotation_follows(office, safe, asleep):
    """1 key → 2 of 3 → one of them replaced → every other key: six roots later it takes what is new."""
    three = [PrivateKey.generate() for _ in range(3)]
    safe.change_root([k.public for k in three], 2, NOW, [*the_root(office), *three])
    fourth = PrivateKey.generate()
    two = [three[0], three[2]]
    safe.change_root([k.public for k in (*two, fourth)], 2, NOW, [*two, fourth])
    for role in ("timestamp", "snapshot", "targets"):
        changed(office, safe, role, two)
    changed(office, safe, "lich", [PrivateKey.load(office.keys / "targets.pem")])
    safe.renew("root", NOW, [fourth, three[0]])
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    assert safe.version("root") == 7
    assert asleep.sync().error is None
    assert asleep.shown() == {"thật", "mới"}
    assert len(asleep.held().generation.chain.roots) == 7
    again = Kiosk(asleep.board)  # another process, from the disk alone
    assert again.sync().error is None and again.shown() == {"thật", "mới"}


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "lich"])
def test_a_rotated_online_key_is_believed_no_more(office, safe, asleep, role):
    """The thief of an online key is shut out where the board has heard of it."""
    stolen = PrivateKey.load(office.keys / f"{role}.pem")
    signers = [PrivateKey.load(office.keys / "targets.pem")] if role == "lich" else the_root(office)
    changed(office, safe, role, signers)
    office.publish()
    assert asleep.sync().error is None
    (office.keys / f"{role}.pem").unlink()
    stolen.save(office.keys / f"{role}.pem")
    office.show(office.statement("của kẻ trộm", ("#111111",)))
    office.publish()
    assert asleep.sync().error == "tuf-refused"
    assert asleep.shown() == {"thật"}


def test_people_signed_with_the_old_targets_key_are_refused(office, safe, asleep):
    stolen = PrivateKey.load(office.keys / "targets.pem")
    changed(office, safe, "targets", the_root(office))
    office.publish()
    assert asleep.sync().error is None
    office.roles["p1"] = ["author", "approver"]
    office.repository.sign_people(office.people().to_bytes(), NOW, stolen)
    assert asleep.sync().error == "tuf-refused"
    assert asleep.shown() == {"thật"}


def test_one_of_two_holders_cannot_take_the_root(office, safe, asleep):
    """A dishonest holder signs a root of their own: neither the office's tool nor a board takes it."""
    three = [PrivateKey.generate() for _ in range(3)]
    safe.change_root([k.public for k in three], 2, NOW, [*the_root(office), *three])
    own = PrivateKey.generate()
    with pytest.raises(Refused, match="keys-few"):
        safe.change_root([own.public], 1, NOW, [three[0], own])
    metadata = safe._read("root")
    metadata.signed.revoke_key(three[1].public.keyid, "root")
    metadata.signed.revoke_key(three[2].public.keyid, "root")
    metadata.signed.add_key(own.public.tuf(), "root")
    safe._renew("root", metadata, NOW, [three[0], own])
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    assert asleep.sync().error == "tuf-refused"
    assert asleep.shown() == {"thật"}


def test_expired_roots_on_the_way_do_not_stop_a_board(office, safe, asleep):
    """Only the last root must be in time: a board may sleep longer than a root lives."""
    safe.renew("root", NOW - 3 * 365 * DAY, the_root(office))
    safe.renew("root", NOW, the_root(office))
    office.publish()
    assert asleep.sync().error is None and asleep.shown() == {"thật"}
