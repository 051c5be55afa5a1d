"""Somebody at PagerDuty who resolves some incidents as soon as they are there."""

import threading
import zlib
from typing import Self

from e2e.process import http
from e2e.stage import Stage

EVERY = 0.2  # seconds


class Responders(threading.Thread):
    """Presses "resolve" on a share of the incidents, always the same ones, until the end of the block."""

    def __init__(self, stage: Stage, share: float) -> None:
        super().__init__(daemon=True)
        self.stage, self.share, self.resolved = stage, share, 0
        self.seen: set[str] = set()
        self.is_over = threading.Event()

    def run(self) -> None:
        while self.share and not self.is_over.wait(EVERY):
            for incident in self.stage.ask("incidents"):
                if incident["id"] not in self.seen:
                    self.seen.add(incident["id"])
                    self.meet(incident["id"])

    def meet(self, id: str) -> None:
        if zlib.crc32(id.encode()) % 100 < self.share * 100:
            http.post(f"{self.stage.sandbox.url}/sandbox/incidents/{id}/resolve", allow_redirects=False, timeout=60)
            self.resolved += 1

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.join()
