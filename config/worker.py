"""Celery's worker and beat in one process, for one machine: half the memory of two.

    python -m config.worker SCHEDULE_FILE

A deployment runs `celery worker`, as many as it likes, and one `celery beat`.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Event, Thread

from celery.beat import Service

from config.celery import app

BEAT_SECONDS = 1  # at most between two looks at the schedule, and to end


WORKER = ["worker", "--pool=threads", "--concurrency=2", "--loglevel=INFO"]
# No other worker to talk to.
ALONE = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def keep_time(service: Service, done: Event) -> None:
    """Run beat; if it fails, end the process."""
    app.set_current()
    try:
        service.start()
    finally:
        # A worker without its clock would look healthy and remind nobody.
        if not done.is_set():
            os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run until SIGTERM."""
    service = Service(app, max_interval=BEAT_SECONDS, schedule_filename=sys.argv[1])
    done = Event()
    beat = Thread(target=keep_time, args=(service, done), daemon=True, name="beat")
    beat.start()
    try:
        app.worker_main([*WORKER, *ALONE])
    finally:
        done.set()
        service.stop()
        beat.join(2 * BEAT_SECONDS)


if __name__ == "__main__":
    main()
