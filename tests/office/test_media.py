"""Pictures and films as they come from telephones and strangers: let in whole, upright and silent, or refused."""

from __future__ import annotations

import io
import re
import struct
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from signage.errors import BadInput, Problem
from signage.office import metadata, preview
from signage.office.drawing import BadPictureError, decode, encode
from signage.office.film import Reel, admit
from signage.wire import sha256

RED, GREEN, BLUE = (200, 40, 30), (30, 160, 60), (40, 60, 190)
PLACE = b"21.0285"  # what must not reach the website


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def corners(size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Red at the top left, green at the top right, blue below."""
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0] // 2, size[1] // 2))
    image.paste(GREEN, (size[0] // 2, 0, size[0], size[1] // 2))
    return image


def telling(side: int = 1) -> bytes:
    """Exif data as a telephone writes them: camera, time, place."""
    exif = Image.Exif()
    exif[0x0112] = side
    exif[0x010F] = "Điện thoại của chị Hoa"
    exif[0x9003] = "2026:11:20 06:12:00"
    exif.get_ifd(0x8825)[0x001D] = PLACE.decode()
    return exif.tobytes()


def near(found: Any, wanted: tuple[int, int, int], most: int = 12) -> bool:
    return all(abs(a - b) <= most for a, b in zip(found, wanted, strict=True))


# ── which side is up ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("side", range(1, 9))
def test_each_of_the_eight_sides_is_turned_up_even_when_all_else_is_taken_out(kind: str, side: int) -> None:
    """Pillow turns the picture the other way first; ours must turn it back, also from the bare file."""
    turned = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[side]  # fmt: skip
    lying = corners() if turned is None else corners().transpose(turned)
    file = saved(lying, kind, exif=telling(side), quality=95)
    for data in (file, metadata.bare(file)):
        shown = decode(data)
        assert shown.size == (160, 120)
        assert near(shown.getpixel((20, 20)), RED, 30)
        assert near(shown.getpixel((140, 20)), GREEN, 30)


# ── what a picture tells ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_time_and_camera_leave_the_file_and_no_pixel_changes(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"xmp": b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"} if kind != "PNG" else {}
    file = saved(corners(), kind, exif=telling(6), icc_profile=profile, quality=90, **more)
    assert PLACE in file
    clean = metadata.bare(file)
    assert PLACE not in clean
    assert b"Hoa" not in clean
    with Image.open(io.BytesIO(file)) as before, Image.open(io.BytesIO(clean)) as after:
        assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
        assert after.info["icc_profile"] == profile
        assert dict(after.getexif()) == {0x0112: 6}
    assert metadata.bare(clean) == clean


def test_comments_thumbnails_and_the_film_behind_a_motion_photo_go_too() -> None:
    file = saved(corners(), "JPEG", comment=b"secret one", quality=90)
    app13 = b"\xff\xed" + struct.pack(">H", 2 + 14) + b"Photoshop sec2"
    clean = metadata.bare(file[:2] + app13 + file[2:] + b"\0\0\0\x18ftypmp42 the film")
    assert not any(word in clean for word in (b"secret one", b"Photoshop", b"ftyp"))
    assert decode(clean).tobytes() == decode(file).tobytes()


def test_a_progressive_jpeg_keeps_its_scans() -> None:
    file = saved(Image.effect_noise((300, 200), 80).convert("RGB"), "JPEG", progressive=True, exif=telling())
    assert decode(metadata.bare(file)).tobytes() == decode(file).tobytes()


def test_a_png_text_and_its_time_go() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "chị Hoa")
    words.add_itxt("GPS", PLACE.decode())
    clean = metadata.bare(saved(corners(), "PNG", pnginfo=words))
    assert b"Hoa" not in clean
    assert PLACE not in clean
    assert decode(clean).tobytes() == corners().tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_cut_short_is_not_taken_for_clean(kind: str) -> None:
    file = saved(Image.effect_noise((200, 150), 80).convert("RGB"), kind, exif=telling())
    for share in (0.02, 0.3, 0.7, 0.98):
        with pytest.raises(ValueError, match=r"."):
            metadata.bare(file[: int(len(file) * share)])


def test_what_is_signed_and_published_tells_no_place(office: Any, text: Callable[..., str]) -> None:
    """The website publishes the signed bytes: they must be clean, and so must the officer's own file be."""
    file = saved(corners((640, 480)), "JPEG", exif=telling(6), quality=90)
    path = office.write("tin/hoa", text(image="hoa.jpg | Cánh đồng", attachments="ban-do.PNG", boards="none"))
    (path.parent / "hoa.jpg").write_bytes(file)
    (path.parent / "ban-do.PNG").write_bytes(saved(corners(), "PNG", exif=telling()))
    office.both("tin/hoa")
    office.publish()
    public = {p.name: p.read_bytes() for p in office.settings.publication.rglob("*") if p.is_file()}
    assert {"hoa.jpg", "ban-do.PNG"} <= set(public)
    assert not [name for name, data in public.items() if PLACE in data]
    assert not [p for p in office.settings.review_book.rglob("*") if p.is_file() and PLACE in p.read_bytes()]
    assert decode(public["hoa.jpg"]).tobytes() == decode(file).tobytes()
    assert [p.code for p in office.desk.problems(office.desk.read(), office.desk.standings())] == []


def test_a_damaged_attached_picture_is_told_before_anything_is_signed(office: Any, text: Callable[..., str]) -> None:
    path = office.write("tin/hong", text(attachments="hong.jpg", boards="none"))
    (path.parent / "hong.jpg").write_bytes(saved(corners(), "JPEG")[:-40])
    with pytest.raises(BadInput) as told:
        office.submit("tin/hong")
    assert [(p.code, p.file) for p in told.value.problems] == [("picture-broken", "tin/hong.jpg")]
    assert not office.desk.standings()


# ── colours ──────────────────────────────────────────────────────────────────────────────────────


def test_a_printers_picture_is_shown_in_its_colours() -> None:
    shown = decode(saved(corners().convert("CMYK"), "JPEG", quality=95))
    assert shown.mode == "RGB"
    assert near(shown.getpixel((20, 20)), RED, 30)


def test_a_telephones_wide_colours_become_a_screens() -> None:
    """The same numbers mean another colour under another profile: it is converted, not just dropped."""
    xyz_swapped = _swapped(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    shown = decode(saved(Image.new("RGB", (20, 20), (200, 20, 20)), "PNG", icc_profile=xyz_swapped))
    red, green, _ = shown.getpixel((5, 5))  # type: ignore[misc]
    assert green > red, "in this profile the first channel is green"
    same = decode(saved(Image.new("RGB", (20, 20), (200, 20, 20)), "PNG", icc_profile=b"no profile at all"))
    assert same.getpixel((5, 5)) == (200, 20, 20)


def _swapped(profile: bytes) -> bytes:
    """An sRGB profile under another name in which red and green have changed places."""
    swapped = profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    return swapped.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be")).replace(b"sRGB", b"mine")


def test_sixteen_bits_of_grey_are_not_cut_to_white() -> None:
    ramp = Image.new("I;16", (256, 1))
    for x in range(256):
        ramp.putpixel((x, 0), x * 257)
    shown = decode(saved(ramp, "PNG"))
    assert [shown.getpixel((x, 0)) for x in (0, 64, 128, 255)] == [(v, v, v) for v in (0, 64, 128, 255)]


# ── bombs and strangers ──────────────────────────────────────────────────────────────────────────


def claims(width: int, height: int) -> bytes:
    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 8000), (10_000, 10_000), (13_000, 13_000), (60_000, 60_000), (20_001, 1)])
