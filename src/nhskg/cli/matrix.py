"""``nhskg matrix``: who holds which power under each plan."""

from __future__ import annotations

import sys

import click

from nhskg.cli.options import format_option, open_store, project_option, table_width
from nhskg.project import Project
from nhskg.queries.formats import ROW_FORMATS
from nhskg.queries.matrix import read_matrix, render_grid, render_matrix
from nhskg.rdf.errors import UsageError


@click.command("matrix")
@click.option("--power", multiple=True, help="A power, with its narrower ones; repeatable.")
@click.option("--plan", multiple=True, help="Only this plan; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Every power that some text speaks of.")
@click.option("--grid", is_flag=True, help="Powers by plans, a cell each.")
@format_option(*ROW_FORMATS)
@project_option
def matrix_command(
    power: tuple[str, ...],
    plan: tuple[str, ...],
    form: str | None,
    project: Project,
    *,
    everything: bool,
    grid: bool,
) -> None:
    """Print who holds a power under each plan, on what basis, by whose words, and where.

    A holder is stipulated (the plan says so), conditional (once a condition is
    met), presupposed (in force, as a plan implies that changes it), inherited (the
    plan says nothing; what is in force would stay), tentative (only floated) or left
    open (somebody says that the plan does not say). Where no text says anything,
    that is what is printed; it does not mean "nobody".

    \b
    nhskg matrix --power sign-off
    nhskg matrix --power lead-consultation --power sign-off --format markdown
    nhskg matrix --all --format csv
    nhskg matrix --power planning-power --plan oldham-report --plan abrahams-account --grid
    """
    if everything == bool(power):
        raise UsageError("give --power NAME (repeatable), or --all")
    matrix = read_matrix(open_store(project), project.queries, powers=power, plans=plan)
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    render = render_grid if grid else render_matrix
    click.echo(render(matrix, form, width=table_width()), nl=False)
