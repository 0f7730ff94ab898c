"""``nhskg reason``: what comes out, in which form, and what is said of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from .runner import Result, nhskg

reason = partial(nhskg, "reason")

PREFIXES = """\
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix unused: <http://example.org/unused/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
ONTOLOGY = ":C rdfs:subClassOf :D . :p rdfs:range :C ."
DATA = ":a :p :b ; :q 1.5, 'x'@en ."
FOLLOWS = ":b a :C, :D . :p rdfs:range :D ."
CLASH = ":C owl:disjointWith :D . :a a :C, :D ."


def written(folder: Path, text: str, name: str = "data.ttl") -> str:
    path = folder / name
    path.write_text(PREFIXES + text, "utf-8")
    return str(path)


def quads(raw: bytes | str, syntax: ox.RdfFormat = ox.RdfFormat.TURTLE) -> list[ox.Quad]:
    return list(ox.parse(raw, format=syntax))


def shape(found: Iterable[ox.Quad | ox.Triple]) -> str:
    """Return triples as text that does not depend on the names of blank nodes."""
    dataset = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in found)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(str(quad.triple) for quad in dataset))


def expected(text: str) -> str:
    return shape(quads(PREFIXES + text))


def refused(result: Result) -> str:
    """Return the one line of a command that did nothing else than refuse, with exit code 2."""
    assert (result.exit_code, result.stdout) == (2, ""), result.stderr
    (line,) = result.stderr.splitlines()
    return str(line)


# -- what comes out


def test_derived_triples_come_out_and_the_code_is_0(tmp_path: Path) -> None:
    """With the prefixes of the input that are in use; the same bytes each time.

    A term that nobody declares is no warning: it makes no difference to what follows.
    """
    found = reason(written(tmp_path, ONTOLOGY + DATA))
    assert (found.exit_code, found.stderr) == (0, "")
    assert shape(quads(found.stdout)) == expected(FOLLOWS)
    lines = found.stdout.splitlines()
    assert {line.split()[1] for line in lines if line.startswith("@prefix")} == {":", "rdfs:"}
    given = written(tmp_path, ONTOLOGY + DATA + " _:x :p [] . _:y :p [ :p :a ] .")
    assert reason(given).stdout == reason(given).stdout


def test_of_two_files_with_one_prefix_the_first_names_it(tmp_path: Path) -> None:
    one = written(tmp_path, ONTOLOGY, "one.ttl")
    two = tmp_path / "two.ttl"
    two.write_text("@prefix : <http://example.com/> . :a <http://example.org/p> :b .", "utf-8")
    found = reason(one, str(two)).stdout
    assert "@prefix : <http://example.org/> ." in found
    assert "<http://example.com/b> a :C , :D ." in found


ENDINGS = {"turtle": "ttl", "ntriples": "nt", "trig": "trig", "nquads": "nq", "jsonld": "jsonld",
           "rdfxml": "rdf"}  # fmt: skip


@pytest.mark.parametrize("form", ENDINGS)
def test_each_form_reads_back(form: str, tmp_path: Path) -> None:
    """By --format, and by the ending of --output; literals and blank nodes too."""
    syntax = ox.RdfFormat.from_extension(ENDINGS[form])
    assert syntax is not None
    given = written(tmp_path, ONTOLOGY + DATA + ":q rdfs:subPropertyOf :r . _:x :p [] .")
    told = FOLLOWS + ":a :r 1.5, 'x'@en . [] a :C, :D ."
    by_option = reason(given, "--format", form).stdout_bytes
    found = quads(by_option, syntax)
    assert shape(found) == expected(told)
    derived = ox.NamedNode("https://w3id.org/nhskg/graph/derived")
    graph = derived if form in ("trig", "nquads") else ox.DefaultGraph()
    assert {quad.graph_name for quad in found} == {graph}
    output = tmp_path / f"out.{ENDINGS[form]}"
    assert reason(given, "--output", str(output)).exit_code == 0
    assert output.read_bytes() == by_option


def test_rdf_xml_says_where_it_cannot_name_a_property(tmp_path: Path) -> None:
    given = written(tmp_path, ":p rdfs:subPropertyOf <http://example.org/1> . :a :p :b .")
    line = refused(reason(given, "--format", "rdfxml"))
    assert line == "nhskg: RDF/XML cannot name the property <http://example.org/1>"