def test_every_bomb_is_called_too_large(size: tuple[int, int]) -> None:
    with pytest.raises(BadPictureError) as told:
        decode(claims(*size))
    assert told.value.code == "picture-large"


def test_a_jpeg_of_a_thousand_passes_is_refused_unread() -> None:
    file = saved(corners(), "JPEG", progressive=True)
    scan = file[file.rindex(b"\xff\xda") : -2]
    with pytest.raises(BadPictureError):
        decode(file[:-2] + scan * 1000 + file[-2:])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused_with_what_to_do(kind: str) -> None:
    file = saved(corners(), kind, save_all=True, append_images=[corners().transpose(Image.Transpose.ROTATE_180)])
    with pytest.raises(BadPictureError) as told:
        decode(file)
    assert told.value.code == "picture-moving"


def test_a_telephones_second_picture_is_left_alone() -> None:
    """Many telephones write an MPO: a JPEG with another (depth, brightness) behind it."""
    file = saved(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (160, 120), "#000000")])
    assert near(decode(file).getpixel((20, 20)), RED, 30)
    assert b"MPF" not in metadata.bare(file)


def test_damaged_exif_does_not_cost_the_picture() -> None:
    file = saved(corners(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 40)
    assert near(decode(file).getpixel((20, 20)), RED, 30)


def test_a_large_photograph_is_unpacked_only_as_far_as_boards_need() -> None:
    file = saved(Image.effect_noise((6000, 4400), 30).convert("RGB"), "JPEG", quality=30)
    assert decode(file).size == (3000, 2200)


def test_a_map_beside_words_is_stored_without_loss_and_a_photograph_is_not() -> None:
    drawn = corners((640, 360)).resize((1920, 1080))
    assert encode(drawn, "photo")[1] == "image/webp"
    noise = Image.merge("RGB", [Image.effect_noise((1920, 1080), 60) for _ in range(3)])
    assert encode(noise, "photo")[1] == "image/jpeg"


# ── films ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "codec", "kind"), [
    ("a.mp4", "libx264", "video/mp4"), ("a.webm", "libvpx-vp9", "video/webm"), ("A.MP4", "libx264", "video/mp4"),
])  # fmt: skip
def test_a_film_is_let_in_with_its_first_bright_picture(
    tmp_path: Path, make_film: Callable[..., Path], name: str, codec: str, kind: str
) -> None:
    reel = admit(name, make_film(tmp_path / name.lower(), codec=codec, dark_ms=400).read_bytes(), "n.md")
    assert isinstance(reel, Reel)
    assert (reel.kind, reel.size, reel.ms) == (kind, (320, 180), 1000)
    poster = decode(reel.poster)
    assert poster.size == (320, 180)
    assert near(poster.getpixel((310, 90)), (0x10, 0x30, 0x60), 20), "the darkness is over"


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("film-codec", {"codec": "mpeg4"}),
        ("film-codec", {"pixels": "yuv444p"}),
        ("film-size", {"size": (1922, 1080), "fps": 5}),
        ("film-size", {"size": (1200, 1200), "fps": 5}),
        ("film-rate", {"fps": 50}),
        ("film-short", {"fps": 25, "seconds": 0.1, "size": (64, 48)}),
        ("film-long", {"fps": 2, "seconds": 61, "size": (64, 48)}),
    ],
)
def test_what_small_boards_could_not_play_is_refused_with_a_way_out(
    tmp_path: Path, make_film: Callable[..., Path], code: str, how: dict[str, Any]
) -> None:
    told = admit("a.mp4", make_film(tmp_path / "a.mp4", **how).read_bytes(), "n.md")
    assert isinstance(told, Problem)
    assert told.code == code
    assert told.told("vi").count("→") == 1


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_a_damaged_film_is_found_by_decoding_it_whole(
    tmp_path: Path, make_film: Callable[..., Path], name: str
) -> None:
    codec = "libx264" if name == "a.mp4" else "libvpx-vp9"
    data = make_film(tmp_path / name, codec=codec, seconds=3).read_bytes()
    for bad in (data[: len(data) // 2], b"", b"MZ" + bytes(5000), saved(corners(), "PNG")):
        told = admit(name, bad, "n.md")
        assert isinstance(told, Problem)
        assert told.code == "film-broken"
    mended = "webm" if name == "a.mp4" else "mp4"
    assert isinstance(admit(f"a.{mended}", data, "n.md"), Problem), "no other format is guessed"


def test_an_approver_without_the_decoder_is_shown_the_film_all_the_same(
    office: Any, text: Callable[..., str], make_film: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office.write("tin/phim", text(film="a.mp4 | Đường sơ tán"))
    make_film(path.parent / "a.mp4")
    office.submit("tin/phim")
    assert preview.redrawn_differently(office.desk, office.desk.waiting()) == []
    monkeypatch.setitem(sys.modules, "av", None)
    (told,) = preview.redrawn_differently(office.desk, office.desk.waiting())
    assert (told.code, told.severity) == ("drawn-differently", "warning")
    office.approve("tin/phim")


def test_a_white_film_would_glare_on_a_matrix(
    office: Any, text: Callable[..., str], make_film: Callable[..., Path]
) -> None:
    path = office.write("tin/phim", text(film="sang.mp4 | Nền trắng", boards="group:ngoai-troi"))
    make_film(path.parent / "sang.mp4", ground="#ffffff")
    with pytest.raises(BadInput) as told:
        office.submit("tin/phim")
    assert [p.code for p in told.value.problems] == ["film-bright"]
    office.write("tin/phim", text(film="sang.mp4 | Nền trắng", boards="group:trong-nha"))
    office.submit("tin/phim")  # a screen may be white


def test_without_its_decoder_an_office_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)  # what Python does with a package that is not there
    told = admit("a.mp4", b"", "n.md")
    assert isinstance(told, Problem)
    assert told.code == "film-extra"
    assert "bangtin[video]" in told.told("vi")


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("film-words-missing", {"film": "a.mp4"}),
        ("film-type", {"film": "a.gif | hình động"}),
        ("file-missing", {"film": "b.mp4 | không có"}),
        ("film-emergency", {"film": "a.mp4 | x", "class": "khan-cap", "level": "3", "source": "Đài",
                            "bulletin_time": "2026-11-21 05:00", "end": "2026-11-21 17:00"}),
    ],
)  # fmt: skip
def test_the_field_tells_what_is_wrong(
    office: Any, text: Callable[..., str], code: str, fields: dict[str, str]
) -> None:
    path = office.write("tin/phim", text(**fields))
    (path.parent / "a.mp4").write_bytes(b"-")
    (path.parent / "a.gif").write_bytes(b"-")
    assert code in [p.code for p in office.desk.read().problems]


