"""What is to be read beside an explanation: tensions, changes and gaps of its claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from nhskg.explain.explaining import Explainer, Explanation
from nhskg.explain.proof_forms import Branch
from nhskg.queries.engine import Row, select
from nhskg.queries.names import notation
from nhskg.queries.stored import bind, find_query
from nhskg.rdf.files import files_in
from nhskg.rdf.terms import NS
from nhskg.reasoning.triple_lookup import nodes

MOST_SHOWN: Final = 3
"""How many tensions are shown; the rest are counted."""


def beside(
    found: Sequence[Explanation], explainer: Explainer, queries: Path
) -> dict[str, list[Row]]:
    """Return rows of the stored queries ``tensions``, ``gaps`` and ``conflicts``, by their names.

    They concern the claims of explained entries, those of the powers that are explained first, or
    an explained conflict of two plans. A project without one of these queries has no such rows.
    """
    store, wording = explainer.facts.store, explainer.wording
    subjects = dict.fromkeys(nodes(proof.goal)[0] for e in found for proof in e.found.proofs)
    entries = list(filter(wording.is_entry, subjects))
    plans = {plan for entry in entries for plan in explainer.facts.values(entry, f"{NS}underPlan")}
    claims = {
        claim.value: None
        for entry in entries
        for claim in wording.claims_of(entry)
        if plans & {*explainer.facts.values(claim, f"{NS}provisionOf")}
    }
    asked = {"claims": f" {' '.join(claims)} "}
    rows: dict[str, list[Row]] = {}
    known = {path.stem for path in files_in(queries, ".rq")}
    for name in ("tensions", "gaps") if claims else ():
        if name not in known:
            continue
        query = find_query(queries, name)
        rows[name] = select(store, bind(query, asked, store), source=query.path)
        powers = [wording.all_labels(entry, "power") for entry in entries]
        rows[name].sort(key=lambda row: not any(power in row["sentence"] for power in powers))
    for goal in (proof.goal for each in found for proof in each.found.proofs):
        if goal.predicate.value == f"{NS}conflictsWith" and "conflicts" in known:
            one, _, two = (notation(explainer.facts, node) or "" for node in nodes(goal))
            query = find_query(queries, "conflicts")
            bound = bind(query, {"plan": one, "other": two}, store)
            rows["conflicts"] = select(store, bound, source=query.path)
    return rows


def beside_branches(rows: dict[str, list[Row]]) -> Iterator[Branch]:
    """Yield a tree of what is to be read beside an explanation, if there is anything."""
    told = {each["inferred"]: None for each in rows.get("conflicts", ()) if each["inferred"]}
    lines = [Branch(f"nobody says, and it is inferred: {inferred}") for inferred in told]
    pairs: dict[str, list[str]] = {}
    for row in rows.get("tensions", ()):
        places = pairs.setdefault(f"{row['kind']}: {row['sentence']}", [])
        places += [place for place in _places(row) if place not in places]
    # a change of what is in force is told by the basis
    shown = [text for text in pairs if not text.startswith("changes ")]
    lines += [Branch(text, tuple(pairs[text])) for text in shown[:MOST_SHOWN]]
    more = len(shown) - MOST_SHOWN
    lines += [Branch(f"{more} more; 'nhskg query run tensions' tells all")] if more > 0 else []
    lacking = dict.fromkeys(row["kind"] for row in rows.get("gaps", ()))
    lines += [Branch(f"no text says {kind}") for kind in lacking]
    if lines:
        yield Branch("to be read beside it", below=tuple(lines), main=True)


def _places(row: Row) -> Iterable[str]:
    for side in ("", "other_"):
        if row[f"{side}document"]:
            span = f"{row[f'{side}start']}-{row[f'{side}end']}"
            yield f"{row[f'{side}document']}:{span} “{row[f'{side}quote']}”"