def test_several_files_and_forms_are_taken_together(tmp_path: Path) -> None:
    """Blank nodes of two files are two, also where they have one label."""
    one = written(tmp_path, "_:x a :A . :p a owl:FunctionalProperty . :k :p _:x .", "one.ttl")
    two = tmp_path / "two.nq"
    two.write_text(
        "<http://example.org/k> <http://example.org/p> _:x <http://example.org/g> .\n", "utf-8"
    )
    found = shape(quads(reason(one, str(two)).stdout))
    assert found == expected("_:a owl:sameAs _:b . _:b owl:sameAs _:a ; a :A .")


def test_output_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """What is inconsistent is written all the same."""
    output = tmp_path / "new" / "out.nt"
    given = written(tmp_path, ONTOLOGY + DATA + CLASH)
    assert reason(given, "--output", str(output)).exit_code == 1
    before = output.read_bytes()
    assert expected(FOLLOWS) == shape(quads(before))
    broken = written(tmp_path, ":a :b", "broken.ttl")
    assert refused(reason(broken, "--output", str(output))).startswith(f"{broken}:")
    assert output.read_bytes() == before
    assert [path.name for path in output.parent.iterdir()] == ["out.nt"]


# -- both engines

SOME = "[ owl:onProperty :p ; owl:someValuesFrom {} ]"
LOOP = SOME.format("_:r")
AGREED = {
    "a blank node is an individual": """
        :C owl:oneOf (_:x :a) . _:x :p _:y . _:y a [ owl:onProperty :q ; owl:hasValue _:x ] .
        :R owl:onProperty :q ; owl:hasValue _:x . :p owl:inverseOf :s .""",
    "lists": f"""
        :D owl:intersectionOf (:A [ owl:unionOf (:B {SOME.format(":C")}) ]) .
        :a a :A ; :p [ a :C ] . :c a :A, :B . :b :p _:z . :c :p _:z .
        :q owl:propertyChainAxiom (:p [ owl:inverseOf :p ]) .""",
    "nothing": ":a :p :b .",
    "an empty file": "",
}


@pytest.mark.parametrize("name", AGREED)
def test_the_engines_agree(name: str, tmp_path: Path) -> None:
    given = written(tmp_path, AGREED[name])
    compiled, reference = (reason(given, "--engine", e) for e in ("compiled", "owlrl"))
    assert compiled.exit_code == reference.exit_code == 0
    assert shape(quads(compiled.stdout)) == shape(quads(reference.stdout))
    follows = name not in ("nothing", "an empty file")
    assert bool(compiled.stdout) == follows
    assert follows or compiled.stderr == ""


# -- what is wrong

CLASHES = {
    "cax-dw, named": (CLASH, ":a rdf:type :C . :a rdf:type :D; by :C owl:disjointWith :D"),
    "eq-diff2": (
        "[] a owl:AllDifferent ; owl:members (:a _:x) . :a owl:sameAs _:x .",
        ":a owl:sameAs _:x; by [ owl:members (:a _:x) ] rdf:type owl:AllDifferent",
    ),
    "cax-dw+cls-svf1": (
        f":C owl:disjointWith {SOME.format(':D')} . :a a :C ; :p :b . :b a :D .",
        f":a rdf:type :C . :a :p :b . :b rdf:type :D; by :C owl:disjointWith {SOME.format(':D')}",
    ),
    "cax-dw, recursive": (
        """:A owl:disjointWith _:r . _:r owl:onProperty :p ; owl:someValuesFrom _:r .
        :i a :A ; :p :j . :j a _:r .""",
        f":i rdf:type :A . :i rdf:type {LOOP}; by :A owl:disjointWith {LOOP}",
    ),
    "prp-rng+dt-not-type": (
        ":p rdfs:range xsd:byte . :a :p 128 .",
        ':a :p "128"^^xsd:integer; by :p rdfs:range xsd:byte',
    ),
}


@pytest.mark.parametrize("name", CLASHES)
def test_a_contradiction_is_told_with_its_triples_and_axioms(name: str, tmp_path: Path) -> None:
    given, told = CLASHES[name]
    found = reason(written(tmp_path, given))
    assert found.exit_code == 1
    lines = [line for line in found.stderr.splitlines() if not line.startswith("warning: ")]
    assert f"{name.partition(',')[0]}: these cannot all be true: {told}" in lines
    assert lines[-1].startswith("nhskg: ")
    assert lines[-1].endswith("; correct the data, or the axiom that forbids it")


