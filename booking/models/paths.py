"""Who decides on a request, in what order: the values of an approval path."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Path(models.TextChoices):
    NONE = "none", _("Nobody: it is theirs at once")
    HOST = "host", _("The host")
    HUB = "hub", _("Hub staff")
    HOST_HUB = "host_hub", _("The host, then hub staff")
    HUB_HOST = "hub_host", _("Hub staff, then the host")
    ANY = "any", _("The host or hub staff, whoever is first")
    SEVERAL = "several", _("Several people of the host and the hub")


class Turn(models.TextChoices):
    """Whose decision a request waits for."""

    HOST = "host", _("the host")
    HUB = "hub", _("hub staff")
    EITHER = "either", _("the host or hub staff")


class Undecided(models.TextChoices):
    """What becomes of a request that nobody decided in time."""

    EXPIRE = "expire", _("It expires, and the time is free")
    APPROVE = "approve", _("It counts as approved")


class Level(models.IntegerChoices):
    """How far a request was passed on because nobody decided."""

    QUIET = 0, _("Nobody was reminded")
    REMINDED = 1, _("Those who decide were reminded")
    DEPUTIES = 2, _("Passed on to deputies")
    STAFF = 3, _("Passed on to hub staff")


class DeclineCode(models.TextChoices):
    """Why a request is declined, most often first."""

    UNAVAILABLE = "unavailable", _("We need it ourselves at that time")
    NOT_SUITABLE = "not_suitable", _("It does not suit what you want to do there")
    INCOMPLETE = "incomplete", _("We need to know more; ask again and tell us")
    MISSING_TRAINING = "missing_training", _("A training or permit is missing")
    CAPACITY = "capacity", _("You are too many for it")
    SAFETY = "safety", _("It would not be safe")
    PRIORITY = "priority", _("Another request comes first")
    OTHER = "other", _("Another reason")


#: The stages of each path, in order.
STAGES: dict[str, tuple[Turn, ...]] = {
    Path.NONE: (),
    Path.HOST: (Turn.HOST,),
    Path.HUB: (Turn.HUB,),
    Path.HOST_HUB: (Turn.HOST, Turn.HUB),
    Path.HUB_HOST: (Turn.HUB, Turn.HOST),
    Path.ANY: (Turn.EITHER,),
    Path.SEVERAL: (Turn.EITHER,),
}
