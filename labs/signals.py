"""What labs tells whoever listens, without knowing them."""

from __future__ import annotations

from django.dispatch import Signal

#: A hall came to cover more units: `hall` (Resource), `unit_ids` (list of int).
#: Sent inside the transaction, with all units of the hall locked. Whoever has promised
#: the hall to somebody takes the new units too, or refuses with a DomainError.
hall_grown = Signal()

#: A hall covers some units no more: `hall` (Resource), `unit_ids` (list of int), which
#: its former parts still have. Sent inside the transaction, with these units and those
#: of the hall locked. Whoever has promised the hall to somebody lets go of them.
hall_shrunk = Signal()

#: A letter is to be sent: `letter` (Letter). Sent inside the transaction, if any.
letter_written = Signal()
