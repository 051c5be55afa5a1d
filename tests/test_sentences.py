"""What the product says of one thing is written in one place, so that it says the same everywhere."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "incidentportal"
WORDS = 5  # shorter texts are labels


def texts_in(path: Path) -> list[str]:
    """The texts of a module that are not docstrings; of an f-string, each part."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs)
    return [node.value.strip() for node in nodes if isinstance(node.value, str)]


def test_no_sentence_is_written_twice() -> None:
    places = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for text in texts_in(path):
            if len(text.split()) >= WORDS and "migrations" not in path.parts:
                places[text].append(path.relative_to(ROOT).as_posix())
    assert len(places) > 100
    assert {text: found for text, found in places.items() if len(found) > 1} == {}
