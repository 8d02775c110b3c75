from __future__ import annotations

from django.dispatch import Signal

#: Sent after commit with `history_id` and `action`; a crash may swallow it, so
#: listeners sweep too.
history_recorded = Signal()

#: Sent after commit with `resource_ids`, in which some time may be free again.
time_freed = Signal()

#: Sent when the example hub is written, for what later rooms add to it.
hub_loaded = Signal()
