"""One process of the portal: started, killed, stopped for a while, started again, and asked to end at the end."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import requests

ROOT = Path(__file__).resolve().parent.parent
http = requests.Session()
http.trust_env = False  # no proxy between this machine and itself


class Process:
    """It always starts with the same words, and so on the same port. Without a `program` of its own it is Python's."""

    def __init__(
        self,
        name: str,
        words: list[str],
        environment: dict[str, str],
        folder: Path,
        url: str = "",
        *,
        program: str = sys.executable,
        user: str | None = None,
    ) -> None:
        self.name, self.words, self.environment, self.folder, self.url = name, words, environment, folder, url
        self.program, self.user = program, user
        self.kills, self.deaths = 0, 0  # more deaths than kills: it ended by itself
        self.lock = threading.Lock()
        self.start()

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._popen = subprocess.Popen(  # noqa: S603  (our own words)
                [self.program, *self.words],
                cwd=ROOT,
                env=self.environment,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def has_ended(self) -> bool:
        return self._popen.poll() is not None

    def kill(self) -> None:
        """`kill -9` of it and its children, as the kernel does when memory runs out."""
        with self.lock:
            if not self.has_ended:
                os.killpg(self._popen.pid, signal.SIGKILL)
                self._popen.wait()
                self.kills += 1

    def signal(self, number: int) -> None:
        """To it and its children, if it is there: SIGSTOP and SIGCONT, for one."""
        with self.lock, suppress(ProcessLookupError):
            if not self.has_ended:
                os.killpg(self._popen.pid, number)

    def members(self) -> list[int]:
        """The process ids of it and its children."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if stat.read_text().rpartition(")")[2].split()[2] == str(self._popen.pid):
                    found.append(int(stat.parent.name))
        return found

    def revive(self) -> None:
        """Start it again if it has ended."""
        with self.lock:
            if self.has_ended:
                self.deaths += 1
                self.start()

    def end(self, number: int) -> None:
        """Tell the process itself, not its children, to end in this way, and wait until it has."""
        with self.lock:
            if not self.has_ended:
                os.kill(self._popen.pid, signal.SIGCONT)
                os.kill(self._popen.pid, number)
                self._popen.wait()
                self.kills += 1

    def stop(self, patience: float = 5.0) -> None:
        """Ask it to end; after a while, make it."""
        if self.has_ended:
            return
        os.killpg(self._popen.pid, signal.SIGTERM)
        os.killpg(self._popen.pid, signal.SIGCONT)
        try:
            self._popen.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()

    def wait(self) -> Self:
        """Until its address answers."""
        while not self.has_ended:
            try:
                http.get(f"{self.url}/healthz", timeout=2, headers={"Accept": "application/json"})
            except requests.RequestException:
                time.sleep(0.05)
            else:
                return self
        raise RuntimeError(f"{self.name} ended while it started:\n{self.log()[-2000:]}")

    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
