from __future__ import annotations

from booking.demo import data
from booking.demo.pictures import picture
from booking.demo.places import Hub
from labs.services.photos import resource_set_photo


def photos_hang(hub: Hub) -> int:
    """Give each resource its picture, as its host would; return how many."""
    scenes: dict[str, list[str]] = data.read("photos")["scenes"]
    pairs = [(slug, scene) for scene, slugs in scenes.items() for slug in slugs]
    for slug, scene in pairs:
        file = picture(slug, scene)
        size = file.seek(0, 2)
        file.seek(0)
        resource_set_photo(actor=hub.staff[0], slug=slug, file=file, size=size)
    return len(pairs)
