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
from notifications.models.wording import Wording

__all__ = [
    "NOTICES",
    "TIMED",
    "WAITING",
    "Channel",
    "Kind",
    "Message",
    "Planned",
    "State",
    "Wording",
]
