from notifications.models.message import (
    NOTICES,
    TIMED,
    WAITING,
    Channel,
    Kind,
    Message,
    Planned,
    State,
)
from notifications.models.preference import Group, How, Preference
from notifications.models.webhook import (
    EVENTS,
    EXCERPT_LENGTH,
    PING,
    UNDELIVERED,
    Delivery,
    DeliveryState,
    PausedWhy,
    Webhook,
)
from notifications.models.wording import Wording

__all__ = [
    "EVENTS",
    "EXCERPT_LENGTH",
    "NOTICES",
    "PING",
    "TIMED",
    "UNDELIVERED",
    "WAITING",
    "Channel",
    "Delivery",
    "DeliveryState",
    "Group",
    "How",
    "Kind",
    "Message",
    "PausedWhy",
    "Planned",
    "Preference",
    "State",
    "Webhook",
    "Wording",
]
