from __future__ import annotations

import datetime as dt
import gzip
import resource
import socket
import ssl
import time
import zlib
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import translation
from pytest_django import Settings

from config import outbound
from config.outbound import Answer, NoAnswer, fetch, is_public, post
from tests.answering import Answering, Asked

MB = 1024 * 1024


def got(url: str, *, limit: int = MB, seconds: float = 5, **more: str) -> Answer:
    return fetch(url, limit=limit, deadline=dt.timedelta(seconds=seconds), **more)


def posted(url: str, body: bytes = b"{}", *, seconds: float = 5) -> Answer:
    return post(url, body, {"X-Sign": "abc"}, deadline=dt.timedelta(seconds=seconds))


def refused(url: str, **more: Any) -> str:
    """Return the code of the refusal, which must come within seconds."""
    began = time.monotonic()
    with pytest.raises(NoAnswer) as refusal:
        got(url, **more)
    assert time.monotonic() - began < 4
    return refusal.value.code


def test_fetch__an_answer__has_status_headers_and_body(server: Answering) -> None:
    url = server.at("/a.ics?b=1", lambda asked: asked.say(200, b"hello", ETag='"1"'))
    answer = got(url)
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers["etag"] == '"1"'
    headers = server.asked[0].headers
    assert headers["Host"] == server.host
    assert headers["User-Agent"].startswith("Atrium (+http")
    assert headers["Accept-Encoding"] == "identity"


def test_fetch__what_one_has__is_asked_about(server: Answering) -> None:
    url = server.at("/", lambda asked: asked.say(304))
    answer = got(url, etag='"1"', modified="Mon, 07 Sep 2026 10:00:00 GMT")
    assert (answer.status, answer.body) == (304, b"")
    headers = server.asked[0].headers
    assert headers["If-None-Match"] == '"1"'
    assert headers["If-Modified-Since"] == "Mon, 07 Sep 2026 10:00:00 GMT"


