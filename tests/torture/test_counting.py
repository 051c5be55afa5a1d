"""What the torture run would find: pages that say what is not so, and incidents too many or too few."""

from typing import Any

import pytest

from e2e.counting import Row, untrue, without_their_incident, without_their_submission
from e2e.people import Form, Said, Story, read

CREATED = Row("s-1", "f-1", "Card payments fail", "PSERVICE", "created", 2, "Q1", "portal-s-1")
REJECTED = Row("s-1", "f-1", "Card payments fail", "PSERVICE", "rejected", 2, "", "portal-s-1")
YES, NO, PERHAPS = Said("created", "Incident #1 created", "Q1"), Said("none", "No incident"), Said("not known", "Wait")


def story(*said: Said) -> Story:
    return Story(Form("Card payments fail", "PSERVICE"), "f-1", {"s-1"}, said=list(said))


def incident(**changes: Any) -> dict[str, Any]:
    return {"id": "Q1", "incident_key": "portal-s-1", "service": {"id": "PSERVICE"}, **changes}


@pytest.mark.parametrize(
    ("row", "said", "lies"),
    [
        (CREATED, [PERHAPS, YES], 0),
        (CREATED, [NO, YES], 1),
        (CREATED, [Said("created", "Incident #2 created", "Q2"), YES], 1),
        (CREATED, [PERHAPS], 1),
        (CREATED, [], 1),
        (REJECTED, [PERHAPS, NO], 0),
        (REJECTED, [PERHAPS], 0),
        (REJECTED, [YES, NO], 1),
    ],
)
def test_what_the_pages_said(row: Row, said: list[Said], lies: int) -> None:
    assert len(untrue([row], [story(*said)])) == lies


@pytest.mark.parametrize(
    ("incidents", "found"),
    [
        ([incident()], 0),
        ([], 1),
        ([incident(incident_key="another")], 1),
        ([incident(service={"id": "PANOTHER"})], 1),
        ([incident(), incident(id="Q2")], 1),
    ],
)
def test_a_created_one_has_its_one_incident(incidents: list[dict[str, Any]], found: int) -> None:
    assert len(without_their_incident([CREATED], incidents)) == found


def test_an_incident_that_no_submission_says_it_created() -> None:
    assert len(without_their_submission([REJECTED], [incident()])) == 1
    assert without_their_submission([CREATED], [incident()]) == []


def test_one_that_a_page_links_to_as_open_already_belongs_to_it() -> None:
    typed = Row("s-2", "f-2", "Card payments fail", "PSERVICE", "rejected", 2, "Q2", "till-42")
    assert without_their_submission([typed], [incident(id="Q2", incident_key="till-42")]) == []
    assert len(without_their_submission([typed], [incident(id="Q3", incident_key="till-42")])) == 1


PAGE = '<h1 data-announce>{}</h1>\n      <p class="lead-in">{}</p>'


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            f'{PAGE.format("Incident #7 created", "It is resolved.")} <a href="http://x/incidents/Q7" target="_blank" '
            'rel="noopener" id="incident-link">',
            Said("created", "Incident #7 created It is resolved.", "Q7"),
        ),
        (
            PAGE.format("Rejected. No incident was created.", "Fix <b>it</b>."),
            Said("none", "Rejected. No incident was created. Fix it."),
        ),
        (
            PAGE.format("Already open: #7", "No second one was created."),
            Said("none", "Already open: #7 No second one was created."),
        ),
        (PAGE.format("Not confirmed yet", "We keep trying."), Said("not known", "Not confirmed yet We keep trying.")),
        (
            PAGE.format("Expired. We see no incident.", "Look there."),
            Said("not known", "Expired. We see no incident. Look there."),
        ),
    ],
)
def test_what_a_page_says(page: str, said: Said) -> None:
    assert read(page) == said
