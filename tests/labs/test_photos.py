from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from config.errors import Invalid
from labs.models import Resource
from labs.services.images import MOST_BYTES, photo_encode
from labs.services.photos import small_name
from tests.labs.conftest import Hub
from tests.labs.images import picture

PHOTO = "/api/v1/resources/xr-lab/photo/"
Commit = Callable[..., AbstractContextManager[list[Any]]]


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def put(hub: Hub, content: bytes, who: str = "manager", **more: Any) -> Any:
    file = SimpleUploadedFile("cat.jpg.php", content, "image/jpeg")
    api = hub.api(getattr(hub, who, None))
    return api.put(PHOTO, {"photo": file, **more}, format="multipart")


def stored(settings: Settings) -> list[Path]:
    """The photos that are kept, each with its small one beside it."""
    files = set(Path(settings.MEDIA_ROOT).rglob("*.webp"))
    whole = {path for path in files if not path.stem.endswith("-small")}
    assert {path.with_name(small_name(path.name)) for path in whole} == files - whole
    return sorted(whole)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photo__each_kind__kept_as_webp_and_shown(
    hub: Hub, settings: Settings, kind: str
) -> None:
    hub.lab()

    response = put(hub, picture(kind))

    assert response.status_code == 200, response.json()
    (path,) = stored(settings)
    assert response.json()["photo"] == f"http://testserver/photos/resources/{path.name}"
    shown: Any = Client().get(response.json()["photo"])
    assert b"".join(shown.streaming_content) == path.read_bytes()
    assert shown["Content-Type"] == "image/webp"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in shown["Cache-Control"]


def test_photo__exif_and_what_follows__do_not_survive() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010E] = "SECRET PLACE"
    icc = b"SECRET PROFILE" * 20
    sent = picture(size=(60, 40), exif=exif, icc_profile=icc, comment=b"SECRET")
    sent += b"<?php SECRET ?>"
    assert sent.count(b"SECRET") > 20

    for made in photo_encode(io.BytesIO(sent), len(sent)):
        assert b"SECRET" not in made
        with Image.open(io.BytesIO(made)) as image:
            assert (image.format, image.size) == ("WEBP", (40, 60))  # upright
            assert not image.getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "I;16"])
def test_photo__odd_modes__are_fine(mode: str) -> None:
    sent = picture("PNG", mode=mode)

    for made in photo_encode(io.BytesIO(sent), len(sent)):
        with Image.open(io.BytesIO(made)) as image:
            assert image.mode in {"RGB", "RGBA"}


def test_photo__large__made_smaller() -> None:
    sent = picture(size=(4000, 1000))

    made = photo_encode(io.BytesIO(sent), len(sent))

    assert [Image.open(io.BytesIO(each)).size for each in made] == [
        (2000, 500),
        (640, 160),
    ]


def test_photo__small_one__is_shown_too(hub: Hub, settings: Settings) -> None:
    hub.lab()
    put(hub, picture(size=(900, 600)))
    (path,) = stored(settings)
    small = path.with_name(small_name(path.name))

    def shown() -> bytes:
        response: Any = Client().get(f"/photos/resources/{small.name}")
        return b"".join(response.streaming_content)

    assert shown() == small.read_bytes() != path.read_bytes()
    small.unlink()  # kept before there were small ones
    assert shown() == path.read_bytes()


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge; decoding it is what must not happen."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


