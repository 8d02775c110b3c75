from __future__ import annotations

import email
import re
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.demo import any_port
from tests.config.conftest import wait_until

REPOSITORY = Path(__file__).parents[2]


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.mailbox", str(folder), "--port", str(port)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def port() -> int:
    return any_port()


@pytest.fixture
def mailbox(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    with start(tmp_path / "mail", port) as process:
        assert wait_until(lambda: listens(port))
        yield process
        process.terminate()


def send(port: int, subject: str, text: str = "Hello") -> None:
    message = EmailMessage()
    message["From"], message["To"] = "hub@hub.example", "ana@startup.example"
    message["Subject"] = subject
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.send_message(message)


def test_mailbox__mail__is_a_file_and_a_line(
    mailbox: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    send(port, "Запазено: Лаборатория 1", "Утре в 10:00")
    (file,) = (tmp_path / "mail").iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{6}\.eml", file.name)
    kept = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert kept["Subject"] == "Запазено: Лаборатория 1"
    assert isinstance(kept, EmailMessage)
    assert kept.get_content().strip() == "Утре в 10:00"
    assert mailbox.stdout
    line = mailbox.stdout.readline()
    assert line == "mail to ana@startup.example: Запазено: Лаборатория 1\n"


def test_mailbox__several_mails__names_sort_by_time(
    mailbox: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    for number in range(3):
        send(port, f"Mail {number}")
    files = sorted((tmp_path / "mail").iterdir())
    subjects = [email.message_from_bytes(f.read_bytes())["Subject"] for f in files]
    assert subjects == ["Mail 0", "Mail 1", "Mail 2"]


def test_mailbox__escape_sequence_in_the_subject__is_not_printed(
    mailbox: subprocess.Popen[str], port: int
) -> None:
    send(port, "red \x1b[31m alert")
    assert mailbox.stdout
    assert mailbox.stdout.readline().endswith(": red ?[31m alert\n")


def test_mailbox__long_subject__is_one_line(
    mailbox: subprocess.Popen[str], port: int
) -> None:
    send(port, "Решение: Зала за пространствен миксаж, сряда, 25 ноември 2026 г.")
    assert mailbox.stdout
    line = mailbox.stdout.readline()
    assert line.endswith(
        ": Решение: Зала за пространствен миксаж, сряда, 25 ноември 2026 г.\n"
    )


def test_mailbox__asked_to_end__status_0(mailbox: subprocess.Popen[str]) -> None:
    mailbox.send_signal(signal.SIGINT)
    assert mailbox.wait(5) == 0


def test_mailbox__other_machines__are_not_served(
    mailbox: subprocess.Popen[str], port: int
) -> None:
    # 127.0.0.2 stands for every address but the one it listens on.
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_mailbox__port_taken__one_line_and_status_1(
    mailbox: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    second = start(tmp_path / "other", port)
    said, complaint = second.communicate(timeout=10)
    assert (second.returncode, said) == (1, "")
    assert complaint.startswith("The mailbox cannot run: ")
    assert complaint.count("\n") == 1
