"""A mail server that keeps what it is sent, and can be slow at the moment that matters."""

import asyncio
import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


def find_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """`messages`: every message taken. While `holds_answer` the sender waits for the answer to a message
    that was taken; while `holds_message` a message is offered, but not taken.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.offered_count = 0
        self.holds_answer = False
        self.holds_message = False
        self.port = find_free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.offered_count += 1
        if self.holds_message:
            while self.holds_message:
                await asyncio.sleep(0.02)
            return "421 Closing"
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        while self.holds_answer:
            await asyncio.sleep(0.02)
        return "250 Taken"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.holds_answer = self.holds_message = False
        self._controller.stop()
