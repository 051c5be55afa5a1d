"""Defaults for gunicorn, which reads this file in the folder that it starts in. Its command line overrides them."""

import os
from typing import Any

threads = 8
limit_request_line = 8190  # links with a title in other scripts are long


def post_fork(server: Any, worker: Any) -> None:
    """Tell the portal how many threads there are: not all of them may wait for PagerDuty."""
    os.environ["WEB_THREADS"] = str(worker.cfg.threads)
