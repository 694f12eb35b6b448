"""Asks the Fingertips API: patiently, within limits, and at the configured address only."""

import http.client
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from socket import SHUT_RDWR, socket
from typing import BinaryIO
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from targets.readers.fingertips_reply import (
    HEAD_BYTES,
    RefusedReply,
    check_encoding,
    check_status,
    may_pass,
    read_retry_after,
)

BLOCK_BYTES = 1 << 16
HEADERS = {
    "User-Agent": "smoking-targets-tracker",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
    "Connection": "close",
}
BROKEN = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError)
TOO_SLOW = (TimeoutError, urllib3.exceptions.TimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one question may cost.

    `total_seconds`: all tries and the waits between them. `longest_wait_seconds`: what Fingertips asks for is
    waited up to this long; if it asks for longer, the question is given up.
    """

    connect_seconds: float = 10
    read_seconds: float = 60
    total_seconds: float = 900
    longest_wait_seconds: float = 120
    first_wait_seconds: float = 2
    tries: int = 5
    max_bytes: int = 200_000_000


class _Passing(Exception):
    """A try that failed in a way that may pass. `wait_seconds`: as Fingertips asked, if it did."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingertips:
    """`clock`: the moment now. `sleep`, `draw` (a number from 0 to 1): the waits between tries."""

    url: str
    clock: Callable[[], datetime]
    limits: Limits = Limits()
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random

    def make_address(self, path: str, query: Mapping[str, object]) -> str:
        return f"{self.url}{path}?{urlencode(query)}"

    def ask(self, address: str, into: BinaryIO, *, tries: int = 0) -> None:
        """Put the reply into an open file.

        A time-out, a connection that breaks, 429 and 5xx are tried again, with waits that double and vary.

        Raises:
            RefusedReply: no reply, or none that can be used; the message says why.
        """
        deadline = time.monotonic() + self.limits.total_seconds
        tries = tries or self.limits.tries
        for attempt in range(1, tries + 1):
            into.seek(0)
            into.truncate()
            try:
                self._try_once(address, into, deadline)
                return
            except _Passing as failed:
                wait = self._find_wait(attempt, failed)
                if attempt == tries or time.monotonic() + wait > deadline:
                    times = "once" if attempt == 1 else f"{attempt} times"
                    raise RefusedReply(f"{failed} Tried {times}; the next run tries again.") from None
                self.sleep(wait)

    def _find_wait(self, attempt: int, failed: _Passing) -> float:
        doubled = self.limits.first_wait_seconds * 2 ** (attempt - 1)
        waited = min(doubled, self.limits.longest_wait_seconds) * (0.5 + self.draw() / 2)
        asked = failed.wait_seconds
        if asked is not None and asked > self.limits.longest_wait_seconds:
            raise RefusedReply(f"{failed} It asks to be left alone for {asked:,.0f} seconds.")
        return waited if asked is None else max(asked, waited)

    def _try_once(self, address: str, into: BinaryIO, deadline: float) -> None:
        host = urlsplit(self.url).hostname
        try:
            with closing(self._connect(deadline)) as connection, _cut_at(deadline, connection.sock) as cut:
                try:
                    self._read_reply(connection, address, into)
                except BROKEN:
                    if not cut.is_set():
                        raise
                if cut.is_set():
                    raise RefusedReply(
                        f"Fingertips took longer than {self.limits.total_seconds:,.0f} seconds in all."
                    )
        except urllib3.exceptions.NewConnectionError:
            raise _Passing(f"There is no connection to {host}.") from None
        except TOO_SLOW as error:
            connecting = isinstance(error, urllib3.exceptions.ConnectTimeoutError)
            seconds = self.limits.connect_seconds if connecting else self.limits.read_seconds
            raise _Passing(f"{host} did not answer within {seconds:g} seconds.") from None
        except ssl.SSLCertVerificationError as error:
            raise RefusedReply(f"The certificate of {host} is not trusted: {error.verify_message}.") from None
        except BROKEN as error:
            raise _Passing(f"The connection to {host} failed ({type(error).__name__}).") from None

    def _connect(self, deadline: float) -> HTTPConnection:
        """A connection that knows nothing of proxies, redirects or other addresses; certificates are checked."""
        parts = urlsplit(self.url)
        left = max(0.01, min(self.limits.connect_seconds, deadline - time.monotonic()))
        connection: HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = HTTPSConnection(parts.hostname or "", parts.port, timeout=left, ssl_context=context)
        else:
            connection = HTTPConnection(parts.hostname or "", parts.port, timeout=left)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        connection.timeout = self.limits.read_seconds
        return connection

    def _read_reply(self, connection: HTTPConnection, address: str, into: BinaryIO) -> None:
        parts = urlsplit(address)
        connection.request(
            "GET",
            f"{parts.path}?{parts.query}",
            headers=HEADERS,
            preload_content=False,
            decode_content=False,
        )
        with closing(connection.getresponse()) as reply:
            if reply.status != 200:
                self._refuse_status(reply)
            check_encoding(reply.headers.get("Content-Encoding", ""))
            self._check_size(reply.length_remaining or 0)
            received = 0
            while block := reply.read(BLOCK_BYTES):
                received += len(block)
                self._check_size(received)
                _keep(block, into)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self.limits.max_bytes:
            raise RefusedReply(
                f"Fingertips sent more than {self.limits.max_bytes / 1e6:,.0f} MB, the most that is taken for one "
                "indicator and one kind of area."
            )

    def _refuse_status(self, reply: urllib3.BaseHTTPResponse) -> None:
        try:
            body = reply.read(HEAD_BYTES)
        except BROKEN:
            body = b""
        try:
            check_status(reply.status, body=body, location=reply.headers.get("Location", ""))
        except RefusedReply as refused:
            if may_pass(reply.status):
                asked = reply.headers.get("Retry-After", "")
                raise _Passing(str(refused), read_retry_after(asked, now=self.clock())) from None
            raise


def _keep(block: bytes, into: BinaryIO) -> None:
    """A full disk is no fault of the connection, and not tried again."""
    try:
        into.write(block)
    except OSError as error:
        raise RefusedReply(f"The reply cannot be kept on this machine: {error.strerror}.") from None


@contextmanager
def _cut_at(deadline: float, line: socket | None) -> Iterator[threading.Event]:
    """Ends a connection at the deadline, however slowly single bytes come. The event says whether it did."""
    cut = threading.Event()

    def end() -> None:
        cut.set()
        if line is not None:
            with suppress(OSError):
                line.shutdown(SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()
        timer.join()
