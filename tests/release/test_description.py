"""The description of a release: it conforms to both sets of shapes, and what it says is so."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pyoxigraph import NamedNode, RdfFormat, Store
from pyshacl import validate
from rdflib import DCTERMS, FOAF, PROV, RDF, RDFS, SH, BNode, Graph, Literal, Namespace, URIRef
from tests.cli.runner import nhskg
from tests.conftest import build

from nhskg import __version__
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.rdf.terms import SCHEMA
from nhskg.release.description import ADMS, DCAT, DESCRIPTION, SPDX, write_description
from nhskg.release.dump import dump, files_of, read_sums
from nhskg.release.source import VOID, Source

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ROOT / "tests" / "corpora"
SHAPES = {
    "ours": ROOT / "shapes" / "dataset-description.ttl",
    "DCAT-AP": ROOT / "tests" / "data" / "dcat-ap" / "dcat_ap_shacl.jsonld",
}
DATASET = URIRef("https://w3id.org/nhskg/dataset")
VERSION = URIRef(f"{DATASET}/{__version__}")
dcat, spdx, void = Namespace(DCAT), Namespace(SPDX), Namespace(VOID)


@pytest.fixture(autouse=True)
def _other_tests_have_the_usual_settings() -> Iterator[None]:
    yield
    Project.locate(CORPORA / "barchester")


@pytest.fixture(scope="session")
def described(dumped: Path) -> Graph:
    return Graph().parse(dumped / DESCRIPTION)


def dump_corpus(name: str, folder: Path, settings: str = "") -> Graph:
    """Return the description of the dump of one of our own corpora, built with more settings."""
    ignored = shutil.ignore_patterns("build")
    copied = shutil.copytree(CORPORA / name, folder / name, ignore=ignored)
    with (copied / "nhskg.toml").open("a") as file:
        file.write(settings)
    project = build(Project.locate(copied))
    dump(Source(project, open_published(project.build).open()), folder / "dump")
    return Graph().parse(folder / "dump" / DESCRIPTION)


def findings(data: Graph, shapes: str) -> set[tuple[str, str]]:
    """Return requirement or message, and severity, of each finding."""
    _, report, _ = validate(data, shacl_graph=Graph().parse(SHAPES[shapes]), advanced=True)
    assert isinstance(report, Graph)
    return {
        (str(report.value(each, SH.resultMessage)), str(report.value(each, SH.resultSeverity)))
        for each in report.subjects(RDF.type, SH.ValidationResult)
    }


@pytest.mark.parametrize("shapes", SHAPES)
def test_conforms(described: Graph, shapes: str) -> None:
    """No finding is left, not even a warning; and without the title there is one."""
    assert findings(described, shapes) == set()
    untitled = Graph() + described
    untitled.remove((VERSION, DCTERMS.title, None))
    assert findings(untitled, shapes)


def test_nothing_is_a_blank_node(described: Graph) -> None:
    assert not [each for triple in described for each in triple if isinstance(each, BNode)]


def test_says_what_is_cited(described: Graph) -> None:
    """Title, authors, keywords, version and licence are those of CITATION.cff."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    values = {
        each: set(map(str, described.objects(VERSION, each))) for each in described.predicates()
    }
    assert set(map(str, described.objects(DATASET, DCTERMS.title))) == {cited["title"]}
    assert values[DCTERMS.title] == {f"{cited['title']}, version {cited['version']}"}
    assert values[DCTERMS.description] == {" ".join(cited["abstract"].split())}
    assert values[dcat.keyword] == set(cited["keywords"])
    assert values[dcat.version] == {cited["version"].split()[0]} == {__version__}
    assert values[DCTERMS.license] == {"https://creativecommons.org/licenses/by/4.0/"}
    for role in (DCTERMS.creator, DCTERMS.publisher):
        names = {str(described.value(each, FOAF.name)) for each in described.objects(VERSION, role)}
        assert names == {each["name"] for each in cited["authors"]}
    assert set(described.objects(DATASET, dcat.hasVersion)) == {VERSION}
    (before,) = described.objects(VERSION, dcat.previousVersion)
    assert str(described.value(before, dcat.version)) == "0.1.0"
    titles = [
        str(described.value(e, DCTERMS.title)) for e in described.subjects(RDF.type, dcat.Dataset)
    ]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("day", ["", "2026-12-24"])
