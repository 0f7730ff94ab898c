"""``nhskg ask``: a question in plain words."""

from __future__ import annotations

import shlex

import click

from nhskg.cli import options
from nhskg.project import Project
from nhskg.queries.asking import Asker


@click.command("ask")
@click.argument("question", nargs=-1, required=True)
@options.project_option
@options.view_options
@click.pass_context
def ask_command(
    ctx: click.Context, question: tuple[str, ...], project: Project, view: options.View
) -> None:
    """Answer a question in plain words by the stored query that it means.

    The command that asks the same is told first, on standard error. Where it is in
    doubt what is meant, nothing is answered: the doubt is told, with the candidates,
    and the exit code is 1.

    \b
    nhskg ask "who signs off under Burnham's vision?"
    nhskg ask 'which plans disagree on what CCGs should do' --format csv
    nhskg ask who is worried about personal health budgets
    """
    asked = Asker(options.open_store(project), project.queries).ask(" ".join(question))
    if asked.answer is None:
        click.echo(f"nhskg: {asked.doubt}", err=True)
        for candidate in asked.candidates[:12]:
            click.echo(f"  {candidate}", err=True)
        ctx.exit(1)
    click.echo(f"understood as: {shlex.join(asked.command)}", err=True)
    if asked.unused:
        click.echo(f"not narrowed by: {'; '.join(asked.unused)}", err=True)
    options.print_answer(asked.answer, view)
