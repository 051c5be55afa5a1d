"""The arrows between the packages point one way."""

import ast
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
ROOT = TOP / "incidentportal"
ARROWS = {
    "incidents": {"directory", "pagerduty", "audit", "wording", "http"},
    "directory": {"pagerduty", "audit", "wording", "http"},
    "pagerduty": set(),
    "audit": set(),
}


def imports_of(path: Path) -> set[str]:
    """The packages of ours that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it points"
            names = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("incidentportal.")}
    return found - {"__version__"}


@pytest.mark.parametrize("package", ARROWS)
def test_the_arrows_point_one_way(package: str) -> None:
    modules = list((ROOT / package).rglob("*.py"))
    assert modules
    for path in modules:
        assert imports_of(path) - {package} <= ARROWS[package], path


@pytest.mark.parametrize("package", ARROWS)
def test_imports_stand_at_the_top(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nested = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert all(node.col_offset == 0 or in_type_checking(tree, node) for node in nested), path


def in_type_checking(tree: ast.Module, wanted: ast.AST) -> bool:
    blocks = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    return any(wanted in ast.walk(block) for block in blocks)


def test_all_packages_are_held_to_it() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(ARROWS)


def test_the_sandbox_and_the_product_do_not_know_each_other() -> None:
    for path in (TOP / "sandbox").rglob("*.py"):
        assert not imports_of(path), path
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [module for module in modules if module.split(".")[0] == "sandbox"], path
