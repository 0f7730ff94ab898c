"""pyshacl-turbo finds what pySHACL finds, and gets right what that gets wrong."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import yaml
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from rdflib.plugins.sparql import processor
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from nhskg.graph.mapping import map_ontology
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.errors import InputError
from nhskg.rdf.sparql import exact
from nhskg.shacl import engines
from nhskg.shacl.engine_shapes import DEEPEST, check_support
from nhskg.shacl.engines import EngineName
from nhskg.shacl.patterns import MOST_LETTERS, translate, translate_query
from nhskg.shacl.shapes import ONTOLOGY_STYLE, Shapes
from nhskg.shacl.validation import run_shapes, validate_quads, validate_rdf
from tests.cases import cases
from tests.cli.runner import nhskg

from .corpus import ROOT, Example, examples, shapes

HEAD = """
@prefix ex: <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EX = "https://example.org/"
ENGINES: list[EngineName] = ["turbo", "pyshacl"]
PATTERNS = yaml.safe_load((Path(__file__).parent / "patterns.yaml").read_text("utf-8"))

Found = tuple[str, str, str]
"""Shape, focus, component."""


def triples(text: str) -> Any:
    return [each.triple for each in parse(input=HEAD + text, format=RdfFormat.TURTLE)]


def results(data: str, shape: str, engine: EngineName = "turbo") -> Counter[Found]:
    return counted(engines.run(triples(data), triples(shape), engine=engine))


def counted(found: list[engines.Result]) -> Counter[Found]:
    return Counter(
        (str(each.shape), str(each.focus), terms.local_name(each.component.value)) for each in found
    )


