from __future__ import annotations

import re

from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from labs.services.photos import FOLDER, SMALL

#: The only names that we give; nothing else is looked for on the disk.
NAME = re.compile(rf"[0-9a-f]{{32}}({SMALL})?\.webp", re.ASCII)
YEAR_SECONDS = 31_536_000


@require_safe
def photo(request: HttpRequest, name: str) -> FileResponse:
    """Send a resource's photo; its random name is all that one needs to know."""
    if not NAME.fullmatch(name):
        raise Http404
    file = _opened(name)
    # A photo of before there were small ones is shown as it is.
    file = file or _opened(name.replace(SMALL, ""))
    if file is None:
        raise Http404
    response = FileResponse(file, content_type="image/webp")
    response["X-Content-Type-Options"] = "nosniff"
    # A new photo gets a new name, so this one never changes.
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


def _opened(name: str) -> File[bytes] | None:
    try:
        return default_storage.open(f"{FOLDER}/{name}")
    except FileNotFoundError:
        return None
