"""Starts the project's commands as processes of their own, watches what they print, and ends them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60
STOP_SECONDS = 20


def make_environment(values: Mapping[str, str]) -> dict[str, str]:
    """`values` and what a process needs to start; nothing else of the person who runs the tests."""
    programs = str(Path(sys.executable).parent)
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": os.pathsep.join([programs, "/usr/local/bin", "/usr/bin", "/bin"]), **values}


def run(command: Sequence[str], environment: Mapping[str, str], *, folder: Path = ROOT) -> str:
    """What a command prints on standard output; its errors are shown where it fails."""
    done = subprocess.run(
        command,
        env=make_environment(environment),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, (
        f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    )
    return done.stdout


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"After {seconds:g} seconds still waiting until {what}."
        time.sleep(0.05)


class Process:
    """A command in a session of its own, so that a kill takes its children too."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, *, folder: Path = ROOT
    ) -> None:
        self.log = log
        self.name = " ".join(command)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=make_environment(environment),
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            sys.stdout.write(f"--- {self.name}\n{self.printed()[-4000:]}\n")
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and its children: nothing is tidied up."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def join(self) -> int:
        return self._process.wait(WAIT_SECONDS)

    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until_printed(self, text: str, *, times: int = 1) -> None:
        def has_come() -> bool:
            count = self.printed().count(text)
            assert self.is_running() or count >= times, f"{self.name} ended:\n{self.printed()[-4000:]}"
            return count >= times

        wait_until(has_come, f"{self.name} prints {text!r} {times} times")
