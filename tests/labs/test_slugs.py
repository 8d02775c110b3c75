from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError

from labs.services import slugs
from tests.labs.conftest import Hub


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("XR lab", "xr-lab"),
        ("  Café -- Studio №5!", "cafe-studio-no5"),
        ("Звукозаписно студио", "laboratory"),
        ("???", "laboratory"),
        ("x" * 120, "x" * 70),
    ],
)
def test_slug__made_from_the_english_name(hub: Hub, name: str, slug: str) -> None:
    assert hub.draft(name).slug == slug


def test_slug__taken__numbered(hub: Hub) -> None:
    names = ["Lab", "Lab 3", "lab!", "LAB", "Lab"]

    made = [hub.draft(name).slug for name in names]

    assert made == ["lab", "lab-3", "lab-2", "lab-4", "lab-5"]


def test_slug__taken_meanwhile__looks_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.draft("Lab")
    looks: Iterator[str] = iter(["lab", "lab", "lab-2"])
    monkeypatch.setattr(slugs, "_first_free", lambda _of, _base: next(looks))

    assert hub.draft("Lab").slug == "lab-2"


def test_slug__always_taken__gives_up(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.draft("Lab")
    monkeypatch.setattr(slugs, "_first_free", lambda _of, _base: "lab")

    with pytest.raises(IntegrityError, match="labs_resource_slug"):
        hub.draft("Lab")