BAD = {
    "text": (b"not a picture", "not_an_image"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
    "gif": (picture("GIF"), "not_an_image"),
    "tiff": (picture("TIFF"), "not_an_image"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not_an_image"),
    "cut off": (picture(size=(600, 400))[:-3000], "not_an_image"),
    "header only": (picture("PNG")[:20], "not_an_image"),
    "bomb": (bomb(7000, 7000), "photo_too_large"),
    "bigger bomb": (bomb(12_000, 10_000), "photo_too_large"),
    "biggest bomb": (bomb(60_000, 60_000), "photo_too_large"),
    "heavy": (picture() + b"\0" * MOST_BYTES, "photo_too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_photo__no_good_picture__400_and_nothing_kept(
    hub: Hub, settings: Settings, name: str
) -> None:
    hub.lab()
    sent, code = BAD[name]

    response = put(hub, sent)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert response.json()["fields"].keys() == {"photo"}
    assert stored(settings) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photo__damaged_anywhere__encoded_or_refused(kind: str) -> None:
    good, chance = picture(kind, size=(80, 50)), random.Random(2)
    for _ in range(60):
        sent = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            sent[chance.randrange(len(sent))] = chance.randrange(256)
        with suppress(Invalid):  # and nothing else
            photo_encode(io.BytesIO(sent), len(sent))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "photo"),
        ({"photo": "text"}, "photo"),
        ({"photo": SimpleUploadedFile("empty.jpg", b"")}, "photo"),
        ({"picture": SimpleUploadedFile("a.jpg", b"x")}, "picture"),
    ],
)
def test_photo__wrong_form__400(hub: Hub, body: dict[str, Any], field: str) -> None:
    hub.lab()

    response = hub.api(hub.manager).put(PHOTO, body, format="multipart")

    assert response.status_code == 400
    assert field in response.json()["fields"]


def test_photo__many_files__400(hub: Hub) -> None:
    hub.lab()
    files = {f"f{n}": SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(200)}

    response = hub.api(hub.manager).put(PHOTO, files, format="multipart")

    assert response.status_code == 400


def test_photo__json__415(hub: Hub) -> None:
    hub.lab()

    response = hub.api(hub.manager).put(PHOTO, {"photo": "x"}, format="json")

    assert (response.status_code, response.json()["code"]) == (
        415,
        "unsupported_media_type",
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [("staff", 200), ("colleague", 403), ("booker", 403), ("stranger", 403), ("", 401)],
)
def test_photo__who_may(hub: Hub, settings: Settings, who: str, status: int) -> None:
    hub.lab()

    # Not decoded for who may not: what they sent is not even a picture.
    sent = picture() if status == 200 else b"not a picture"

    assert put(hub, sent, who).status_code == status
    assert len(stored(settings)) == (status == 200)


def test_photo__replaced__old_file_goes_after_the_commit(
    hub: Hub, settings: Settings, django_capture_on_commit_callbacks: Commit
) -> None:
    hub.lab()
    put(hub, picture())
    (old,) = stored(settings)

    with django_capture_on_commit_callbacks() as callbacks:
        put(hub, picture(size=(10, 10)))
    assert len(stored(settings)) == 2
    for callback in callbacks:
        callback()

    (new,) = stored(settings)
    assert new != old


def test_photo__removed__file_too(
    hub: Hub, settings: Settings, django_capture_on_commit_callbacks: Commit
) -> None:
    hub.lab()
    put(hub, picture())

    with django_capture_on_commit_callbacks(execute=True):
        responses = [hub.api(hub.manager).delete(PHOTO) for _ in range(2)]

    assert [response.json()["photo"] for response in responses] == [None, None]
    assert stored(settings) == []


def test_photo__database_fails__new_file_does_not_stay(
    hub: Hub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.lab()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("The database went away.")

    monkeypatch.setattr(Resource, "save", fail)
    with pytest.raises(RuntimeError):
        put(hub, picture())

    assert stored(settings) == []


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32 + ".webp",
        "0" * 32 + ".php",
        "0" * 32 + "-small-small.webp",
        "..%2f..%2fsecret_key",
        "%00.webp",
        "a" * 5000,
    ],
)
def test_photo__name_we_never_gave__404(hub: Hub, name: str) -> None:
    assert Client().get(f"/photos/resources/{name}").status_code == 404


def test_photo__post__405() -> None:
    url = f"/photos/resources/{'0' * 32}.webp"
    assert Client().post(url).status_code == 405
