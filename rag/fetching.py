"""An address -> the bytes it gives; only from the public internet, and only where a person allowed it.

Each connection, also of a redirect, is made to an address that was looked up and checked right before; a name that then
leads elsewhere, or a proxy's settings, change nothing.
"""

import socket
import ssl
import string
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import certifi
import httpcore

from rag.config import Limits
from rag.errors import DocumentError

MOST_REDIRECTS = 5
_TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
_HEADERS = [("User-Agent", "Kutip"), ("Accept", "*/*"), ("Accept-Encoding", "identity")]


def fetch(url: str, limits: Limits, *, allowed: bool) -> bytes:
    """What a web address gives.

    Raises:
        DocumentError: the network is not allowed, the address is no public one, or nothing good came in time.
    """
    if not allowed:
        raise DocumentError(f"{url} was not fetched: nothing is, unless RAG_NETWORK=on allows it")
    until = time.monotonic() + limits.max_seconds
    try:
        with httpcore.ConnectionPool(_verified(), network_backend=PublicOnly()) as pool:
            for _ in range(MOST_REDIRECTS + 1):
                with pool.stream("GET", _sendable(url), headers=_HEADERS, extensions={"timeout": _timeout(limits)}) as response:
                    if response.status in {301, 302, 303, 307, 308}:
                        target = dict(response.headers).get(b"location", dict(response.headers).get(b"Location", b""))
                        url = urljoin(url, target.decode("utf-8", "replace"))
                        continue
                    if response.status != 200:
                        raise DocumentError(f"{url} was not fetched: its server answered {response.status}")
                    return _body(url, response.iter_stream(), limits, until)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, ValueError) as error:
        raise DocumentError(f"{url} was not fetched: {error or 'no answer'}") from error
    raise DocumentError(f"{url} was not fetched: it leads on more than {MOST_REDIRECTS} times")


class PublicOnly(httpcore.SyncBackend):
    """Connects to public addresses only, and to the very address that was checked."""

    def connect_tcp(self, host: str, port: int, *args: object, **options: object) -> httpcore.NetworkStream:
        """A connection to the first public address of a host; none where one of its addresses is not public."""
        found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in found:
            if not is_public(str(address)):
                raise httpcore.ConnectError(f"{host} is not on the public internet ({address})")
        return super().connect_tcp(str(found[0]), port, *args, **options)  # type: ignore[arg-type]


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public internet, and not one of this machine, this network, or nowhere."""
    address = ip_address(text.split("%")[0])
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED:
            return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def _sendable(url: str) -> str:
    """The address in ASCII, as browsers send it; raises ValueError where it is none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise DocumentError(f"{url} was not fetched: only http:// and https:// addresses are")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    port = f":{parts.port}" if parts.port else ""
    path, query = (quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host + port, path, query, ""))


def _verified() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


def _timeout(limits: Limits) -> dict[str, float]:
    return dict.fromkeys(("connect", "read", "write", "pool"), min(15.0, limits.max_seconds))


def _body(url: str, chunks: Iterable[bytes], limits: Limits, until: float) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limits.max_file:
            raise DocumentError(f"{url} gives more than {limits.max_file_mb} MB, the limit (RAG_MAX_FILE_MB)")
        if time.monotonic() > until:
            raise DocumentError(f"{url} took longer than {limits.max_seconds} s, the limit (RAG_MAX_SECONDS)")
    return bytes(body)
