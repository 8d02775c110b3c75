"""What every page reads of its request."""

from __future__ import annotations

from labs.web.requests import PAGE_ROWS, actor_of, page_of, way_back

__all__ = ["PAGE_ROWS", "actor_of", "page_of", "way_back"]