def test_a_preview_says_that_it_is_not_released(
    day: str, real: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no date of issue, and is in no catalogue, which has the latest release."""
    monkeypatch.setattr("nhskg.RELEASED", day)
    here = Project.locate(real.root)
    write_description(Source(here, open_published(here.build).open()), tmp_path)
    told = Graph().parse(tmp_path / DESCRIPTION)
    assert list(map(str, told.objects(VERSION, DCTERMS.issued))) == [day] * bool(day)
    assert str(told.value(VERSION, DCTERMS.title)).endswith(" (preview)") is not bool(day)
    notes = str(told.value(VERSION, URIRef(f"{ADMS}versionNotes")))
    assert notes.startswith("A preview of this version, which is not released") is not bool(day)
    catalogues = list(told.subjects(RDF.type, dcat.Catalog))
    assert [told.value(each, dcat.dataset) for each in catalogues] == [VERSION] * bool(day)
    for each in catalogues:
        assert told.value(told.value(each, dcat.record), FOAF.primaryTopic) == VERSION
    assert findings(told, "ours") == findings(told, "DCAT-AP") == set()


def test_distributions_of_a_data_set_have_one_content(described: Graph) -> None:
    """A version has the forms of the whole graph; what has other content is a part of it."""
    forms = {str(e).rpartition("#")[2] for e in described.objects(VERSION, dcat.distribution)}
    assert {name.split(".")[0] for name in forms} == {"nhskg", "all"}
    parts = {str(e).rpartition("#")[2] for e in described.objects(VERSION, DCTERMS.hasPart)}
    assert parts == {
        "asserted",
        "derived",
        "annotations",
        "tables",
        "ontology",
        "shapes",
        "queries",
    }
    assert set(described.objects(VERSION, DCTERMS.hasPart)) == set(
        described.subjects(DCTERMS.isPartOf, VERSION)
    )
    ontology, shapes, asserted = (
        URIRef(f"{VERSION}#{each}") for each in ("ontology", "shapes", "asserted")
    )
    assert ontology in described.objects(VERSION, DCTERMS.conformsTo)
    assert set(described.subjects(DCTERMS.conformsTo, shapes)) == {asserted}
    subsets = {str(e).rpartition("#")[2] for e in described.objects(VERSION, void.subset)}
    graphs = {each for each in subsets if "/graph/" in each}
    assert subsets - graphs == {"asserted", "derived"}
    names = {"article-miliband", "register", "derived", "labels", "ontology"}
    assert names < {each.rpartition("/")[2] for each in graphs}


def test_parts_have_their_numbers_and_files(described: Graph, dumped: Path) -> None:
    """Every quad is of one named graph; the files of a part have the triples that it has."""

    def triples(of: str) -> int:
        return int(str(described.value(URIRef(of), void.triples)))

    graphs = [e for e in map(str, described.objects(VERSION, void.subset)) if "/graph/" in e]
    assert sum(map(triples, graphs)) == triples(VERSION)
    assert all(described.value(URIRef(each), DCTERMS.title) for each in graphs)
    for name in ("asserted", "derived"):
        lines = (dumped / f"{name}.nt").read_bytes().count(b"\n")
        assert triples(f"{VERSION}#{name}") == lines
        files = set(described.objects(URIRef(f"{VERSION}#{name}"), void.dataDump))
        assert {URIRef(f"{VERSION}/{name}.{each}") for each in ("nt", "ttl")} <= files


def test_texts_are_told_by_their_labels_and_by_what_is_not_known(described: Graph) -> None:
    """As no publisher and no address is in the documents, nobody is to look for them here."""
    texts = list(described.objects(VERSION, PROV.wasDerivedFrom))
    assert len(texts) == 5
    for each in texts:
        assert described.value(each, RDFS.label)
        unknown = "Not known to the project: publisher, address."
        assert str(described.value(each, RDFS.comment)) == unknown
    assert "Labour seeks to mollify" in str(list(described.objects(None, DCTERMS.title)))


def test_the_dump_begins_with_a_readme_and_its_licence(described: Graph, dumped: Path) -> None:
    """It says what the description says, and the files that it names are there."""
    text = (dumped / "README.md").read_text("utf-8")
    for term in (DCTERMS.title, DCTERMS.description, RDFS.comment, URIRef(f"{ADMS}versionNotes")):
        assert str(described.value(VERSION, term)) in text
    assert all((dumped / name).exists() for name in re.findall(r"`(\w+[.]\w+)`", text))
    assert "Creative Commons Attribution 4.0 International https://creativecommons.org/" in text
    assert f"The nhskg developers. {described.value(VERSION, DCTERMS.title)}. {VERSION}\n" in text
    licence = (ROOT / "LICENSES" / "CC-BY-4.0.txt").read_bytes()
    assert (dumped / "LICENSE").read_bytes() == licence
    page = described.value(VERSION, FOAF.page)
    assert str(page) == f"{VERSION}/README.md"


def test_what_is_asserted_conforms_to_the_shapes(dumped: Path) -> None:
    """By the command of the docs, in the folder of the dump, with not even a warning."""
    page = (ROOT / "docs" / "using-the-dumps.md").read_text("utf-8")
    (command,) = re.findall(r"`nhskg (validate [^`]*)`", page)
    told = nhskg(*command.split(), cwd=dumped)
    assert (told.exit_code, told.output) == (0, "0 findings\n")


def test_files_have_their_size_and_checksum(described: Graph, dumped: Path) -> None:
    """Each file of the release but this one is a distribution, and each has words of its own."""
    told = {}
    for each in described.objects(None, dcat.distribution):
        name = str(described.value(each, dcat.downloadURL)).removeprefix(f"{VERSION}/")
        checksum = described.value(described.value(each, spdx.checksum), spdx.checksumValue)
        size = described.value(each, dcat.byteSize)
        told[name] = (int(str(size)), str(checksum))
        assert (described.value(each, dcat.compressFormat) is not None) == name.endswith(".gz")
    sums = read_sums(dumped)
    for name in (DESCRIPTION, "LICENSE", "README.md"):
        del sums[name]
    assert told == {name: ((dumped / name).stat().st_size, sums[name]) for name in sums}
    assert all(hashlib.sha256((dumped / n).read_bytes()).hexdigest() == told[n][1] for n in told)


def test_statistics_are_those_of_the_dump(described: Graph, dumped: Path) -> None:
    """What is counted line by line is what SPARQL counts in the TriG."""
    store = Store()
    store.load(path=str(dumped / "nhskg.trig"), format=RdfFormat.TRIG)

    def counted(what: str, pattern: str = "") -> dict[str, int]:
        where = f"{{ GRAPH ?g {{ ?s ?p ?o }} {pattern} }} GROUP BY ?of"
        rows = select(store, f"SELECT ?of (COUNT({what}) AS ?n) {where}")
        return {str(row["of"] or ""): int(row["n"] or 0) for row in rows}

    def told(part: str, of: str, number: str) -> dict[str, int]:
        parts = described.objects(VERSION, void[part])
        return {str(described.value(p, void[of])): value(p, number) for p in parts}

    def value(node: object, number: str) -> int:
        assert isinstance(node, URIRef)
        found = described.value(node, void[number])
        assert isinstance(found, Literal)
        return int(found)

    classes = counted("DISTINCT ?s", "FILTER(?p = rdf:type && ISIRI(?o)) BIND(?o AS ?of)")
    assert told("classPartition", "class", "entities") == classes
    properties = counted("*", "BIND(?p AS ?of)")
    assert told("propertyPartition", "property", "triples") == properties
    licence = described.value(VERSION, DCTERMS.license)
    of = f"?g <{VOID}inDataset> <{VERSION}> ; dcterms:license <{licence}> ; rdfs:label ?label"
    graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { GRAPH ?l { %s } } }"
    assert not list(select(store, graphs % of))
    own = 'FILTER(STRSTARTS(STR(?s), "https://w3id.org/nhskg/id/"))'
    assert counted("*") == {"": value(VERSION, "triples")}
    assert counted("DISTINCT ?s") == {"": value(VERSION, "distinctSubjects")}
    assert counted("DISTINCT ?o") == {"": value(VERSION, "distinctObjects")}
    assert counted("DISTINCT ?s", own) == {"": value(VERSION, "entities")}
    examples = list(described.objects(VERSION, void.exampleResource))
    assert len(examples) == 4
    assert all(list(store.quads_for_pattern(NamedNode(str(e)), None, None, None)) for e in examples)


def test_tells_what_it_was_made_of(described: Graph, real: Project) -> None:
    """Every file that a build reads, and every text, with its digest; and the program."""
    making = described.value(VERSION, PROV.wasGeneratedBy)
    digests = {
        str(described.value(e, URIRef(f"{SCHEMA}sha256")))
        for e in described.objects(making, PROV.used)
    }
    inputs = list(real.inputs())
    texts = {
        yaml.safe_load(path.read_text("utf-8"))["document"]["sha256"]
        for path in inputs
        if path.parent.name == "documents"
    }
    assert digests == texts | {hashlib.sha256(path.read_bytes()).hexdigest() for path in inputs}
    plan = described.value(making, PROV.qualifiedAssociation)
    names = {str(described.value(e, RDFS.label)) for e in described.objects(plan, PROV.hadPlan)}
    assert names == {f"ontology/rules/{e.name}" for e in inputs if e.parent.name == "rules"}
    reading = described.value(making, PROV.wasInformedBy)
    assert str(described.value(reading, PROV.wasAssociatedWith)).endswith("/id/curator")
    assert len(list(described.subjects(PROV.wasGeneratedBy, reading))) == len(texts)
    program = described.value(making, PROV.wasAssociatedWith)
    assert str(described.value(program, URIRef(f"{SCHEMA}softwareVersion"))) == __version__


def test_a_corpus_of_ones_own_is_described_as_its_own(tmp_path: Path) -> None:
    """Its title, author and version are those of its settings, and no credit is nhskg's."""
    licence = "https://creativecommons.org/publicdomain/zero/1.0/"
    described = dump_corpus("clinics-act", tmp_path, f'licence = "{licence}"\n')
    version = URIRef("https://clinics.example/dataset/2.1")
    assert (
        str(described.value(version, DCTERMS.title))
        == "The law on the clinics of Ferrowby, version 2.1"
    )
    author = described.value(version, DCTERMS.creator)
    assert str(described.value(author, FOAF.name)) == "The clerk of Ferrowby"
    for unknown in (DCTERMS.publisher, DCTERMS.issued, dcat.previousVersion):
        assert not list(described.objects(version, unknown))
    assert "nhskg developers" not in described.serialize()
    assert set(described.objects(None, DCTERMS.license)) == {URIRef(licence)}
    assert findings(described, "ours") == findings(described, "DCAT-AP") == set()


def test_a_corpus_without_settings_of_a_citation_claims_none(tmp_path: Path) -> None:
    """It has no version, and so its files are those of the data set."""
    described = dump_corpus("ferries", tmp_path)
    dataset = URIRef("https://example.org/ferries/dataset")
    parts = set(described.objects(dataset, DCTERMS.hasPart))
    assert set(described.subjects(RDF.type, dcat.Dataset)) == {dataset} | parts
    assert not list(described.subject_objects(dcat.version))
    assert not list(described.subject_objects(DCTERMS.creator))
    assert not list(described.subject_objects(DCTERMS.license))
    assert {severity for _, severity in findings(described, "ours")} == {str(SH.Warning)}
    assert str(DATASET) not in described.serialize()
    addresses = set(map(str, described.objects(None, dcat.downloadURL)))
    names = (each.relative_to(tmp_path / "dump").as_posix() for each in files_of(tmp_path / "dump"))
    assert addresses == {f"{dataset}/{name}" for name in names} - {
        f"{dataset}/{name}" for name in (DESCRIPTION, "README.md", "SHA256SUMS")
    }
    text = (tmp_path / "dump" / "README.md").read_text("utf-8")
    assert "As `dataset.ttl` states it:\n\n## To cite it\n" in text
    assert text.endswith(
        "## To cite it\n\nA corpus made with nhskg. https://example.org/ferries/dataset\n"
    )
