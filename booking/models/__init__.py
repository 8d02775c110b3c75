from booking.models.agreement import Agreement, Programme
from booking.models.availability import (
    AvailabilityCalendar,
    AvailabilityRule,
    OpenPeriod,
)
from booking.models.favourite import Favourite
from booking.models.history import History
from booking.models.occupancy import Occupancy
from booking.models.policy import EffectivePolicy, Policy
from booking.models.quota import PeakHours, Quota
from booking.models.reservation import Reservation
from booking.models.terms import Terms, TermsAcceptance

__all__ = [
    "Agreement",
    "AvailabilityCalendar",
    "AvailabilityRule",
    "EffectivePolicy",
    "Favourite",
    "History",
    "Occupancy",
    "OpenPeriod",
    "PeakHours",
    "Policy",
    "Programme",
    "Quota",
    "Reservation",
    "Terms",
    "TermsAcceptance",
]
