from __future__ import annotations

from tests.notifications.conftest import inbox, mail_server

__all__ = ["inbox", "mail_server"]
