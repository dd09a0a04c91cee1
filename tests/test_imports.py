"""Who may import whom: reviews never training; the kernel of mscp neither; the rest may."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The modules of mscp that put both apps together. Every other module of mscp is kernel.
COMPOSITION = {
    "catalogue",
    "developers",
    "home",
    "management.commands.local_staff",
    "management.commands.seed",
    "settings",
    "site_search",
    "sitemaps",
    "suggestions",
    "templatetags.worklist",
    "themes",
    "urls",
    "worklist",
    "wsgi",
}


def modules(package: str) -> list[Path]:
    return [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]


def imported_packages(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "mscp").with_suffix("").parts)


@pytest.mark.parametrize("path", modules("reviews"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_library_knows_nothing_of_training(path: Path) -> None:
    assert "training" not in imported_packages(path)


@pytest.mark.parametrize(
    "path", [p for p in modules("mscp") if name_of(p) not in COMPOSITION], ids=name_of
)
def test_the_kernel_imports_no_app(path: Path) -> None:
    assert not imported_packages(path) & {"reviews", "training"}


@pytest.mark.parametrize("path", modules("reviews/pdf"), ids=lambda p: p.stem)
def test_what_reads_pdfs_knows_nothing_of_the_site(path: Path) -> None:
    assert not imported_packages(path) & {"django", "mscp", "training"}
    ours = {
        node.module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("reviews", "mscp"))
    }
    assert all(str(name).startswith("reviews.pdf") for name in ours)


def test_every_composition_module_exists() -> None:
    assert {name_of(path) for path in modules("mscp")} >= COMPOSITION


@pytest.mark.parametrize("package", ["mscp", "reviews", "training"])
def test_nothing_imports_the_tests(package: str) -> None:
    for path in modules(package):
        assert "tests" not in imported_packages(path), path
