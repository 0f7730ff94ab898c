"""Entailment regimes for validation: what follows from data, and contradictions as findings."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from nhskg.rdf.lines import RdfFile, find_places
from nhskg.rdf.terms import OWL, RDFS
from nhskg.reasoning.inference import StatementWriter, as_written, infer
from nhskg.reasoning.reasoner import CompiledEngine
from nhskg.reasoning.rules import Inconsistency
from nhskg.shacl.findings import Finding, Severity


def entail(files: Sequence[RdfFile], *, regime: str) -> tuple[list[ox.Triple], list[Finding]]:
    """Return what follows from the union of some files, and what in it contradicts itself.

    By ``owl-rl`` it is what :func:`infer` finds. By ``rdfs`` it is what the patterns rdfs2, 3, 5,
    7, 9 and 11 find (RDF 1.1 Semantics, 9.2.1), without any contradiction: the axioms of OWL are
    left out. Blank nodes keep their labels.

    Raises:
        NhskgError: the axioms make no program.
    """
    given = [quad for file in files for quad in file.quads]
    if regime == "rdfs":
        given = [each for each in given if not _is_of_owl(each)]
    found = as_written(infer(given, CompiledEngine(()), rename=False), given)
    triples = list(found.triples)
    if regime == "rdfs":
        more = RDFS + "domain", RDFS + "range"  # which follow by OWL 2 RL only
        return [t for t in triples if not _is_of_owl(t) and t.predicate.value not in more], []
    prefixes = {k: v for file in files for k, v in file.prefixes.items()}
    writer = StatementWriter(given, prefixes)
    return triples, [_to_finding(each, writer, files) for each in found.inconsistencies]


def _is_of_owl(triple: ox.Triple | ox.Quad) -> bool:
    names = triple.predicate, triple.object
    return any(isinstance(each, ox.NamedNode) and each.value.startswith(OWL) for each in names)


def _to_finding(clash: Inconsistency, writer: StatementWriter, files: Sequence[RdfFile]) -> Finding:
    """Return a contradiction as a finding, at the lines of its triples or of their nodes."""
    places = [place for each in clash.triples for place in find_places(files, *each)[:1]]
    return Finding(
        f"owl-{clash.rule.rpartition('+')[2]}",
        Severity.VIOLATION,
        writer.line(clash).removeprefix(clash.rule).lstrip(":; "),
        "correct the data, or the axiom that forbids it",
        focus=str(getattr(clash.triples[0].subject, "value", "")) if clash.triples else None,
        value=" . ".join(map(str, clash.triples)),
        place=places[0] if places else None,
        related=tuple(dict.fromkeys(places[1:])),
    )
