"""`bangtin keys`: the repository's own keys: who holds them, how long they last, another one, another life."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .. import durable
from ..errors import BangtinError, WrongUse
from ..keys import PrivateKey, PublicKey
from ..settings import Settings, load
from ..wire import when
from . import output
from .verbs import Verbs, verb

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.safe import Safe

_NAMED_BY = {"root": ("snapshot", "timestamp"), "targets": ("lich",)}  # who says whose the online keys are
_SHEET = "phieu-khoi-phuc.html"


def add(verbs: Verbs) -> None:
    whole = verbs.add_parser("keys", help="khóa gốc, khóa danh sách người, khóa của máy văn phòng")
    acts = whole.add_subparsers(metavar="VIỆC", required=True)
    shown = _verb(acts, "list", _list, "mỗi khóa ai giữ, chữ ký còn bao lâu")
    shown.add_argument("--json", action="store_true", help="kết quả cho chương trình khác đọc")
    _verb(acts, "sheet", _sheet, "in lại phiếu khôi phục (HTML, khổ A4; không có bí mật)")
    renew = _verb(acts, "renew", _renew, "gia hạn chữ ký của root hay targets, giữ nguyên khóa", signs=True)
    renew.add_argument("role", choices=("root", "targets"), metavar="VAI")
    rotate = _verb(acts, "rotate", _rotate, "thay khóa của một vai", signs=True)
    rotate.add_argument("role", choices=("root", "targets", "online", "lich", "snapshot", "timestamp"), metavar="VAI",
                        help="root, targets, lich, snapshot, timestamp; online: cả ba khóa sau")  # fmt: skip
    rotate.add_argument("--replace", default=None, metavar="VÂN-TAY", help="khóa gốc cần thay: đầu dấu vân tay")
    rotate.add_argument("--holder", action="append", default=[], metavar="TÊN", help="người giữ khóa mới")
    rotate.add_argument("--keys-to", action="append", default=[], type=Path, metavar="THƯ-MỤC",
                        help="ghi khóa mới vào đây (USB) thay vì keys/")  # fmt: skip
    rotate.add_argument("--root-keys", type=int, default=None, help="thay cả bộ khóa gốc bằng bấy nhiêu khóa mới")
    rotate.add_argument("--root-threshold", type=int, default=None, help="từ nay cần bấy nhiêu khóa gốc để ký")
    output.new_key_options(rotate)


def _verb(
    acts: Verbs, name: str, run: Callable[[argparse.Namespace], int], words: str,
    *, signs: bool = False,
) -> argparse.ArgumentParser:  # fmt: skip
    made = verb(acts, name, run, words)
    if signs:
        made.add_argument("--key", type=Path, action="append", default=[], metavar="TỆP",
                          help="tệp khóa để ký, ví dụ trên USB; ghi lại cho từng khóa")  # fmt: skip
        made.add_argument("--passphrase-file", default=None, help="đọc mật khẩu từ tệp, mỗi khóa một dòng")
    return made


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def _list(args: argparse.Namespace) -> int:
    from ..office import keyring

    settings, now = load(args.dir), datetime.now(UTC)
    safe, noted = _safe(settings), keyring.register(settings.keys)
    told = []
    for life in safe.lives(now):
        role = safe.role(life.role)
        keys = []
        for key in role.keys:
            known = noted.get(key.keyid)
            file = known.file if known else f"{life.role}.pem"
            here = (settings.keys / file).exists()
            keys.append({
                "file": file, "fingerprint": key.fingerprint, "here": here,
                "holder": known.holder if known else "máy văn phòng" if here else "",
            })  # fmt: skip
        told.append({
            "role": life.role, "threshold": role.threshold, "expires": when(life.expires),
            "percent_left": round(life.share_left * 100), "keys": keys,
        })  # fmt: skip
        if not args.json:
            output.say(args, f"{life.role}: cần {role.threshold} trong {len(role.keys)} khóa; chữ ký đến "
                       f"{output.when(life.expires)}, còn {life.share_left:.0%}",
                       f"{life.role}: {role.threshold} of {len(role.keys)} keys; signed until "
                       f"{output.when(life.expires)}, {life.share_left:.0%} left")  # fmt: skip
            for one in keys:
                where = "trong keys/" if one["here"] else "không ở máy này"
                print(f"\t{one['file']}\t{one['fingerprint']}\t{one['holder']}\t{where}")
    if args.json:
        output.as_json(told)
    return 0


def _sheet(args: argparse.Namespace) -> int:
    path = write_sheet(load(args.dir))
    output.say(args, f"Phiếu khôi phục: {path}\nMở bằng trình duyệt, in ra giấy, ký, cất vào tủ.",
               f"Recovery sheet: {path}\nOpen it in a browser, print it, lock it away.")  # fmt: skip
    return 0


def write_sheet(settings: Settings) -> Path:
    """The recovery sheet of the keys as they are now."""
    from ..office.sheet import recovery

    path = settings.keys / _SHEET
    durable.write(path, recovery(settings, _safe(settings), datetime.now(UTC)))
    return path


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def _renew(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    safe, now = _safe(settings), datetime.now(UTC)
    signers = _signers(args, settings, safe, args.role)[args.role]
    with _alone(settings):
        safe.renew(args.role, now, signers)
    (life,) = (one for one in safe.lives(now) if one.role == args.role)
    output.say(args, f"Chữ ký “{args.role}” đến {output.when(life.expires)}. Khóa giữ nguyên; cất lại vào tủ.",
               f"“{args.role}” is signed until {output.when(life.expires)}, with the same keys.")  # fmt: skip
    return 0


def _rotate(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    check_sticks(args, args.keys_to, settings.folder)
    safe = _safe(settings)
    if args.role == "root":
        _rotate_root(args, settings, safe, _signers(args, settings, safe, "root")["root"])
    elif args.role == "targets":
        _rotate_targets(args, settings, safe, _signers(args, settings, safe, "root")["root"])
    else:
        _rotate_online(args, settings, safe)
    _told_rotated(args, safe)
    path = write_sheet(settings)
    output.say(args, f"In lại phiếu khôi phục: {path}", f"Print the recovery sheet again: {path}")
    return 0


def _rotate_online(args: argparse.Namespace, settings: Settings, safe: Safe) -> None:
    """One of the office's keys, or all three at once; they have no passphrase, and the old files go."""
    from ..office.repository import ONLINE, next_key

    roles = ONLINE if args.role == "online" else (args.role,)
    offline = [name for name, theirs in _NAMED_BY.items() if set(theirs) & set(roles)]
    signers = _signers(args, settings, safe, *offline)
    fresh = {role: PrivateKey.generate() for role in roles}
    paths = [next_key(settings.keys, role) for role in roles]
    for path, key in zip(paths, fresh.values(), strict=True):
        durable.remove(path)  # left by a rotation that was cut short: this one names another
        key.save(path)
    now = datetime.now(UTC)
    with _alone(settings), _or_none(paths):
        if args.role == "online":
            safe.change_online(fresh, now, signers["root"], signers["targets"])
        else:
            safe.change_key(args.role, fresh[args.role], now, signers[offline[0]])


