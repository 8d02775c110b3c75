"""The guard of every request that Atrium sends to an address somebody gave it.

A name is looked up once and the connection goes to the very address that was checked,
so that no second answer of a name server leads inside. Redirects come through the same
gate. What is slow, endless or swells when it is unpacked ends within the deadline.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as Urllib3Timeout
from urllib3.response import HTTPResponse
from urllib3.util import Url, parse_url

from config.errors import DomainError

WORDS = {
    "bad_url": _("This is not a web address that Atrium can open."),
    "not_https": _("The address must begin with https://."),
    "private_address": _("The address leads into a private network."),
    "no_such_host": _("There is no server by that name."),
    "unreachable": _("The server does not answer."),
    "not_trusted": _("The server’s certificate is not to be trusted."),
    "too_slow": _("The server took too long."),
    "too_large": _("The answer is too large."),
    "too_many_redirects": _("The server sends from one address to the next."),
    "broken_answer": _("The server’s answer broke off or makes no sense."),
}
#: Ports below 1024 that speak HTTP; the others belong to services that might obey.
WEB_PORTS = (80, 443)
REDIRECTS = 3
MOVED = (301, 302, 303, 307, 308)
#: A host with more addresses is tried at the first ones only.
ADDRESSES = 4
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
CHUNK = 64 * 1024
#: What is kept of an answer to a post: enough to see what the other side says.
EXCERPT = 1000
UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
#: Teredo and 6to4: IPv6 addresses that lead to an IPv4 address inside of them.
TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
BROKEN = (HTTPError, HTTPException, OSError)


class NoAnswer(DomainError):
    """422: an address cannot be asked, or does not answer as it should; see WORDS."""

    code = "no_answer"
    status = 422
    title = _("No answer")

    def __init__(self, code: str) -> None:
        super().__init__(WORDS[code], code=code)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. The names of `headers` are found in any spelling."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def fetch(
    url: str,
    *,
    etag: str = "",
    modified: str = "",
    limit: int,
    deadline: dt.timedelta,
) -> Answer:
    """Get what is at an address, after up to three redirects.

    `etag` and `modified` are those of the answer one has: 304 if it is still the one.
    `limit` is in bytes, unpacked; the body is that of a 200 and empty otherwise. The
    deadline is for all of it. Raises NoAnswer.
    """
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {name: value for name, value in conditions.items() if value}
    ends = time.monotonic() + deadline.total_seconds()
    for _step in range(REDIRECTS + 1):
        with _asked("GET", url, headers, None, ends) as response:
            location = response.headers.get("Location")
            if response.status not in MOVED or not location:
                body = _body(response, limit, ends) if response.status == 200 else b""
                return Answer(response.status, response.headers, body)
        url = urljoin(url, location)
    raise NoAnswer("too_many_redirects")


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, deadline: dt.timedelta
) -> Answer:
    """Post to an address and follow nothing; the body is the answer's beginning.

    Raises NoAnswer.
    """
    ends = time.monotonic() + deadline.total_seconds()
    with _asked("POST", url, headers, body, ends) as response:
        excerpt = b""
        # The status says all: an answer that breaks off after it was one, too.
        with suppress(*BROKEN):
            excerpt = response.read(EXCERPT)
        return Answer(response.status, response.headers, excerpt)


def require_askable(url: str) -> None:
    """Raise NoAnswer where an address says by itself that it must not be asked.

    Nobody is asked, not even for the name: that is for the moment of sending.
    """
    if not url.isprintable() or " " in url:
        raise NoAnswer("bad_url")
    parts = _parsed(url)
    with suppress(ValueError):  # a name, not an address of the network
        if not (_is_allowed(parts) or is_public((parts.host or "").strip("[]"))):
            raise NoAnswer("private_address")


@contextmanager
def _asked(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    ends: float,
) -> Iterator[HTTPResponse]:
    parts = _parsed(url)
    connection = _connected(parts, ends)
    # A timeout of the socket begins again with every byte; this one does not.
    cut = threading.Timer(_left(ends), _cut_off, (connection.sock,))
    cut.start()
    try:
        own = {
            "Host": parts.netloc or "",
            "User-Agent": f"Atrium (+{settings.BASE_URL})",
            "Accept-Encoding": "identity",
        }
        target = parts.request_uri
        connection.request(
            method, target, body, {**headers, **own}, preload_content=False
        )
        with closing(connection.getresponse()) as response:
            yield response
    except BROKEN as error:
        late = isinstance(error, (TimeoutError, Urllib3Timeout)) or not _left(ends)
        raise NoAnswer("too_slow" if late else "broken_answer") from error
    finally:
        cut.cancel()
        connection.close()


def _cut_off(sock: socket.socket) -> None:
    with suppress(OSError):  # the other side was quicker
        # Not SSLSocket's own, which pulls the rug from under a reader.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _left(ends: float) -> float:
    return max(ends - time.monotonic(), 0)


def _parsed(url: str) -> Url:
    """Return the parts of a URL that may be asked, as far as it says itself."""
    try:
        parts = parse_url(url)
    except HTTPError as error:
        raise NoAnswer("bad_url") from error
    if parts.scheme not in ("http", "https") or not parts.host or parts.auth:
        raise NoAnswer("bad_url")
    if parts.scheme == "http" and not _is_allowed(parts):
        raise NoAnswer("not_https")
    return parts


def _port(parts: Url) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_allowed(parts: Url) -> bool:
    """Tell whether the operator trusts a host, wherever it is."""
    return f"{parts.host}:{_port(parts)}" in settings.OUTBOUND_ALLOW


def _connected(parts: Url, ends: float) -> HTTPConnection:
    """Connect to the first address of a host that answers; all of them are checked."""
    host, port = (parts.host or "").strip("[]"), _port(parts)
    addresses = _looked_up(host, port)
    if not _is_allowed(parts):
        if port < 1024 and port not in WEB_PORTS:
            raise NoAnswer("bad_url")
        if not all(is_public(address) for address in addresses):
            raise NoAnswer("private_address")
    for address in addresses[:ADDRESSES]:
        if not _left(ends):
            raise NoAnswer("too_slow")
        connection = _connection(parts.scheme, host, address, port)
        connection.timeout = min(_left(ends), CONNECT_SECONDS)
        try:
            connection.connect()
            connection.sock.settimeout(READ_SECONDS)
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise NoAnswer("not_trusted") from error
        except BROKEN:
            connection.close()
        else:
            return connection
    raise NoAnswer("unreachable")


def _connection(
    scheme: str | None, host: str, address: str, port: int
) -> HTTPConnection:
    """Return one to the address, that asks for the host's certificate."""
    if scheme == "http":
        return HTTPConnection(address, port)
    return HTTPSConnection(address, port, server_hostname=host, ssl_context=_trust())


@cache
def _trust() -> ssl.SSLContext:
    """Return the system's certificates, which take 20 ms to read."""
    return ssl.create_default_context()


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer("no_such_host") from error
    return list(dict.fromkeys(str(address[0]) for *_kind, address in found))


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the open internet, and no way around."""
    ip: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped or ip in NAT64:
            ip = IPv4Address(ip.packed[-4:])
        elif ip not in UNICAST or any(ip in tunnel for tunnel in TUNNELS):
            return False
    return ip.is_global and not ip.is_multicast


def _body(response: HTTPResponse, limit: int, ends: float) -> bytes:
    if (response.length_remaining or 0) > limit:
        raise NoAnswer("too_large")
    body = bytearray()
    for chunk in response.stream(CHUNK, decode_content=True):
        body += chunk
        if len(body) > limit:
            raise NoAnswer("too_large")
    if not _left(ends):
        # Cut off by us: without a length it would look whole.
        raise NoAnswer("too_slow")
    return bytes(body)
