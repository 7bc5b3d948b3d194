"""A clip of moving pictures: what it is, and its frames in time. The only module that imports PyAV.

PyAV (the extra `[video]`) is imported when a film is opened and never before: a board or an office
without films does not need it. Sound is never decoded. Times are milliseconds from the first frame.
"""

from __future__ import annotations

import importlib.util
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

DEMUXERS = {"video/mp4": "mp4", "video/webm": "webm"}  # no other format is ever guessed
CUT_SHORT_MS = 500  # what may be missing of the length that a film says it has
PACKINGS = 3  # the second one may still round the length of the last frame; then nothing changes any more
THREADS = 2  # that decode one film: a small board has four cores, the smallest two
Size = tuple[int, int]  # width, height in pixels


class Unplayable(Exception):
    """A file that is no film, or breaks off, or there is nothing here to decode it."""


@dataclass(frozen=True)
class Clip:
    """What a film says of itself. `fps` is the average; `turned` is the degrees that a player should turn it."""

    codec: str
    width: int
    height: int
    fps: float
    pixels: str  # "yuv420p" …
    square: bool  # whether its pixels are
    turned: int


@dataclass(frozen=True)
class Frame:
    """Pixels of one moment: rows of `stride` bytes, of which `4 × width` are blue, green, red and one unused."""

    ms: int
    width: int
    height: int
    stride: int
    data: Any  # a buffer


def installed() -> bool:
    """Whether this machine can decode films."""
    return importlib.util.find_spec("av") is not None


class Film:
    """An open film, used by one thread; close it. Raises `Unplayable` from everything."""

    def __init__(self, source: Path | BinaryIO, kind: str, *, strict: bool = False) -> None:
        """`kind`: "video/mp4" | "video/webm". `strict`: a damaged byte is an error, as where films are let in."""
        try:
            import av
        except ImportError as error:
            raise Unplayable("PyAV is not installed") from error
        self._wrong: tuple[type[Exception], ...] = (av.error.FFmpegError, ValueError, EOFError, MemoryError, OSError)
        self._scaler: Any = av.video.reformatter.VideoReformatter()
        self._first: int | None = None  # time stamp of the first frame
        try:
            name = str(source) if isinstance(source, Path) else source
            self._container: Any = av.open(name, format=DEMUXERS[kind])
        except self._wrong as error:
            raise Unplayable(str(error)) from error
        if not self._container.streams.video:
            self.close()
            raise Unplayable("no moving pictures in it")
        self._stream: Any = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = THREADS
        if strict:
            self._stream.codec_context.options = {"err_detect": "explode"}

    def close(self) -> None:
        self._container.close()

    def clip(self) -> Clip:
        """What the file's head says; nothing is decoded but the first frame."""
        try:
            frame = next(iter(self._container.decode(self._stream)), None)
            self._container.seek(0, stream=self._stream)
        except self._wrong as error:
            raise Unplayable(str(error)) from error
        context, rate = self._stream.codec_context, self._stream.average_rate or self._stream.guessed_rate
        if frame is None or not rate:
            raise Unplayable("no frame in it")
        ratio = self._stream.sample_aspect_ratio
        return Clip(
            context.name, frame.width, frame.height, float(rate), frame.format.name,
            ratio is None or ratio in (0, 1), int(frame.rotation) % 360,
        )  # fmt: skip

    def frames(self) -> Iterator[tuple[int, Any]]:
        """(milliseconds, PyAV's frame) from where the film stands to its end."""
        try:
            for frame in self._container.decode(self._stream):
                if frame.pts is None:
                    raise Unplayable("a frame without a time")
                if self._first is None:
                    self._first = frame.pts
                yield self._ms(frame.pts), frame
        except self._wrong as error:
            raise Unplayable(str(error)) from error

    def _ms(self, pts: int) -> int:
        return int((2000 * (pts - (self._first or 0)) * self._stream.time_base + 1) / 2)  # rounded

    def seek(self, ms: int) -> None:
        """To the last frame at or before `ms` from which can be decoded."""
        if self._first is None:
            next(self.frames(), None)
        pts = int(ms / 1000 / self._stream.time_base) + (self._first or 0)
        try:
            self._container.seek(pts, stream=self._stream)
        except self._wrong as error:
            raise Unplayable(str(error)) from error

    def scaled(self, ms: int, frame: Any, size: Size) -> Frame:
        """PyAV's frame in the size and the bytes of a screen."""
        ready = self._scaler.reformat(frame, *size, "bgra", interpolation="FAST_BILINEAR")
        return Frame(ms, *size, ready.planes[0].line_size, ready.planes[0])

    def measure(self, look: Callable[[int, Any], None] = lambda ms, frame: None) -> int:
        """The film's length in milliseconds; every frame is decoded, and shown to `look`."""
        last = step = 0
        for ms, frame in self.frames():
            if frame.is_corrupt:
                raise Unplayable(f"damaged at {ms} ms")
            look(ms, frame)
            step = max(1, ms - last) if ms else step
            last = ms
        rate = self._stream.average_rate
        found = last + (round(1000 / rate) if rate else step)
        if (self._container.duration or 0) // 1000 - found > CUT_SHORT_MS:
            raise Unplayable(f"breaks off at {found} ms")
        return found


def png(frame: Any) -> bytes:
    """PyAV's frame as a PNG file."""
    from fractions import Fraction

    import av

    coder: Any = av.CodecContext.create("png", "w")
    coder.width, coder.height, coder.pix_fmt = frame.width, frame.height, "rgb24"
    coder.time_base = Fraction(1, 1)
    return b"".join(bytes(packet) for packet in (*coder.encode(frame.reformat(format="rgb24")), *coder.encode(None)))


def bare(data: bytes, kind: str) -> bytes:
    """The same pictures and sound, packed anew: without place, names, subtitles and what else a telephone adds.

    Nothing is coded again, and a bare film stays as it is. Raises `Unplayable`.
    """
    for _ in range(PACKINGS):
        before, data = data, _packed(data, DEMUXERS[kind])
        if data == before:
            break
    return data


def _packed(data: bytes, form: str) -> bytes:
    try:
        import av
    except ImportError as error:
        raise Unplayable("PyAV is not installed") from error
    # No dates and no program's name; the tables first, so that browsers begin at once.
    options = {"fflags": "+bitexact", **({"movflags": "+faststart"} if form == "mp4" else {})}
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"film.{form}"
            with av.open(io.BytesIO(data), format=form) as source, av.open(str(path), "w", options=options) as out:
                _copy(source, out)
            return path.read_bytes()
    except (av.error.FFmpegError, ValueError, EOFError, OSError) as error:
        raise Unplayable(str(error)) from error


def _copy(source: Any, out: Any) -> None:
    """The first stream of pictures and the first of sound."""
    new = {}
    for stream in (*source.streams.video[:1], *source.streams.audio[:1]):
        new[stream.index] = out.add_stream_from_template(stream)
        new[stream.index].metadata.clear()
    for packet in source.demux([stream for stream in source.streams if stream.index in new]):
        if packet.dts is not None:  # the last one is empty
            packet.stream = new[packet.stream.index]
            out.mux(packet)
