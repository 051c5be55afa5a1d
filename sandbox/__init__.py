"""A PagerDuty account in memory, over real HTTP: for the demo, for rehearsals and for tests.

    with Sandbox() as sandbox:
        ...                      # sandbox.url speaks PagerDuty's REST API; TOKEN opens it

It keeps PagerDuty's rules as far as its public documentation tells them (developer.pagerduty.com), refuses what
PagerDuty refuses, pages its own people over simulated time, and breaks on demand (`Fault`). Nobody real is paged.
"""

from sandbox.access import READ_ONLY_TOKEN, SCOPED_TOKEN, TOKEN, USER_TOKEN
from sandbox.faults import Fault
from sandbox.server import Sandbox

__all__ = ["READ_ONLY_TOKEN", "SCOPED_TOKEN", "TOKEN", "USER_TOKEN", "Fault", "Sandbox"]
