"""How tests read a public page: its words, on one day."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import pytest
import time_machine
from django.test import Client

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NEVER_SAID = re.compile(r"\b(None(?! of)|null|N/A|nan|undefined)\b|(?<=>)\s*[-–—]\s*(?=<)")


@pytest.fixture
def stay_in_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def read_words(client: Client, address: str, status: int = 200) -> str:
    """What a reader reads: the main part without its mark-up."""
    response = client.get(address)
    assert response.status_code == status, address
    text = response.content.decode()
    text = text[text.index("<main") : text.index("</main>")]
    text = re.sub(r"<(script|svg).*?</\1>|<span aria-hidden.*?</span>", " ", text, flags=re.DOTALL)
    assert not NEVER_SAID.search(text), NEVER_SAID.search(text)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))
