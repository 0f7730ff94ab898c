"""Nothing that people see is wider than their terminal."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from pyoxigraph import Store
from rich.cells import cell_len

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import answer, render_answer
from nhskg.queries.matrix import read_matrix, render_grid, render_matrix
from nhskg.queries.stored import list_queries
from tests.cli.runner import nhskg
from tests.conftest import ROOT

WIDTHS = (80, 100, 120)
COMMANDS = [
    "query list",
    "list plans",
    "list powers",
    "list bodies",
    "find sign off",
    "matrix --power sign-off",
    "explain --list",
    "sparql -q 'SELECT*{?plan a nhs:Plan;?p ?o}'",
]


def check(shown: str, width: int) -> None:
    wide = [line for line in shown.splitlines() if cell_len(line) > width]
    assert shown
    assert wide == []


@pytest.fixture(scope="module")
def store(real: Project) -> Store:
    return open_published(real.build).open()


@pytest.mark.parametrize("name", [query.name for query in list_queries(ROOT / "queries")])
def test_the_answer_of_each_query_fits(name: str, store: Store, real: Project) -> None:
    """As it is at each width, and as a table where that is narrow; its longest rows."""
    found = answer(store, real.queries, name)
    assert bool(found.rows) == (name != "withdrawn")  # of which the corpus has none
    longest = sorted(found.rows, key=lambda row: len(str(row)))[-60:]
    found = replace(found, rows=longest)
    for width, layout in (*((each, None) for each in WIDTHS), (WIDTHS[0], "table")):
        check(render_answer(found, "table", width=width, layout=layout, ids=True), width)


@pytest.mark.parametrize("unchanged", [False, True])
def test_the_matrix_fits(store: Store, real: Project, unchanged: bool) -> None:
    matrix = read_matrix(store, real.queries, unchanged=unchanged)
    for width in WIDTHS:
        check(render_grid(matrix, "table", width=width, unsaid=unchanged), width)
        for layout in (None, "table", "record"):
            how = {"width": width, "layout": layout, "unsaid": unchanged, "ids": unchanged}
            check(render_matrix(matrix, "table", **how), width)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "command",
    [
        "why --plan burnham-interview --power sign-off --full",
        "why miliband-speech at-odds-with burnham-proposal --full",
        "why-not --plan oldham-report --power review-competition --body office-of-fair-trading",
        "show oldham-report",
        "show hwb",
        "compare oldham-report burnham-proposal",
    ],
)
def test_an_explanation_and_a_page_fit(command: str, real: Project) -> None:
    for width in WIDTHS:
        done = nhskg("--project", real.root, *command.split(), COLUMNS=str(width))
        assert done.exit_code == 0, done.output
        check(done.stdout, width)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_each_command_prints_fits(command: str, real: Project) -> None:
    for width in WIDTHS:
        arguments = shlex.split(command)
        done = nhskg("--project", real.root, *arguments, "--format", "table", COLUMNS=str(width))
        assert done.exit_code == 0, done.output
        check(done.stdout, width)
