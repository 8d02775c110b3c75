"""What search engines and chats are told of a public page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from labs.models import Organisation, Resource, Site

#: What search engines show of a description.
LONGEST_CHARS = 160
SCHEMA = "https://schema.org"


@dataclass(frozen=True, slots=True)
class Meta:
    """`data` is the page's thing in the words of schema.org."""

    title: str
    description: str
    url: str
    data: dict[str, Any]
    image: str = ""


def absolute(path: str) -> str:
    """Return a path of ours as the whole world finds it."""
    return f"{settings.BASE_URL.rstrip('/')}{path}"


def page_meta(
    title: str, text: str, path: str, data: dict[str, Any], image: str = ""
) -> Meta:
    """Return a page's meta; `data` needs to say only its type and what is special."""
    description = Truncator(" ".join(text.split())).chars(LONGEST_CHARS)
    url = absolute(path)
    image = absolute(image) if image else ""
    known = {
        "@context": SCHEMA,
        "name": title,
        "description": description,
        "url": url,
        "image": image,
    }
    whole = {name: value for name, value in (known | data).items() if value}
    return Meta(title, description, url, whole, image)


def site_meta(site: Site) -> Meta:
    path = reverse("site", args=[site.slug])
    text = site.local_description or site.address
    return page_meta(site.local_name, text, path, _place(site))


def organisation_meta(organisation: Organisation) -> Meta:
    path = reverse("organisation", args=[organisation.slug])
    data = {"@type": "Organization", "sameAs": organisation.website}
    text = organisation.local_description or organisation.get_kind_display()
    return page_meta(organisation.local_name, text, path, data)


def resource_meta(resource: Resource) -> Meta:
    path = reverse("resource", args=[resource.slug])
    host = {
        "@type": "Organization",
        "name": resource.organisation.local_name,
        "url": absolute(reverse("organisation", args=[resource.organisation.slug])),
    }
    data: dict[str, Any] = {"keywords": ", ".join(resource.tags)}
    if resource.kind == Resource.Kind.EQUIPMENT:
        data |= {"@type": "Product", "brand": host}
    else:
        data |= {
            "@type": "Place",
            "maximumAttendeeCapacity": resource.people,
            "containedInPlace": _place(resource.site),
        }
    text = resource.local_description or resource.get_kind_display()
    image = resource.photo.url if resource.photo else ""
    return page_meta(resource.local_name, text, path, data, image)


def _place(site: Site) -> dict[str, Any]:
    place: dict[str, Any] = {
        "@type": "Place",
        "name": site.local_name,
        "address": site.address,
        "url": absolute(reverse("site", args=[site.slug])),
    }
    if site.latitude is not None and site.longitude is not None:
        place["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": str(site.latitude),
            "longitude": str(site.longitude),
        }
    return place