def test_every_contradiction_is_reported_and_counted(tmp_path: Path) -> None:
    found = reason(written(tmp_path, CLASH + ":b a :C, :D ."))
    assert [line.split(":")[0] for line in found.stderr.splitlines()] == ["cax-dw"] * 2 + ["nhskg"]
    assert "2 contradictions" in found.stderr


def test_owlrl_tells_contradictions_in_its_own_words(tmp_path: Path) -> None:
    """Its messages name no triples, and its nodes for them stay out of the result."""
    given = written(tmp_path, CLASH + " _:x a :C, :D . :D rdfs:subClassOf :E .")
    found = reason(given, "--engine", "owlrl")
    assert found.exit_code == 1
    lines = found.stderr.splitlines()
    assert lines[0].startswith("Disjoint classes ")
    assert "_:x" in found.stderr
    assert not any("cannot all be true" in line for line in lines)
    assert "agent-ont" not in found.stdout
    assert shape(quads(found.stdout)) == expected(":a a :E . [] a :E .")


OUTSIDE = {
    ":C rdfs:subClassOf [ owl:unionOf (:A :B) ] .": "owl:unionOf stands as superclass",
    "_:r owl:onProperty :p ; owl:someValuesFrom _:r . _:r rdfs:subClassOf :C .": "part of itself",
    "_:l rdfs:member :x . :C owl:unionOf _:m . _:m rdf:first :A ; rdf:rest _:m .": "part of itself",
}


@pytest.mark.parametrize("axiom", OUTSIDE)
def test_what_is_outside_the_profile_is_told_as_a_warning(axiom: str, tmp_path: Path) -> None:
    rdf = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    found = reason(written(tmp_path, rdf + axiom + ONTOLOGY + DATA))
    assert found.exit_code == 0, found.stderr
    warnings = found.stderr.splitlines()
    assert all(line.startswith("warning: outside OWL 2 RL: ") for line in warnings)
    assert any(OUTSIDE[axiom] in line for line in warnings)
    assert ":b a :C , :D ." in found.stdout


# -- what cannot be read


def test_unreadable_input_is_one_line_and_exit_2(tmp_path: Path) -> None:
    for name, content, told in (
        ("a.ttl", b":a :b", "a.ttl:1:1: not valid Turtle: The prefix : has not been declared"),
        ("a.nt", b"<http://a> <http://b> .\n", "a.nt:1"),
        ("a.ttl", b"\xff", "a.ttl:1:1: not valid Turtle"),
        ("a.ttl", b"\xff\xfe", "a.ttl: is UTF-16, not UTF-8 text; save it as UTF-8"),
        ("a.jsonld", b"{", "a.jsonld:1"),
    ):
        (tmp_path / name).write_bytes(content)
        assert told in refused(reason(str(tmp_path / name)))


def test_standard_input_is_read_as_turtle_or_trig(tmp_path: Path) -> None:
    given = PREFIXES + f":g {{ {ONTOLOGY} }}"
    result = reason("-", written(tmp_path, DATA), given=given)
    assert result.exit_code == 0
    assert shape(quads(result.stdout)) == expected(FOLLOWS)
    assert refused(reason("-", given="@prefix x <")).startswith("<stdin>:1:")


def test_what_is_read_is_not_written_over(tmp_path: Path) -> None:
    data, rules = written(tmp_path, ONTOLOGY + DATA), tmp_path / "rules"
    rules.mkdir()
    far = rule(rules, GRANDPARENT)
    link = tmp_path / "link.ttl"
    link.symlink_to(data)
    for output in (data, far, str(link)):
        before = Path(output).read_bytes()
        line = refused(reason(data, "--rules", str(rules), "--output", output))
        assert line == f"nhskg: {output} is read, and would be written over; name another output"
        assert Path(output).read_bytes() == before
    for name in ("new.ttl", "rules/new.rq", "deeper/new.nq.gz"):
        new = str(tmp_path / name)
        done = reason(str(tmp_path), "--rules", str(rules), "--output", new)
        assert (done.exit_code, "cannot be written: it is in" in done.stderr) == (2, True)
        assert not (tmp_path / name).exists()


