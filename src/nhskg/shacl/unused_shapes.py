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
from nhskg.rdf.paths import Term, reachable
from nhskg.rdf.terms import OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SH, local_name, shorten_iri
from nhskg.shacl.findings import Finding, Severity, Target
from nhskg.shacl.shapes import Shapes

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
_TARGET: Final = SH + "target"

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


def is_matched(target: Target, data: Store) -> bool:
    """Return whether a target finds a node that the data mentions.

    To SHACL a named node is a focus node even where the data has none (2.1.3.1). What matters here
    is whether the name was misspelt; a literal is not.
    """
    node = target.term
    if not isinstance(node, NamedNode):
        return target.kind == "node"
    match target.kind:
        case "node":
            return _has(data, node, None, None) or _has(data, None, None, node)
        case "class":
            return any(_has(data, None, _TYPE, each) for each in _subclasses(node, data))
    return _has(data, None, node, None)


def _has(data: Store, *pattern: Any) -> bool:
    return next(data.quads_for_pattern(*pattern), None) is not None


def _subclasses(of: Term, data: Store) -> list[Any]:
    def below(node: Any) -> Iterator[Any]:
        yield from (quad.subject for quad in data.quads_for_pattern(None, _SUBCLASS_OF, node))

    return reachable([of], below)


def check_shapes(data: Store, shapes: Shapes) -> Iterator[Finding]:
    """Yield what is wrong with the shapes of a project, given the data that they are for.

    Where the data declares a vocabulary, a term that a shape uses must have a type in it.
    """
    declares = any(_has(data, None, _TYPE, NamedNode(each)) for each in _DECLARING)
    unknown: set[str] = set()
    for term, shape in shapes.uses() if declares else ():
        if not term.startswith(PREFIXES["id"]) and not _has(data, NamedNode(term), _TYPE, None):
            unknown.add(term)
            owner = shapes.requirement_of(shape)
            yield Finding(
                rule=UNDECLARED,
                severity=Severity.VIOLATION,
                message=f"{owner.id if owner else local_name(shape.value)} uses "
                f"{shorten_iri(term)}, which no ontology declares",
                repair="correct the name, or declare it in the ontology",
                focus=shape.value,
                value=term,
                place=shapes.place(shape),
            )
    for requirement in shapes.requirements:
        missing = [
            target
            for target in requirement.targets
            if target.term.value not in unknown and not is_matched(target, data)
        ]
        # classes that an ontology declares need not each have instances; a typo is found above
        if missing and (not declares or len(missing) == len(requirement.targets)):
            reasons = (f"{_ARTICLES[kind]} {shorten_iri(term.value)}" for kind, term in missing)
            yield Finding(
                rule=UNMATCHED,
                severity=Severity.INFO,
                message=f"{requirement.id} finds nothing to look at: {', '.join(reasons)}",
                repair="nothing to mend if the corpus has none; else correct the target",
                focus=requirement.iri,
                value=" ".join(target.term.value for target in missing),
                place=requirement.place,
            )
    yield from idle_shapes(shapes, Severity.VIOLATION)


def idle_shapes(shapes: Shapes, severity: Severity) -> Iterator[Finding]:
    """Yield a finding for each shape and each word that every engine leaves out in silence.

    That is a named shape without a target that nothing refers to; and a property or class of the
    SHACL namespace that SHACL doesn't have.
    """
    used: set[object] = {triple.object for triple in shapes.triples}
    for shape in shapes.instances(*_SHAPE_CLASSES):
        if shape not in used and not shapes.targets(shape) and not shapes.values(shape, _TARGET):
            yield Finding(
                rule=IDLE,
                severity=severity,
                message=f"{local_name(shape.value)} checks nothing: it has no target, "
                "and no other shape refers to it",
                repair="give it a target, such as sh:targetClass, or delete it",
                focus=shape.value,
                place=shapes.place(shape),
            )
    words: list[tuple[Any, str, frozenset[str]]] = []
    for triple in shapes.triples:
        words.append((triple.subject, triple.predicate.value, _PROPERTIES))
        if triple.predicate == _TYPE:
            words.append((triple.subject, str(getattr(triple.object, "value", "")), _CLASSES))
    for node, word, known in words:
        name = word.removeprefix(SH)
        if word.startswith(SH) and name not in known:
            owner = shapes.owners.get(node)
            shown = local_name(owner.value) if owner else "a shape without a name"
            guess = did_you_mean(name, known).replace("mean '", "mean 'sh:")
            yield Finding(
                rule=UNDECLARED,
                severity=severity,
                message=f"{shown} uses sh:{name}, which SHACL does not have{guess}",
                repair="correct the name: what SHACL does not have is not checked",
                focus=owner.value if owner else None,
                value=word,
                place=shapes.place(owner),
            )
