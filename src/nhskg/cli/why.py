"""``nhskg why``: the proofs of a cell of the matrix, or of a triple."""

from __future__ import annotations

from pathlib import Path

import click
from pyoxigraph import Store

from nhskg.cli.options import project_option, published, texts_option
from nhskg.errors import FindingsError, UsageError
from nhskg.project import Project
from nhskg.proofs import json_form, rdf_form, text_form, tree
from nhskg.proofs.explaining import Asked, Explainer, Explanation
from nhskg.queries.matrix import Basis, read_matrix
from nhskg.reasoning.compiled_engine import read_rule_texts
from nhskg.terms import SKOS

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
) -> None:
    """Explain why a body holds a power under a plan, or why a triple holds.

    The answer is a tree: what holds, by which rule, on what it rests, down to the claims with
    claimant, capacity, voice, hedge and passage. What rests on a claim by way of a rule is no
    evidence of its own: its evidence is that of its premises. Subject, predicate and object are
    ids, prefixed names or IRIs. Exit code 1 where there is nothing to explain.

    \b
    nhskg why --plan burnham-interview --power sign-off
    nhskg why --plan oldham-report --power lead-consultation --all --format markdown
    nhskg why burnham-proposal conflictsWith miliband-speech
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
        if not found:
            raise FindingsError(_nothing(asked, explainer, store, project))
    else:
        goal = explainer.names.triple(*triple)
        found = [explainer.explain_triple(goal, everything=everything)]
        if not found[0].found.proofs:
            raise FindingsError(f"neither stated nor derived: {found[0].title}")
    click.echo(_render(found, explainer, form), nl=False)


def _render(found: list[Explanation], explainer: Explainer, form: str) -> str:
    if form == "json":
        return json_form.render_json(found, explainer)
    if form == "rdf":
        return rdf_form.render_rdf(found, explainer)
    branches = [b for each in found for b in tree.explanation_branches(each, explainer)]
    if form == "markdown":
        return text_form.render_markdown(branches)
    return text_form.render_text(branches)


def _nothing(asked: Asked, explainer: Explainer, store: Store, project: Project) -> str:
    """Say what the matrix says where nothing is held, and how to ask on."""

    def notation(node: object) -> str:
        value = explainer.facts.value(node, SKOS + "notation")  # type: ignore[arg-type]
        return value.value if value is not None else ""

    plan, power = notation(asked.plan), notation(asked.power)
    matrix = read_matrix(store, project.queries, powers=[power], plans=[plan])
    label = explainer.wording.label
    where = f"{label(asked.power)} under {label(asked.plan)}"
    lines = []
    for cell in matrix.cells:
        if cell.basis is Basis.LEFT_OPEN:
            lines.append(f"{where} is left open: {cell.holder} over {cell.matter}")
            lines += [f"  {s.claimant}; {s.reference} “{s.quote}”" for s in cell.sources]
    if not lines and asked.body is None and asked.matter is None:
        lines.append(f"no text says who holds {where}; which is not to say that nobody does")
    if not lines:
        who = label(asked.body) if asked.body else "anybody"
        over = f" over {label(asked.matter)}" if asked.matter else ""
        lines.append(f"no text says, and nothing implies, that {who} holds {where}{over}")
    body = notation(asked.body) if asked.body else "BODY"
    ask = f"nhskg why-not --plan {plan} --power {power} --body {body}"
    return "\n".join([*lines, f"  '{ask}' tells why not"])