# -- rules

HEAD = "PREFIX : <http://example.org/>\n#+ order: 10\n"
GRANDPARENT = HEAD + "CONSTRUCT { ?x :far ?z }\nWHERE { ?x :near ?y . ?y :near ?z }\n"


def rule(folder: Path, text: str, name: str = "far.rq") -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


@pytest.mark.parametrize("engine", ["compiled", "owlrl"])
def test_rules_apply_with_the_axioms(engine: str, tmp_path: Path) -> None:
    given = written(
        tmp_path, ":p rdfs:subPropertyOf :near . :far rdfs:domain :F . :a :p :b . :b :p :c ."
    )
    found = reason(given, "--rules", rule(tmp_path, GRANDPARENT), "--engine", engine)
    assert shape(quads(found.stdout)) == expected(":a :near :b ; :far :c ; a :F . :b :near :c .")
    of_folder = reason(given, "--rules", str(tmp_path), "--engine", engine)
    assert of_folder.stdout == found.stdout
    left = f"nhskg: left out 1 of {tmp_path}/: {Path(given).name} (no rule, *.rq)\n"
    assert of_folder.stderr == left


CYCLE = HEAD + "CONSTRUCT { ?x :q ?y }\nWHERE {\n  ?x :p ?y\n  FILTER NOT EXISTS { ?x :q ?z }\n}"
BOTH = ("compiled", "owlrl")
NO_RULES = {
    "another form": (HEAD + "SELECT * { ?s ?p ?o }", BOTH, "far.rq:3: expected CONSTRUCT, found"),
    "syntax": (HEAD + "CONSTRUCT { ?x :q ?y }\nWHERE { ?x ?y }", BOTH, "far.rq:4: expected"),
    "prefix": (HEAD + "CONSTRUCT { ?x a:q ?y } WHERE {}", BOTH, "far.rq:3: prefix a: is not decl"),
    "negation in a cycle": (CYCLE, ("compiled",), "far.rq:6: negation in a cycle: far "),
    "no such file": (None, BOTH, "rules: cannot be read (No such file or directory)"),
    "a folder without rules": ("", ("compiled",), "no rules here"),
    "no order": (GRANDPARENT.replace("#+ order: 10\n", ""), ("owlrl",), "a line '#+ order: N'"),
}


@pytest.mark.parametrize("name", NO_RULES)
def test_rules_that_make_no_program_are_one_line_with_its_place(name: str, tmp_path: Path) -> None:
    text, engines, message = NO_RULES[name]
    folder = tmp_path / "rules"
    if text is not None:
        folder.mkdir()
    if text:
        rule(folder, text)
    for engine in engines:
        given = written(tmp_path, DATA)
        assert message in refused(reason(given, "--rules", str(folder), "--engine", engine))


# -- what holds of everything


def test_what_holds_of_everything_is_added_where_asked_for(tmp_path: Path) -> None:
    """And nothing else is changed; in order, none twice; of an expression's node nothing."""
    some = "[ owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :D ]"
    given = written(tmp_path, f"{ONTOLOGY} :C a owl:Class . :C rdfs:subClassOf {some} . :a :p :b .")
    without, found = (
        reason(given, "--format", "ntriples", *more) for more in ((), ("--axiomatic",))
    )
    lines = found.stdout.splitlines()
    assert set(without.stdout.splitlines()) < set(lines)
    assert lines == sorted(set(lines), key=lambda line: line.removesuffix(" ."))
    added = expected(":a owl:sameAs :a . :b a owl:Thing . :C rdfs:subClassOf :C, owl:Thing .")
    assert {f"{line} ." for line in added.splitlines()} < set(lines)
    assert not [line for line in lines if "_:" in line or "urn:" in line]
    assert without.stderr == found.stderr


def test_owlrl_has_axioms_of_its_own_and_is_refused(tmp_path: Path) -> None:
    line = refused(reason(written(tmp_path, DATA), "--axiomatic", "--engine", "owlrl"))
    assert line == "nhskg: --axiomatic needs the compiled engine; leave out --engine owlrl"


# -- with the input

INPUT = """
@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
:p a owl:SymmetricProperty .
:g { _:n :p :b ; :q 01, 1.50, "x"^^:t, [ :q "a\\r\\n" ] .
  _:a0123456789abcdef0123456789abcdef :q _:n }
"""


