"""`make bench`: load a large hub, serve it, measure; a table and JSON."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "var" / "bench"
PORT = int(os.environ.get("PORT", "8765"))
TOKENS = 8
SERVERS = {"postgres", "valkey-server"}
#: After an import the worker plans what comes near, at a sweep every 30 seconds; it is
#: at rest once it takes less than this share of a core for longer than that.
AT_REST, LOOK_SECONDS, LONGEST_WORK_SECONDS = 0.1, 35, 300


def prepare() -> dict[str, Any]:
    """Fill an empty database by the product's own imports; returns what it took."""
    from django.core.management import call_command

    from booking.models import Policy
    from booking.services.availability import opening_hours_publish
    from booking.weekly import DAYS, WeeklyHours
    from config import clock
    from labs.models import Resource, User
    from tests.benchmarks import hub

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    # A series of 52 weeks lies within it.
    Policy.objects.filter(resource=None, organisation=None).update(horizon_days=540)
    files = HOME / "files"
    files.mkdir()
    hub.write_hub(files)
    hub.write_reservations(files / "reservations.csv", clock.today())
    print("importing the hub", flush=True)
    begin = time.perf_counter()
    call_command("import_hub", files)
    hub_seconds = time.perf_counter() - begin
    print("publishing hours", flush=True)
    begin = time.perf_counter()
    staff = User.objects.create_user("staff@bench.example", is_hub_staff=True)
    for slug in Resource.objects.values_list("slug", flat=True):
        opening_hours_publish(
            actor=staff,
            resource_slug=slug,
            weekly=[WeeklyHours(DAYS, 8 * 60, 20 * 60)],
        )
    hours_seconds = time.perf_counter() - begin
    begin = time.perf_counter()
    call_command("import_reservations", files / "reservations.csv")
    seconds = time.perf_counter() - begin
    return {
        "import_hub_seconds": round(hub_seconds, 2),
        "publish_hours_ms_each": round(hours_seconds / hub.RESOURCES * 1000, 1),
        "import_reservations_seconds": round(seconds, 2),
        "import_reservations_per_second": round(hub.RESERVATIONS / seconds),
    }


def issue_tokens() -> list[str]:
    from labs.models import User
    from labs.services.tokens import token_issue

    people = User.objects.filter(email__startswith="person-").order_by("pk")[:TOKENS]
    return [token_issue(email=person.email, name="bench")[1] for person in people]


def statements(token: str, today: dt.date) -> dict[str, int]:
    """Count the SQL statements of one request of each kind, in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.benchmarks.questions import QUESTIONS

    counted = {}
    client = Client(
        headers={"Authorization": f"Bearer {token}"}, SERVER_NAME="localhost"
    )
    for name, question in QUESTIONS.items():
        ask = next(question(today)(0))
        with CaptureQueriesContext(connection) as captured:
            if ask.body is None:
                answer = client.get(ask.address)
            else:
                answer = client.post(ask.address, ask.body, "application/json")
        if answer.status_code >= 400:
            raise SystemExit(f"{name}: {answer.status_code} {answer.content!r}")
        counted[name] = len(captured)
    return counted


def pss_mb(pids: Iterable[int]) -> float:
    """Return the memory that these processes take, shared pages divided among all."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)


def family(pid: int) -> dict[int, str]:
    """Return a process and all its descendants, each with its program's name."""
    found = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in found.stdout.splitlines()]
    parents = {int(child): int(parent) for child, parent, _name in rows}
    names = {int(child): name for child, _parent, name in rows}
    members, size = {pid}, 0
    while len(members) != size:
        size = len(members)
        members |= {child for child, parent in parents.items() if parent in members}
    return {member: names[member] for member in members}


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor's time that these processes have taken since they began."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_for_rest(worker: int) -> float:
    """Return the seconds until the worker had done what the import left to it."""
    begin = time.perf_counter()
    while (waited := time.perf_counter() - begin) < LONGEST_WORK_SECONDS:
        before = cpu_seconds(family(worker))
        time.sleep(LOOK_SECONDS)
        if cpu_seconds(family(worker)) - before < AT_REST * LOOK_SECONDS:
            return round(waited, 1)
    raise SystemExit("the worker does not come to rest")


