"""Validation of a store, or of any RDF, by a folder of shapes.

Each validation result becomes a :class:`~nhskg.shacl.findings.Finding`, with the number of the
requirement and the line of YAML behind the focus. Shapes that find nothing to look at, and terms
that no ontology declares, are found too: a typo must not pass as success.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from pyoxigraph import NamedNode, Quad, Store

from nhskg.rdf.errors import Place
from nhskg.rdf.terms import DERIVED_GRAPH, SH, local_name, shorten_iri
from nhskg.shacl import fast
from nhskg.shacl.findings import Finding, Locate, Severity, settle
from nhskg.shacl.loading import load_shapes
from nhskg.shacl.requirements import Requirement, Shapes, split_message
from nhskg.shacl.results import Violated
from nhskg.shacl.unused_shapes import Vocabulary, check_shapes

__all__ = ["EngineName", "nowhere", "validate_graph", "validate_quads"]

EngineName = Literal["fast", "pyshacl"]
"""What validates: the engine on pyoxigraph with pySHACL behind it, or pySHACL alone."""

_ANY_IRI: Final = re.compile(r"https?://[^\s<>\"'{}()\[\],;]+[^\s<>\"'{}()\[\],;.:]")
_SEVERITIES: Final = {SH + each.value: each for each in Severity}
_PLACEHOLDER: Final = re.compile(r"\{[$?](\w+)\}")


def nowhere(
    focus: str,  # noqa: ARG001
    predicate: str | None = None,  # noqa: ARG001
    value: str | None = None,  # noqa: ARG001
) -> tuple[Place, ...]:
    """Locate nothing: for RDF that comes from no annotations."""
    return ()


def validate_graph(
    store: Store, shapes: Path, *, locate: Locate = nowhere, engine: EngineName = "fast"
) -> tuple[Finding, ...]:
    """Validate the union of the graphs of a store.

    The store holds the ontology too, for its classes and to tell which terms are declared. Nothing
    is inferred: what is to be seen must have been derived before. Shapes marked
    ``nsh:over nsh:AssertedGraphs`` see all graphs but the derived one.

    Args:
        store: asserted graphs, ontology and derived graph.
        shapes: a folder of shapes, of which those of the ontology's style are left out, or a file.
        locate: from a focus to its places.
        engine: ``fast`` validates with the engine on pyoxigraph and leaves to pySHACL only what it
            cannot treat alike; ``pyshacl`` is the reference, many times slower. Both give the same,
            unless a SPARQL expression has another value to rdflib than SPARQL says.

    Returns:
        What stands against the graph, in order of place.

    Raises:
        InputError: the shapes cannot be read, or pySHACL refuses them.
    """
    return validate_quads(store, load_shapes(shapes), locate=locate, engine=engine)


def validate_quads(
    quads: Iterable[Quad], shapes: Shapes, *, locate: Locate = nowhere, engine: EngineName = "fast"
) -> tuple[Finding, ...]:
    """Validate the union of the graphs of some quads; see :func:`validate_graph`."""
    if not isinstance(quads, Store):
        quads = list(quads)
    run = _run_fast if engine == "fast" else _run_pyshacl
    results, vocabulary = run(quads, shapes)
    findings = [_finding(result, shapes, locate) for result in results]
    return settle([*findings, *check_shapes(vocabulary, shapes)])


def _run_fast(quads: Iterable[Quad], shapes: Shapes) -> tuple[list[Violated], Vocabulary]:
    """Run the fast engine, and pySHACL for what is left to it."""
    division = fast.divide(shapes)
    source = fast.Source(quads)
    whole = fast.DataGraph(source)
    outcome = fast.run(division, whole, fast.DataGraph(source, without=DERIVED_GRAPH))
    results = outcome.results
    if division.left or outcome.unsure:
        done = {each.iri for each in division.taken} - outcome.unsure.keys()
        results = results + _by_pyshacl(quads, fast.resting(shapes, done))
    return results, Vocabulary(whole.declared_terms, whole.finds)


def _run_pyshacl(quads: Iterable[Quad], shapes: Shapes) -> tuple[list[Violated], Vocabulary]:
    """Run pySHACL for all shapes."""
    whole = fast.DataGraph(fast.Source(quads))
    return _by_pyshacl(quads, shapes), Vocabulary(whole.declared_terms, whole.finds)


def _by_pyshacl(quads: Iterable[Quad], shapes: Shapes) -> list[Violated]:
    from nhskg.shacl import pyshacl_engine as engine  # noqa: PLC0415  # loads rdflib and pySHACL

    asserted_only = {each.number for each in shapes.requirements if each.asserted_only}
    results = engine.results(engine.to_graph(quads), shapes.without(asserted_only))
    if asserted_only:
        derived = NamedNode(DERIVED_GRAPH)
        asserted = engine.to_graph(quad for quad in quads if quad.graph_name != derived)
        results += engine.results(asserted, shapes.only(asserted_only))
    return results


def _finding(result: Violated, shapes: Shapes, locate: Locate) -> Finding:
    requirement = shapes.requirement_of(result.shape) if result.shape else None
    message, repair = _text(result, requirement, shapes)
    predicate = result.predicate or (requirement.at if requirement else None)
    places = locate(result.focus, predicate, result.value)
    return Finding(
        rule=_rule(result, requirement),
        severity=_severity(result.severity),
        message=message,
        repair=repair,
        focus=result.focus,
        path=result.path,
        value=result.value,
        place=places[0] if places else None,
        related=tuple(places[1:]),
        component=result.component,
    )


def _rule(result: Violated, requirement: Requirement | None) -> str:
    if requirement is not None:
        return requirement.number
    return local_name(result.shape or result.component)


def _severity(iri: str) -> Severity:
    """Return the severity of an IRI; one that SHACL doesn't know counts as a violation."""
    return _SEVERITIES.get(iri, Severity.VIOLATION)


def _text(result: Violated, requirement: Requirement | None, shapes: Shapes) -> tuple[str, str]:
    """Return message and repair: of the shape, else of its requirement, else as pySHACL says."""
    spoken = result.shape is not None and shapes.text(NamedNode(result.shape), SH + "message")
    if not spoken and requirement is not None and requirement.message:
        message, repair = requirement.message, requirement.repair
    else:
        message, repair = split_message(" ".join(result.messages))
    return _filled(message, result), _filled(repair, result)


def _filled(text: str, result: Violated) -> str:
    """Put what a result is about in the place of ``{$this}``, ``{?value}`` and ``{?path}``."""
    known = {"this": result.focus, "value": result.value, "path": result.path, "PATH": result.path}
    if "{" in text:
        text = _PLACEHOLDER.sub(lambda found: known.get(found[1]) or found[0], text)
    return _ANY_IRI.sub(lambda found: shorten_iri(found[0]), text) if "://" in text else text