def test_fetch__an_error_of_the_server__is_an_answer(server: Answering) -> None:
    url = server.at("/", lambda asked: asked.say(503, b"x" * 9, Retry_After=5))
    answer = got(url, limit=5)
    assert (answer.status, answer.body) == (503, b"")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "bad_url"),
        ("hub.example/a.ics", "bad_url"),
        ("ftp://hub.example/a.ics", "bad_url"),
        ("file:///etc/passwd", "bad_url"),
        ("https://", "bad_url"),
        ("https://ana:secret@hub.example/", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https://hub.example:99999/", "bad_url"),
        ("https://93.184.215.14:25/", "bad_url"),
        ("http://hub.example/", "not_https"),
        ("https://nobody.invalid/", "no_such_host"),
        (f"https://{'a' * 70}.example/", "no_such_host"),
        ("https://127.0.0.1/", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://2130706433/", "private_address"),
        ("https://0x7f.1/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://[::ffff:10.0.0.1]/", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
    ],
)
def test_fetch__a_url_not_to_be_asked__is_refused(url: str, code: str) -> None:
    assert refused(url) == code


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),
        ("::ffff:93.184.215.14", True),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("127.1.2.3", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
        ("fc00::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_is_public__every_kind_of_address(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_fetch__a_name_with_one_private_address__is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = ["93.184.215.14", "10.0.0.1"]
    monkeypatch.setattr(outbound, "_looked_up", lambda host, port: answers)
    assert refused("https://rebind.example/") == "private_address"


def test_fetch__a_name_that_changes_its_mind__is_looked_up_once(
    server: Answering, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.at("/", lambda asked: asked.say(200, b"first"))
    host = f"rebind.example:{server.server_port}"
    settings.OUTBOUND_ALLOW = [host]
    lookups = iter(["127.0.0.1"])
    real = socket.getaddrinfo

    def lookup(name: Any, *args: Any, **more: Any) -> Any:
        return real(next(lookups) if name == "rebind.example" else name, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert got(url.replace(server.host, host)).body == b"first"
    assert server.asked[0].headers["Host"] == host


def test_fetch__a_host_allowed_at_another_port__is_refused(
    server: Answering, settings: Settings
) -> None:
    url = server.at("/", lambda asked: asked.say(200))
    settings.OUTBOUND_ALLOW = ["127.0.0.1:1"]
    assert refused(url) == "not_https"
    assert refused(url.replace("http:", "https:")) == "private_address"
    assert server.asked == []


def test_fetch__nobody_listens__is_unreachable(
    server: Answering, settings: Settings
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
        settings.OUTBOUND_ALLOW = [host]
        assert refused(f"http://{host}/") == "unreachable"


def test_fetch__redirects__are_followed_three_times(server: Answering) -> None:
    server.at("/end", lambda asked: asked.say(200, b"end"))
    for n, to in enumerate(("/end", "/0", "/1", "/2")):
        url = server.at(f"/{n}", partial(Asked.say, status=302, Location=to))
        if n < 3:
            assert got(url).body == b"end"
    assert refused(url) == "too_many_redirects"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("http://127.0.0.1:9/", "not_https"),
        ("https://127.0.0.1/", "private_address"),
        ("//169.254.169.254/", "not_https"),
        ("https://10.0.0.1/", "private_address"),
        ("file:///etc/passwd", "bad_url"),
    ],
)
def test_fetch__a_redirect_inside__is_refused(
    server: Answering, to: str, code: str
) -> None:
    url = server.at("/", lambda asked: asked.say(302, Location=to))
    assert refused(url) == code


def test_fetch__a_length_beyond_the_limit__is_not_read(server: Answering) -> None:
    url = server.at("/", lambda asked: asked.say(200, Content_Length=50 * MB))
    assert refused(url) == "too_large"


def test_fetch__fifty_megabytes_without_a_length__end_at_the_limit(
    server: Answering,
) -> None:
    sent = 0

    def answer(asked: Asked) -> None:
        nonlocal sent
        asked.say(200, Content_Length=None)
        for _n in range(50):
            sent += asked.wfile.write(b"x" * MB)

    assert refused(server.at("/", answer)) == "too_large"
    assert sent < 20 * MB


def test_fetch__at_the_limit__is_whole(server: Answering) -> None:
    url = server.at("/", lambda asked: asked.say(200, b"12345"))
    assert got(url, limit=5).body == b"12345"
    assert refused(url, limit=4) == "too_large"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_fetch__a_bomb__ends_at_the_limit_in_little_memory(
    server: Answering, encoding: str
) -> None:
    packed = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = packed(packed(b"\0" * 200 * MB))
    once = packed(b"\0" * 200 * MB)
    twice = server.at(
        "/2",
        lambda asked: asked.say(200, bomb, Content_Encoding=f"{encoding}, {encoding}"),
    )
    url = server.at("/1", lambda asked: asked.say(200, once, Content_Encoding=encoding))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(url) == "too_large"
    assert refused(twice) == "too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_fetch__packed_though_not_asked__is_unpacked(server: Answering) -> None:
    body = gzip.compress(b"hello")
    url = server.at("/", lambda asked: asked.say(200, body, Content_Encoding="gzip"))
    assert got(url).body == b"hello"


def drip(asked: Asked, piece: bytes, every: float = 0.05) -> None:
    with suppress(OSError):
        while not asked.server.over.wait(every):
            asked.wfile.write(piece)


def test_fetch__a_body_that_never_ends__is_cut_off(server: Answering) -> None:
    def answer(asked: Asked) -> None:
        asked.say(200, Content_Length=None)
        drip(asked, b"x")

    assert refused(server.at("/", answer), seconds=0.5) == "too_slow"


@pytest.mark.parametrize(
    "piece", [b"HTTP/1.1 100 Continue\r\n\r\n", b"X-A: 1\r\n", b"H"]
)
def test_fetch__headers_that_never_end__are_cut_off(
    server: Answering, piece: bytes
) -> None:
    url = server.at("/", lambda asked: drip(asked, piece))
    assert refused(url, seconds=0.5) in {"too_slow", "broken_answer"}


def be_silent(asked: Asked) -> None:
    asked.server.over.wait()


def test_fetch__silence__is_cut_off(server: Answering) -> None:
    url = server.at("/", be_silent)
    assert refused(url, seconds=0.5) == "too_slow"


def test_fetch__a_body_cut_short__is_no_answer(server: Answering) -> None:
    url = server.at("/", lambda asked: asked.say(200, b"half", Content_Length=8))
    assert refused(url) == "broken_answer"


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Encoding: gzip\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 200 + b"\r\n",
    ],
)
def test_fetch__an_answer_without_sense__is_no_answer(
    server: Answering, raw: bytes
) -> None:
    def answer(asked: Asked) -> None:
        asked.wfile.write(raw)

    assert refused(server.at("/", answer)) == "broken_answer"


def certificate(folder: Path, name: str) -> Path:
    """Return the file of a key and a certificate, signed by itself, for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(pem)
    )
    return file


@pytest.mark.parametrize(
    ("named", "trusted", "code"),
    [
        ("localhost", True, ""),
        ("localhost", False, "not_trusted"),
        ("other.example", True, "not_trusted"),
    ],
)
def test_fetch__https__asks_for_the_hosts_certificate(
    server: Answering,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    named: str,
    trusted: bool,
    code: str,
) -> None:
    file = certificate(tmp_path, named)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.secure(context)
    settings.OUTBOUND_ALLOW = [server.host]
    url = server.at("/", lambda asked: asked.say(200, b"hello"))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    outbound._trust.cache_clear()
    try:
        if code:
            assert refused(url) == code
        else:
            assert got(url).body == b"hello"
    finally:
        outbound._trust.cache_clear()


def test_post__an_answer__is_status_and_beginning(server: Answering) -> None:
    url = server.at("/hook", lambda asked: asked.say(202, b"y" * 5000))
    answer = posted(url, b'{"a": 1}')
    assert (answer.status, answer.body) == (202, b"y" * 1000)
    asked = server.asked[0]
    assert (asked.posted, asked.headers["X-Sign"]) == (b'{"a": 1}', "abc")
    assert asked.headers["Host"] == server.host


def test_post__a_redirect__is_not_followed(server: Answering) -> None:
    url = server.at("/hook", lambda asked: asked.say(307, Location="/other"))
    server.at("/other", lambda asked: asked.say(200))
    answer = posted(url)
    assert (answer.status, answer.headers["Location"]) == (307, "/other")
    assert len(server.asked) == 1


def test_post__a_body_after_the_status_that_never_ends__is_an_answer(
    server: Answering,
) -> None:
    def answer(asked: Asked) -> None:
        asked.say(200, Content_Length=None)
        drip(asked, b"x")

    began = time.monotonic()
    assert posted(server.at("/", answer), seconds=0.5).status == 200
    assert time.monotonic() - began < 3


def test_post__silence__is_cut_off(server: Answering) -> None:
    url = server.at("/", be_silent)
    with pytest.raises(NoAnswer) as refusal:
        posted(url, seconds=0.5)
    assert refusal.value.code == "too_slow"


def test_post__inside__is_refused() -> None:
    with pytest.raises(NoAnswer) as refusal:
        posted("https://127.0.0.1/")
    assert refusal.value.code == "private_address"


def test_no_answer__every_code__has_words() -> None:
    for code, words in outbound.WORDS.items():
        with translation.override("en"):
            refusal = NoAnswer(code)
            assert (refusal.code, refusal.status) == (code, 422)
            assert str(refusal.detail) == str(words) != ""
