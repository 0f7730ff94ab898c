"""``nhskg why`` and ``nhskg why-not``: why a body holds a power or a triple holds, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

from nhskg.cli.completion import complete
from nhskg.cli.options import asking_options, open_store, texts_option
from nhskg.cli.printing import write
from nhskg.explain import proof_forms, why_not
from nhskg.explain.beside import beside, beside_branches
from nhskg.explain.explaining import Asked, Claim, Explainer
from nhskg.explain.summary import stated_branches, summary_branches
from nhskg.project import Project
from nhskg.queries.names import notation, read_triple
from nhskg.rdf.errors import FindingsError, UsageError
from nhskg.rdf.escaping import BREAK
from nhskg.reasoning.proof_trees import Branch, render_wide
from nhskg.reasoning.reasoner import read_rule_texts

_FORMS = ("text", "markdown", "json", "rdf")


@click.command("why")
@click.argument(
    "triple", nargs=-1, shell_complete=complete("thing"), metavar="[SUBJECT PREDICATE OBJECT]"
)
@click.option(
    "--plan", shell_complete=complete("plan"), help="Explain the holdings under this plan …"
)
@click.option(
    "--power", shell_complete=complete("power"), help="… of this power and of narrower ones."
)
@click.option("--body", shell_complete=complete("holder"), help="Only what this body holds.")
@click.option(
    "--matter", shell_complete=complete("matter"), help="Only what is held over this matter."
)
@click.option(
    "--all", "everything", is_flag=True, help="Every minimal proof, not the shortest only."
)
@click.option("--full", is_flag=True, help="The whole proof as a tree, with its OWL steps.")
@texts_option()
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True)
@asking_options
def why_command(
    *,
    triple: tuple[str, ...],
    texts: Path | None,
    form: str,
    project: Project,
    everything: bool,
    full: bool,
    **cell: Any,
) -> None:
    """Explain why a body holds a power under a plan, or why a triple holds.

    The answer says what holds, who says so (claimant, capacity, voice, hedge, passage), and by
    which rule it follows; --full gives the whole proof as a tree, with each step down to the
    claims. What follows by a rule is no evidence of its own: its evidence is that of its premises.
    Where a text says that the plan leaves it open, that claim is the answer. Subject, predicate
    and object are ids, prefixed names or IRIs. What is only said, or disputed, is told as the
    claims of both sides, with --full also what keeps it from being a fact. Exit code 1 where there
    is nothing to explain.

    \b
    nhskg why --plan burnham-interview --power sign-off
    nhskg why --plan burnham-interview --power sign-off --full
    nhskg why --plan oldham-report --power lead-consultation --all --format markdown
    nhskg why burnham-proposal conflictsWith oldham-report
    nhskg why miliband-speech at-odds-with burnham-proposal
    """
    is_cell = bool(cell["plan"] and cell["power"])
    if len(triple) != (0 if is_cell else 3) or any(cell.values()) != is_cell:
        raise UsageError("give --plan and --power, or SUBJECT PREDICATE OBJECT")
    explainer = _explainer(project, texts)
    stated, said = list[Branch](), dict[str, list[Claim]]()
    if is_cell:
        asked = explainer.asked(**cell)
        found = explainer.explain_cell(asked, everything=everything)
        if not found:
            raise FindingsError(_nothing(asked, explainer))
    else:
        goal = read_triple(explainer.facts, *triple)
        found = [explainer.explain_triple(goal, everything=everything)]
        stated = stated_branches(found[0], explainer)
        said = dict(zip(("stated", "denied"), explainer.stated(goal), strict=True))
        if not found[0].found.proofs:
            against = _against(goal, explainer)
            if not stated or form == "rdf":
                told = f"neither stated nor derived: {found[0].title}\n{render_wide(against)}"
                raise FindingsError(told.rstrip().replace("\n", BREAK))
            stated += against if full else []
    if form == "rdf":
        write(proof_forms.render_rdf(found, explainer), exact=True)
        return
    rows = beside(found, explainer, project.queries)
    if form == "json":
        write(proof_forms.render_json(found, explainer, rows, said))
    elif full:
        trees = [proof_forms.explanation_branches(each, explainer) for each in found]
        _print([*stated, *chain.from_iterable(trees), *beside_branches(rows)], form)
    else:
        _print([*stated, *summary_branches(found, explainer), *beside_branches(rows)], form)


def _explainer(project: Project, texts: Path | None) -> Explainer:
    rules = read_rule_texts(project.ontology / "rules")
    return Explainer(open_store(project), rules, passages=texts)


def _print(trees: Sequence[Branch], form: str) -> None:
    write(proof_forms.render_markdown(trees) if form == "markdown" else render_wide(trees))


def _nothing(asked: Asked, explainer: Explainer) -> str:
    """Say what the matrix says where nothing is held, and how to ask on."""
    label = explainer.wording.label
    over = f" over {label(asked.matter)}" if asked.matter else ""
    where = f"{label(asked.power)}{over} under {label(asked.plan)}"
    said = f"no text says who holds {where}; which is not to say that nobody does"
    if asked.body is not None:
        said = f"no text says, and nothing implies, that {label(asked.body)} holds {where}"
    ask = "nhskg why-not"
    for name in ("plan", "power", "body", "matter"):
        node = getattr(asked, name)
        slug = notation(explainer.facts, node) or f"<{node.value}>" if node else "BODY"
        ask += f" --{name} {slug}" if node or name == "body" else ""
    return f"{said}{BREAK}  '{ask}' tells why not"


def _against(goal: ox.Triple, explainer: Explainer) -> list[Branch]:
    """Return what keeps a triple from being a fact of the graph, and why it is denied, if it is."""
    attempts = why_not.explain_absence(explainer, goal)
    trees = list(why_not.attempt_branches(attempts, explainer.wording, set()))
    for each in explainer.explain_denial(goal):
        trees += proof_forms.explanation_branches(each, explainer)
    return trees


@click.command("why-not")
@click.option("--plan", shell_complete=complete("plan"), required=True, help="Under which plan.")
@click.option("--power", shell_complete=complete("power"), required=True, help="Which power.")
@click.option(
    "--body", shell_complete=complete("holder"), required=True, help="Which body does not hold it."
)
@click.option(
    "--matter", shell_complete=complete("matter"), help="Over which matter; any, if not given."
)
@texts_option()
@click.option("--format", "form", type=click.Choice(_FORMS[:3]), default="text", show_default=True)
@asking_options
def why_not_command(*, texts: Path | None, form: str, project: Project, **cell: Any) -> None:
    """Explain why a body does not hold a power under a plan.

    What stands in the way of a rule that would give it, with the claim that puts it there; else,
    of each rule that lacks one premise only, what is missing and what comes nearest. Exit code 1
    where the body does hold it.

    \b
    nhskg why-not --plan oldham-report --power review-competition --body office-of-fair-trading
    """
    explainer = _explainer(project, texts)
    refusal = why_not.explain_refusal(explainer, explainer.asked(**cell))
    if refusal.held:
        ask = "nhskg why"
        for name, value in cell.items():
            ask += f" --{name} {value}" if value else ""
        held = "".join(f"{BREAK}  {each}" for each in refusal.held)
        raise FindingsError(f"{refusal.title}:{held}{BREAK}  '{ask}' tells why")
    if form == "json":
        write(why_not.render_refusal_json(refusal, explainer))
    else:
        _print([why_not.refusal_branch(refusal, explainer)], form)
