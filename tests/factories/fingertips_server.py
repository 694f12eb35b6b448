"""A Fingertips on this machine that answers as it is told: well, wrongly, slowly or not at all."""

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket
from urllib.parse import parse_qs, urlsplit

HEADER = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,"
    "Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Lower CI 99.8 limit,Upper CI 99.8 limit,"
    "Count,Denominator,Value note,Recent Trend,Compared to England value or percentiles,"
    "Compared to percentiles,Time period Sortable,New data,Compared to goal,Time period range"
)

Answer = Callable[[socket, threading.Event], None]


def make_row(
    area: str, value: str, *, year: int = 2022, parent: str = "E92000001", indicator: int = 92443
) -> str:
    cells = [str(indicator), "Smokers", parent, "", area, "", "ICBs", "Persons", "18+ yrs", "", "", str(year)]
    cells += [value, *[""] * 7, "", "Similar", "Not compared", f"{year}0000", "", "", "1y"]
    return ",".join(cells)


def make_csv(*rows: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (HEADER, *rows)).encode()


def make_bytes(status: int, body: bytes, *, length: int | None = None, **headers: str) -> bytes:
    named = {"Content-Length": str(len(body) if length is None else length)}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Answer", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer(body: bytes, status: int = 200, *, length: int | None = None, **headers: str) -> Answer:
    """`length`: what the headers say, where that is not the truth."""
    return lambda line, stopping: line.sendall(make_bytes(status, body, length=length, **headers))


NOT_FOUND = answer(b"", 404)


def hang(line: socket, stopping: threading.Event) -> None:
    stopping.wait()


def drop(line: socket, stopping: threading.Event) -> None:
    """Ends the connection where an answer is due."""


def drip(line: socket, stopping: threading.Event) -> None:
    """A header that never ends, byte by byte: each comes in time."""
    line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not stopping.wait(0.02):
        line.sendall(b"x")


def send_endlessly(line: socket, stopping: threading.Event) -> None:
    line.sendall(f"HTTP/1.1 200 OK\r\n\r\n{HEADER}\r\n".encode())
    block = b"92443" * 20_000
    while not stopping.is_set():
        line.sendall(block)


class FingertipsServer(socketserver.ThreadingTCPServer):
    """`answers`: for each question about figures in turn; the last is given again for ever."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answers: Sequence[Answer], available: Answer, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            self.scheme, self.socket = "https", context.wrap_socket(self.socket, server_side=True)
        self.answers, self.available = list(answers), available
        self.stopping = threading.Event()
        self.asked: list[str] = []
        self.headers: list[str] = []

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/api/"

    @property
    def files_asked(self) -> list[dict[str, str]]:
        """The question of each request for figures."""
        parts = [urlsplit(target) for target in self.asked]
        return [
            {name: values[0] for name, values in parse_qs(part.query).items()}
            for part in parts
            if part.path == "/api/all_data/csv/by_indicator_id"
        ]

    def take_answer(self, target: str) -> Answer:
        self.asked.append(target)
        if target.startswith("/api/available_data?"):
            return self.available
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(socketserver.BaseRequestHandler):
    server: FingertipsServer

    def handle(self) -> None:
        with suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                received = self.request.recv(65536)
                if not received:
                    return
                head += received
            self.server.headers.append(head.decode())
            self.server.take_answer(head.split(b" ")[1].decode())(self.request, self.server.stopping)


@contextmanager
def serve_fingertips(
    *answers: Answer, available: Answer = NOT_FOUND, certificate: Path | None = None
) -> Iterator[FingertipsServer]:
    """`certificate`: for https; its key lies beside it."""
    with FingertipsServer(answers, available, certificate) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()
