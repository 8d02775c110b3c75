from __future__ import annotations

from typing import Any

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.labs.urls import urlpatterns


def test_schema__of_labs__no_warning() -> None:
    GENERATOR_STATS.reset()
    generator: Any = SchemaGenerator
    schema = generator(patterns=urlpatterns[:1]).get_schema(public=True)

    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
    validate_schema(schema)  # type: ignore[no-untyped-call]
    photo = schema["paths"]["/api/v1/resources/{slug}/photo/"]
    assert set(photo) == {"put", "delete"}
    assert {"bearer": []} in photo["put"]["security"]
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    asked = {
        each["name"]
        for each in schema["paths"]["/api/v1/resources/"]["get"]["parameters"]
    }
    assert {"kind", "q", "people", "tag", "site", "organisation", "listing"} < asked
