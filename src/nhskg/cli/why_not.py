"""``nhskg why-not``: why a body does not hold a power under a plan."""

from __future__ import annotations

from pathlib import Path

import click

from nhskg.cli.options import project_option, texts_option
from nhskg.cli.why import make_explainer, print_trees
from nhskg.explain.why_not import explain_refusal
from nhskg.explain.why_not_form import refusal_branch, render_refusal_json
from nhskg.project import Project
from nhskg.rdf.errors import FindingsError

_FORMS = ("text", "markdown", "json")


@click.command("why-not")
@click.option("--plan", required=True, help="Under which plan.")
@click.option("--power", required=True, help="Which power.")
@click.option("--body", required=True, help="Which body does not hold it.")
@click.option("--matter", help="Over which matter; any, if not given.")
@texts_option(required=False)
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True)
@project_option
def command(
    *,
    plan: str,
    power: str,
    body: str,
    matter: str | None,
    texts: Path | None,
    form: str,
    project: Project,
) -> None:
    """Explain why a body does not hold a power under a plan.

    What stands in the way of a rule that would give it, with the claim that puts it there; else,
    of each rule that lacks one premise only, what is missing and what comes nearest. Exit code 1
    where the body does hold it.

    \b
    nhskg why-not --plan oldham-report --power review-competition --body office-of-fair-trading
    """
    explainer = make_explainer(project, texts)
    asked = explainer.asked(plan=plan, power=power, body=body, matter=matter)
    refusal = explain_refusal(explainer, asked)
    if refusal.held:
        ask = f"nhskg why --plan {plan} --power {power} --body {body}"
        held = "\n".join(f"  {each}" for each in refusal.held)
        raise FindingsError(f"{refusal.title}:\n{held}\n  '{ask}' tells why")
    if form == "json":
        click.echo(render_refusal_json(refusal), nl=False)
    else:
        print_trees([refusal_branch(refusal, explainer.wording)], form)
