"""From bytes that somebody sent to a picture that we made ourselves."""

from __future__ import annotations

import io
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from config.errors import Invalid

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8_000_000
#: Beyond what cameras make below 8 MB; decoded it would be 160 MB of memory.
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2_000
#: Of the small one, which a tile shows: sharp on a phone, and a fifth of the bytes.
SMALL_SIZE = (640, 960)
QUALITY = 82
#: Of Pillow's 0 to 6: a third of the time that the usual 4 takes, for 8% more bytes.
EFFORT = 2


def photo_encode(file: IO[bytes], size: int) -> tuple[bytes, bytes]:
    """Return the picture as WebP, upright, at most 2000 pixels a side; and a small one.

    Only pixels survive: where it was taken (EXIF) and whatever else was in the file
    does not. Raises Invalid (400): `photo_too_large`, `not_an_image`.
    """
    if size > MOST_BYTES:
        text = _("A photo has at most %(limit)s MB.")
        raise _refusal("photo_too_large", text % {"limit": MOST_BYTES // 1_000_000})
    try:
        with Image.open(file, formats=FORMATS) as image:
            whole = _pixels(image)
            return _encode(whole), _encode(_smaller(whole))
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        # On broken input Pillow's decoders raise whatever they stumble over: OSError,
        # SyntaxError, ValueError, struct.error and more. It is the input every time.
        text = _("This is no JPEG, PNG or WebP picture, or it is damaged.")
        raise _refusal("not_an_image", text) from error


def _pixels(image: Image.Image) -> Image.Image:
    # Of the header so far; nothing is decoded yet.
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels()
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _smaller(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail(SMALL_SIZE)
    return small


def _encode(image: Image.Image) -> bytes:
    bare = Image.new(image.mode, image.size)
    bare.paste(image)  # pixels only: `info` holds EXIF and profiles, and save keeps it
    buffer = io.BytesIO()
    bare.save(buffer, "WEBP", quality=QUALITY, method=EFFORT)
    return buffer.getvalue()


def _too_many_pixels() -> Invalid:
    text = _("A photo has at most %(limit)s megapixels.")
    return _refusal("photo_too_large", text % {"limit": MOST_PIXELS // 1_000_000})


def _refusal(code: str, text: str) -> Invalid:
    return Invalid({"photo": [text]}, code=code)
