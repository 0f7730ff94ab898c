"""Shapes that are not for a corpus, on their examples; and the house style on the ontology itself.

They are those of the ontology, and those of the description of a release.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml
from pyshacl import validate
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.namespace import OWL
from rdflib.term import Node

from nhskg.rdf.lines import find_places, read_rdf
from nhskg.shacl.shapes import APART

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = sorted((ROOT / "ontology").glob("*.ttl"))
EXAMPLES = sorted((ROOT / "shapes" / "examples").glob("*/*.ttl"))
NS = "https://w3id.org/nhskg/ns#"


SHAPES = Graph()
for name in APART:
    SHAPES.parse(ROOT / "shapes" / name)
REQUIREMENTS = {
    str(node).rsplit("#", 1)[-1]: node
    for node in SHAPES.subjects(RDF.type, SH.NodeShape)
    if re.search(r"#[OV]-\d\d$", str(node))
}
"""The node shapes with a number; the others only help them."""


@pytest.fixture(scope="module")
def ontology() -> Graph:
    graph = Graph()
    for path in ONTOLOGY:
        graph.parse(path)
    return graph


def findings(data: Graph, *paths: Path) -> list[str]:
    """Return requirement, severity, focus, and line in the files of each result, sorted."""
    _, report, _ = validate(data, shacl_graph=SHAPES)
    assert isinstance(report, Graph)

    def local(result: Node, predicate: URIRef) -> str:
        return str(report.value(result, predicate)).rsplit("#", 1)[-1]

    files = [read_rdf(each) for each in paths]
    lines = []
    for result in report.subjects(SH.resultSeverity):
        focus = str(report.value(result, SH.focusNode))
        shown = "nhs:" + focus.removeprefix(NS) if focus.startswith(NS) else f"<{focus}>"
        number = "-".join(local(result, SH.sourceShape).split("-")[:2])
        node = ox.NamedNode(focus) if "://" in focus else ox.Literal(focus)
        at = next((place.line for place in find_places(files, node)), None)
        lines.append(f"{number} {local(result, SH.resultSeverity)} {shown} {at}")
    return sorted(lines)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path) -> None:
    """An example has exactly the findings of its header: a valid one has none."""
    header = [line[3:] for line in path.read_text("utf-8").splitlines() if line.startswith("#+")]
    expected = sorted((yaml.safe_load("\n".join(header))["expect"] or "").splitlines())
    assert findings(Graph().parse(path), path) == expected
    assert ("-invalid-" in path.name) == bool(expected)


def test_every_requirement_has_examples() -> None:
    """Each requirement has a valid example, and an invalid one that breaks it."""
    found = {re.findall(r"^([OV]-\d\d)-(valid|invalid)-", path.name)[0] for path in EXAMPLES}
    assert found == set(product(REQUIREMENTS, ("valid", "invalid")))


@pytest.mark.parametrize("number", REQUIREMENTS)
def test_every_requirement_says_what_must_be(number: str) -> None:
    """A requirement has a name, a description, a severity, and a message with its repair."""
    said = {
        name: SHAPES.value(REQUIREMENTS[number], SH[name])
        for name in ("name", "description", "severity", "message")
    }
    assert all(said.values())
    verb = "MUST" if said["severity"] == SH.Violation else "SHOULD"
    pattern = rf"Requirement {number}: .* {verb} .*\. Repair: .*\."
    assert re.fullmatch(pattern, str(said["message"]))


def test_ontology_keeps_the_style(ontology: Graph) -> None:
    assert findings(ontology) == []


@pytest.mark.parametrize("path", ONTOLOGY, ids=lambda path: path.name)
def test_blocks_are_sorted(path: Path) -> None:
    """A file has one block a term, in the order of their names; what follows them is sorted too."""
    parts = re.split(r"^# [^\n]*\n(?=\n)", path.read_text("utf-8"), flags=re.MULTILINE)
    for part in parts:
        names = re.findall(r"^([a-z]+:\S+) ", part, flags=re.MULTILINE)
        assert names == sorted(set(names)), path.name


def test_blank_nodes_are_class_expressions_only(ontology: Graph) -> None:
    """A node without a name is a class expression, a list, or an axiom on disjoint classes."""
    allowed = {OWL.Class, OWL.Restriction, OWL.AllDisjointClasses}
    for node in {s for s in ontology.subjects() if isinstance(s, BNode)}:
        kinds = set(ontology.objects(node, RDF.type))
        assert kinds & allowed or ontology.value(node, RDF.first) is not None