def tags(film: Path) -> list[str]:
    import av

    with av.open(str(film)) as opened:
        return [*opened.metadata, *(name for stream in opened.streams for name in stream.metadata)]


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.webm", "libvpx-vp9")])
def test_a_bare_film_has_the_same_pictures_and_is_left_alone(
    tmp_path: Path, make_film: Callable[..., Path], name: str, codec: str
) -> None:
    data = make_film(tmp_path / name, codec=codec, place="+21.0285+105.8542/").read_bytes()
    clean = metadata.bare_file(name, data)
    assert clean != data
    assert metadata.bare_file(name, clean) == clean
    before, after = admit(name, data, "n.md"), admit(name, clean, "n.md")
    assert isinstance(before, Reel)
    assert isinstance(after, Reel)
    assert (after.ms, after.poster) == (before.ms, before.poster)
    (tmp_path / name).write_bytes(clean)
    assert not {"location", "title", "comment"} & {tag.lower() for tag in tags(tmp_path / name)}


def test_a_film_goes_from_the_officers_file_to_boards_and_page(
    office: Any, text: Callable[..., str], make_film: Callable[..., Path]
) -> None:
    path = office.write("tin/phim", text(film="so-tan.mp4 | Đường sơ tán", image=""))
    file = make_film(path.parent / "so-tan.mp4", seconds=2, place="+21.0285+105.8542/")
    assert any("location" in name for name in tags(file))
    office.submit("tin/phim")
    assert not any("location" in name for name in tags(file)), "where it was taken is nobody's business"
    data = file.read_bytes()
    desk = office.desk
    sheet = preview.sheet(office.settings, desk, desk.waiting(), office.folder / "duyet", datetime.now(UTC))
    film = re.search(r'<video src="([^"]+)"', sheet.read_text("utf-8"))
    assert film and (sheet.parent / film[1]).read_bytes() == data, "the approver is shown the very film"
    office.approve("tin/phim")
    office.publish()
    (standing,) = office.desk.standings()
    served = office.settings.publication / "board"
    for shape, slides in standing.statement.slides.items():
        slide = slides[0]
        assert slide.film is not None, shape
        assert all(other.film is None for other in slides[1:])
        assert (slide.film.file, slide.film.size, slide.film.ms) == (sha256(data), len(data), 2000)
        assert (served / "slides" / slide.film.name).read_bytes() == data
        assert slide.dwell_ms % slide.film.ms == 0, "it ends with the film"
        x, y, width, height = slide.film.area
        with Image.open(served / "slides" / slide.name) as opened:
            shown = opened.convert("RGB")
        assert x >= 0 <= y and x + width <= shown.width and y + height <= shown.height
        assert near(shown.getpixel((x + width - 4, y + height // 2)), (0x10, 0x30, 0x60), 24), "the poster"
        assert abs(width / height - 320 / 180) < 0.05
        shown.paste("#000000", (x, y, x + width, y + height))
        assert sha256(shown.tobytes()) == slide.film.around
    page = (office.settings.publication / "tin/phim.html").read_text("utf-8")
    assert 'src="../tep/phim/so-tan.mp4" controls' in page
    assert "Đường sơ tán" in page
    assert (office.settings.publication / "tep/phim/so-tan.mp4").read_bytes() == data
