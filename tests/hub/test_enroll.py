"""`bangtin hub enroll`: by hand, compared, never in silence."""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from signage.cli import hub as command
from signage.cli import main
from signage.errors import BadInput, Refused, Unavailable
from signage.hub import roster
from signage.hub.store import open_store
from signage.keys import PrivateKey

ROOT = Path(__file__).parents[2]


def card(
    folder: Path, board: str = "cong-xa", key: PrivateKey | None = None, commune: str = "20506", **changed: Any
) -> Path:
    public = (key or PrivateKey.generate()).public
    file = folder / f"{board}.pub.json"
    known = {
        "v": 1, "board": board, "public": public.public, "keyid": public.keyid, "commune": commune,
        "repository": "d" * 64, "root": "e" * 64,
    }  # fmt: skip
    file.write_text(json.dumps(known | changed), "utf-8")
    return file


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    args = parser.parse_args(["hub", "enroll", *map(str, words)])
    args.lang = "vi"
    return int(args.run(args))


def enrolled(folder: Path, board: str = "cong-xa", commune: str = "20506") -> Any:
    with open_store(folder) as store, store.reading() as connection:
        return roster.find(connection, commune, board)


def test_the_fingerprint_is_shown_to_compare(tmp_path: Path, capsys: Any) -> None:
    key = PrivateKey.generate()
    assert run("--dir", tmp_path / "hub", card(tmp_path, key=key)) == 0
    assert key.public.fingerprint in capsys.readouterr().out
    assert len(key.public.fingerprint.split()) == 4
    assert enrolled(tmp_path / "hub").key == key.public


def test_names_come_from_the_commune_s_settings(tmp_path: Path, capsys: Any) -> None:
    commune = tmp_path / "xa"
    commune.mkdir()
    for name in ("bangtin.toml", "people.toml"):
        shutil.copy(ROOT / name, commune)
    from signage.settings import load

    settings = load(commune)
    ours, code = settings.boards[0], settings.commune.code
    words = ["--dir", tmp_path / "hub", "--settings", commune]
    assert run(*words, card(tmp_path, ours.id, commune=code)) == 0
    place = enrolled(tmp_path / "hub", ours.id, code).place
    assert (place.name, place.site, place.metered, place.sample) == (ours.name, ours.site, ours.metered, True)
    assert run("--dir", tmp_path / "hub", card(tmp_path, "moi", commune=code)) == 0  # by who has the card alone
    place = enrolled(tmp_path / "hub", "moi", code).place
    assert (place.name, place.commune_name, place.sample) == ("moi", settings.commune.name, True), (
        "nothing is taken away"
    )
    with pytest.raises(Refused) as stranger:
        run(*words, card(tmp_path, "khong-co", commune=code))
    assert stranger.value.code == "enroll-not-ours" and ours.id in stranger.value.told("vi")
    with pytest.raises(Refused):  # of another commune, though the name is one of ours
        run(*words, card(tmp_path, ours.id))


def test_another_key_needs_replace_and_counts_as_a_new_chain(tmp_path: Path) -> None:
    first, second = PrivateKey.generate(), PrivateKey.generate()
    run("--dir", tmp_path, card(tmp_path, key=first))
    run("--dir", tmp_path, card(tmp_path, key=first))  # the same again is no change
    with pytest.raises(Refused) as refused:
        run("--dir", tmp_path, card(tmp_path, key=second))
    assert refused.value.code == "enroll-key-differs" and second.public.fingerprint in refused.value.told("vi")
    assert (enrolled(tmp_path).key, enrolled(tmp_path).chain) == (first.public, 1)
    run("--dir", tmp_path, "--replace", card(tmp_path, key=second))
    assert (enrolled(tmp_path).key, enrolled(tmp_path).chain) == (second.public, 2)


def test_two_boards_never_share_a_key(tmp_path: Path) -> None:
    key = PrivateKey.generate()
    run("--dir", tmp_path, card(tmp_path, key=key))
    with pytest.raises(Refused) as copied:
        run("--dir", tmp_path, card(tmp_path, "cho", key=key))
    assert copied.value.code == "enroll-key-shared"
    with pytest.raises(Refused):
        run("--dir", tmp_path, card(tmp_path, key=key, commune="20507"))


def test_two_communes_may_have_boards_of_one_name(tmp_path: Path) -> None:
    for commune in ("20506", "20507"):
        run("--dir", tmp_path, card(tmp_path, commune=commune))
    one, other = enrolled(tmp_path), enrolled(tmp_path, commune="20507")
    assert one.key != other.key and one.number != other.number


@pytest.mark.parametrize(
    "changed", [{"keyid": "0" * 64}, {"public": "zz"}, {"v": 9}, {"board": "../x"}, {"commune": "x"}]
)
def test_a_card_that_is_not_right_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        run("--dir", tmp_path, card(tmp_path, "cong-xa") if not changed else card_of(tmp_path, changed))
    assert enrolled(tmp_path) is None


def card_of(folder: Path, changed: dict[str, Any]) -> Path:
    told = json.loads(card(folder).read_text("utf-8")) | changed
    (folder / "bad.json").write_text(json.dumps(told), "utf-8")
    return folder / "bad.json"


def test_a_card_that_is_missing_or_endless_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        run("--dir", tmp_path, tmp_path / "nowhere.json")
    (tmp_path / "large.json").write_bytes(b" " * 10**6)
    with pytest.raises(BadInput):
        run("--dir", tmp_path, tmp_path / "large.json")


def test_a_person_who_sees_another_fingerprint_says_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "k")
    with pytest.raises(Refused):
        run("--dir", tmp_path, card(tmp_path))
    assert enrolled(tmp_path) is None
    monkeypatch.setattr("builtins.input", lambda _: "c")
    assert run("--dir", tmp_path, card(tmp_path)) == 0


def test_json_for_programs(tmp_path: Path, capsys: Any) -> None:
    key = PrivateKey.generate()
    run("--dir", tmp_path, "--json", card(tmp_path, key=key))
    answer = json.loads(capsys.readouterr().out)
    assert (answer["board"], answer["keyid"], answer["chain"]) == ("cong-xa", key.public.keyid, 1)


def test_without_the_extra_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "signage.hub.app", raising=False)
    monkeypatch.delattr("signage.hub.app", raising=False)
    assert main(["hub", "serve", "--dir", str(tmp_path), "--port", "0"]) == 1
    told = capsys.readouterr().err
    assert "hub-missing" in told and 'pip install "bangtin[hub]"' in told


def test_a_port_or_a_file_that_cannot_be_used_is_told_in_words(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        args = parser.parse_args(
            ["hub", "serve", "--dir", str(tmp_path), "--port", port], argparse.Namespace(lang="vi")
        )
        with pytest.raises(Unavailable) as busy:
            args.run(args)
    assert busy.value.code == "hub-port"
    (tmp_path / "hub.sqlite").write_bytes(b"no database" * 500)
    with pytest.raises(Unavailable) as broken:
        args.run(args)
    assert broken.value.code == "hub-database"