@pytest.mark.parametrize("form", ENDINGS)
def test_the_input_comes_out_as_it_is_written(form: str, tmp_path: Path) -> None:
    """Terms, labels of blank nodes, and the graphs in the forms that have such."""
    syntax = ox.RdfFormat.from_extension(ENDINGS[form])
    assert syntax is not None
    given = tmp_path / "data.trig"
    given.write_text(INPUT, "utf-8")
    out = reason(given, "--with-input", "--format", form)
    assert (out.exit_code, out.stderr) == (0, "")
    found, has_graphs = quads(out.stdout_bytes, syntax), syntax.supports_datasets
    graphs = {str(q.graph_name).rpartition("/")[2] or "" for q in found}
    assert graphs == ({"DEFAULT", "g>", "derived>"} if has_graphs else {"DEFAULT"})
    told = {f"{q.predicate.value[-1]} {getattr(q.object, 'value', '')}" for q in found}
    assert {
        "q 01",
        "q 1.50",
        "q x",
        "q a\r\n",
        "q b0",
        "q n",
        "p n",
        "p http://example.org/b",
    } < told
    labels = {q.subject.value for q in found if isinstance(q.subject, ox.BlankNode)}
    assert labels == {"n", "b0", "a0123456789abcdef0123456789abcdef"}
    assert out.stdout_bytes == reason(given, "--with-input", "--format", form).stdout_bytes


def test_of_two_files_with_one_label_the_second_gets_a_number(tmp_path: Path) -> None:
    """And a label that is written goes before a node that has none."""
    one = written(tmp_path, "_:x :p [ :p 1 ] .", "one.ttl")
    two = written(tmp_path, "_:x :p _:b0 . _:x2 :p :y . :p a owl:SymmetricProperty .", "two.ttl")
    found = reason(one, two, "--with-input", "--format", "ntriples").stdout
    short = {line.replace("http://example.org/", "") for line in found.splitlines()}
    assert {"_:x <p> _:b1 .", "_:x2 <p> _:b0 .", "_:b0 <p> _:x2 .", "_:x22 <p> <y> ."} < short


# -- why

WHY = """\
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:B owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom :D ] .
:C owl:intersectionOf ( :A [ owl:onProperty [ owl:inverseOf :q ] ; owl:hasValue :k ] ) .
:R owl:onProperty :p ; owl:hasValue 1.0 .
:D owl:sameAs :E .
:x a :A ; :p _:y , 01 .
:k :q :x .
_:y a :E .
:M a owl:Class .
:x a :M .
"""
PROOFS = {
    ":x a :A": ":x a :A [at data.ttl:8:4]",
    ":x rdf:type :C .": """\
:x a :C
│   (1) by OWL 2 RL cls-int1
│   axiom: :C owl:intersectionOf (:A [ owl:hasValue :k ; owl:onProperty [
│     owl:inverseOf :q ] ]) [at data.ttl:5:4]
├── :x a :A [at data.ttl:8:4]
└── :x a [ owl:hasValue :k ; owl:onProperty [ owl:inverseOf :q ] ]
    │   (2) by OWL 2 RL cls-hv2
    │   axiom: [ owl:hasValue :k ; owl:onProperty [ owl:inverseOf :q ] ] [at
    │     data.ttl:5:68]
    └── :x [ owl:inverseOf :q ] :k
        │   (3) by OWL 2 RL prp-inv2
        │   axiom: [ owl:inverseOf :q ] [at data.ttl:5:47]
        └── :k :q :x [at data.ttl:9:4]""",
    ":x a :R": """\
:x a :R
│   (1) by OWL 2 RL cls-hv2+dt-eq+eq-rep-o
│   axiom: :R owl:hasValue "1"^^xsd:decimal [at data.ttl:6:24]
│   axiom: :R owl:onProperty :p [at data.ttl:6:4]
└── :x :p "1"^^xsd:integer [at data.ttl:8:11]""",
    "_:y a :D": """\
_:y a :D
│   (1) by OWL 2 RL eq-rep-o
├── :E owl:sameAs :D
│   │   (2) by OWL 2 RL eq-sym
│   └── :D owl:sameAs :E [at data.ttl:7:4]
└── _:y a :E [at data.ttl:10:5]""",
    ":x a owl:Thing": """\
:x a owl:Thing
│   (1) by OWL 2 RL scm-cls+cax-sco
│   axiom: :M a owl:Class [at data.ttl:11:4]
└── :x a :M [at data.ttl:12:4]""",
    "owl:Thing a owl:Class": "owl:Thing a owl:Class\n    (1) by OWL 2 RL cls-thing",
}


