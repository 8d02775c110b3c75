from __future__ import annotations

import pytest

from booking.services import ledger


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty threads of one slow process share a core; who waits is not refused here."""
    monkeypatch.setattr(ledger, "LOCK_TIMEOUT_MS", 30_000)
