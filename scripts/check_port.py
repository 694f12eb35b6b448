"""Says before the work starts that an address is taken. Standard library only: it runs before the install."""

import socket
import sys


def find_fault(text: str) -> str:
    """What is wrong with a port on 127.0.0.1 and what to do; "" when it is free."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        return f"PORT must be a number from 1 to 65535, not {text!r}: make demo PORT=8001."
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except PermissionError:
            return f"Port {text} needs an administrator: take one above 1023, such as make demo PORT=8001."
        except OSError:
            return f"Port {text} is in use: stop what listens there, or take another, such as make demo PORT=8001."
    return ""


if __name__ == "__main__":
    fault = find_fault(sys.argv[1])
    sys.exit(fault or 0)
