from __future__ import annotations

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from labs.services.photos import FOLDER

#: The only names that we give; nothing else is looked for on the disk.
NAME = re.compile(r"[0-9a-f]{32}\.webp", re.ASCII)
YEAR_SECONDS = 31_536_000


@require_safe
def photo(request: HttpRequest, name: str) -> FileResponse:
    """Send a resource's photo; its random name is all that one needs to know."""
    if not NAME.fullmatch(name):
        raise Http404
    try:
        file = default_storage.open(f"{FOLDER}/{name}")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type="image/webp")
    response["X-Content-Type-Options"] = "nosniff"
    # A new photo gets a new name, so this one never changes.
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response
