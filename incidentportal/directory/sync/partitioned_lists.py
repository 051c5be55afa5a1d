"""Lists of any length. PagerDuty gives 10,000 rows of a list; a longer one is read in parts.

    from both ends   sorted by name from the first and from the last: that makes 20,000
    by team          several teams at a time, halved where they have too many rows
    one by one       services that we know and that did not come yet, where they are few
    by letters       what has a letter in its name; two letters, then three, where one is in too many names

The parts overlap, and rows count once. A list is complete when as many rows were found as PagerDuty says there are;
reading ends there. Missed can only be what belongs to no team and has none of the letters in its name: the count tells.
"""

import json
from collections.abc import Iterable
from functools import partial
from itertools import batched, chain

from incidentportal import pagerduty
from incidentportal.directory.models import KINDS, MIRROR, Team
from incidentportal.directory.sync.list_reader import CALLS_AT_MOST, LIMIT, PAGE, Part, Reader
from incidentportal.directory.sync.mirror import Page

SORTABLE = {"services", "escalation-policies"}
TEAMS_AT_ONCE = 100  # their ids must fit into an address
LETTERS = "eaoinrtslcdumpghbyfvkwzxjq0123456789"  # the frequent ones first: at the same cost they find the most
OTHER_LETTERS = 100  # those of other scripts that occur in names which are known
LONGEST = 3
ASKED_ONE_BY_ONE = 300


def read_all(reader: Reader, whole: Part) -> str:
    """Read a list of whatever length. Returns a sentence on what may be missing, empty where nothing is."""
    page = reader.page(ordered(reader, whole))
    reader.total = page.total
    if read_on(reader, whole, page):
        if reader.total is not None and not reader.has_all:
            # A row may have moved between two pages while we read: look again. What then comes is all there is.
            reader.kept.clear()
            read_part(reader, whole)
        return ""
    if reader.findings.kind in KINDS:  # the others belong to no team
        teams = Team.objects.current().order_by("pk").values_list("pk", flat=True)
        for some in batched(teams, TEAMS_AT_ONCE):
            read_teams(reader, whole, list(some))
    is_settled = settle(reader)
    read_letters(reader, whole, [*LETTERS, *other_letters(reader)])
    return "" if reader.has_all else missing(reader, is_settled or settle(reader))


def ordered(reader: Reader, part: Part) -> Part:
    """The same part sorted by name, where PagerDuty can do that."""
    return part.having(("sort_by", "name:asc")) if reader.findings.kind in SORTABLE else part


def read_part(reader: Reader, part: Part) -> bool:
    """Read a part. False where PagerDuty does not give all of it."""
    return reader.is_done or read_on(reader, part, reader.page(ordered(reader, part)))


def read_on(reader: Reader, part: Part, page: Page) -> bool:
    """Read a part whose first page we have."""
    if page.total is None or page.total <= LIMIT:
        return reader.rest(ordered(reader, part), page, rows=LIMIT)
    if reader.findings.kind not in SORTABLE or page.total > 2 * LIMIT:
        return False
    reader.rest(ordered(reader, part), page, rows=LIMIT)
    backwards = part.having(("sort_by", "name:desc"))
    reader.rest(backwards, reader.page(backwards), rows=page.total - LIMIT + PAGE)
    return True


def read_teams(reader: Reader, whole: Part, teams: list[str]) -> None:
    """What belongs to these teams."""
    part = whole.having(*(("team_ids[]", team) for team in teams))
    if read_part(reader, part) or len(teams) == 1:
        return
    half = len(teams) // 2
    read_teams(reader, whole, teams[:half])
    read_teams(reader, whole, teams[half:])


def read_letters(reader: Reader, whole: Part, words: Iterable[str]) -> None:
    """What has one of these letters, or sequences of letters, in its name. The longest parts come last, taken apart."""
    too_long = [word for word in words if not read_part(reader, whole.having(("query", word)))]
    for word in too_long:
        if len(word) < LONGEST:
            longer = chain.from_iterable((letter + word, word + letter) for letter in LETTERS)
            read_letters(reader, whole, dict.fromkeys(longer))


def other_letters(reader: Reader) -> list[str]:
    """Signs and letters of other scripts, the frequent ones first, from the names in the mirror and those just read."""
    names = MIRROR[reader.findings.kind]._default_manager.filter(is_gone=False).values_list("name_key", flat=True)
    counts: dict[str, int] = {}
    for name in chain(names.iterator(), (json.loads(row)["name_key"] for row in reader.findings.changed.values())):
        for letter in set(name):
            if not letter.isspace() and letter not in LETTERS:
                counts[letter] = counts.get(letter, 0) + 1
    return sorted(counts, key=lambda letter: -counts[letter])[:OTHER_LETTERS]


def missing(reader: Reader, is_settled: bool) -> str:
    """What may be missing, and what that means for rows that we had and did not see again: they stay."""
    findings = reader.findings
    findings.is_complete = is_settled
    stay = "" if is_settled else " What was known and not seen again stays as it was."
    if reader.total is None:
        return f"{findings.count:,} were found; PagerDuty gives no total, so nothing proves that these are all.{stay}"
    lost = reader.total - findings.count
    why = "they have no team, and no letter in their names that was asked for"
    if reader.calls >= CALLS_AT_MOST:
        why = f"reading was ended after {reader.calls:,} calls"
    return f"{findings.count:,} of {reader.total:,} were found, {lost:,} are missing: {why}.{stay}"


def settle(reader: Reader) -> bool:
    """Ask one by one for services that we had and did not see again. True where that tells what became of each."""
    unseen = sorted(reader.findings.known.keys() - reader.findings.seen)
    if unseen and (reader.findings.kind != "services" or len(unseen) > ASKED_ONE_BY_ONE):
        return False
    for pk in unseen:
        try:
            raw = reader.patiently(partial(reader.client.get_service, pk))
        except pagerduty.Rejected as error:
            if error.status != 404:
                raise
        else:
            reader.findings.add(reader.findings.page_of([raw]))
    return True
