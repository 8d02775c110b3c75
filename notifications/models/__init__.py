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

__all__ = [
    "NOTICES",
    "TIMED",
    "WAITING",
    "Channel",
    "Kind",
    "Message",
    "Planned",
    "State",
]