@pytest.fixture
def why(tmp_path: Path) -> Callable[..., Result]:
    (tmp_path / "data.ttl").write_text(WHY, "utf-8")
    return partial(reason, "data.ttl", cwd=tmp_path, COLUMNS="80")


@pytest.mark.parametrize("triple", PROOFS)
def test_why_shows_the_proof_with_rules_axioms_and_places(
    triple: str, why: Callable[..., Result]
) -> None:
    found = why("--why", triple)
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout == PROOFS[triple] + "\n"


def test_why_as_json(why: Callable[..., Result]) -> None:
    """The same steps, the premises by number or with their places."""
    told = json.loads(why("--why", ":x a :C", "--format", "json").stdout)
    assert told["goal"]["words"] == ":x a :C"
    assert [step["rule"] for step in told["steps"]] == ["prp-inv2", "cls-hv2", "cls-int1"]
    one, two = told["steps"][2]["premises"]
    assert one["at"] == {"file": "data.ttl", "line": 8, "column": 4}
    assert (two["by"], two["triple"][0]) == (2, "<http://example.org/x>")
    assert [axiom["at"]["line"] for axiom in told["steps"][1]["axioms"]] == [5, 5]
    given = json.loads(why("--why", ":x a :A", "--format", "json").stdout)
    assert (given["goal"]["at"]["line"], given["steps"]) == (8, [])


def test_why_by_a_rule_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "r.rq").write_text(
        "PREFIX : <http://example.org/> CONSTRUCT { ?x a :Lone } "
        "WHERE { ?x a :A FILTER NOT EXISTS { ?x :with ?y } }",
        "utf-8",
    )
    given = written(tmp_path, "_:x a :A .", "d.ttl")
    found = reason(given, "--rules", tmp_path / "r.rq", "--why", "_:x a :Lone", COLUMNS="120")
    assert found.stdout.splitlines()[1].startswith("│   (1) by r [")
    assert "not: " in found.stdout


@pytest.mark.parametrize(
    ("triple", "code", "message"),
    [
        (":x a :Z", 1, ":x a :Z is neither given nor derived"),
        (":z owl:sameAs :z", 1, ":z owl:sameAs :z is neither given nor derived"),
        (":x a", 2, "not a triple in Turtle: "),
        (":x :p 1, 2", 2, "not a triple in Turtle: 2 triples; write it as 'ex:a rdf:type ex:B'"),
        ("# :x :p 1", 2, "not a triple in Turtle: "),
        ("no:x a :A", 2, "not a triple in Turtle: The prefix no: has not been declared; "),
    ],
)
def test_why_says_what_has_no_proof_or_is_no_triple(
    triple: str, code: int, message: str, why: Callable[..., Result]
) -> None:
    found = why("--why", triple)
    assert (found.exit_code, found.stdout) == (code, "")
    (line,) = found.stderr.splitlines()
    assert line.startswith(f"nhskg: {message}")


def test_expressions_that_say_the_same_are_one_class_and_others_are_not(tmp_path: Path) -> None:
    """A class of which nothing is said is like no other."""
    some = "[ owl:complementOf :A ]"
    given = written(tmp_path, f":i a {some} .\n{some} rdfs:subClassOf :B .")
    told = " ".join(reason(given, "--why", ":i a :B").stdout.split())  # a long path is broken
    assert told.endswith(f"└── :i a {some} [at {given}:6:4]")
    given = written(tmp_path, ":i a _:c . _:c a owl:Class . _:d a owl:Class ; rdfs:subClassOf :B .")
    assert reason(given).stdout == ""
    assert reason(given, "--why", ":i a :B").exit_code == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--why", ":a a :b", "--engine", "owlrl"), "--why needs the compiled engine"),
        (("--why", ":a a :b", "--format", "turtle"), "--format turtle is not for --why"),
        (("--format", "json"), "--format json is for --why"),
    ],
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    assert refused(reason(written(tmp_path, DATA), *options)).startswith(f"nhskg: {message}")
