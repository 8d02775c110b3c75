from labs.models.door import Door
from labs.models.joining import Invitation, JoinRequest
from labs.models.letter import Letter
from labs.models.organisation import Departure, Membership, Organisation
from labs.models.person import User
from labs.models.plan import FloorPlan, Room
from labs.models.qualification import Qualification, QualificationType
from labs.models.resource import Coverage, Resource, Unit
from labs.models.site import Site
from labs.models.token import ApiToken

__all__ = [
    "ApiToken",
    "Coverage",
    "Departure",
    "Door",
    "FloorPlan",
    "Invitation",
    "JoinRequest",
    "Letter",
    "Membership",
    "Organisation",
    "Qualification",
    "QualificationType",
    "Resource",
    "Room",
    "Site",
    "Unit",
    "User",
]
