"""The fast engine finds what pySHACL finds: on every example, on corpora, and on broken ones."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.generator import Settings, quads
from pyoxigraph import Literal, NamedNode, Quad, Store

from nhskg.building import assemble
from nhskg.graph.mapping import map_ontology
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.errors import InputError
from nhskg.reasoning.reasoner import CompiledEngine, read_rule_texts
from nhskg.shacl import fast
from nhskg.shacl import validation as shacl
from nhskg.shacl.requirements import Target
from nhskg.shacl.validation import validate_quads

from .both_engines import by_fast, disagreement, own_shapes, shapes_of
from .corpus import ROOT, SHAPES, Example, base, examples, read

ALL = examples()
STYLE = SHAPES / "ontology-style.ttl"
EX_A = NamedNode("https://example.org/a")
XSD_INTEGER = NamedNode(terms.XSD + "integer")

UNSURE: dict[str, set[str]] = {}
"""The examples whose data leave a requirement to pySHACL, and which; it must not grow unseen."""


def quads_of(example: Example) -> list[Quad]:
    return [*base(), *read(example.path, example.graph)]


@pytest.mark.parametrize("path", [SHAPES, STYLE], ids=["corpus", "ontology style"])
def test_no_shape_of_ours_is_left_to_pyshacl(path: Path) -> None:
    division = fast.divide(shapes_of(path))
    assert division.left == {}
    assert {each.iri for each in division.taken} == {
        each.iri for each in shapes_of(path).requirements
    }


@pytest.mark.parametrize("example", ALL, ids=lambda each: each.path.stem)
def test_an_example_has_the_same_results(example: Example) -> None:
    assert disagreement(quads_of(example), shapes_of(SHAPES).only({example.requirement})) == {}


def test_the_data_of_few_examples_leave_anything_to_pyshacl() -> None:
    found = {}
    for example in ALL:
        outcome = by_fast(quads_of(example), shapes_of(SHAPES))[1]
        if outcome.unsure:
            found[example.path.stem] = {terms.local_name(each) for each in outcome.unsure}
    assert found == UNSURE


def test_all_examples_in_one_corpus_have_the_same_results() -> None:
    together = [*base(), *(quad for each in ALL for quad in read(each.path, each.graph))]
    findings = validate_quads(together, shapes_of(SHAPES))
    assert findings == validate_quads(together, shapes_of(SHAPES), engine="pyshacl")
    assert len({each.rule for each in findings}) > 60


def test_barchester_has_the_same_findings(barchester: Project) -> None:
    store = assemble(barchester).store
    found = validate_quads(store, shapes_of(SHAPES))
    assert found == validate_quads(store, shapes_of(SHAPES), engine="pyshacl")


def test_the_ontology_has_the_same_findings() -> None:
    ontology = [*map_ontology(ROOT / "ontology")]
    broken = broken_anew(ontology, random.Random(3), share=0.1)
    for each in (ontology, broken):
        found = validate_quads(each, shapes_of(STYLE))
        assert found == validate_quads(each, shapes_of(STYLE), engine="pyshacl")
    assert len(found) > 100


def broken_anew(given: list[Quad], rng: random.Random, *, share: float) -> list[Quad]:
    """Return quads, some of them gone, some with another object, some with one more."""
    objects = [each.object for each in given]
    literals = [Literal("x"), Literal("y", language="de"), Literal("7", datatype=XSD_INTEGER)]
    found: list[Quad] = []
    for each in given:
        if rng.random() > share:
            found.append(each)
            continue
        other = rng.choice(rng.choice((objects, literals)))
        changed = Quad(each.subject, each.predicate, other, each.graph_name)
        found += rng.choice(([], [changed], [each, changed]))
    return found


def test_a_generated_corpus_has_the_same_findings_whole_and_broken() -> None:
    store = Store()
    store.extend(quads(Settings(130)))
    store.extend(map_ontology(ROOT / "ontology"))
    rules = read_rule_texts(ROOT / "ontology" / "rules")
    CompiledEngine(rules).derive(store, NamedNode(terms.DERIVED_GRAPH))
    found = validate_quads(store, shapes_of(SHAPES))
    assert found == validate_quads(store, shapes_of(SHAPES), engine="pyshacl")
    broken = [
        *broken_anew(sorted(own(store), key=str), random.Random(1), share=0.15),
        *map_ontology(ROOT / "ontology"),
    ]
    assert disagreement(broken, shapes_of(SHAPES)) == {}
    assert len(by_fast(broken, shapes_of(SHAPES))[0]) > 500


def own(store: Store) -> list[Quad]:
    return [each for each in store if each.graph_name != NamedNode(terms.ONTOLOGY_GRAPH)]


def test_what_is_left_is_validated_by_pyshacl(tmp_path: Path) -> None:
    """A shape of each kind: taken, left for what it uses, left for what the data hold."""
    shapes = own_shapes(
        tmp_path,
        """
        ex:taken sh:targetNode ex:a ; sh:message "taken" ; sh:nodeKind sh:Literal .
        ex:left sh:targetNode ex:a ; sh:message "left" ; sh:closed true .
        ex:unsure sh:targetNode "1_0"^^xsd:integer ; sh:message "unsure" ; sh:minInclusive 11 .
        """,
    )
    found = fast.divide(shapes)
    assert found.left == {"https://example.org/left": "sh:closed of this form"}
    given = [Quad(EX_A, EX_A, EX_A)]
    unsure = by_fast(given, shapes)[1].unsure
    assert list(unsure) == ["https://example.org/unsure"]
    findings = validate_quads(given, shapes)
    assert findings == validate_quads(given, shapes, engine="pyshacl")
    assert {each.message for each in findings} == {"left", "taken", "unsure"}


@pytest.mark.parametrize(
    "text",
    [
        "ex:s a sh:PropertyShape . ex:t sh:targetNode ex:a ; sh:message 'n' ; sh:nodeKind sh:IRI .",
        "ex:s a sh:NodeShape ; sh:path ex:p . ex:t sh:targetNode ex:a ; sh:nodeKind sh:IRI .",
        "ex:t sh:targetNode ex:a ; sh:message 'no' ; sh:property [ sh:maxCount 0 ] .",
        "ex:t sh:targetNode ex:a ; sh:message 'no' ; sh:in ex:b ; sh:minCount 1 .",
    ],
)
def test_what_pyshacl_refuses_is_refused(text: str, tmp_path: Path) -> None:
    shapes = own_shapes(tmp_path, text)
    names: list[shacl.EngineName] = ["fast", "pyshacl"]
    for name in names:
        with pytest.raises(InputError, match="pySHACL refuses the shapes"):
            validate_quads([Quad(EX_A, EX_A, EX_A)], shapes, engine=name)


def test_terms_and_targets_are_looked_up() -> None:
    graph = fast.DataGraph(fast.Source(base()))
    declared = graph.declared_terms
    assert declared is not None
    assert terms.NS + "Plan" in declared
    assert terms.NS + "NoSuch" not in declared
    claims, provisions = (
        set(graph.targeted("class", terms.NS + name)) for name in ("Claim", "Provision")
    )
    assert claims > provisions > set()
    assert not graph.finds(Target("class", terms.NS + "NoSuch"))
    assert not graph.finds(Target("node", terms.NS + "NoSuch"))
    assert graph.finds(Target("node", terms.NS + "Plan"))
    assert graph.finds(Target("node", "a", is_iri=False))
    assert graph.finds(Target("subjects of", terms.NS + "claimant"))
    assert not graph.finds(Target("objects of", terms.NS + "noSuch"))
    empty: list[Quad] = []
    assert fast.DataGraph(fast.Source(empty)).declared_terms is None


def test_validating_a_corpus_loads_neither_rdflib_nor_pyshacl(barchester: Project) -> None:
    script = (
        "import sys; from pathlib import Path; from nhskg.project import Project\n"
        "from nhskg.building import assemble\n"
        "assemble(Project.locate(Path(sys.argv[1])))\n"
        "sys.exit(' '.join({'rdflib', 'pyshacl'} & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", script, str(barchester.root)], check=True)


@pytest.mark.parametrize("name", ["fast", "pyshacl"])
def test_either_engine_can_be_named(name: shacl.EngineName) -> None:
    assert shacl.validate_quads(base(), shapes_of(SHAPES), engine=name) == validate_quads(
        base(), shapes_of(SHAPES)
    )


def test_a_query_over_what_is_asserted_sees_nothing_derived(tmp_path: Path) -> None:
    query = "SELECT $this ?value WHERE { $this ex:p ?value }"
    shapes = own_shapes(
        tmp_path,
        f"""
        @prefix nsh: <{terms.BASE}shapes#> .
        ex:s nsh:over nsh:AssertedGraphs ; sh:targetNode ex:a ; sh:message "m" ; sh:sparql ex:q .
        ex:q sh:prefixes ex:prefixes ; sh:select "{query}" .
        """,
    )
    p = NamedNode("https://example.org/p")
    graphs = {"b": "https://example.org/g", "c": terms.DERIVED_GRAPH}
    given = [
        Quad(EX_A, p, NamedNode(f"https://example.org/{each}"), NamedNode(graph))
        for each, graph in graphs.items()
    ]
    given.append(Quad(EX_A, p, NamedNode("https://example.org/d")))
    values = {each.value for each in by_fast(given, shapes)[0]}
    assert values == {"https://example.org/b", "https://example.org/d"}
    assert disagreement(given, shapes) == {}
