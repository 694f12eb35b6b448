"""Asks a running site whether it is ready, as the health check of its container does."""

import os
import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT_SECONDS = 5


def find_fault(port: int, host_name: str) -> str:
    """Why the site on this machine is not ready; "" when it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": host_name})
        answer = connection.getresponse()
        return "" if answer.status == 200 else f"/readyz answers {answer.status}: {answer.read(500)!r}"
    except (OSError, HTTPException) as error:
        return f"/readyz does not answer: {error}"
    finally:
        connection.close()


def name_host() -> str:
    """A name the site answers to: the first of ALLOWED_HOSTS."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    return "localhost" if first in {"", "*"} else first.removeprefix(".")


if __name__ == "__main__":
    sys.exit(find_fault(int(os.environ.get("PORT", "8000")), name_host()) or 0)
