"""SHACL shapes that check nothing: unmatched targets, unused shapes, undeclared terms, typos.

A target that nothing answers to, a shape that nothing refers to, a class or property that no
ontology declares, a word that SHACL does not have (`Shapes Constraint Language
<https://www.w3.org/TR/shacl/>`_ and its `Advanced Features
<https://www.w3.org/TR/shacl-af/>`_): an engine ignores all of these in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pyoxigraph import NamedNode, Store

from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.terms import OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SH, local_name, shorten_iri
from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.requirements import Requirement, Shapes, Target, Use

__all__ = [
    "IDLE",
    "UNDECLARED",
    "UNMATCHED",
    "TargetedData",
    "check_shapes",
    "idle_shapes",
    "unknown_words",
]

IDLE: Final = "idle-shape"
"""The rule of a shape that has no target, and that no other shape refers to."""

UNDECLARED: Final = "undeclared-term"
"""The rule of a shape that uses a class or a property which no ontology declares."""

UNMATCHED: Final = "unmatched-target"
"""The rule of a target that finds nothing to look at."""

_DECLARING: Final = (
    OWL + "Class",
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
    RDFS + "Class",
    RDF + "Property",
)
"""The classes whose instances make a vocabulary."""

_TYPE: Final = NamedNode(RDF_TYPE)
_SUBCLASS_OF: Final = NamedNode(RDFS + "subClassOf")

_ARTICLES: Final = {
    "class": "there is no instance of",
    "node": "there is no",
    "subjects of": "nothing has",
    "objects of": "nothing is the value of",
}

_PROPERTIES: Final = frozenset(
    """
    alternativePath and annotationProperty annotationValue annotationVarName ask class closed
    condition conforms construct datatype deactivated declare defaultValue description detail
    disjoint entailment equals expression filterShape flags focusNode group hasValue
    ignoredProperties in intersection inversePath js jsFunctionName jsLibrary jsLibraryURL
    labelTemplate languageIn lessThan lessThanOrEquals maxCount maxExclusive maxInclusive maxLength
    message minCount minExclusive minInclusive minLength name namespace node nodeKind nodeValidator
    nodes not object oneOrMorePath optional or order parameter path pattern predicate prefix
    prefixes property propertyValidator qualifiedMaxCount qualifiedMinCount qualifiedValueShape
    qualifiedValueShapesDisjoint result resultAnnotation resultMessage resultPath resultSeverity
    returnType rule select severity shapesGraph shapesGraphWellFormed sourceConstraint
    sourceConstraintComponent sourceShape sparql subject suggestedShapesGraph target targetClass
    targetNode targetObjectsOf targetSubjectsOf this union uniqueLang update validator value xone
    zeroOrMorePath zeroOrOnePath
    """.split()
)
"""The properties of SHACL and of its Advanced Features."""

_SHAPE_CLASSES: Final = (SH + "NodeShape", SH + "PropertyShape")
_CLASSES: Final = frozenset(
    """
    ConstraintComponent Function JSConstraint JSFunction JSLibrary JSRule JSTarget JSTargetType
    JSValidator NodeShape Parameter PrefixDeclaration PropertyGroup PropertyShape ResultAnnotation
    Rule SPARQLAskValidator SPARQLConstraint SPARQLFunction SPARQLRule SPARQLSelectValidator
    SPARQLTarget SPARQLTargetType Shape Target TargetType TripleRule ValidationReport
    ValidationResult
    """.split()
)
"""The classes of SHACL and of its Advanced Features of which a graph of shapes has instances."""


class TargetedData:
    """What a store has for targets to find, and the terms that it declares."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def declared(self) -> frozenset[str] | None:
        """Every IRI that has a type, or None where the data declares no vocabulary at all."""
        if not any(self._has(None, _TYPE, NamedNode(each)) for each in _DECLARING):
            return None
        typed = self._store.quads_for_pattern(None, _TYPE, None)
        return frozenset(
            quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode)
        )

    def finds(self, target: Target) -> bool:
        """Return whether a target finds a node that the data mentions.

        To SHACL a named node is a focus node even where the data has none (2.1.3.1). What matters
        here is whether the name was misspelt; a literal is not.
        """
        if not target.is_iri:
            return target.kind == "node"
        node = NamedNode(target.term)
        match target.kind:
            case "node":
                return self._has(node, None, None) or self._has(None, None, node)
            case "class":
                return self._has_instance(node)
        return self._has(None, node, None)

    def _has(self, *pattern: Any) -> bool:
        return next(self._store.quads_for_pattern(*pattern), None) is not None

    def _has_instance(self, of: Any) -> bool:
        met, queue = set(), [of]
        while queue:
            each = queue.pop()
            if self._has(None, _TYPE, each):
                return True
            if each not in met:
                met.add(each)
                below = self._store.quads_for_pattern(None, _SUBCLASS_OF, each)
                queue += (quad.subject for quad in below)
        return False


