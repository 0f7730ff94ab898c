"""``nhskg explain``: the pages of the rules that findings name."""

from __future__ import annotations

import click

from nhskg.cli import options
from nhskg.cli.printing import write
from nhskg.project import Project
from nhskg.queries.formats import ROW_FORMATS
from nhskg.rdf.errors import UsageError
from nhskg.rdf.nearest import did_you_mean
from nhskg.shacl.rules import load_rules, render_page


@click.command("explain")
@click.argument("rule", required=False)
@click.option("--list", "listed", is_flag=True, help="List all rules.")
@options.format_option(type=click.Choice(ROW_FORMATS))
@options.project_option
def explain_command(rule: str | None, project: Project, form: str | None, *, listed: bool) -> None:
    """Print what a rule protects against, an example that keeps it, one that doesn't, the repair.

    RULE is what a finding ends with, in brackets.

    \b
    nhskg explain C-02
    nhskg explain reading
    nhskg explain --list
    """
    if listed == (rule is not None):
        raise UsageError("name one rule, or list them: nhskg explain RULE, nhskg explain --list")
    if form is not None and not listed:
        raise UsageError("--format goes with --list")
    rules = load_rules(project.shapes)
    if rule is None:
        rows = [(each.id, each.severity.value.lower(), each.title) for each in rules.values()]
        options.print_rows(("rule", "severity", "title"), rows, form)
        return
    found = {each.lower(): each for each in rules}.get(rule.strip("[]").lower())
    if found is None:
        guess = did_you_mean(rule, rules) or "; 'nhskg explain --list' shows what there is"
        raise UsageError(f"unknown rule '{rule}'{guess}")
    write(render_page(rules[found]))