def _rotate_targets(args: argparse.Namespace, settings: Settings, safe: Safe, signers: list[PrivateKey]) -> None:
    from ..office import keyring
    from ..office.repository import next_key

    fresh, path = PrivateKey.generate(), next_key(settings.keys, "targets")
    secret = output.new_passphrase(args, "khóa targets", "the targets key")
    durable.remove(path)  # left by a rotation that was cut short: this one names another
    fresh.save(path, secret)
    with _alone(settings), _or_none([path]):
        safe.change_key("targets", fresh, datetime.now(UTC), signers)
    usual = settings.keys / "targets.pem"
    _told_retired(args, keyring.retire(settings.keys, usual))
    target = (args.keys_to[0] / usual.name) if args.keys_to else usual
    durable.write(target, path.read_bytes(), mode=durable.SECRET)
    durable.remove(path)
    keyring.note(settings.keys, fresh.public, usual.name, next(iter(args.holder), keyring.SAFE))


def _rotate_root(args: argparse.Namespace, settings: Settings, safe: Safe, signers: list[PrivateKey]) -> None:
    from ..office import keyring

    old = safe.role("root")
    gone = list(old.keys) if args.root_keys or len(old.keys) == 1 else [_replaced(args, settings, old.keys)]
    count = args.root_keys or len(gone)
    total = len(old.keys) - len(gone) + count
    threshold = root_size(total, args.root_threshold or min(old.threshold, total))
    made: list[tuple[Path, str, PrivateKey]] = []
    files: list[Path] = []
    with _alone(settings), _or_none(files):
        for at in range(count):
            name = keyring.new_file(settings.keys, "root").name
            path = (args.keys_to[at] if at < len(args.keys_to) else settings.keys) / name
            holder = args.holder[at] if at < len(args.holder) else path.stem
            key = PrivateKey.generate()
            key.save(path, output.new_passphrase(args, f"{path.stem} ({holder})", f"{path.stem} ({holder})"))
            keyring.note(settings.keys, key.public, name, holder)
            made.append((path, holder, key))
            files.append(path)
        fresh = [key for _, _, key in made]
        keys = [key for key in old.keys if key not in gone] + [key.public for key in fresh]
        safe.change_root(keys, threshold, datetime.now(UTC), [*signers, *fresh])
    noted = keyring.register(settings.keys)
    for lost in gone:
        file = noted[lost.keyid].file if lost.keyid in noted else "root.pem"
        _told_retired(args, keyring.retire(settings.keys, settings.keys / file))
    for path, holder, key in made:
        output.say(args, f"Khóa gốc mới của {holder}: {path}, dấu vân tay {key.public.fingerprint}",
                   f"New root key of {holder}: {path}, fingerprint {key.public.fingerprint}")  # fmt: skip


