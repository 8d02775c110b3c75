from booking.models.availability import (
    AvailabilityCalendar,
    AvailabilityRule,
    OpenPeriod,
)
from booking.models.favourite import Favourite
from booking.models.history import History
from booking.models.kit import Kit
from booking.models.occupancy import Occupancy
from booking.models.policy import EffectivePolicy, Policy
from booking.models.reservation import Reservation

__all__ = [
    "AvailabilityCalendar",
    "AvailabilityRule",
    "EffectivePolicy",
    "Favourite",
    "History",
    "Kit",
    "Occupancy",
    "OpenPeriod",
    "Policy",
    "Reservation",
]
