"""Each core component means the same to both engines, on small graphs of any form."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from nhskg.rdf.terms import DERIVED_GRAPH, RDF_TYPE, RDFS, XSD
from nhskg.shacl import fast
from nhskg.shacl.requirements import Shapes

from .both_engines import disagreement, own_shapes

EX: Final = "https://example.org/"
CONSTRAINTS: Final = (
    "sh:minCount 1",
    "sh:minCount 2 ; sh:maxCount 2",
    "sh:maxCount 0",
    "sh:class ex:C",
    "sh:class ex:C , ex:D",
    "sh:datatype xsd:string",
    "sh:datatype xsd:integer",
    "sh:datatype xsd:date",
    "sh:datatype xsd:gYear",
    "sh:datatype xsd:duration",
    "sh:nodeKind sh:IRI",
    "sh:nodeKind sh:Literal",
    "sh:nodeKind sh:BlankNodeOrIRI",
    "sh:minInclusive 1",
    "sh:minExclusive 1 ; sh:maxExclusive 20",
    "sh:maxInclusive 1",
    "sh:pattern '^h'",
    "sh:pattern 'a$' , '[0-9]'",
    "sh:languageIn ( 'en' 'de' )",
    "sh:languageIn ( '*' )",
    "sh:disjoint ex:q",
    "sh:lessThan ex:q",
    "sh:not ex:is-c",
    "sh:not ex:is-c , ex:has-p",
    "sh:and ( ex:is-c ex:has-p )",
    "sh:or ( ex:is-c ex:has-p )",
    "sh:xone ( ex:is-c ex:has-p ex:is-c )",
    "sh:xone ( ex:is-c [ sh:node ex:deep ] )",
    "sh:node ex:deep",
    "sh:property ex:has-p",
    "sh:property [ sh:path ex:q ; sh:message 'inner' ; sh:severity sh:Info ; sh:minCount 1 ]",
    "sh:qualifiedValueShape ex:is-c ; sh:qualifiedMinCount 1",
    "sh:qualifiedValueShape ex:has-p ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1",
    "sh:hasValue ex:b",
    "sh:hasValue 'a' , ex:a",
    "sh:in ( ex:a 'a' 1 'h'@en )",
    "sh:deactivated true ; sh:maxCount 0",
    "sh:deactivated false ; sh:maxCount 0",
)
OF_PATHS_ONLY: Final = ("Count", "lessThan", "qualified")
PATHS: Final = (
    "ex:p",
    "[ sh:inversePath ex:p ]",
    "( ex:p ex:q )",
    "( [ sh:inversePath ex:p ] ex:q )",
    "[ sh:alternativePath ( ex:p ex:q ) ]",
    "[ sh:alternativePath ( ex:p ( ex:q ex:p ) ) ]",
    "[ sh:zeroOrMorePath ex:p ]",
    "[ sh:oneOrMorePath ex:p ]",
    "( [ sh:oneOrMorePath ex:p ] ex:q )",
    "[ sh:oneOrMorePath [ sh:alternativePath ( ex:p ex:q ) ] ]",
    "[ sh:zeroOrMorePath ( ex:p ex:q ) ]",
)
TARGETS: Final = (
    "sh:targetClass ex:C",
    "sh:targetSubjectsOf ex:p",
    "sh:targetObjectsOf ex:p",
    "sh:targetNode ex:a , ex:nowhere , 'a' , 1",
    "sh:targetClass ex:D ; sh:targetObjectsOf ex:q",
)
PARTS: Final = """
ex:is-c a sh:NodeShape ; sh:class ex:C ; sh:message "is a C" .
ex:has-p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:message "has p"@en , "hat p"@de .
ex:deep sh:property ex:deeper ; sh:message "deep" .
ex:deeper sh:path ex:q ; sh:node ex:is-c ; sh:not ex:has-p ; sh:message "deeper" .
"""


@cache
def shapes() -> Shapes:
    """Return each constraint, on nodes and on paths in turn, each kind of target in turn."""
    text = PARTS
    for number, constraint in enumerate(CONSTRAINTS):
        target = TARGETS[number % len(TARGETS)]
        said = f'{target} ; sh:message "m {number}"'
        path = PATHS[number % len(PATHS)]
        text += f"ex:P{number} {said} ; sh:property ex:Q{number} .\n"
        text += f'ex:Q{number} sh:path {path} ; {constraint} ; sh:message "n" .\n'
        if not any(each in constraint for each in OF_PATHS_ONLY):
            text += f"ex:N{number} a sh:NodeShape ; {said} ; {constraint} .\n"
    for number, path in enumerate(PATHS):
        text += f'ex:R{number} sh:targetClass ex:C ; sh:property ex:S{number} ; sh:message "r" .\n'
        text += f"ex:S{number} sh:path {path} ; sh:maxCount 0 ; sh:nodeKind sh:BlankNode ; "
        text += 'sh:severity sh:Warning ; sh:message "s" .\n'
    with TemporaryDirectory() as folder:
        return own_shapes(Path(folder), text)


def iri(name: str) -> NamedNode:
    return NamedNode(EX + name)


def typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + datatype))


NODES = st.sampled_from([*map(iri, "abcd"), BlankNode("x"), BlankNode("y")])
LITERALS = st.sampled_from(
    [
        Literal("a"),
        Literal("h1"),
        Literal("h", language="en"),
        Literal("h", language="en-gb"),
        Literal("h", language="fr"),
        *(typed(each, "integer") for each in ("1", "01", "-7", "300", "abc", "1_0")),
        *(typed(each, "decimal") for each in ("1.0", "0.5", "1e3")),
        *(typed(each, "date") for each in ("2013-02-03", "2013-02-30", "soon")),
        *(typed(each, "gYear") for each in ("2013", "x")),
        *(typed(each, "duration") for each in ("P1Y", "P", "PT5M")),
        typed("true", "boolean"),
        typed("a", "string"),
    ]
)
PREDICATES = st.sampled_from([iri("p"), iri("q")])
TYPES = st.sampled_from([iri("C"), iri("D"), iri("E")])
GRAPHS = st.sampled_from([NamedNode(DERIVED_GRAPH), iri("g")])


def quads(parts: Any) -> Quad:
    return Quad(*parts)


TRIPLES = st.one_of(
    st.tuples(NODES, PREDICATES, st.one_of(NODES, LITERALS), GRAPHS),
    st.tuples(NODES, st.just(NamedNode(RDF_TYPE)), TYPES, GRAPHS),
    st.tuples(TYPES, st.just(NamedNode(RDFS + "subClassOf")), TYPES, GRAPHS),
)


def test_all_are_taken() -> None:
    assert fast.divide(shapes()).left == {}


@settings(max_examples=50)
@given(st.lists(TRIPLES.map(quads), max_size=14))
def test_both_engines_find_the_same(given_quads: list[Quad]) -> None:
    assert disagreement(given_quads, shapes()) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sh:closed true", "sh:closed of this form"),
        ("sh:uniqueLang true", "sh:uniqueLang of this form"),
        ("sh:minLength 3", "sh:minLength of this form"),
        ("sh:pattern 'a' ; sh:flags 'i'", "sh:flags of this form"),
        ("sh:pattern '('", "a pattern that Python can't read"),
        ("sh:minInclusive 1.5", "a bound that is no integer"),
        ("sh:datatype xsd:boolean", "sh:datatype of another datatype"),
        ("sh:nodeKind sh:IRIOrLiteral", "sh:nodeKind of another kind"),
        ("sh:datatype xsd:string , xsd:date", "several values of datatype"),
        ("sh:minCount 1", "sh:minCount of a node shape"),
        ("sh:node ex:loop", "shapes in a circle"),
        ("sh:in ()", "an empty list"),
        ("sh:in ( _:b )", "a blank node in sh:in"),
        ("sh:or ( [ sh:path [ sh:zeroOrOnePath ex:p ] ] )", "a path of the form zeroOrOnePath"),
        (
            "sh:or ( [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ] )",
            "a path of the form inversePath",
        ),
        ("sh:nodeKind sh:IRI ; sh:severity sh:Info , sh:Warning", "several values of severity"),
        ("sh:hasValue [ ]", "sh:hasValue of this form"),
        ("sh:targetClass _:b ; sh:nodeKind sh:IRI", "a target that is no IRI"),
        ("sh:deactivated 'no'", "sh:deactivated of no truth value"),
    ],
)
def test_what_is_not_known_is_left(text: str, reason: str, tmp_path: Path) -> None:
    shape = f'ex:loop sh:node ex:s . ex:s sh:targetNode ex:a ; sh:message "m" ; {text} .'
    assert fast.divide(own_shapes(tmp_path, shape)).left[EX + "s"] == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ex:s sh:targetNode ex:a ; sh:nodeKind sh:IRI .", "a shape without a message"),
        ("ex:s sh:targetNode ex:a . ex:t a rdfs:Class .", "rdfs:Class in the shapes graph"),
        (
            "ex:s sh:targetNode ex:a . ex:t sh:entailment ex:u .",
            "sh:entailment in the shapes graph",
        ),
    ],
)
def test_shapes_that_are_read_as_a_whole_are_left(text: str, reason: str, tmp_path: Path) -> None:
    head = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    assert fast.divide(own_shapes(tmp_path, head + text)).left == {EX + "s": reason}


def test_a_shape_without_a_name_is_left(tmp_path: Path) -> None:
    text = 'ex:s sh:targetNode ex:a . [] sh:targetNode ex:a ; sh:message "m" ; sh:nodeKind sh:IRI .'
    assert list(fast.divide(own_shapes(tmp_path, text)).left.values()) == [
        "a shape without a name that has a target"
    ]
