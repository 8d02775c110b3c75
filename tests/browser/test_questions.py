"""A host asks, a guest answers with a file, the host reads it; hours for some."""

from __future__ import annotations
