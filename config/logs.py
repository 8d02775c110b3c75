from __future__ import annotations

import logging
import re

#: What follows in an address is as good as a password.
SECRET = re.compile(r"(/do/)[^\s/\"?]+")


class SecretsMasked(logging.Filter):
    """Keeps the secrets of links out of the log, whoever writes an address there."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if SECRET.search(text):
            record.msg, record.args = SECRET.sub(r"\1…", text), ()
        return True
