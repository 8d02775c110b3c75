"""Wake a task from within a request, where a broker that is away must cost little."""

from __future__ import annotations

import functools
import logging
from typing import Any

from celery import Task, current_app
from kombu import Connection, pools
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

#: The most that a request waits for it.
WAIT_SECONDS = 1
#: Celery's own defaults look twice, two and four seconds apart.
AT_ONCE = {
    "max_retries": 0,
    "connect_retries_timeout": WAIT_SECONDS,
    "socket_connect_timeout": WAIT_SECONDS,
    "socket_timeout": WAIT_SECONDS,
}


@functools.cache
def _connection() -> Connection:
    return current_app.connection_for_write(transport_options=AT_ONCE)


def nudge(task: Task[Any, Any], *args: Any, **options: Any) -> bool:
    """Queue a task, or log that it could not be; the sweeps make it good.

    `options` are those of `apply_async`.
    """
    try:
        with pools.producers[_connection()].acquire(block=True) as producer:
            task.apply_async(args, producer=producer, **options)
    except OperationalError as error:
        logger.warning("%s%s waits for the next sweep: %s", task.name, args, error)
        return False
    return True
