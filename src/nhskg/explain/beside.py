"""What is to be read beside an explanation: tensions, changes and gaps of its claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pyoxigraph import NamedNode

from nhskg.explain.explaining import Explainer, Explanation
from nhskg.queries.answers import source
from nhskg.queries.engine import Row, select
from nhskg.queries.stored import bind_terms, find_query
from nhskg.rdf.files import AnyFolder, files_in
from nhskg.rdf.terms import NS
from nhskg.reasoning.proof_trees import Branch
from nhskg.reasoning.triple_lookup import nodes

MOST_SHOWN: Final = 3
"""How many tensions are shown; the rest are counted."""


def beside(
    found: Sequence[Explanation], explainer: Explainer, queries: AnyFolder
) -> dict[str, list[Row]]:
    """Return rows of the stored queries ``tensions``, ``gaps`` and ``conflicts``, by their names.

    They concern the claims of explained entries, sorted so that rows naming an explained power
    come first, or a conflict of two plans. A project without one of these queries has no such rows.
    """
    store, wording = explainer.facts.store, explainer.wording
    subjects = dict.fromkeys(nodes(proof.goal)[0] for e in found for proof in e.found.proofs)
    entries = list(filter(wording.is_entry, subjects))
    plans = {plan for entry in entries for plan in explainer.facts.values(entry, f"{NS}underPlan")}
    claims = {
        NamedNode(claim.value): None
        for entry in entries
        for claim in wording.claims_of(entry)
        if plans & {*explainer.facts.values(claim, f"{NS}provisionOf")}
    }
    known = {path.stem for path in files_in(queries, ".rq")}

    def read(name: str, **terms: Sequence[Any]) -> list[Row]:
        query = find_query(queries, name)
        return select(store, bind_terms(query, terms), source=query.path)

    rows: dict[str, list[Row]] = {
        name: read(name, claim=[*claims])
        for name in ("tensions", "gaps")
        if claims and name in known
    }
    powers = [wording.all_labels(entry, "power") for entry in entries]
    for found_of in rows.values():
        found_of.sort(key=lambda row: not any(power in row["sentence"] for power in powers))
    if "conflicts" not in known:
        return rows
    about = {
        f"{wording.all_labels(e, 'power')} over {wording.all_labels(e, 'matter')}" for e in entries
    }
    told = [
        row for plan in plans for row in read("conflicts", plan=[plan]) if row["about"] in about
    ]
    for goal in (proof.goal for each in found for proof in each.found.proofs):
        if goal.predicate.value == f"{NS}conflictsWith":
            one, _, two = nodes(goal)
            told += read("conflicts", plan=[one], other=[two])
    if told:
        rows["conflicts"] = told
    return rows


def beside_branches(rows: dict[str, list[Row]]) -> Iterator[Branch]:
    """Yield a tree of what is to be read beside an explanation, if there is anything."""
    clashes: dict[str, list[str]] = {}
    for row in rows.get("conflicts", ()):
        sides = f"{row['side']} ({row['plan']}), and {row['other_side']} ({row['other']})"
        said = clashes.setdefault(f"{row['kind']}: {row['about']}: {sides}", [])
        inferred = row["inferred"] and f"nobody says, and it is inferred: {row['inferred']}"
        said += [
            each
            for each in (source(row), source(row, "other_"), inferred)
            if each and each not in said
        ]
    lines = [Branch(text, tuple(sorted(said, key=_is_inferred))) for text, said in clashes.items()]
    pairs: dict[str, list[str]] = {}
    # a change of what is in force is told by the basis
    changes = "changes what is in force"
    for row in (row for row in rows.get("tensions", ()) if row["kind"] != changes):
        places = pairs.setdefault(f"{row['kind']}: {row['sentence']}", [])
        both = filter(None, (source(row), source(row, "other_")))
        places += [place for place in both if place not in places]
    lines += [Branch(text, tuple(pairs[text])) for text in [*pairs][:MOST_SHOWN]]
    more = len(pairs) - MOST_SHOWN
    pair_plans = [{row["plan_id"], row["other_plan_id"]} for row in rows.get("tensions", ())]
    plans = set.intersection(*pair_plans) - {""} if pair_plans else set()
    asked = "".join(f" --plan {each}" for each in sorted(plans)[:1])
    lines += [Branch(f"{more} more; 'nhskg query run tensions{asked}' tells all")] * (more > 0)
    lacking = dict.fromkeys(row["kind"] for row in rows.get("gaps", ()))
    lines += [Branch(f"no text says {kind}") for kind in lacking]
    if lines:
        yield Branch("to be read beside it", below=tuple(lines), main=True)


def _is_inferred(line: str) -> bool:
    return line.startswith("nobody says")
