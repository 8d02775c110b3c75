"""What the web server runs."""

from __future__ import annotations

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# Loaded by the first request otherwise. What is there for good is not to be looked
# through for garbage: that took a tenth of a second, every few pages.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
