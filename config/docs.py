from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update


def docs_policy(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let the API's documentation style itself inline, which Swagger UI cannot help."""
    relaxed: Callable[..., Any] = csp_update({"style-src": [SELF, "'unsafe-inline'"]})(
        view
    )
    return relaxed
