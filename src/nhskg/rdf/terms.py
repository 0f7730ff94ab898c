"""Namespaces, and the IRIs of graphs, documents and claims, as plain strings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

BASE: Final = "https://w3id.org/nhskg/"
NS: Final = BASE + "ns#"
ID = BASE + "id/"
"""The IRI of a thing of the register, such as a plan or a person, is this and its id."""
GRAPH = BASE + "graph/"
"""The IRI of the graph of what a document says is this and the document's id."""

REGISTER_GRAPH = GRAPH + "register"
DERIVED_GRAPH = GRAPH + "derived"
ONTOLOGY_GRAPH = GRAPH + "ontology"
LABELS_GRAPH = GRAPH + "labels"
LINKS_GRAPH = GRAPH + "links"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"
OA: Final = "http://www.w3.org/ns/oa#"
SCHEMA: Final = "https://schema.org/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
ORG: Final = "http://www.w3.org/ns/org#"
TIME: Final = "http://www.w3.org/2006/time#"
ELI: Final = "http://data.europa.eu/eli/ontology#"
BIBO: Final = "http://purl.org/ontology/bibo/"
SH: Final = "http://www.w3.org/ns/shacl#"

RDF_TYPE: Final = RDF + "type"

AUXILIARY: Final = "urn:nhskg:"
"""The namespace of what only serves reasoning, and is in no result."""

PREFIXES: Final[dict[str, str]] = {
    "bibo": BIBO,
    "dcterms": DCTERMS,
    "eli": ELI,
    "foaf": FOAF,
    "id": ID,
    "nhs": NS,
    "oa": OA,
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SH,
    "skos": SKOS,
    "time": TIME,
    "xsd": XSD,
}
"""The prefixes that nhskg writes; queries on the built store may use them undeclared."""


def use_base(base: str = BASE) -> None:
    """Make a base IRI that of the ids and graphs of the corpus at work: one at a time in a process.

    These names of this module change, and so they are to be read from it: ``terms.ID``.
    """
    global ID, GRAPH, REGISTER_GRAPH, DERIVED_GRAPH, ONTOLOGY_GRAPH, CURATOR
    global LABELS_GRAPH, LINKS_GRAPH
    ID, GRAPH = base + "id/", base + "graph/"
    REGISTER_GRAPH, DERIVED_GRAPH = GRAPH + "register", GRAPH + "derived"
    ONTOLOGY_GRAPH, CURATOR = GRAPH + "ontology", ID + "curator"
    LABELS_GRAPH, LINKS_GRAPH = GRAPH + "labels", GRAPH + "links"
    PREFIXES["id"] = ID


def in_base(path: str) -> str:
    """Return the IRI of what stands beside things and graphs, such as ``dataset``."""
    return ID.removesuffix("id/") + path


def document(slug: str) -> str:
    """Return the IRI of an annotated source document."""
    return f"{ID}document/{slug}"


def claim(document_slug: str, claim_slug: str) -> str:
    """Return the IRI of one claim of one document."""
    return f"{ID}claim/{document_slug}/{claim_slug}"


def passage(document_slug: str, at: tuple[int, int]) -> str:
    """Return the IRI of the position of a passage, ``[start, end)``, in a document."""
    return f"{ID}passage/{document_slug}/{at[0]}-{at[1]}"


def reporter(document_slug: str) -> str:
    """Return the IRI of the (unnamed) reporter who wrote a document."""
    return f"{ID}reporter/{document_slug}"


def link(thing: str, address: str) -> str:
    """Return the IRI of what is known of the link from a thing of the register to an address."""
    return f"{ID}link/{thing}/{hashlib.sha256(address.encode()).hexdigest()[:12]}"


CURATOR = ID + "curator"
"""The curators of the corpus, claimant of what is only inferred."""


def local_name(iri: str) -> str:
    """Return what follows the last ``#`` or ``/`` of an IRI."""
    return iri.replace("#", "/").rsplit("/", 1)[-1]


def compact(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return an IRI with the first prefix that leaves only a local name, or the IRI itself.

    >>> compact("https://w3id.org/nhskg/ns#SignOff"), compact("https://example.org/x")
    ('nhs:SignOff', 'https://example.org/x')
    """
    for prefix, namespace in prefixes.items():
        name = iri.removeprefix(namespace)
        if namespace and name and name != iri and not {"/", "#"}.intersection(name):
            return f"{prefix}:{name}"
    return iri


def shorten_iri(term: str) -> str:
    """Return an IRI as an annotator names the thing, or as short as prefixes allow.

    >>> shorten_iri("https://w3id.org/nhskg/id/claim/gazette/sign-off")
    'claim/gazette/sign-off'
    """
    return term.removeprefix(ID) if term.startswith(ID) and term != ID else compact(term)