@pytest.fixture
def only_turbo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fallback fail, so that nothing comes from pySHACL unseen."""
    monkeypatch.setattr(engines, "_by_pyshacl", Mock(side_effect=AssertionError))


# Second opinions


@pytest.fixture(scope="module")
def queries_read_once() -> Iterator[None]:
    """Let rdflib read the query of a shape once, not again for each thing that it is asked of."""

    @cache
    def read(text: str, base: str | None, prefixes: frozenset[tuple[str, Any]]) -> Any:
        return translateQuery(parseQuery(text), base, dict(prefixes))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processor, "parseQuery", str)
        patch.setattr(
            processor,
            "translateQuery",
            lambda text, base, prefixes: read(text, base, frozenset(prefixes.items())),
        )
        yield


@pytest.mark.usefixtures("queries_read_once")
@pytest.mark.parametrize("example", examples(), ids=lambda each: each.path.stem)
def test_both_engines_find_the_same_in_an_example(example: Example) -> None:
    only = shapes().only({example.requirement})
    turbo, pyshacl = (run_shapes(example.quads(), only, engine=each) for each in ENGINES)
    assert counted(turbo) == counted(pyshacl)


@pytest.mark.usefixtures("only_turbo")
def test_no_shape_of_ours_is_left_to_pyshacl() -> None:
    together = {quad for each in examples() for quad in each.quads()}
    assert len({each.rule for each in validate_quads(together, shapes())}) > 60
    assert not run_shapes(list(map_ontology(ROOT / "ontology")), shapes(ONTOLOGY_STYLE))


def test_both_engines_find_the_same_in_an_ontology_broken_at_random() -> None:
    rng = random.Random(3)
    ontology = list(map_ontology(ROOT / "ontology"))
    objects = [*(each.object for each in ontology), Literal("x"), Literal("y", language="de")]
    broken = [
        Quad(s, p, rng.choice(objects) if rng.random() < 0.1 else o, graph)
        for s, p, o, graph in ontology
    ]
    turbo, pyshacl = (run_shapes(broken, shapes(ONTOLOGY_STYLE), engine=each) for each in ENGINES)
    assert counted(turbo) == counted(pyshacl)
    assert len(turbo) > 100


# Terms as they are written


@pytest.mark.parametrize("engine", ENGINES)
def test_literals_reach_the_engine_as_they_are_written(engine: EngineName) -> None:
    shape = "ex:S sh:targetNode ex:a ; sh:property ex:P . ex:P sh:path ex:p ; sh:hasValue {} ."
    for written, other in (("01", "1"), ("1.50", "1.5"), ('"x"^^xsd:byte', '"y"^^xsd:byte')):
        assert not results(f"ex:a ex:p {written} .", shape.format(written), engine)
        assert results(f"ex:a ex:p {written} .", shape.format(other), engine).total() == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_results_have_literals_as_they_are_written_and_blank_nodes_with_their_labels(
    engine: EngineName,
) -> None:
    text = "_:S sh:targetSubjectsOf ex:p ; sh:property _:P . _:P sh:path ex:p ; sh:in () ."
    shape = triples(text)
    data = triples('_:a ex:p "01"^^xsd:integer , "x"^^xsd:byte , "2013"^^xsd:gYear .')
    found = engines.run(data, shape, engine=engine)
    assert {str(each.value) for each in found} == {str(each.object) for each in data}
    assert {each.focus for each in found} == {data[0].subject}
    assert {each.shape for each in found} == {shape[1].object}


@pytest.mark.usefixtures("only_turbo")
@cases("validation/standards.yaml")
def test_turbo_keeps_to_the_standards_where_pyshacl_does_not(case: dict[str, Any]) -> None:
    shape = f"ex:S sh:targetNode ex:a ; sh:property [ {case['constraint']} ] ."
    assert results(case["data"], shape + case.get("shapes", "")).total() == case["count"]


@pytest.mark.usefixtures("only_turbo")
@cases("validation/lexical_forms.yaml")
def test_ill_typed_literals_are_refused_and_no_others(case: dict[str, Any]) -> None:
    datatype = NamedNode(terms.XSD + case["datatype"])
    shape = (
        f"ex:S sh:targetNode ex:a ; sh:property ex:P . ex:P sh:path ex:p ; sh:datatype {datatype} ."
    )
    values = {Literal(each, datatype=datatype) for each in case["accepted"] + case["refused"]}
    data = [Triple(NamedNode(EX + "a"), NamedNode(EX + "p"), each) for each in values]
    found = engines.run(data, triples(shape))
    assert {each.parameter for each in found} <= {"datatype"}
    assert Counter(each.value for each in found) == Counter(
        Literal(each, datatype=datatype) for each in case["refused"]
    )


def test_a_shape_with_an_alternative_of_a_number_refuses_an_ill_typed_one() -> None:
    shape = """
    ex:S sh:targetNode ex:a ; sh:property ex:P , ex:Q .
    ex:P sh:path ex:p ; sh:or ( [ sh:datatype xsd:double ] [ sh:datatype xsd:string ] ) .
    ex:Q sh:path ex:p ; sh:xone ( [ sh:datatype xsd:double ] [ sh:datatype xsd:date ] ) .
    """
    data = 'ex:a ex:p "nan"^^xsd:double , 1e0 , "inf" .'
    for engine in ENGINES:
        found = engines.run(triples(data), triples(shape), engine=engine)
        told = sorted((each.parameter, str(each.value)) for each in found)
        assert told == [
            ("or", f'"nan"^^<{terms.XSD}double>'),
            ("xone", '"inf"'),
            ("xone", f'"nan"^^<{terms.XSD}double>'),
        ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_message_tells_an_infinity_of_no_datatype_as_it_is_written(engine: EngineName) -> None:
    query = f"SELECT $this ?value {{ $this <{EX}p> ?value }}"
    rule = f'[ sh:message "{{?value}}" ; sh:select "{query}" ]'
    shape = f"ex:S sh:targetNode ex:a ; sh:sparql {rule} ."
    data = 'ex:a ex:p "inf"^^xsd:double , "nan?"^^xsd:float .'
    found = engines.run(triples(data), triples(shape), engine=engine)
    assert sorted(each.value for result in found for each in result.messages) == ["inf", "nan?"]


@pytest.mark.parametrize("query", [False, True], ids=["sh:pattern", "REGEX()"])
@pytest.mark.parametrize("engine", ENGINES)
def test_patterns_are_regular_expressions_of_xpath(engine: EngineName, *, query: bool) -> None:
    """All in one run, a shape for each pattern."""
    given = [each for each in PATTERNS if "refused" not in each]
    shape, expected = [], set()
    for number, each in enumerate(given):
        node = NamedNode(f"{EX}S{number}")
        values = [*each["matches"], *each["not"]]
        parts = {"targetNode": values, "pattern": [each["pattern"]], "flags": [each.get("flags")]}
        if query:
            written = ", ".join(
                str(Literal(each[key])) for key in ("pattern", "flags") if key in each
            )
            text = f"SELECT $this {{ FILTER(!REGEX(STR($this), {written})) }}"
            shape.append(Triple(node, NamedNode(terms.SH + "sparql"), BlankNode(f"q{number}")))
            shape.append(
                Triple(BlankNode(f"q{number}"), NamedNode(terms.SH + "select"), Literal(text))
            )
            parts = {"targetNode": values}
        shape += [
            Triple(node, NamedNode(terms.SH + name), Literal(text))
            for name, texts in parts.items()
            for text in texts
            if text is not None
        ]
        expected |= {(str(node), text) for text in each["not"]}
    found = engines.run(triples("ex:a ex:p 1 ."), shape, engine=engine)
    assert {(str(each.shape), each.focus.value) for each in found} == expected


@pytest.mark.parametrize("pattern", [each for each in PATTERNS if "refused" in each], ids=str)
def test_what_xpath_does_not_have_is_refused(pattern: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=pattern["refused"]):
        translate(pattern["pattern"], pattern.get("flags", ""))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("a" * (MOST_LETTERS + 1), "more than 10,000 letters"),
        ("(" * 2000 + "a" + ")" * 2000, "nested too deep"),
        ("a{99999999999}", "repetition number is too large"),
    ],
    ids=["long", "deep", "repeated"],
)
def test_a_pattern_too_large_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        translate(pattern)


@pytest.mark.parametrize(
    ("filter_", "translated"),
    [
        ("regex(?v, 'a$')", 'regex(?v, "a\\\\Z", "")'),
        (
            "REGEX(REPLACE(?v, 'b,(', 'c'), \"\"\"a$\"\"\", 'i')",
            """REGEX(REPLACE(?v, 'b,(', 'c'), "a\\\\Z", "i")""",
        ),
        ("REGEX(STR(REGEX(?v, 'a$')), 'b$')", 'REGEX(STR(REGEX(?v, "a\\\\Z", "")), "b\\\\Z", "")'),
        *(
            (each, each)
            for each in (
                "REGEX(?v, ?p)",
                "REGEX(?v, CONCAT('a$', ?p))",
                "REGEX(?v, 'a$', ?f)",
                "REGEX(?v, '(?=a)')",
                "?v = 'REGEX(?v, a$)' # REGEX(?v, 'a$')",
                "REGEX(?v, 'a$'@en)",
                "REGEX(?v, 'a\\p')",
                "REGEX",
            )
        ),
    ],
)
def test_patterns_that_a_query_states_are_translated_and_nothing_else(
    filter_: str, translated: str
) -> None:
    assert translate_query(f"ASK {{ FILTER({filter_}) }}") == f"ASK {{ FILTER({translated}) }}"


def test_messages_have_patterns_as_they_are_written() -> None:
    shape = Shapes(triples(r'ex:S sh:targetNode "1" ; sh:pattern "^\\p{L}+$" .'))
    given = [Quad(*each) for each in triples("ex:a ex:p 1 .")]
    (found,) = validate_quads(given, shape)
    assert found.message == r"does not meet sh:pattern ^\p{L}+$"


def test_simple_patterns_do_not_load_elementpath() -> None:
    script = (
        "import sys; from nhskg.shacl.patterns import translate\n"
        "for each in (r'^[A-Z]{3}$', r'^https?://ex\\.org/', '#[a-z][A-Za-z0-9]*$', '^(a|b) c$'):\n"
        "    assert translate(each)[0].startswith(each[:-1])\n"
        "sys.exit('elementpath' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


# Shapes in shapes


@pytest.mark.usefixtures("only_turbo")
@pytest.mark.parametrize("deep", [20, 400])
def test_shapes_may_be_nested_deep(deep: int) -> None:
    data = "".join(f"ex:n{n} ex:p ex:n{n + 1} . " for n in range(deep))
    shape = "".join(
        f"ex:S{n} sh:property [ sh:path ex:p ; sh:node ex:S{n + 1} ] . " for n in range(deep)
    )
    for wrong, kind in enumerate(("IRI", "Literal")):
        inner = f"ex:S0 sh:targetNode ex:n0 . ex:S{deep} sh:nodeKind sh:{kind} ."
        assert results(data, shape + inner).total() == wrong
    assert not list(check_support(Shapes(triples(shape))))


def supported(shape: str, *, advanced: bool = False) -> list[str]:
    found = check_support(Shapes(triples(shape)), advanced=advanced)
    return [each.message for each in found]


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("ex:S sh:property [ sh:path ex:p ; sh:node ex:S ] .", "S refers to itself"),
        ("ex:S sh:or ( [ sh:not ex:T ] ) . ex:T sh:and ( ex:S ) .", "S refers to itself"),
        ("ex:S sh:node ex:T . ex:T sh:node ex:U . ex:U sh:node ex:T .", "T refers to itself"),
        ('ex:S sh:property [ sh:path ex:p ; sh:pattern "(?=a)" ] .', "S has a sh:pattern that is"),
        ("ex:S sh:js [] .", "S has sh:js, which is not supported"),
        ("ex:S sh:property [ sh:path ex:p ; sh:values [] ] .", "S has sh:values, which is not"),
        ("ex:S sh:entailment ex:RDFS .", "S has sh:entailment, which is not supported"),
        ("ex:S sh:target [ sh:jsFunctionName 'f' ] .", "S has a function in JavaScript, which"),
        ('ex:S sh:node "x" .', 'S has sh:node "x", which is not a node with properties'),
        ('ex:S sh:property "x" .', 'S has sh:property "x", which is not a node with properties'),
        ('ex:S sh:or ( "x" ) .', "S has sh:or, which is not a list of shapes"),
        ("ex:S sh:or ex:T .", "S has sh:or <https://example.org/T>, which is not a list"),
        ('ex:S sh:targetClass "text" .', 'S has sh:targetClass "text", which is not an IRI'),
        ("ex:S sh:targetClass [] .", "S has sh:targetClass, which is not an IRI"),
        ('ex:S sh:path ex:p ; sh:minCount "abc" .', 'sh:minCount "abc", which is not a whole'),
        ("ex:S sh:path ex:p ; sh:maxCount 1.0 .", 'sh:maxCount "1.0"^^xsd:decimal, which is'),
        ("ex:S sh:minCount 1 .", "S has sh:minCount without sh:path"),
        ('ex:S sh:deactivated "true" .', 'sh:deactivated "true", which is not true or false'),
        ("ex:S sh:pattern 12 .", 'sh:pattern "12"^^xsd:integer, which is not a text'),
        ('ex:S sh:flags "i" .', "S has sh:flags without sh:pattern"),
        ("ex:S sh:minInclusive ex:x .", "sh:minInclusive <https://example.org/x>, which is not"),
        ("ex:S sh:languageIn ( ex:en ) .", "S has sh:languageIn, which is not a list of texts"),
        (
            "ex:S sh:path ex:p ; sh:qualifiedValueShape ex:T .",
            "sh:qualifiedValueShape without sh:qualifiedMinCount or sh:qualifiedMaxCount",
        ),
        ('ex:S sh:sparql [ sh:select "SELECT * { ?x ?y ?z }" ] .', "a query without $this"),
        *(
            (f"@prefix r: <{terms.RDF}> . ex:S sh:in _:l . _:l {cells} .", "sh:in, which is not")
            for cells in (
                "r:first 1 ; r:rest _:l",
                "r:first 1",
                "r:rest ()",
                "r:first 1 ; r:rest ( 2 ) , ()",
                "r:first 1 , 2 ; r:rest ()",
                'r:first 1 ; r:rest "x"',
            )
        ),
        *(
            (f"ex:S sh:path {path} .", "S has sh:path, which is not a property path")
            for path in (
                '"ex:p"',
                "[]",
                "( ex:p )",
                "[ sh:alternativePath ex:p ]",
                "[ sh:inversePath ex:p ; sh:zeroOrMorePath ex:q ]",
                "_:p . _:p sh:zeroOrMorePath _:p",
            )
        ),
    ],
)
def test_what_is_not_carried_out_is_told(shape: str, message: str) -> None:
    (found,) = supported(shape, advanced=True)
    assert message in found


def test_shapes_that_are_nested_too_deep_are_told() -> None:
    shape = "".join(f"ex:S{n} sh:node ex:S{n + 1} . " for n in range(DEEPEST + 1))
    (message,) = supported(shape)
    assert "more than 1000 deep" in message
    assert not supported(shape.replace("ex:S1 sh:node ex:S2 .", ""))


def links(number: int, text: str) -> str:
    """Return a text for each of some numbers, with it and the next in place of ``N`` and ``M``."""
    return " ".join(text.replace("N", str(n)).replace("M", str(n + 1)) for n in range(number))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            f"@prefix r: <{terms.RDF}> . ex:S sh:targetNode ex:a ; sh:path _:p0 ; sh:minCount 1 ."
            + links(40, "_:pN r:first _:pM ; r:rest [ r:first _:pM ; r:rest () ] .")
            + "_:p40 sh:inversePath ex:p .",
            "S has a sh:path that has more than 10,000 steps|more than 1,000,000 copies",
        ),
        (
            "ex:S sh:targetNode ex:a ; sh:path _:p0 ; sh:minCount 1 ."
            + links(200, "_:pN sh:inversePath _:pM .")
            + "_:p200 sh:inversePath ex:p .",
            "S has a sh:path that is a part of itself, or more than 100 deep",
        ),
        (
            "ex:S sh:targetNode ex:a ; sh:path _:p ; sh:minCount 1 . _:p sh:inversePath _:p .",
            "S has a sh:path that is a part of itself, or more than 100 deep",
        ),
        (
            "ex:A0 sh:targetNode ex:a ."
            + links(40, "ex:AN sh:and ( ex:AM ex:BM ) . ex:BN sh:and ( ex:AM ex:BM ) .")
            + "ex:A40 sh:node ex:A0 .",
            "evaluates more than 1,000,000 shapes",
        ),
        (
            "ex:S0 sh:targetNode ex:a ." + links(5000, "ex:SN sh:not ex:SM ."),
            "has shapes in shapes, more than 4,000 deep",
        ),
    ],
    ids=["steps", "deep path", "circular path", "shapes", "deep shapes"],
)
def test_what_engines_would_not_come_to_the_end_of_is_refused(
    shape: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "d.ttl").write_text(HEAD + "ex:a ex:p 1 .")
    (tmp_path / "s.ttl").write_text(HEAD + shape)
    with pytest.raises(InputError, match=message) as refused:
        validate_rdf([tmp_path / "d.ttl"], [tmp_path / "s.ttl"])
    assert refused.value.place
    assert refused.value.place.line == 6


def test_what_engines_refuse_is_told_by_what_is_not_well_formed(tmp_path: Path) -> None:
    (tmp_path / "d.ttl").write_text(HEAD + "ex:a ex:p 1 .")
    (tmp_path / "s.ttl").write_text(HEAD + "ex:S sh:targetNode ex:a ;\n  sh:minInclusive ex:x .")
    with pytest.raises(InputError, match="which is not a literal; correct it") as refused:
        validate_rdf([tmp_path / "d.ttl"], [tmp_path / "s.ttl"])
    assert refused.value.place == (tmp_path / "s.ttl", 7, 3)


ADVANCED = {
    "target": 'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { ?this a ex:T }" ]',
    "rule": "sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:p ; sh:object 1 ]",
    "expression": "sh:expression [ sh:path ex:p ]",
}


@pytest.mark.parametrize("word", ADVANCED)
def test_advanced_features_are_carried_out_where_asked_for_and_else_told(word: str) -> None:
    select = ADVANCED[word].replace("ex:T", f"<{EX}T>")
    on = "" if word == "target" else "sh:targetClass ex:T ; "
    shape = f"ex:S {on}{select} . ex:S sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    data = "ex:a a ex:T ."
    counts = [engines.run(triples(data), triples(shape), advanced=each) for each in (False, True)]
    without, by = (sorted(each.parameter for each in found) for found in counts)
    told = {
        "target": ([], ["minCount"]),
        "rule": (["minCount"], []),
        "expression": (["minCount"], ["expression", "minCount"]),
    }
    assert (without, by) == told[word]
    (message,) = supported(shape)
    assert f"S has sh:{word} of SHACL-AF, which is not supported by default" in message
    assert not supported(shape, advanced=True)


# What is refused, and what is left to pySHACL


SLOW = "^(a|a)*b(.)\\2$"
"""A pattern that neither engine matches in time: it refers back, and its alternatives are alike."""
SLOW_QUERY = f"SELECT $this {{ FILTER REGEX(STR($this), {Literal(SLOW)}) }}"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "constraint",
    [f"sh:pattern {Literal(SLOW)}", f"sh:sparql [ sh:select {Literal(SLOW_QUERY)} ]"],
    ids=["sh:pattern", "REGEX()"],
)
def test_a_pattern_that_takes_for_ever_is_refused_at_its_line(
    engine: EngineName, constraint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "PATTERN_SECONDS", 0.1)
    (tmp_path / "d.ttl").write_text(HEAD + "ex:a ex:p 1 .")
    shape = f'ex:S sh:targetNode "{"a" * 40}!" ; sh:nodeKind sh:Literal ;\n {constraint} .'
    (tmp_path / "s.ttl").write_text(HEAD + shape)
    with pytest.raises(InputError) as refused:
        validate_rdf([tmp_path / "d.ttl"], [tmp_path / "s.ttl"], engine=engine)
    place, message = refused.value.place, refused.value.message
    assert place == (tmp_path / "s.ttl", 7, place and place.column)
    assert message.startswith("ex:S is refused by pySHACL: a regular expression takes more than")


def reporting(report: str) -> Mock:
    """Return a compiled part of pyshacl-turbo that gives one report."""
    native = Mock()
    native.CompiledShapes.return_value.validate.return_value = (True, report)
    return native


@pytest.mark.parametrize(
    "native",
    [
        object(),
        Mock(CompiledShapes=lambda text: text),
        reporting("conforms: true"),
        reporting(f"_:r <{terms.SH}result> _:x .\n_:x <{terms.SH}value> _:y ."),
        None,
    ],
    ids=["without the class", "other parameters", "no RDF", "no report", "not installed"],
)
def test_pyshacl_validates_where_the_compiled_part_has_changed_or_is_missing(
    native: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no public interface, though its version is pinned."""
    if native is None:
        engines._native.cache_clear()
        monkeypatch.setattr(engines, "find_spec", lambda _: None)
    else:
        monkeypatch.setattr(engines, "_native", lambda: native)
    by_pyshacl = Mock(wraps=engines._by_pyshacl)
    monkeypatch.setattr(engines, "_by_pyshacl", by_pyshacl)
    shape = "ex:S sh:targetNode ex:a ; sh:nodeKind sh:Literal ."
    assert results("ex:a ex:p ex:b .", shape).total() == 1
    by_pyshacl.assert_called_once()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("property [ sh:minCount 1 ]", "refuses the shapes"),
        ("sparql [ sh:select 'SELECT $this { ?this ?p }' ]", "refuses the shapes"),
        ("sparql [ sh:select 'SELECT $this {MINUS { ?s ?p 1 }}' ]", "must not contain a MINUS"),
    ],
)
def test_what_both_engines_refuse_is_an_input_error(part: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        results("ex:a ex:p ex:b .", f"ex:S sh:targetNode ex:a ; sh:{part} .")


def test_ignored_properties_of_an_open_shape_are_no_constraint() -> None:
    shape = "ex:S sh:targetNode ex:a ; sh:ignoredProperties ( ex:p ) ; sh:nodeKind sh:Literal ."
    for engine in ENGINES:
        assert results("ex:a ex:p ex:b .", shape, engine).total() == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_said_on_the_way(
    engine: EngineName, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither of ill-typed literals, nor of recursive shapes."""
    shape = """
    ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:node ex:S ] .
    ex:T sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:datatype xsd:date ] .
    """
    with warnings.catch_warnings(), caplog.at_level(logging.DEBUG):
        warnings.simplefilter("error")
        found = results('ex:a ex:p ex:a , "2020-99-99"^^xsd:date .', shape, engine)
    assert found.total() == 2
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_validating_a_corpus_loads_neither_rdflib_nor_pyshacl(barchester: Project) -> None:
    script = (
        "import sys; from pathlib import Path; from nhskg.project import Project\n"
        "import nhskg.shacl.validation\n"
        "from nhskg.building.pipeline import assemble\n"
        "assemble(Project.locate(Path(sys.argv[1])))\n"
        "sys.exit(' '.join({'rdflib', 'pyshacl'} & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", script, str(barchester.root)], check=True)


def test_shapes_over_asserted_graphs_see_nothing_derived() -> None:
    text = f"""
    ex:S <{terms.BASE}shapes#over> <{terms.BASE}shapes#AssertedGraphs> ; sh:targetNode ex:a ;
        sh:property ex:P .
    ex:P sh:path ex:p ; sh:nodeKind sh:Literal .
    """
    a, p = NamedNode(EX + "a"), NamedNode(EX + "p")
    graphs = {"b": EX + "g", "c": terms.DERIVED_GRAPH}
    given = [Quad(a, p, NamedNode(EX + each), NamedNode(iri)) for each, iri in graphs.items()]
    for engine in ENGINES:
        (found,) = run_shapes(given, Shapes(triples(text)), engine=engine)
        assert found.value == NamedNode(EX + "b")


def test_either_engine_can_be_named_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "d.ttl").write_text(f"{HEAD}ex:a ex:p 1 .\n")
    (tmp_path / "s.ttl").write_text(f"{HEAD}ex:S sh:targetNode ex:a ; sh:nodeKind sh:Literal .\n")
    arguments = ("validate", "--data", "d.ttl", "--shapes", "s.ttl", "--engine")
    turbo = nhskg(*arguments, "turbo", cwd=tmp_path).stdout
    assert "does not meet sh:nodeKind" in turbo
    monkeypatch.setattr(engines, "_native", Mock(side_effect=AssertionError))
    by_pyshacl = Mock(wraps=engines._by_pyshacl)
    monkeypatch.setattr(engines, "_by_pyshacl", by_pyshacl)
    assert nhskg(*arguments, "pyshacl", cwd=tmp_path).stdout == turbo
    by_pyshacl.assert_called_once()