def wait_for(url: str) -> None:
    for _attempt in range(300):
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def serve() -> dict[str, subprocess.Popen[bytes]]:
    """Start the web server and the worker as the demo and a deployment do."""
    web = ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{PORT}"]
    web += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
    commands = {
        "web server": web,
        "worker and beat": ["config.worker", str(HOME / "beat-schedule")],
    }
    log = (HOME / "serve.log").open("wb")
    return {
        name: subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, stdout=log, stderr=log
        )
        for name, command in commands.items()
    }


def table(results: list[dict[str, Any]]) -> str:
    lines = [
        f"{'question':24}{'clients':>8}{'p50 ms':>9}{'p95 ms':>9}{'per s':>9}{'SQL':>5}"
    ]
    lines += [
        f"{row['question']:24}{row['clients']:>8}{row['p50_ms']:>9}{row['p95_ms']:>9}"
        f"{row['per_second']:>9}{row['sql']:>5}"
        + (f"  {row['refused']} refused" if row["refused"] else "")
        for row in results
    ]
    return "\n".join(lines)


def run() -> dict[str, Any]:
    import django

    django.setup()
    from config import clock
    from tests.benchmarks import hub
    from tests.benchmarks.load import measure
    from tests.benchmarks.pages import timeline_page
    from tests.benchmarks.questions import QUESTIONS

    report: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.platform()}",
        "python": platform.python_version(),
        "load": prepare(),
    }
    print("loaded:", report["load"], flush=True)
    tokens, today = issue_tokens(), clock.today()
    sql = statements(tokens[0], today)
    servers = serve()
    try:
        wait_for(f"http://127.0.0.1:{PORT}/healthz/ready")
        results = []

        def ask(name: str, asks: Any, clients: int, title: str = "") -> None:
            figures = measure(PORT, tokens, asks, clients).row()
            results.append({"question": title or name, "sql": sql[name]} | figures)
            print(f"measured {title or name} with {clients}", flush=True)

        create = "create a reservation"
        asks = QUESTIONS[create](today + dt.timedelta(days=60))
        ask(create, asks, 1, "… while the worker plans")
        report["worker_busy_seconds"] = wait_for_rest(servers["worker and beat"].pid)
        # Before the last question leaves the worker hundreds of messages to plan.
        day = next(hub.weekdays(today + dt.timedelta(days=2)))
        report["timeline_page"] = timeline_page(PORT, "staff@bench.example", day)
        for name, question in QUESTIONS.items():
            asks = question(today + dt.timedelta(days=2))
            for clients in (1, 8):
                ask(name, asks, clients)
        # A footnote to the question above it.
        results.append(results.pop(0))
        report["results"] = results
        report["memory_mb"] = {
            name: pss_mb(family(process.pid)) for name, process in servers.items()
        } | {"databases": pss_mb(_servers())}
    finally:
        for process in servers.values():
            process.terminate()
        for process in servers.values():
            process.wait(30)
    return report


def _servers() -> list[int]:
    """Return the embedded servers' processes."""
    return [pid for pid, name in family(os.getpid()).items() if name in SERVERS]


def main() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    os.environ |= {
        "ATRIUM_VAR": str(HOME),
        "API_RATE": "",
        "PORT": str(PORT),
        "LOG_LEVEL": "WARNING",
        # Who measures the pages has no telephone to confirm it with.
        "STAFF_SECOND_FACTOR": "off",
        # As the demo, which is for one machine too.
        "MALLOC_ARENA_MAX": "2",
        "DATABASE_POOL": "4",
    }
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("EMAIL_URL", "dummymail://")
    from config import embedded

    with embedded.servers(embedded.home()):
        report = run()
    (HOME / "report.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    print(table(report["results"]))
    print("timeline page:", report["timeline_page"])
    print("load:", report["load"])
    memory = report["memory_mb"]
    print("memory, MB:", memory, "in all", round(sum(memory.values()), 1))


if __name__ == "__main__":
    main()
