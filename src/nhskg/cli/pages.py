"""``nhskg list``, ``find``, ``show`` and ``compare``: what there is, and what is known of it."""

from __future__ import annotations

from dataclasses import replace

import click

from nhskg.cli import options
from nhskg.project import Project
from nhskg.queries.answers import answer
from nhskg.queries.names import LISTED


@click.command("list")
@click.argument("kind", type=click.Choice([*LISTED]))
@options.view_options
@options.build_option
@options.project_option
def list_command(kind: str, view: options.View, project: Project) -> None:
    """List plans, bodies, people, powers, … with ids, labels and the number of their claims.

    \b
    nhskg list plans
    nhskg list powers --format csv
    """
    found = answer(options.open_store(project), project.queries, "things", {"kind": LISTED[kind]})
    columns = tuple(each for each in found.columns if each != "kind")
    options.print_answer(replace(found, columns=columns), replace(view, ids=True))
