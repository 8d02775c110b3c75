from booking.models.availability import (
    AvailabilityCalendar,
    AvailabilityRule,
    OpenPeriod,
)
from booking.models.history import History
from booking.models.occupancy import Occupancy
from booking.models.policy import EffectivePolicy, Policy
from booking.models.reservation import Reservation

__all__ = [
    "AvailabilityCalendar",
    "AvailabilityRule",
    "EffectivePolicy",
    "History",
    "Occupancy",
    "OpenPeriod",
    "Policy",
    "Reservation",
]
