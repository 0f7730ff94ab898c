"""SHACL shapes that check nothing: unmatched targets, unused shapes, undeclared terms, typos.

An engine ignores all of these in silence. The words are those of the `Shapes Constraint Language
<https://www.w3.org/TR/shacl/>`_ and its `Advanced Features <https://www.w3.org/TR/shacl-af/>`_.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, RdfFormat, Store, parse

from nhskg.rdf.errors import Place
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.paths import Term, reachable
from nhskg.rdf.terms import OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SH, compact, shorten_iri
from nhskg.shacl.findings import Finding, Severity, Target
from nhskg.shacl.shapes import NSH, SHAPE_VALUED, Shapes

IDLE: Final = "idle-shape"
UNDECLARED: Final = "undeclared-term"
UNMATCHED: Final = "unmatched-target"
CHECKS: Final = (IDLE, UNDECLARED, UNMATCHED)
"""The rules of the catalogue that a shape can break."""

_TYPE: Final = NamedNode(RDF_TYPE)
_DECLARING: Final = (
    *(OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
    *(RDFS + "Class", RDF + "Property"),
)
"""The classes whose instances make a vocabulary."""

_ARTICLES: Final = {
    "class": "there is no instance of",
    "node": "there is no",
    "subjects of": "nothing has",
    "objects of": "nothing is the value of",
}


def check_shapes(data: Store, shapes: Shapes) -> Iterator[Finding]:
    """Yield what is wrong with shapes; terms are checked where the data declares a vocabulary."""
    declares = any(_has(data, None, _TYPE, NamedNode(each)) for each in _DECLARING)
    unknown: set[str] = set()
    for term, shape in shapes.uses() if declares else ():
        if not term.startswith(PREFIXES["id"]) and not _has(data, NamedNode(term), _TYPE, None):
            unknown.add(term)
            message = f"uses {shorten_iri(term)}, which no ontology declares"
            about = message, "correct the name, or declare it in the ontology"
            yield shapes.finding(shape, UNDECLARED, Severity.VIOLATION, *about, value=term)
    for requirement in shapes.requirements:
        missing = [
            target
            for target in requirement.targets
            if target.term.value not in unknown and not _is_matched(target, data)
        ]
        optional = shapes.values(NamedNode(requirement.iri or ""), NSH + "mayBeIdle")
        # classes that an ontology declares need not each have instances; a typo is found above
        if not optional and missing and (not declares or len(missing) == len(requirement.targets)):
            reasons = (f"{_ARTICLES[kind]} {shorten_iri(term.value)}" for kind, term in missing)
            message = f"finds nothing to look at: {', '.join(reasons)}"
            about = message, "nothing to mend if the corpus has none; else correct the target"
            value = " ".join(target.term.value for target in missing)
            node = NamedNode(requirement.iri or "")
            yield shapes.finding(node, UNMATCHED, Severity.INFO, *about, value=value)
    yield from idle_shapes(shapes, Severity.VIOLATION)
    yield from unknown_words(shapes, Severity.VIOLATION)


def check_any_shapes(data: Store, shapes: Shapes) -> Iterator[Finding]:
    """Yield what :func:`check_shapes` does where nothing is known of the vocabulary of the data."""
    for node in shapes.subjects():
        targets = shapes.targets(node)
        missing = [each for each in targets if each.kind != "node" and not _is_matched(each, data)]
        if missing:
            names = [f"{kind} {compact(term.value, shapes.namespaces)}" for kind, term in missing]
            which = "" if len(missing) == len(targets) else " by some of its targets"
            message = f"finds nothing to look at{which}: {', '.join(names)}"
            value = " ".join(target.term.value for target in missing)
            yield shapes.finding(node, UNMATCHED, Severity.INFO, message, value=value)
    if reason := why_unchecked(data, shapes):
        yield Finding(UNMATCHED, Severity.VIOLATION, reason, place=Place(shapes.files[0].path))
    yield from idle_shapes(shapes, Severity.WARNING)


def why_unchecked(data: Store, shapes: Shapes) -> str:
    """Return why shapes have no focus node at all; nothing where one may have."""
    targets = [target for node in shapes.subjects() for target in shapes.targets(node)]
    custom = any(each.predicate.value == SH + "target" for each in shapes.triples)
    if custom or any(each.kind == "node" or _is_matched(each, data) for each in targets):
        return ""
    reason = "no target of a shape finds anything" if targets else "no shape here has a target"
    return f"nothing was checked: {reason}"


def idle_shapes(shapes: Shapes, severity: Severity) -> Iterator[Finding]:
    """Yield the named shapes that nothing refers to."""
    shape_classes = {NamedNode(SH + "NodeShape"), NamedNode(SH + "PropertyShape")}
    used: set[object] = {triple.object for triple in shapes.triples}
    for shape in shapes.subjects():
        idle = not (shape in used or shapes.is_targeted(shape) or shapes.is_deactivated(shape))
        is_shape = not shape_classes.isdisjoint(shapes.values(shape, RDF_TYPE))
        if idle and is_shape and isinstance(shape, NamedNode):
            message = "checks nothing: it has no target, and no other shape refers to it"
            repair = "give it a target, such as sh:targetClass, or delete it"
            yield shapes.finding(shape, IDLE, severity, message, repair)


def unknown_words(shapes: Shapes, severity: Severity) -> Iterator[Finding]:
    """Yield the words in the namespace of SHACL that SHACL does not have."""
    for triple in shapes.triples:
        words = [(triple.predicate.value, str.islower)]
        words += [(getattr(triple.object, "value", ""), str.isupper)] * (triple.predicate == _TYPE)
        for iri, is_such in words:
            name = iri.removeprefix(SH)
            known = [each for each in _words() if is_such(each[:1])] if name != iri else [name]
            if name not in known:
                guess = did_you_mean(name, known).replace("mean '", "mean 'sh:")
                message = f"uses sh:{name}, which SHACL does not have{guess}"
                about = message, "correct the name: what SHACL does not have is not checked"
                node, *at = triple
                yield shapes.finding(node, UNDECLARED, severity, *about, at=at, value=iri)


def missing_shapes(shapes: Shapes) -> Iterator[Finding]:
    """Yield the names of shapes that are referred to and not described: such a shape is empty."""
    for node in shapes.subjects():
        for name in SHAPE_VALUED:
            for other in shapes.named_values(node, [name]):
                if other not in shapes:
                    message = f"refers to {shapes.name(other.value)}, which no file describes"
                    about = message, "correct the name, or give its file with --shapes"
                    at = NamedNode(SH + name), other
                    value = other.value
                    yield shapes.finding(
                        node, UNDECLARED, Severity.WARNING, *about, at=at, value=value
                    )


@cache
def _words() -> list[str]:
    """Return the names of the vocabulary of SHACL, of which pySHACL has a copy."""
    spec: Any = find_spec("pyshacl")
    path = Path(spec.submodule_search_locations[0], "assets", "shacl.ttl")
    subjects = (each.subject for each in parse(path=path, format=RdfFormat.TURTLE))
    names = {each.value for each in subjects if isinstance(each, NamedNode)}
    return sorted(each.removeprefix(SH) for each in names if each.startswith(SH))


def _is_matched(target: Target, data: Store) -> bool:
    """Return whether a target finds a node that the data mentions, or is a literal.

    To SHACL a named node is a focus node even where the data has none (2.1.3.1).
    """

    def subclasses(of: Term) -> list[Any]:
        below = data.quads_for_pattern(None, NamedNode(RDFS + "subClassOf"), of)
        return [quad.subject for quad in below]

    kind, node = target
    if not isinstance(node, NamedNode):
        return kind == "node"
    if kind == "node":
        return _has(data, node, None, None) or _has(data, None, None, node)
    if kind == "class":
        return any(_has(data, None, _TYPE, each) for each in reachable([node], subclasses))
    return _has(data, None, node, None)


def _has(data: Store, *pattern: Any) -> bool:
    return next(data.quads_for_pattern(*pattern), None) is not None
