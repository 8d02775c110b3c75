from __future__ import annotations

import pytest

from config.errors import Forbidden, Missing
from labs.models import Door
from labs.services.doors import door_renew, door_revoke, door_set
from tests.labs.conftest import Hub


def test_door__renewed__only_the_new_secret_fits(hub: Hub) -> None:
    lab = hub.lab()
    first = door_renew(actor=hub.manager, slug=lab.slug)
    door_set(actor=hub.manager, slug=lab.slug, shows_names=True)
    second = door_renew(actor=hub.staff, slug=lab.slug)

    door = Door.objects.get(resource=lab)

    assert door.hash == Door.hash_of(second) != Door.hash_of(first)
    assert len(second) == 43  # 256 bits
    assert second not in str(vars(door))
    assert door.shows_names is True


def test_door__revoked__is_gone(hub: Hub) -> None:
    lab = hub.lab()
    door_renew(actor=hub.manager, slug=lab.slug)
    door_revoke(actor=hub.manager, slug=lab.slug)
    assert not Door.objects.exists()
    with pytest.raises(Missing):
        door_set(actor=hub.manager, slug=lab.slug, shows_names=True)


@pytest.mark.parametrize("who", ["booker", "colleague", "stranger"])
def test_door__who_does_not_manage__is_refused(hub: Hub, who: str) -> None:
    lab, actor = hub.lab(), getattr(hub, who)
    door_renew(actor=hub.manager, slug=lab.slug)
    before = Door.objects.values().get()
    with pytest.raises(Forbidden):
        door_renew(actor=actor, slug=lab.slug)
    with pytest.raises(Forbidden):
        door_set(actor=actor, slug=lab.slug, shows_names=True)
    with pytest.raises(Forbidden):
        door_revoke(actor=actor, slug=lab.slug)
    assert Door.objects.values().get() == before
    with pytest.raises(Missing):
        door_renew(actor=actor, slug=hub.draft("Secret lab").slug)
