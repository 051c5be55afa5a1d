"""docs/architecture.md describes the tree as it is."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
DOCUMENT = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
PATHS = re.findall(r"`([a-z0-9_]+/[a-z0-9_/.]*)`", DOCUMENT)
UNNAMED = {"management", "commands", "migrations", "templatetags"}  # where Django wants them
FLOORS = [
    f"{path.parent.relative_to(TOP)}/"
    for package in ("incidentportal", "sandbox", "e2e", "benchmarks", "tests")
    for path in (TOP / package).rglob("__init__.py")
    if not UNNAMED & set(path.parts) and (package != "tests" or path.parent == TOP / "tests")
]


def test_something_is_checked() -> None:
    assert "incidentportal/incidents/delivery.py" in PATHS
    assert "incidentportal/directory/search/" in FLOORS


@pytest.mark.parametrize("path", sorted(set(PATHS)))
def test_every_path_exists(path: str) -> None:
    assert (TOP / path).exists()
    assert (TOP / path).is_dir() == path.endswith("/")


@pytest.mark.parametrize("floor", FLOORS)
def test_every_floor_is_described(floor: str) -> None:
    assert f"`{floor}`" in DOCUMENT


def test_every_state_of_a_submission_is_drawn() -> None:
    models = (TOP / "incidentportal" / "incidents" / "models.py").read_text(encoding="utf-8")
    states = re.findall(
        r'^    [A-Z]+ = "([a-z]+)", "', models.split("class State")[1].split("\nclass ")[0], re.MULTILINE
    )
    assert states
    assert {state for state in states if f"pending --> {state}: " not in DOCUMENT} == set()
