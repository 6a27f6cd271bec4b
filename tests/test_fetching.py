import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from rag import fetching
from rag.config import Limits
from rag.errors import DocumentError
from rag.fetching import fetch, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "fe80::1%eth0", "fc00::1", "224.0.0.1", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "ff02::1", "198.18.0.1", "240.0.0.1",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_this_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_nothing_is_fetched_unless_the_settings_allow_it() -> None:
    with pytest.raises(DocumentError, match="unless RAG_NETWORK=on allows it"):
        fetch("https://example.com/", Limits(), allowed=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
    ],
)
def test_a_private_address_is_never_asked(url: str) -> None:
    with pytest.raises(DocumentError, match="not on the public internet"):
        fetch(url, Limits(), allowed=True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/", "gopher://x", "http://", "https:///x"])
def test_only_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises(DocumentError, match="only http:// and https:// addresses"):
        fetch(url, Limits(), allowed=True)


@pytest.mark.parametrize("url", ["http://[::1", "http://news.example:99999/", "http://a..b/", f"http://{'a' * 70}.example/"])
def test_what_is_no_address_is_a_clear_error(url: str) -> None:
    with pytest.raises(DocumentError, match="was not fetched: "):
        fetch(url, Limits(), allowed=True)


def test_a_name_that_leads_home_as_well_as_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(DocumentError, match=r"news\.example is not on the public internet \(10\.0\.0\.7\)"):
        fetch("http://news.example/", Limits(), allowed=True)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        target = {
            "/moved": "/news",
            "/home": "http://127.0.0.2:1/secret",
            "/round": "/round",
            "/file": "file:///etc/passwd",
            "/raw": "/H\xc3\xa0",
        }
        self.send_response(302 if self.path in target else 404 if self.path == "/gone" else 200)
        if self.path in target:
            self.send_header("Location", target[self.path])
        self.end_headers()
        self.wfile.write(b"x" * 2_000_000 if self.path == "/large" else b"Some news.")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """A site on loopback, of which the test says that it is public; the rest of loopback stays private."""
    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or is_public(address))
    yield lambda path: f"http://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    server.server_close()


def test_a_page_is_fetched_also_where_it_moved(site: Callable[[str], str]) -> None:
    assert fetch(site("/news"), Limits(), allowed=True) == b"Some news."
    assert fetch(site("/moved"), Limits(), allowed=True) == b"Some news."


@pytest.mark.parametrize("path", ["/Hà_Nội", "/tin?nơi=Hà Nội", "/H%C3%A0", "/raw"])
def test_an_address_may_be_written_as_people_copy_it(site: Callable[[str], str], path: str) -> None:
    assert fetch(site(path), Limits(), allowed=True) == b"Some news."


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/home", "127.0.0.2 is not on the public internet"),
        ("/file", "only http:// and https://"),
        ("/round", "leads on more than 5 times"),
        ("/gone", "its server answered 404"),
        ("/large", "gives more than 1 MB"),
    ],
)
def test_where_a_page_leads_is_checked_as_it_is(site: Callable[[str], str], path: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        fetch(site(path), Limits(max_file_mb=1), allowed=True)
