"""The sandbox as a server on a port of its own: what tests and the command hold."""

import threading
from typing import Self

from sandbox import control, web_pages
from sandbox.api.dispatch import answer_call
from sandbox.api.messages import Answer, Request
from sandbox.faults import Fault
from sandbox.transport import Server
from sandbox.world import World


class Sandbox(World):
    """A PagerDuty account that answers on 127.0.0.1. `port=0` takes any free port; `url` says which."""

    def __init__(
        self,
        port: int = 0,
        *,
        rehearsal: bool = False,
        services: int | None = None,
        people: int | None = None,
        policies: int | None = None,
        speed: float = 1.0,
    ) -> None:
        super().__init__(rehearsal=rehearsal, services=services, people=people, policies=policies, speed=speed)
        self._server = Server(port, self.handle)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Serve in the background until `stop`."""
        return self.__enter__()

    def stop(self) -> None:
        """End at once, and every open connection with it."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.close()

    def wait_until_idle(self) -> None:
        """Until every connection has ended, at whichever end."""
        self._server.wait_until_idle()

    def handle(self, request: Request) -> tuple[Answer, Fault | None]:
        """The sandbox's own addresses, its pages for people, or the API."""
        if request.path.startswith("/sandbox/"):
            return control.answer(self, request), None
        if web_pages.is_for_a_browser(request):
            return web_pages.answer(self, request), None
        return answer_call(self, request)
