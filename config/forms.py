from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django_stubs_ext import StrOrPromise

from config.errors import DomainError, Invalid


class PageForm(forms.Form):
    """A form that can also show why a service refused what was typed."""

    refusal: DomainError | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        if self.refusal is not None:
            return self.refusal.status
        return 400 if self.is_bound and self.errors else 200

    def refuse(self, refusal: DomainError) -> None:
        """Keep what was typed and say, at the fields it is about, what was wrong."""
        self.refusal = refusal
        for name, text in self.texts_of(refusal):
            self.add_error(name if name in self.fields else None, str(text))

    def texts_of(self, refusal: DomainError) -> Iterator[tuple[str, StrOrPromise]]:
        """Yield what is said, each with the field it is about."""
        if isinstance(refusal, Invalid):
            for name, texts in refusal.extra["fields"].items():
                yield from ((name, text) for text in texts)
        else:
            yield "", refusal.detail
