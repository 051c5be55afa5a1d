"""A PagerDuty account in memory, over real HTTP: for the demo, for rehearsals and for tests.

    with Sandbox() as sandbox:
        ...                      # sandbox.url speaks PagerDuty's REST API; TOKEN opens it

It follows PagerDuty's rules as publicly documented (developer.pagerduty.com), refuses what PagerDuty refuses, pages
its own people over simulated time, and fails on demand (`Fault`). Nobody real is paged.

    world.py       the account over time              account/       what the account holds, and how it is built
    api/           the calls of PagerDuty's API       faults.py      the ways in which a call can fail
    control.py     /sandbox/, for other processes     web_pages.py   what people see in a browser
"""

from sandbox.api.access import READ_ONLY_TOKEN, SCOPED_TOKEN, TOKEN, USER_TOKEN
from sandbox.faults import Fault
from sandbox.server import Sandbox

__all__ = ["READ_ONLY_TOKEN", "SCOPED_TOKEN", "TOKEN", "USER_TOKEN", "Fault", "Sandbox"]
