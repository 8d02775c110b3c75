from booking.models.agreement import Agreement, Programme
from booking.models.availability import (
    AvailabilityCalendar,
    AvailabilityRule,
    OpenPeriod,
)
from booking.models.deciding import ApprovalRule, Decision
from booking.models.delegation import Delegation
from booking.models.favourite import Favourite
from booking.models.history import History
from booking.models.kit import Kit
from booking.models.occupancy import Occupancy
from booking.models.outside_calendar import OutsideCalendar
from booking.models.policy import EffectivePolicy, Policy
from booking.models.questions import AnswerFile, Question
from booking.models.quota import PeakHours, Quota
from booking.models.reservation import Reservation
from booking.models.restricted import RestrictedHours
from booking.models.series import Series, SeriesDate
from booking.models.terms import Terms, TermsAcceptance
from booking.models.waiting import WaitingEntry
from booking.models.working_hours import WorkingHours

__all__ = [
    "Agreement",
    "AnswerFile",
    "ApprovalRule",
    "AvailabilityCalendar",
    "AvailabilityRule",
    "Decision",
    "Delegation",
    "EffectivePolicy",
    "Favourite",
    "History",
    "Kit",
    "Occupancy",
    "OpenPeriod",
    "OutsideCalendar",
    "PeakHours",
    "Policy",
    "Programme",
    "Question",
    "Quota",
    "Reservation",
    "RestrictedHours",
    "Series",
    "SeriesDate",
    "Terms",
    "TermsAcceptance",
    "WaitingEntry",
    "WorkingHours",
]
