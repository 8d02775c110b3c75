from __future__ import annotations


class CannotStart(Exception):
    """A server cannot be started; the message is one sentence for the person."""
