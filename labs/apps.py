from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LabsConfig(AppConfig):
    name = "labs"
    verbose_name = _("Labs")

    def ready(self) -> None:
        # drf-spectacular knows an extension once its module was imported.
        import labs.api.schema  # noqa: F401
        from labs import receivers  # noqa: F401 - connects itself