def check_shapes(data: TargetedData, shapes: Shapes) -> Iterator[Finding]:
    """Yield what is wrong with the shapes, given the data that they are for."""
    declared = data.declared
    unknown: set[str] = set()
    if declared is not None:
        for use in shapes.uses():
            if use.term not in declared and not use.term.startswith(PREFIXES["id"]):
                unknown.add(use.term)
                yield _undeclared(use, shapes)
    for requirement in shapes.requirements:
        missing = [
            target
            for target in requirement.targets
            if target.term not in unknown and not data.finds(target)
        ]
        # classes that an ontology declares need not each have instances; a typo was told above
        if missing and (declared is None or len(missing) == len(requirement.targets)):
            yield _unmatched(requirement, missing)
    yield from idle_shapes(shapes, Severity.VIOLATION)
    yield from unknown_words(shapes, Severity.VIOLATION)


def idle_shapes(shapes: Shapes, severity: Severity) -> Iterator[Finding]:
    """Yield a finding for each named shape without a target that nothing refers to."""
    used: set[object] = {triple.object for triple in shapes.triples}
    used |= {NamedNode(requirement.iri) for requirement in shapes.requirements}
    for shape in shapes.instances(*_SHAPE_CLASSES):
        if shape in used or shapes.is_deactivated(shape) or shapes.values(shape, SH + "target"):
            continue
        yield Finding(
            rule=IDLE,
            severity=severity,
            message=f"{local_name(shape.value)} checks nothing: it has no target, "
            "and no other shape refers to it",
            repair="give it a target, such as sh:targetClass, or delete it",
            focus=shape.value,
            place=shapes.place(shape),
        )


def unknown_words(shapes: Shapes, severity: Severity) -> Iterator[Finding]:
    """Yield a finding for each property or class of the SHACL namespace that SHACL doesn't have."""
    for use, is_class in shapes.words():
        name = use.term.removeprefix(SH)
        known = _CLASSES if is_class else _PROPERTIES
        if use.term.startswith(SH) and name not in known:
            owner = local_name(use.shape) or "a shape without a name"
            guess = did_you_mean(name, known).replace("mean '", "mean 'sh:")
            yield Finding(
                rule=UNDECLARED,
                severity=severity,
                message=f"{owner} uses sh:{name}, which SHACL does not have{guess}",
                repair="correct the name: what SHACL does not have is not checked",
                focus=use.shape or None,
                value=use.term,
                place=shapes.place(NamedNode(use.shape) if use.shape else None),
            )


def _unmatched(requirement: Requirement, targets: list[Target]) -> Finding:
    what = ", ".join(f"{_ARTICLES[target.kind]} {shorten_iri(target.term)}" for target in targets)
    return Finding(
        rule=UNMATCHED,
        severity=Severity.INFO,
        message=f"{requirement.number} finds nothing to look at: {what}",
        repair="nothing to mend if the corpus has none; else correct the target",
        focus=requirement.iri,
        value=" ".join(target.term for target in targets),
        place=requirement.place,
    )


def _undeclared(use: Use, shapes: Shapes) -> Finding:
    shape = NamedNode(use.shape)
    owner = shapes.requirement_of(shape)
    return Finding(
        rule=UNDECLARED,
        severity=Severity.VIOLATION,
        message=f"{owner.number if owner else local_name(use.shape)} uses {shorten_iri(use.term)}, "
        "which no ontology declares",
        repair="correct the name, or declare it in the ontology",
        focus=use.shape,
        value=use.term,
        place=shapes.place(shape),
    )
