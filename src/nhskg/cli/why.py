"""``nhskg why``: the proofs of a cell of the matrix, or of a triple."""

from __future__ import annotations

from pathlib import Path

import click
import pyoxigraph as ox

from nhskg.cli.options import project_option, published, terminal_width, texts_option
from nhskg.explain.branches import WIDTH, render_markdown, render_text
from nhskg.explain.explaining import Asked, Explainer, Explanation
from nhskg.explain.full_proof import explanation_branches
from nhskg.explain.summary import summary_branches
from nhskg.project import Project
from nhskg.rdf.errors import FindingsError, UsageError
from nhskg.rdf.terms import SKOS
from nhskg.reasoning.engine import read_rule_texts

_FORMS = ("text", "markdown", "json", "rdf")


@click.command("why")
@click.argument("triple", nargs=-1, metavar="[SUBJECT PREDICATE OBJECT]")
@click.option("--plan", help="Explain the holdings under this plan …")
@click.option("--power", help="… of this power and of narrower ones.")
@click.option("--body", help="Only what this body holds.")
@click.option("--matter", help="Only what is held over this matter.")
@click.option(
    "--all", "everything", is_flag=True, help="Every minimal proof, not the shortest only."
)
@click.option("--full", is_flag=True, help="The whole proof as a tree, with its OWL steps.")
@texts_option(required=False)
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True)
@project_option
def command(
    *,
    triple: tuple[str, ...],
    plan: str | None,
    power: str | None,
    body: str | None,
    matter: str | None,
    texts: Path | None,
    form: str,
    project: Project,
    everything: bool,
    full: bool,
) -> None:
    """Explain why a body holds a power under a plan, or why a triple holds.

    The answer says what holds, who says so (claimant, capacity, voice, hedge, passage), and by
    which rule it follows; --full gives the whole proof as a tree, with each step down to the
    claims. What follows by a rule is no evidence of its own: its evidence is that of its premises.
    Where a text says that the plan leaves it open, that claim is the answer. Subject, predicate
    and object are ids, prefixed names or IRIs; of a triple that is no fact it is told what stands
    in its way. Exit code 1 where there is nothing to explain.

    \b
    nhskg why --plan burnham-interview --power sign-off
    nhskg why --plan burnham-interview --power sign-off --full
    nhskg why --plan oldham-report --power lead-consultation --all --format markdown
    nhskg why burnham-proposal conflictsWith miliband-speech
    nhskg why miliband-speech at-odds-with burnham-proposal
    """
    cell = bool(plan or power or body or matter)
    if cell == bool(triple) or (triple and len(triple) != 3) or (cell and not (plan and power)):
        raise UsageError("give --plan and --power, or SUBJECT PREDICATE OBJECT")
    store = published(project).open()
    rules = read_rule_texts(project.ontology / "rules")
    explainer = Explainer(store, rules, passages=texts)
    if plan and power:
        asked = explainer.asked(plan=plan, power=power, body=body, matter=matter)
        found = explainer.explain_cell(asked, everything=everything)
        found += explainer.explain_open(asked)
        if not found:
            raise FindingsError(_nothing(asked, explainer))
    else:
        goal = explainer.triple(*triple)
        found = [explainer.explain_triple(goal, everything=everything)]
        if not found[0].found.proofs:
            raise FindingsError(_no_fact(goal, found[0].title, explainer))
    click.echo(_render(found, explainer, form, full=full), nl=False)


def _render(found: list[Explanation], explainer: Explainer, form: str, *, full: bool) -> str:
    if form == "json":
        from nhskg.explain import json_form  # noqa: PLC0415  # only what the format needs

        return json_form.render_json(found, explainer)
    if form == "rdf":
        from nhskg.explain import rdf_form  # noqa: PLC0415  # only what the format needs

        return rdf_form.render_rdf(found, explainer)
    if full:
        branches = [b for each in found for b in explanation_branches(each, explainer)]
    else:
        branches = summary_branches(found, explainer)
    if form == "markdown":
        return render_markdown(branches)
    return render_text(branches, width=terminal_width(WIDTH))


def _nothing(asked: Asked, explainer: Explainer) -> str:
    """Say what the matrix says where nothing is held, and how to ask on."""

    def notation(node: ox.NamedNode) -> str:
        value = explainer.facts.value(node, SKOS + "notation")
        return value.value if value is not None else f"<{node.value}>"

    label = explainer.wording.label
    over = f" over {label(asked.matter)}" if asked.matter else ""
    where = f"{label(asked.power)}{over} under {label(asked.plan)}"
    if asked.body is None:
        said = f"no text says who holds {where}; which is not to say that nobody does"
    else:
        said = f"no text says, and nothing implies, that {label(asked.body)} holds {where}"
    body = notation(asked.body) if asked.body else "BODY"
    ask = f"nhskg why-not --plan {notation(asked.plan)} --power {notation(asked.power)}"
    ask += f" --body {body}" + (f" --matter {notation(asked.matter)}" if asked.matter else "")
    return f"{said}\n  '{ask}' tells why not"


def _no_fact(goal: ox.Triple, title: str, explainer: Explainer) -> str:
    """Say that a triple is no fact of the graph; and what was said of it, if anything was."""
    from nhskg.explain.why_not import explain_absence  # noqa: PLC0415
    from nhskg.explain.why_not_form import attempt_branches  # noqa: PLC0415  # rarely needed

    told = attempt_branches(explain_absence(explainer, goal), explainer.wording)
    told += [
        b for each in explainer.explain_denial(goal) for b in explanation_branches(each, explainer)
    ]
    trees = render_text(told, width=terminal_width(WIDTH)).rstrip()
    return "\n".join(filter(None, [f"neither stated nor derived: {title}", trees]))
