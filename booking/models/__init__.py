from booking.models.availability import (
    AvailabilityCalendar,
    AvailabilityRule,
    OpenPeriod,
)
from booking.models.deciding import ApprovalRule, Decision
from booking.models.delegation import Delegation
from booking.models.favourite import Favourite
from booking.models.history import History
from booking.models.occupancy import Occupancy
from booking.models.policy import EffectivePolicy, Policy
from booking.models.reservation import Reservation
from booking.models.working_hours import WorkingHours

__all__ = [
    "ApprovalRule",
    "AvailabilityCalendar",
    "AvailabilityRule",
    "Decision",
    "Delegation",
    "EffectivePolicy",
    "Favourite",
    "History",
    "Occupancy",
    "OpenPeriod",
    "Policy",
    "Reservation",
    "WorkingHours",
]