def root_size(keys: int, threshold: int) -> int:
    """The threshold, when so many keys can meet it; raises `WrongUse` (`root-threshold`)."""
    from ..office.safe import MAX_ROOT_KEYS

    if not 1 <= threshold <= keys <= MAX_ROOT_KEYS:
        raise WrongUse("root-threshold", keys=keys, threshold=threshold, most=MAX_ROOT_KEYS)
    return threshold


def check_sticks(args: argparse.Namespace, folders: Sequence[Path], commune: Path) -> None:
    """Raises `WrongUse` (`stick-missing`): a folder is never made where a stick should be; warns of our own disk."""
    for folder in folders:
        if not folder.is_dir():
            raise WrongUse("stick-missing", folder=str(folder))
        beside = next(one for one in (commune, *commune.absolute().parents) if one.exists())
        if folder.stat().st_dev == beside.stat().st_dev:
            output.say(args, f"! {folder} nằm trên chính đĩa của máy này: xem USB đã gắn (mount) vào đó chưa.",
                       f"! {folder} lies on this machine's own disk: is a stick mounted there?")  # fmt: skip


def _replaced(args: argparse.Namespace, settings: Settings, keys: tuple[PublicKey, ...]) -> PublicKey:
    """The root key that `--replace` means: the beginning of a fingerprint, or the file's name."""
    from ..office import keyring

    noted = keyring.register(settings.keys)
    wanted = "".join((args.replace or "").split()).lower()
    named = {k.keyid: noted[k.keyid].file.removesuffix(".pem") if k.keyid in noted else "" for k in keys}
    found = [k for k in keys if wanted and (k.keyid.startswith(wanted) or named[k.keyid] == wanted)]
    if len(found) != 1:
        known = ", ".join(f"{named[k.keyid]} {k.fingerprint}" for k in keys)
        raise WrongUse("key-replace", count=len(keys), known=known)
    return found[0]


def _safe(settings: Settings) -> Safe:
    from ..office.safe import Safe
    from ..publication import BOARD_FOLDER

    return Safe(settings.publication / BOARD_FOLDER, settings.keys)


def _signers(args: argparse.Namespace, settings: Settings, safe: Safe, *names: str) -> dict[str, list[PrivateKey]]:
    from ..office import keyring

    wanted = {name: safe.role(name) for name in names}
    return keyring.find(settings.keys, wanted, lambda path: output.passphrase_of(path, args), args.key)


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    from ..office.publish import PATIENCE_S

    settings.state.mkdir(parents=True, exist_ok=True)
    with durable.only_one(settings.state / "publish.lock", patience_s=PATIENCE_S):
        yield


@contextlib.contextmanager
def _or_none(paths: list[Path]) -> Iterator[None]:
    """Files of new keys that go again when nothing was signed with them."""
    try:
        yield
    except BangtinError:
        for path in paths:
            durable.remove(path)
        raise


def _told_retired(args: argparse.Namespace, path: Path | None) -> None:
    if path:
        output.say(args, f"Khóa cũ chuyển sang {path}: không dùng nữa, hãy xóa cả ở đây lẫn trên USB.",
                   f"The old key is now {path}: it counts no more; destroy it there and on its stick.")  # fmt: skip


def _told_rotated(args: argparse.Namespace, safe: Safe) -> None:
    output.say(
        args,
        f"Đã thay khóa “{args.role}”; gốc tin cậy đang ở số {safe.version('root')}. Thông báo đang hiện không đổi. "
        f"Bảng theo khóa mới ở lần liên lạc kế tiếp. Bảng mất mạng nhiều tuần vẫn tin khóa cũ cho đến khi có mạng lại "
        f"hoặc được cắm USB bản phát hành mới; khi ấy bảng lần theo từng số của gốc, dù đã thay nhiều lần.",
        f"Rotated “{args.role}”; the root is at number {safe.version('root')}. What is on show does not change. Boards "
        f"follow at their next contact, also through several rotations; until then they trust the old key.",
    )
