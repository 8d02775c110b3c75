from __future__ import annotations

import pytest

from labs.models import Resource
from tests import factories
from tests.booking.web.timelines import WORKDAY
from tests.cast import Cast


@pytest.fixture
def bench(cast: Cast) -> Resource:
    """Open from nine to six, by the quarter of an hour."""
    return factories.open_lab(
        organisation=cast.host, site=cast.lab.site, name="Bench", hours=WORKDAY
    )
