import time, collections
from booking.demo import load as L
from booking.models import *
from notifications.services.planning import history_plan_missed
from notifications.models import *
def test_prof(db):
    c=time.process_time(); w=time.time()
    L.hub_load(print)
    print("all", time.process_time()-c, time.time()-w)
    print(collections.Counter(Reservation.objects.values_list("status",flat=True)))
    history_plan_missed(seconds=300)
    from config import clock
    now=clock.now()
    print(collections.Counter((m.kind, m.due_at<=now, m.state) for m in Message.objects.all()))
    late=[m for m in Message.objects.filter(due_at__lte=now, kind="reminder", state="planned")]
    print("late but useful", sum(m.useful_until>now for m in late))
    for r in Reservation.objects.filter(starts_at__gte=now, resource__slug__in=["motion-capture-stage","press-hall"])[:12]: print(r.starts_at, r.ends_at, r.status, r.resource, r.organisation, r.purpose, r.lapses_at)
    for h in History.objects.filter(reservation__status="pending").order_by("reservation","at").select_related("reservation__resource","actor")[:60]: print(h.reservation.reference, h.reservation.resource, h.at, h.actor, h.action, h.reason)
