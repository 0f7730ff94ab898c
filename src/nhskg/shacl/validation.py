"""SHACL validation of a project's graph by its shapes, as findings with rule, line and repair.

Each validation result becomes a :class:`~nhskg.shacl.findings.Finding`, with the number of the
requirement and the line of YAML behind the focus. Shapes that check nothing, and terms that no
ontology declares, are found too: a typo must not pass as success.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from nhskg.rdf.errors import Place
from nhskg.rdf.terms import DERIVED_GRAPH, SH, local_name, shorten_iri
from nhskg.rdf.triple_index import Term
from nhskg.shacl.findings import Finding, Locate, Rule, Severity, settle
from nhskg.shacl.shapes import SEVERITIES, Shapes, split_message
from nhskg.shacl.unused_shapes import check_shapes

if TYPE_CHECKING:
    from nhskg.shacl.engines import EngineName, Result


_ANY_IRI: Final = re.compile(r"https?://[^\s<>\"'{}()\[\],;]+[^\s<>\"'{}()\[\],;.:]")
_PLACEHOLDER: Final = re.compile(r"\{[$?](\w+)\}")


def validate_quads(
    quads: Iterable[Quad],
    shapes: Shapes,
    *,
    locate: Locate = lambda *_: (),
    engine: EngineName = "turbo",
) -> tuple[Finding, ...]:
    """Validate the union of the graphs of some quads: asserted graphs, ontology, derived graph.

    The ontology is there for its classes and its declarations. Nothing is inferred: what is derived
    must be there. Shapes marked ``nsh:over nsh:AssertedGraphs`` see all graphs but the derived one.

    Args:
        quads: a store, or quads whose literals stay as they are written.
        shapes: what must hold of them.
        locate: from a focus to its places.
        engine: what validates; pySHACL is the reference, many times slower.

    Returns:
        The findings, in order of place.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    if isinstance(quads, Store):
        store = quads
    else:
        quads, store = list(quads), Store()
        store.bulk_extend(quads)
    findings = []
    for result in run_shapes(quads, shapes, engine=engine):
        requirement = shapes.requirement_of(result.shape)
        text = _text(result, requirement, shapes)
        at = requirement.at if requirement else None
        findings.append(to_finding(result, requirement, locate, *text, at=at))
    return settle([*findings, *check_shapes(store, shapes)])


def run_shapes(
    quads: Iterable[Quad], shapes: Shapes, *, engine: EngineName = "turbo"
) -> list[Result]:
    """Return the validation results of some quads."""
    from nhskg.shacl.engines import n_quads, run  # noqa: PLC0415  # loads rdflib

    text = n_quads(quads)
    places = [each.place for each in shapes.requirements if each.place]
    place = Place(places[0].path) if places else None
    asserted_only = {each.id for each in shapes.requirements if each.asserted_only}
    results = run(text, shapes.without(asserted_only).triples, engine=engine, place=place)
    if asserted_only:
        derived = f" <{DERIVED_GRAPH}> ."
        lines = (line for line in text.split("\n") if not line.endswith(derived))
        only = shapes.only(asserted_only).triples
        results += run("\n".join(lines), only, engine=engine, place=place)
    return results


def to_finding(
    result: Result,
    requirement: Rule | None,
    locate: Locate,
    message: str,
    repair: str = "",
    *,
    at: NamedNode | None = None,
) -> Finding:
    """Return a validation result as a finding, at the line of its value or its focus.

    Args:
        result: what an engine found.
        requirement: the requirement that the source shape is a part of, if any.
        locate: from a focus, a property and a value to their places.
        message: what is wrong.
        repair: how to mend it.
        at: the property to locate where the result has no path.
    """
    predicate = result.path.first_predicate if result.path else None
    places = locate(result.focus, predicate or at, result.other_value)
    named = result.shape.value if isinstance(result.shape, NamedNode) else result.component
    return Finding(
        rule=requirement.id if requirement else local_name(named),
        severity=SEVERITIES.get(result.severity, Severity.VIOLATION),
        message=message,
        repair=repair,
        focus=_shown(result.focus),
        path=result.path,
        value=_shown(result.other_value) if result.other_value else None,
        place=places[0] if places else None,
        related=tuple(places[1:]),
        component=result.component,
    )


def _shown(term: Term) -> str:
    return str(term) if isinstance(term, BlankNode) else term.value


def _text(result: Result, requirement: Rule | None, shapes: Shapes) -> tuple[str, str]:
    """Return message and repair: of the shape, else of its requirement, else of the engine."""
    own = result.shape is not None and shapes.text(result.shape, SH + "message")
    if not own and requirement is not None and requirement.demands:
        message, repair = requirement.demands, requirement.repair
    else:
        message, repair = split_message(" ".join(each.value for each in result.messages))
    return _filled(message, result), _filled(repair, result)


def _filled(text: str, result: Result) -> str:
    """Replace ``{$this}``, ``{?value}`` and ``{?path}`` by the terms of a result."""
    if "{" in text:
        path = str(result.path) if result.path else ""
        value = result.other_value.value if result.other_value else ""
        known = {"this": result.focus.value, "value": value, "path": path, "PATH": path}
        text = _PLACEHOLDER.sub(lambda found: known.get(found[1]) or found[0], text)
    return _ANY_IRI.sub(lambda found: shorten_iri(found[0]), text) if "://" in text else text
