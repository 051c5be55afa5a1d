"""Whether a list came whole. Only then is a row that is no longer in it gone."""

from dataclasses import dataclass, field

from incidentportal.directory.sync.mirror import Batch
from incidentportal.wording import counted

FEW = 10  # a list of more rows does not become empty from one sync to the next
KEPT = "What was known before and not seen again was kept."


@dataclass
class Reading:
    """What one reading of a list gave, batch after batch.

    rows      how many came, duplicates included: the offset of the next batch
    skipped   those without a usable id
    totals    each total that PagerDuty gave
    more      whether the list goes on; None where PagerDuty does not say
    is_stuck  PagerDuty says that the list goes on, but gives nothing new
    """

    ids: set[str] = field(default_factory=set)
    rows: int = 0
    skipped: int = 0
    totals: list[int] = field(default_factory=list)
    more: bool | None = True
    is_stuck: bool = False

    def add(self, batch: Batch) -> None:
        new = set(batch.ids) - self.ids
        self.ids |= new
        self.rows += batch.rows
        self.skipped += batch.skipped
        self.totals += [] if batch.total is None else [batch.total]
        self.more, self.is_stuck = batch.more, bool(batch.more) and not new

    @property
    def is_cut(self) -> bool:
        """Whether there is more than was read, because PagerDuty gives no more of a list, or we ask for no more."""
        return self.more is True and not self.is_stuck


def doubt_about(reading: Reading, *, known: int) -> str:
    """Why these may not be all, in a sentence; empty where they are. `known`: how many rows the mirror has."""
    found, total = len(reading.ids), max(reading.totals, default=0)
    if found + reading.skipped < total:
        why = f"{found:,} of {total:,} were found"
    elif reading.is_stuck:
        why = f"{found:,} were found; PagerDuty says that there are more, and gives no others"
    elif reading.more is None:
        why = f"{found:,} were found; PagerDuty does not say whether there are more"
    elif len(set(reading.totals)) > 1:
        why = f"{found:,} were found; how many there are changed while they were read"
    elif reading.skipped:
        why = f"{found:,} were found, and {counted(reading.skipped, 'row')} without an id"
    elif known > FEW and not found:
        why = f"None was found, where {known:,} were known"
    else:
        return ""
    return f"{why}. {KEPT}"
