"""Clients that ask one thing again and again over HTTP, and how long it took them."""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

#: How long each question is asked; long enough for a steady median.
SECONDS = 4.0


@dataclass(frozen=True)
class Ask:
    """A request: `body` makes it a POST of JSON."""

    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None

    @property
    def address(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass
class Figures:
    """Milliseconds of each answer, and how many were other than expected."""

    clients: int
    seconds: float
    milliseconds: list[float]
    statuses: dict[int, int]

    def row(self) -> dict[str, float]:
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return {
            "clients": self.clients,
            "p50_ms": round(cuts[49], 2),
            "p95_ms": round(cuts[94], 2),
            "per_second": round(len(self.milliseconds) / self.seconds, 1),
            "refused": sum(n for code, n in self.statuses.items() if code >= 400),
        }


def measure(
    port: int, tokens: list[str], asks: Callable[[int], Iterator[Ask]], clients: int
) -> Figures:
    """Let so many clients ask at once, each over a connection of its own."""
    samples: list[list[float]] = [[] for _ in range(clients)]
    statuses: dict[int, int] = {}
    lock = threading.Lock()
    begin = time.perf_counter()

    def run(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {
            "Authorization": f"Bearer {tokens[number % len(tokens)]}",
            "Content-Type": "application/json",
        }
        for ask in asks(number):
            started = time.perf_counter()
            if started - begin > SECONDS:
                break
            body = None if ask.body is None else json.dumps(ask.body)
            method = "GET" if body is None else "POST"
            connection.request(method, ask.address, body, headers)
            answer = connection.getresponse()
            answer.read()
            samples[number].append((time.perf_counter() - started) * 1000)
            with lock:
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - begin
    return Figures(clients, taken, [ms for own in samples for ms in own], statuses)
