"""Every RDF file of a dump is read by rdflib, N3.js, jsonld.js and rapper as by pyoxigraph.

``make readers`` installs N3.js and jsonld.js; rapper is Debian's package ``raptor2-utils``. What is
not installed is skipped, and fails where ``CI`` is set.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

HERE: Final = Path(__file__).parent / "readers"
MODULES: Final = Path(__file__).parents[2] / "build" / "readers" / "node_modules"
FORMATS: Final = {
    ".nq": (ox.RdfFormat.N_QUADS, "nquads"),
    ".nt": (ox.RdfFormat.N_TRIPLES, "ntriples"),
    ".trig": (ox.RdfFormat.TRIG, "trig"),
    ".ttl": (ox.RdfFormat.TURTLE, "turtle"),
    ".jsonld": (ox.RdfFormat.JSON_LD, None),
}
"""The form of a file by its ending: pyoxigraph's, and that of rapper, which reads no JSON-LD."""
BASE: Final = "https://example.org/base/"
ANNOTATIONS: Final = "http://www.w3.org/ns/anno.jsonld"


def read_annotation_context() -> dict[str, object]:
    """Return what Web Annotations need of their context, whose address is fixed by the standard."""
    prefixes = {
        "oa": "http://www.w3.org/ns/oa#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "as": "http://www.w3.org/ns/activitystreams#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    }
    links = """body=oa:hasBody target=oa:hasTarget source=oa:hasSource selector=oa:hasSelector
        refinedBy=oa:refinedBy creator=dcterms:creator rights=dcterms:rights partOf=as:partOf
        first=as:first last=as:last next=as:next prev=as:prev canonical=oa:canonical
        generator=as:generator"""
    texts = """exact=oa:exact prefix=oa:prefix suffix=oa:suffix start=oa:start end=oa:end
        total=as:totalItems startIndex=as:startIndex label=rdfs:label created=dcterms:created
        value=rdf:value format=dc:format language=dc:language TextualBody=oa:TextualBody
        Annotation=oa:Annotation SpecificResource=oa:SpecificResource
        TextQuoteSelector=oa:TextQuoteSelector TextPositionSelector=oa:TextPositionSelector
        AnnotationCollection=as:OrderedCollection AnnotationPage=as:OrderedCollectionPage
        describing=oa:describing linking=oa:linking identifying=oa:identifying
        classifying=oa:classifying highlighting=oa:highlighting"""
    pairs = (each.partition("=") for each in links.split())
    return {
        **prefixes,
        "id": "@id",
        "type": "@type",
        **{name: {"@id": iri, "@type": "@id"} for name, _, iri in pairs},
        **{name: iri for name, _, iri in (each.partition("=") for each in texts.split())},
        "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
        "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    }


def find(program: str) -> str:
    """Return the path of a program; skip where it is missing, and fail where CI is set."""
    path = shutil.which(program)
    if path and (program != "node" or MODULES.is_dir()):
        return path
    reason = f"{program} is not installed" if not path else "'make readers' has not been run"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def canonical(quads: object) -> set[str]:
    """Return quads as text, with canonical labels of blank nodes (RDFC-1.0)."""
    dataset = ox.Dataset(quads)  # type: ignore[arg-type]
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, dataset))


@cache
def expected(path: Path) -> set[str]:
    """Return the quads of a file as pyoxigraph reads them."""
    raw = path.read_bytes()
    if path.suffix == ".jsonld" and json.loads(raw).get("@context") == ANNOTATIONS:
        raw = json.dumps({**json.loads(raw), "@context": read_annotation_context()}).encode()
    return canonical(ox.parse(raw, FORMATS[path.suffix][0], base_iri=BASE))


def by_rapper(path: Path, _: Path) -> set[str]:
    form = FORMATS[path.suffix][1]
    if form is None:
        pytest.skip("rapper reads no JSON-LD")
    return run(find("rapper"), "-q", "-i", form, "-o", "nquads", str(path), BASE)


def by_javascript(path: Path, folder: Path) -> set[str]:
    context = folder / "context.jsonld"
    context.write_text(json.dumps({"@context": read_annotation_context()}), "utf-8")
    type_ = FORMATS[path.suffix][0].media_type
    return run(find("node"), str(HERE / "read.cjs"), str(path), type_, ANNOTATIONS, str(context))


def by_rdflib(path: Path, _: Path) -> set[str]:
    import rdflib

    dataset = rdflib.Dataset(default_union=False)
    text = path.read_text("utf-8")
    if path.suffix == ".jsonld" and json.loads(text).get("@context") == ANNOTATIONS:
        text = json.dumps({**json.loads(text), "@context": read_annotation_context()})
    form = {".jsonld": "json-ld", ".nq": "nquads", ".ttl": "turtle"}.get(path.suffix)
    dataset.parse(data=text, format=form or path.suffix[1:], publicID=BASE)
    raw = dataset.serialize(format="nquads", encoding="utf-8")
    graphs = {ox.NamedNode(BASE): ox.DefaultGraph()}  # where rdflib puts a file without graphs
    return canonical(
        ox.Quad(s, p, o, graphs.get(g, g)) for s, p, o, g in ox.parse(raw, ox.RdfFormat.N_QUADS)
    )


def run(*command: str) -> set[str]:
    """Return the quads that a program prints as N-Quads."""
    environment = {**os.environ, "NODE_PATH": str(MODULES)}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return canonical(ox.parse(done.stdout, ox.RdfFormat.N_QUADS))


READERS: Final = {"javascript": by_javascript, "rapper": by_rapper, "rdflib": by_rdflib}


def check(folder: Path, reader: str, scratch: Path) -> None:
    """Compare what a reader finds in each file with what pyoxigraph finds."""
    files = [each for each in sorted(folder.rglob("*")) if each.suffix in FORMATS]
    files.remove(folder / "context.jsonld")  # it says nothing by itself, and is in nhskg.jsonld
    assert len(files) > 3
    for path in files:
        if reader == "rapper" and path.suffix == ".jsonld":
            continue
        quads = READERS[reader](path, scratch)
        assert quads == expected(path), path.name
        assert quads, path.name


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_the_same_quads_in_each_file(
    dumped_small: Path, reader: str, tmp_path: Path
) -> None:
    check(dumped_small, reader, tmp_path)


@pytest.mark.services
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_the_same_quads_in_each_file_of_the_shipped_corpus(
    dumped: Path, reader: str, tmp_path: Path
) -> None:
    check(dumped, reader, tmp_path)
