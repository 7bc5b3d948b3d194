"""`bangtin build`, `publish`, `serve`: from what is approved to what citizens and boards fetch."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .. import durable
from ..errors import BangtinError, Problem, Unavailable
from ..settings import Settings, load
from . import output, status, usb
from .nightly import be_gentle, words
from .verbs import in_commune

if TYPE_CHECKING:
    from ..office.publish import Outcome

RETRY = timedelta(seconds=60)  # after a publication that failed, unless something changes first
DEFAULT_PORT = 8200
WATCHING = "watching.lock"  # in state/: held by the office that publishes by itself
ASKING_S = 0.5  # for somebody else who asks the same in this moment


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    build = verbs.add_parser("build", help="dựng trang và hình của những gì đã duyệt, không phát hành")
    build.add_argument("--output", type=Path, default=None, help="thư mục kết quả (mặc định: state/build)")
    build.set_defaults(run=_build)
    publish = verbs.add_parser("publish", help="dựng, ký, đưa vào chỗ phục vụ")
    publish.add_argument("--watch", action="store_true", help="ở lại, phát hành mỗi khi có thay đổi đã duyệt")
    publish.add_argument("--polling", action="store_true", help="với --watch: thư mục mạng không báo thay đổi")
    publish.add_argument("--plain", action="store_true", help="với --watch: in từng dòng, kể cả trên màn hình lệnh")
    where = "với --watch: hỏi ở đây bảng nào đã có bản mới (mặc định: hub trong bangtin.toml)"
    publish.add_argument("--hub", default=None, metavar="NƠI", help=where)
    publish.add_argument(
        "--full", action="store_true", help="đọc và dựng lại tất cả từ đầu, so từng tệp đang phục vụ, sửa tệp nào khác"
    )
    publish.add_argument("--gently", action="store_true", help="với --full: nhường máy cho mọi việc khác")
    publish.add_argument("--clock-is-right", action="store_true", help="ngày giờ máy này đúng, dù xa lần trước")
    usb.add_publish(publish)
    publish.set_defaults(run=_publish)
    serve = verbs.add_parser("serve", help="phục vụ trang và bản phát hành trên một cổng")
    serve.add_argument("--host", default="127.0.0.1", help="địa chỉ lắng nghe (mặc định: chỉ máy này)")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"cổng (mặc định: {DEFAULT_PORT})")
    serve.set_defaults(run=_serve)
    for verb in (build, publish, serve):
        in_commune(verb)


def _build(args: argparse.Namespace) -> int:
    from ..office.handover import build_site

    settings = load(args.dir)
    folder = args.output or settings.state / "build"
    count = build_site(settings, folder, datetime.now(UTC))
    output.say(
        args, f"Đã dựng {count} thông báo và trang vào {folder}.", f"Built {count} notices and pages in {folder}."
    )
    return 0


def _publish(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    if args.gently:
        be_gentle()
    usb.check_publish(args)
    if not args.watch:
        return usb.after_publish(settings, args, publish_once(settings, args))
    from ..office.publish import Publisher
    from ..office.watch import watch
    from .folder import beside
    from .nightly import Nightly

    stop = stop_on_signals()
    folders = [settings.content, settings.folder / "bangtin.toml", settings.folder / "people.toml"]
    with (
        durable.only_one(settings.state / WATCHING, patience_s=10 * ASKING_S),
        _told(settings, args) as told,
        beside(args),
        Nightly(args, told.compared),
        closing(Publisher(settings)) as publisher,
    ):
        watch(folders, lambda: _watched(args, told, publisher.publish), stop, polling=args.polling)
    return 0


@contextmanager
def _told(settings: Settings, args: argparse.Namespace) -> Iterator[status.Status]:
    """Where a watching office says what it does: a picture on a terminal, lines elsewhere."""
    hub = args.hub or settings.commune.hub
    if args.plain or not usable():
        with status.Status(settings, status.Lines(args), hub) as told:
            yield told
        return
    from .console import Screen

    with Screen(args, settings.commune.heading, asks=bool(hub)) as screen, status.Status(settings, screen, hub) as told:
        yield told


def usable() -> bool:
    """Whether people look at a terminal that can be drawn on, and what draws there is installed."""
    on_terminal = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return on_terminal and find_spec("rich") is not None


def publish_if_nobody_watches(settings: Settings, args: argparse.Namespace) -> int:
    """For who has just put files into `content/`: where `publish --watch` runs, it has seen them."""
    try:
        with durable.only_one(settings.state / WATCHING, patience_s=ASKING_S):
            pass
    except Unavailable:
        output.say(args, "Máy văn phòng đang tự phát hành (bangtin publish --watch).", "The office publishes itself.")
        return 0
    return publish_once(settings, args)


def _published(
    settings: Settings, args: argparse.Namespace, publish: Callable[[Settings, datetime], Outcome]
) -> tuple[Outcome, list[Problem], float]:
    """Publish: what came of it, what is about to end (`office.reminders`), and seconds."""
    from ..office import reminders
    from ..office.publish import repository

    began, now = time.monotonic(), datetime.now(UTC)
    _doubt_clock(settings, now, args)
    outcome = publish(settings, now)
    if hasattr(args, "clock_is_right"):
        args.clock_is_right = False  # said of this time, not of every later one of a watching office
    took = time.monotonic() - began
    return outcome, list(reminders.problems(settings, repository(settings), now)), took


def publish_once(settings: Settings, args: argparse.Namespace) -> int:
    """Publish, say what happened; the warnings are about notices.

    The exit code is 1 when all is published but a signature or a key is about to end.
    """
    from ..office import recheck
    from ..office.publish import publish

    full = getattr(args, "full", False)
    outcome, ending, took = _published(settings, args, recheck.publish_full if full else publish)
    output.problems(outcome.problems, args)
    output.say(
        args,
        f"Đã phát hành số {outcome.number}: {outcome.notices} thông báo và trang, "
        f"ghi {outcome.files_written} tệp, xóa {outcome.files_removed} tệp, {took:.1f} giây.",
        f"Published number {outcome.number}: {outcome.notices} notices and pages, "
        f"{outcome.files_written} files written, {outcome.files_removed} removed, {took:.1f} s.",
    )
    output.problems(ending, args)
    if full:
        output.say(args, *(f"{told}." for told in words(recheck.last(settings))))
    wrong = [*ending, *(one for one in outcome.problems if one.code in recheck.CODES)]
    return 1 if any(one.severity == "error" for one in wrong) else 0


def _doubt_clock(settings: Settings, now: datetime, args: argparse.Namespace) -> None:
    """Raises `Unavailable` (`office-clock`), except for an alarm, which waits for no clock: that is only warned."""
    from ..office.publish import clock_doubt

    last = None if getattr(args, "clock_is_right", False) else clock_doubt(settings, now)
    if last is None:
        return
    doubt = Unavailable("office-clock", now=output.when(now), last=output.when(last))
    if hasattr(args, "clock_is_right"):
        raise doubt
    output.say(args, f"! {doubt.told('vi')}", f"! {doubt.told('en')}")


def _watched(
    args: argparse.Namespace, told: status.Status, publish: Callable[[Settings, datetime], Outcome]
) -> datetime | None:
    """One publication of a watching office: its errors are told, and it goes on."""
    try:
        settings = load(args.dir)
        outcome, ending, took = _published(settings, args, publish)
    except BangtinError as error:
        output.failure(error, args)
        told.failed(error.told(args.lang).split("\n", 1)[0])
        return datetime.now(UTC) + RETRY
    except OSError as error:
        print(error, file=sys.stderr, flush=True)
        told.failed(str(error))
        return datetime.now(UTC) + RETRY
    told.published(settings, outcome, [*outcome.problems, *ending], took)
    return outcome.next_change


def _serve(args: argparse.Namespace) -> int:
    from ..office.serving import Server

    settings = load(args.dir)
    settings.publication.mkdir(parents=True, exist_ok=True)
    server = Server(settings.publication, args.host, args.port).start()
    output.say(args, f"Trang: {server.address}/  Bảng: {server.address}/board/", f"Site: {server.address}/")
    stop_on_signals().wait()
    server.stop()
    return 0


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
