"""`bangtin folder`: the officers' shared folder, once or for as long as `publish --watch` runs."""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .. import durable
from ..errors import BangtinError, Unavailable
from ..settings import Settings, load
from . import output
from .publishing import stop_on_signals
from .verbs import in_commune

if TYPE_CHECKING:
    from ..office.folder import Folder, Outcome

AGAIN_S = 5.0  # seconds after which a watcher that ended, or a share that was not there, is tried again
MOST_ROUNDS = 200  # of one call: what is still being copied then is told and left


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "xem thư mục chung của cán bộ: viết thẻ kết quả, nhận những gì được kéo sang “2 Chờ duyệt”"
    folder = verbs.add_parser("folder", help=words, description=words)
    in_commune(folder)
    folder.add_argument("--watch", action="store_true", help="ở lại, xem lại mỗi khi có thay đổi")
    folder.add_argument("--polling", action="store_true", help="với --watch: thư mục mạng không báo thay đổi")
    folder.set_defaults(run=_folder)


def _folder(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    if not settings.sharing.on:
        raise Unavailable("folder-off")
    if args.watch:
        watch(args.dir, stop_on_signals(), args)
        return 0
    with _alone(settings):
        watcher = _watcher(args.dir)
        for _ in range(MOST_ROUNDS):
            done = watcher.round()
            _tell(done, args)
            if done.settled and done.again_s > 1:
                break
            threading.Event().wait(done.again_s)
    output.problems(done.refused, args)
    return 1 if done.refused else 0


def _watcher(folder: Path) -> Folder:
    from ..office.folder import Folder

    return Folder(lambda: load(folder), lambda: datetime.now(UTC))


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One watcher for one folder: two would write each other's cards."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with durable.only_one(settings.state / "thu-muc.lock", patience_s=AGAIN_S):
        yield


def _tell(done: Outcome, args: argparse.Namespace) -> None:
    for name in done.drafted:
        output.say(args, f"Thư mục: đã soạn nháp “{name}”.", f"Folder: drafted “{name}”.")
    for ident in done.placed:
        output.say(args, f"Thư mục: {ident} chờ ký trình.", f"Folder: {ident} waits for its author.")
    for ident in done.posted:
        output.say(args, f"Thư mục: {ident} đã đăng.", f"Folder: {ident} is posted.")


def watch(folder: Path, stop: threading.Event, args: argparse.Namespace) -> None:
    """Rounds until `stop`; a share that goes away is waited for."""
    from ..office import watch as watching
    from ..office.folder.outcome import LATER_S

    with _alone(load(folder)):
        watcher, told, most_s = _watcher(folder), "", LATER_S

        def act() -> datetime | None:
            nonlocal told
            done = watcher.round()
            _tell(done, args)
            if (now := "\n".join(p.told(args.lang) for p in done.refused)) != told:
                output.problems(done.refused, args)
                told = now
            return datetime.now(UTC) + timedelta(seconds=min(done.again_s, most_s))

        while not stop.is_set():
            try:
                settings = load(folder)
                watcher.round()  # makes the folders that are then watched
                settings.review_book.mkdir(parents=True, exist_ok=True)
                polled = args.polling or settings.sharing.polling
                # A round is a look at what matters; watchdog's would ask the share for every file of every year.
                most_s = watching.POLL_S if polled else LATER_S
                watching.watch([settings.review_book] if polled else [settings.shared, settings.review_book], act, stop)
            except BangtinError as error:
                output.failure(error, args)
            except OSError as error:
                print(error, file=sys.stderr, flush=True)
            stop.wait(AGAIN_S)


@contextlib.contextmanager
def beside(args: argparse.Namespace) -> Iterator[None]:
    """The folder's watcher in a process of its own, for as long as the office publishes.

    It opens files of strangers and draws; what signs and publishes shares neither its time nor its accidents.
    """
    if not load(args.dir).sharing.on:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_kept_up, args=(args, stop), name="folder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(AGAIN_S)


def _kept_up(args: argparse.Namespace, stop: threading.Event) -> None:
    spawn = multiprocessing.get_context("spawn")
    while not stop.is_set():
        child = spawn.Process(target=_child, args=(args.dir, args.polling, args.lang), daemon=True)
        child.start()
        while child.is_alive() and not stop.wait(0.1):
            pass
        child.terminate()
        child.join(AGAIN_S)
        stop.wait(AGAIN_S)


def _child(folder: Path, polling: bool, lang: str) -> None:
    """Ends with its parent, however that ends."""
    stop = stop_on_signals()
    threading.Thread(target=_orphaned, args=(stop,), name="parent", daemon=True).start()
    args = argparse.Namespace(polling=polling, lang=lang, dir=folder)
    try:
        watch(folder, stop, args)
    except BangtinError as error:
        output.failure(error, args)


def _orphaned(stop: threading.Event) -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        stop.set()
