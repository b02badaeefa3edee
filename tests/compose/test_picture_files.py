import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from newsletter.compose.picturefile import make_fit
from newsletter.compose.pictures import CARD, SHAPES, WIDE
from newsletter.errors import InputError

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">'
    b'<circle cx="90" cy="90" r="80" fill="#0f625e"/></svg>'
)


def photo(kind: str, size: tuple[int, int] = (2_400, 1_200), **options: object) -> bytes:
    """Make a picture with the many colours of a photograph."""
    red, green = (Image.linear_gradient("L").rotate(turn).resize(size) for turn in (0, 90))
    image = Image.merge("RGB", (red, green, Image.effect_noise(size, 20)))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP"])
def test_a_photograph_becomes_a_jpeg_of_twice_its_place(kind: str) -> None:
    made = make_fit(photo(kind), WIDE)

    assert (made.suffix, made.width) == (".jpg", 536)
    assert opened(made.content).size == (1_072, 536)


def test_a_drawing_with_transparency_stays_a_png() -> None:
    made = make_fit(SVG, WIDE)

    assert (made.suffix, made.width) == (".png", 300)
    assert opened(made.content).size == (600, 400)
    assert opened(made.content).mode in ("RGBA", "P", "LA")


def test_what_a_camera_writes_beside_the_picture_is_left_out() -> None:
    exif = Image.Exif()
    exif[0x9286] = "taken at home"
    exif[0x8825] = {2: (52.0, 31.0, 12.0)}
    made = make_fit(photo("JPEG", (800, 600), exif=exif.tobytes()), WIDE)

    assert not opened(made.content).getexif()
    assert b"taken at home" not in made.content


def test_a_picture_held_upright_stays_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    made = make_fit(photo("JPEG", (800, 400), exif=exif.tobytes()), WIDE)

    assert opened(made.content).size == (400, 800)
    assert made.width == 400


def test_a_picture_that_is_fit_already_is_left_as_it_is() -> None:
    small = photo("JPEG", (400, 200), quality=40)

    assert make_fit(small, WIDE).content == small


def test_an_animation_goes_on_moving() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    made = make_fit(out.getvalue(), WIDE)

    assert (made.suffix, made.content) == (".gif", out.getvalue())


def test_print_colours_become_screen_colours() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (50, 50), (0, 100, 100, 0)).save(out, "JPEG")

    assert opened(make_fit(out.getvalue(), WIDE).content).mode in ("RGB", "P")


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")

    with pytest.raises(InputError, match="no picture that can be read"):
        make_fit(out.getvalue(), WIDE)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"<svg"]),
)
def test_any_bytes_are_a_picture_or_refused(tail: bytes, head: bytes) -> None:
    with pytest.raises(InputError):
        make_fit(head + tail, WIDE)


def test_the_same_file_gives_the_same_picture() -> None:
    content = photo("PNG")

    assert make_fit(content, WIDE) == make_fit(content, WIDE)


def test_a_picture_is_cut_to_the_shape_of_its_place() -> None:
    tall = make_fit(photo("JPEG", (600, 1200)), SHAPES["square"])
    wide = make_fit(photo("JPEG", (2000, 500)), CARD)

    assert opened(tall.content).size == (192, 192)
    assert tall.width == 96
    assert opened(wide.content).size == (804, 459)


def test_a_picture_that_nearly_has_the_shape_stays_whole() -> None:
    small = photo("JPEG", (96, 97))
    assert opened(make_fit(small, SHAPES["square"]).content).size == (96, 97)
