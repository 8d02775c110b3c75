"""An address as a square that a phone reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from qrcode import QRCode

#: Modules of white around it, which readers need.
QUIET_ZONE = 4


@dataclass(frozen=True, slots=True)
class Qr:
    """A path for SVG, in a square of so many units a side."""

    side: int
    path: str


@lru_cache(maxsize=128)  # a door's screen asks for the same for minutes
def qr_path(text: str) -> Qr:
    """Return the text as a QR code with medium error correction."""
    code = QRCode(border=QUIET_ZONE)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return Qr(len(rows), path)
