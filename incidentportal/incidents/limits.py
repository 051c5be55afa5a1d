"""How long things may take, and how far apart clocks may be, where a submission becomes an incident."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """How long one attempt may take, in seconds: PagerDuty's silence, and the attempt as a whole."""

    silence: float
    total: float


WEB_LIMITS = Limits(silence=4.0, total=8.0)  # the person waits 10 s at most, even if PagerDuty answers byte by byte
WORKER_LIMITS = Limits(silence=10.0, total=30.0)
# Longer than one attempt can take (WORKER_LIMITS): a lease never ends under a live attempt.
LEASE = timedelta(seconds=60)
# A request that we gave up on may still take effect for this long: only after it does a look that finds nothing decide.
SETTLING = timedelta(seconds=20)
# PagerDuty's clock may differ from ours: an incident counts as ours from this long before the submission.
CLOCK_SKEW = timedelta(minutes=2)
# Between two attempts, in seconds, where PagerDuty asks for no other wait.
LONGEST_WAIT = 60.0
