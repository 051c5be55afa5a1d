"""Read lists of any length. PagerDuty gives 10,000 rows of a list; a longer one is read in parts.

    from both ends   sorted by name from the first and from the last: that makes 20,000
    by team          several teams at a time, halved where they have too many rows
    one by one       services that we know and that did not come yet, where they are few
    by letters       what has a letter in its name; two letters, then three, where one is in too many names

The parts overlap, and rows count once. A list is complete when as many rows were found as PagerDuty says there are;
reading ends there. Only what belongs to no team and has none of the letters in its name can be missed: the count tells.
"""

import json
from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import batched, chain

from incidentportal import pagerduty
from incidentportal.directory.models import MIRROR, Service, Team
from incidentportal.directory.sync.list_reader import Query, Reader
from incidentportal.directory.sync.mirror import Batch
from incidentportal.directory.sync.wholeness import KEPT, Reading, doubt_about

TEAMS_AT_ONCE = 100  # their ids must fit into an address
LETTERS = "eaoinrtslcdumpghbyfvkwzxjq0123456789"  # the frequent ones first: at the same cost they find the most
OTHER_LETTERS = 100  # those of other scripts that occur in names which are known
LONGEST = 3
ASKED_ONE_BY_ONE = 300


def read_all(reader: Reader, whole: Query) -> str:
    """Read a list of whatever length. Returns a sentence on what may be missing, empty where nothing is."""
    reading = read_whole(reader, whole)
    if reading.is_cut:
        return read_in_parts(reader, whole)
    doubt = doubt_about(reading, known=len(reader.findings.known))
    if doubt and not reader.is_at_limit:
        # A row may have moved between two batches while we read: look again.
        reader.saved.clear()
        reading = read_whole(reader, whole)
        doubt = doubt_about(reading, known=len(reader.findings.known))
    reader.findings.is_complete = not doubt
    return doubt


def read_whole(reader: Reader, whole: Query) -> Reading:
    """Read it as one list, as far as PagerDuty gives it."""
    first = reader.batch(ordered(reader, whole))
    reader.total = first.total
    return read_on(reader, whole, first)


def read_in_parts(reader: Reader, whole: Query) -> str:
    """Read a list of which PagerDuty does not give all at once. Returns a sentence on what may be missing."""
    reader.is_in_parts = True
    if reader.source.has_teams:
        teams = Team.objects.current().order_by("pk").values_list("pk", flat=True)
        for some in batched(teams, TEAMS_AT_ONCE):
            read_teams(reader, whole, list(some))
    is_certain = check_unseen(reader)
    read_letters(reader, whole, [*LETTERS, *other_letters(reader)])
    if not reader.has_all:
        return missing(reader, is_certain or check_unseen(reader))
    findings = reader.findings
    again = reader.ask(ordered(reader, whole), 1)  # for its total: it may have changed meanwhile
    totals = [total for total in (reader.total, again.total) if total is not None]
    reading = Reading(findings.seen, findings.count, findings.skipped, totals, more=False)
    doubt = "" if is_certain else doubt_about(reading, known=len(findings.known))
    findings.is_complete = not doubt
    return doubt


def ordered(reader: Reader, part: Query) -> Query:
    """The same part sorted by name, where PagerDuty can do that."""
    return (*part, ("sort_by", "name:asc")) if reader.source.is_sortable else part


def read_part(reader: Reader, part: Query) -> bool:
    """Read a part. False where PagerDuty does not give all of it."""
    return reader.is_done or read_on(reader, part, reader.batch(ordered(reader, part))).more is False


def read_on(reader: Reader, part: Query, first: Batch) -> Reading:
    """Read a part whose first batch we have."""
    most = reader.limits.rows
    if first.total is None or first.total <= most:
        return reader.read(ordered(reader, part), first, rows=most)
    if not reader.source.is_sortable or first.total > 2 * most:
        return reader.read(ordered(reader, part), first, rows=0)
    up = reader.read(ordered(reader, part), first, rows=most)
    backwards = (*part, ("sort_by", "name:desc"))
    down = reader.read(backwards, reader.batch(backwards), rows=first.total - most + reader.limits.batch)
    return Reading(
        up.ids | down.ids, up.rows + down.rows, up.skipped + down.skipped, [*up.totals, *down.totals], more=False
    )


def read_teams(reader: Reader, whole: Query, teams: list[str]) -> None:
    """What belongs to these teams."""
    part = (*whole, *(("team_ids[]", team) for team in teams))
    if not read_part(reader, part) and len(teams) > 1:
        half = len(teams) // 2
        read_teams(reader, whole, teams[:half])
        read_teams(reader, whole, teams[half:])


def read_letters(reader: Reader, whole: Query, words: Iterable[str]) -> None:
    """What has one of these letters, or sequences of letters, in its name. The longest parts come last, taken apart."""
    too_long = [word for word in words if not read_part(reader, (*whole, ("query", word)))]
    for word in too_long:
        if len(word) < LONGEST:
            longer = chain.from_iterable((letter + word, word + letter) for letter in LETTERS)
            read_letters(reader, whole, dict.fromkeys(longer))


def other_letters(reader: Reader) -> list[str]:
    """Other characters of the names in the mirror and of those just read, the frequent ones first."""
    rows = MIRROR[reader.findings.kind]._default_manager.filter(is_gone=False)
    read = (json.loads(row)["name_key"] for row in reader.findings.changed.values())
    names = map(set, chain(rows.values_list("name_key", flat=True).iterator(), read))
    counts = Counter(letter for letter in chain.from_iterable(names) if not letter.isspace() and letter not in LETTERS)
    return [letter for letter, _ in counts.most_common(OTHER_LETTERS)]


def missing(reader: Reader, is_certain: bool) -> str:
    """What may be missing, and what that means for rows that we had and did not see again: they stay."""
    findings = reader.findings
    findings.is_complete = is_certain
    stay = "" if is_certain else f" {KEPT}"
    if reader.total is None:
        unknown = "PagerDuty gives no total, so it is not certain that these are all"
        return f"{findings.count:,} were found; {unknown}.{stay}"
    lost = reader.total - findings.count
    why = "they have no team, and their names have none of the letters that were asked for"
    if reader.is_at_limit:
        why = f"reading was stopped after {reader.calls:,} calls"
    return f"{findings.count:,} of {reader.total:,} were found, {lost:,} are missing: {why}.{stay}"


def check_unseen(reader: Reader) -> bool:
    """Ask one by one for services that we had and did not see again. True where it is certain what became of all."""
    unseen = sorted(reader.findings.known.keys() - reader.findings.seen)
    if unseen and (reader.findings.kind != Service.kind or len(unseen) > ASKED_ONE_BY_ONE):
        return False
    for pk in unseen:
        try:
            raw = reader.patiently(partial(reader.client.get_service, pk))
        except pagerduty.Rejected as error:
            if error.status != 404:
                raise
        else:
            reader.findings.add(reader.findings.batch_of([raw]))
    return True
