"""Describes a release in ``dataset.ttl``, by DCAT 3, VoID and PROV-O.

See `the Data Catalog Vocabulary <https://www.w3.org/TR/vocab-dcat-3/>`_, `the Vocabulary of
Interlinked Datasets <https://www.w3.org/TR/void/>`_ and `the PROV Ontology
<https://www.w3.org/TR/prov-o/>`_. What is the same in each release is in ``description.ttl``. No
time of writing is stated: the same release has the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode
from rdflib import XSD, Graph, Literal, URIRef
from rdflib.term import Node

import nhskg
from nhskg.project import shipped_data
from nhskg.rdf import terms
from nhskg.rdf.escaping import markdown
from nhskg.rdf.terms import DCTERMS, FOAF, NS, OWL, PROV, RDF_TYPE, RDFS, SCHEMA
from nhskg.release.source import LICENCE, VOID, Source

DESCRIPTION: Final = "dataset.ttl"
DCAT: Final = "http://www.w3.org/ns/dcat#"
SPDX: Final = "http://spdx.org/rdf/terms#"
ADMS: Final = "http://www.w3.org/ns/adms#"

_ENGLISH: Final = "http://publications.europa.eu/resource/authority/language/ENG"
_GZIP: Final = "https://www.iana.org/assignments/media-types/application/gzip"
_TITLE: Final = DCTERMS + "title"
_OF_PARTS: Final = (RDF_TYPE, RDFS + "label", DCTERMS + "isPartOf")
_EXAMPLES: Final = ("SourceDocument", "Proposal", "Provision", "StipulatedHolding")
"""The classes of which the first instance is an example of the data set."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is counted of the quads of a release: instances of a class, triples of a property."""

    triples: int
    subjects: int
    objects: int
    entities: int
    classes: dict[str, int]
    properties: dict[str, int]
    examples: dict[str, str]


def count(files: Iterable[Path]) -> Statistics:
    """Return the statistics of N-Quads that are sorted by graph and subject, in one pass.

    A subject or object is kept as a digest of eight bytes.
    """
    import numpy as np  # noqa: PLC0415  # heavy

    properties: dict[bytes, int] = defaultdict(int)
    subjects, objects, entities = array("Q"), array("Q"), array("Q")
    instances: dict[bytes, array[int]] = defaultdict(lambda: array("Q"))
    examples: dict[bytes, bytes] = {}
    space, is_a, last, key = f"<{terms.ID}".encode(), f"<{RDF_TYPE}>".encode(), b"", 0

    def short(term: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(term, digest_size=8).digest())

    for path in files:
        with path.open("rb") as lines:
            for line in lines:
                subject, predicate, rest = line.split(b" ", 2)
                properties[predicate] += 1
                objects.append(short(rest.rpartition(b" <")[0]))
                if subject != last:
                    last, key = subject, short(subject)
                    subjects.append(key)
                    if subject.startswith(space):
                        entities.append(key)
                if predicate == is_a and rest.startswith(b"<"):
                    kind = rest.partition(b" ")[0]
                    instances[kind].append(key)
                    examples.setdefault(kind, subject)

    def distinct(keys: array[int]) -> int:
        return len(np.unique(np.frombuffer(keys, "u8"))) if keys else 0

    def iri(term: bytes) -> str:
        return term.decode().strip("<>")

    return Statistics(
        sum(properties.values()),
        distinct(subjects),
        distinct(objects),
        distinct(entities),
        {iri(kind): distinct(keys) for kind, keys in sorted(instances.items())},
        {iri(each): number for each, number in sorted(properties.items())},
        {iri(kind): iri(first) for kind, first in examples.items()},
    )


def write_description(
    source: Source, folder: Path, statistics: Statistics | None = None
) -> dict[str, str]:
    """Write the description of a release whose files are in a folder, a README and a LICENSE.

    Return the digests of the files described. The statistics are counted unless they are given.
    """
    description = _Description(source)
    description.describe(folder, statistics or count(source.files()))
    (folder / DESCRIPTION).write_bytes(description.graph.serialize(encoding="utf-8"))
    (folder / "README.md").write_text(description.readme(), "utf-8")
    if source.licence == LICENCE:
        shutil.copyfile(shipped_data() / "LICENSES" / "CC-BY-4.0.txt", folder / "LICENSE")
    return description.digests


class _Description:
    """Collects what is said of a release."""

    def __init__(self, source: Source) -> None:
        self.graph = Graph(bind_namespaces="none")
        self._prefixes = {**terms.PREFIXES, "adms": ADMS, "dcat": DCAT, "spdx": SPDX, "void": VOID}
        for prefix, namespace in self._prefixes.items():
            self.graph.bind(prefix, namespace)
        self.digests: dict[str, str] = {}
        self._source, self._own = source, source.credit
        self._dataset, self._version = terms.in_base("dataset"), source.iri
        number = self._version[len(self._dataset) + 1 :] or None
        self._numbered = source.numbered
        text = resources.files("nhskg.release").joinpath("description.ttl").read_text("utf-8")
        self._known = Graph(bind_namespaces="none").parse(data=text, publicID=self._dataset)
        self.say(self._version, dcat_version=number and Literal(number))

    def say(self, subject: str, **values: str | Iterable[str] | None) -> None:
        """State values of properties, ``dcat_version`` for ``dcat:version``.

        A string that is no literal is an IRI, of which is told what is known, too.
        """
        for name, given in values.items():
            prefix, _, local = name.partition("_")
            for each in [given] if isinstance(given, str) else given or ():
                value = each if isinstance(each, Node) else URIRef(each)
                self._add(URIRef(subject), URIRef(self._prefixes[prefix] + local), value)

    def _add(self, subject: Node, predicate: Node, value: Node) -> None:
        self.graph.add((subject, predicate, value))
        for known, about in self._known.predicate_objects(value):
            if (value, known, about) not in self.graph:
                self._add(value, known, about)

    def describe(self, folder: Path, statistics: Statistics) -> None:
        """Say what data set and version are, what files there are, and how they were made."""
        paths = sorted(filter(Path.is_file, folder.rglob("*")))
        files = {path.relative_to(folder).as_posix(): path for path in paths}
        dumps = (n for n in files if n.startswith(("all.", "nhskg.")) and "sqlite" not in n)
        ontology = self._value(NS.rstrip("#"), OWL + "versionIRI")
        before = self._value(NS.rstrip("#"), OWL + "priorVersion")
        if self._numbered:
            self._say_what_it_is(self._dataset, "")
            self.say(self._dataset, dcat_hasVersion=self._version)
            self.say(self._version, dcat_isVersionOf=self._dataset)
        self._say_what_it_is(self._version, self._numbered)
        for each in (self._dataset, self._version):
            self.say(each, rdf_type=VOID + "Dataset")
        if self._own is None and before:
            self._say_release(before)
        if ontology:
            self.say(ontology, rdf_type=DCTERMS + "Standard")
        self.say(self._version, dcterms_conformsTo=ontology)
        self.say(self._version, prov_wasGeneratedBy=f"{self._version}#making")
        self.say(self._version, void_dataDump=(f"{self._version}/{name}" for name in dumps))
        self._say_statistics(statistics)
        self._say_graphs()
        for name, path in files.items():
            self._say_file(name, path)
        self._say_making()
        page = f"{self._version}/README.md"
        self.say(self._version, foaf_page=page)
        self.say(page, rdf_type=FOAF + "Document", rdfs_label=Literal("README.md"))

    def readme(self) -> str:
        """Return what the release is, for people: the values at the ends of paths of properties."""

        def told(found: re.Match[str]) -> str:
            node: Node | None = URIRef(self._version)
            for prefix, local in (name.split(":") for name in found[1].split("/")):
                node = node and self.graph.value(node, URIRef(self._prefixes[prefix] + local))
            return markdown(node) if isinstance(node, Literal) else str(node or "")

        template = resources.files("nhskg.release").joinpath("readme.md").read_text("utf-8")
        text = re.sub(r"\{(\S+)\}", told, template)
        return re.sub(r"(?m)^[. ]+|[ ]+$|\n(?=\n\n)", "", text)

    def _say_graphs(self) -> None:
        """Say what named graphs there are, and how large each is."""
        for path in self._source.files():
            with path.open("rb") as lines:
                graph = next(lines).rpartition(b" <")[2].decode().partition(">")[0]
            title = Literal(f"graph “{terms.local_name(graph)}”", lang="en")
            self.say(graph, rdf_type=VOID + "Dataset", dcterms_title=title)
            self.say(graph, void_triples=_count_lines(path))
            self.say(self._version, void_subset=graph)

    def _say_release(self, before: str) -> None:
        """Say of the shipped data set what was before, and what a catalogue has of a release."""
        number = terms.local_name(before)
        last, catalogue, record = (
            f"{self._dataset}{each}" for each in (f"/{number}", "#catalogue", "#record")
        )
        title = self._known.value(URIRef(f"{self._dataset}#shipped"), URIRef(DCTERMS + "title"))
        self.say(self._version, dcat_previousVersion=last)
        self.say(last, rdf_type=DCAT + "Resource", dcat_isVersionOf=self._dataset)
        self.say(last, dcat_version=Literal(number))
        self.say(last, dcterms_title=Literal(f"{title}, version {number}", lang="en"))
        self.say(before, rdf_type=DCTERMS + "Standard", owl_versionInfo=Literal(number))
        self._copy(self._version, "release" if self._source.is_released else "preview")
        if not self._source.is_released:
            return
        issued = Literal(nhskg.RELEASED, datatype=XSD.date)
        self.say(self._version, dcterms_issued=issued)
        self._copy(catalogue, "catalogue")
        self.say(catalogue, dcat_dataset=self._version, dcat_record=record)
        self.say(record, rdf_type=DCAT + "CatalogRecord", dcterms_modified=issued)
        self.say(record, foaf_primaryTopic=self._version)
        self.say(self._version, rdf_type=DCAT + "Resource")  # as a record must be of one

    def _copy(self, iri: str, like: str, more: str = "") -> None:
        """Say what is known of something by its name; words in place of others, with more."""
        for predicate, value in self._known.predicate_objects(URIRef(f"{self._dataset}#{like}")):
            if not isinstance(value, Literal) or predicate == URIRef(DCAT + "keyword"):
                if predicate != URIRef(DCTERMS + "isPartOf"):
                    self._add(URIRef(iri), predicate, value)
            else:
                end = more if predicate == URIRef(DCTERMS + "title") else ""
                words = Literal(f"{value}{end}", lang=value.language)
                self.graph.set((URIRef(iri), predicate, words))

    def _part(self, like: str) -> str:
        """Return the data set that a file is of, and describe it: the version, or a part of it."""
        file, (a, label, part_of) = URIRef(f"{self._dataset}#{like}"), map(URIRef, _OF_PARTS)
        if (part := self._known.value(file, part_of)) is None:
            return self._version
        name = str(part).rpartition("#")[2]
        iri = f"{self._version}#{name}"
        self._say_what_it_is(iri, f"{self._numbered}: {self._known.value(part, label)}")
        self._copy(iri, name)
        self.say(iri, dcterms_isPartOf=self._version)
        self.say(self._version, dcterms_hasPart=iri)
        kinds = set(map(str, self._known.objects(part, a)))
        self.say(self._version, void_subset=iri if VOID + "Dataset" in kinds else None)
        who = f"{self._version}#asserted" if name == "shapes" else self._version
        self.say(who, dcterms_conformsTo=iri if DCTERMS + "Standard" in kinds else None)
        return iri

    def _say_what_it_is(self, iri: str, more: str) -> None:
        licence = self._source.licence
        self.say(iri, rdf_type=DCAT + "Dataset", dcterms_language=_ENGLISH, dcterms_license=licence)
        self.say(iri, dcterms_identifier=Literal(iri))
        if licence:
            self.say(licence, rdf_type=DCTERMS + "LicenseDocument")
        self._copy(iri, "shipped" if self._own is None else "corpus", more)
        if title := (self._own or {}).get("title"):
            self.graph.set((URIRef(iri), URIRef(DCTERMS + "title"), Literal(title + more)))
        if author := (self._own or {}).get("author"):
            agent = f"{self._dataset}#author"
            self.say(iri, dcterms_creator=agent)
            self.say(agent, rdf_type=FOAF + "Agent", foaf_name=Literal(author))

    def _value(self, subject: str, predicate: str) -> str | None:
        """Return the first value that the store has of a property."""
        found = self._source.store.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None)
        return next((getattr(quad.object, "value", None) for quad in found), None)

    def _say_statistics(self, of: Statistics) -> None:
        used = (*of.classes, *of.properties)
        self.say(
            self._version,
            void_triples=Literal(of.triples),
            void_entities=Literal(of.entities),
            void_distinctSubjects=Literal(of.subjects),
            void_distinctObjects=Literal(of.objects),
            void_classes=Literal(len(of.classes)),
            void_properties=Literal(len(of.properties)),
            void_uriSpace=Literal(terms.ID),
            void_vocabulary=(each.removesuffix(terms.local_name(each)) for each in used),
            void_exampleResource=(first for c in _EXAMPLES if (first := of.examples.get(NS + c))),
        )
        parts = (("class", "entities", of.classes), ("property", "triples", of.properties))
        for kind, counted, numbers in parts:
            for each, number in numbers.items():
                name = quote(terms.compact(each, self._prefixes), safe=":")
                part = f"{self._version}#{kind}-{name}"
                self.say(self._version, **{f"void_{kind}Partition": part})
                self.say(part, **{f"void_{kind}": each, f"void_{counted}": Literal(number)})

    def _say_file(self, name: str, path: Path) -> None:
        plain = name.removesuffix(".gz")
        iri, address = (f"{self._version}{sign}{quote(name)}" for sign in "#/")
        like = "answers" if plain.startswith("answers/") else plain
        more = f" {path.stem}" * (like != plain) + ", compressed" * (plain != name)
        self._copy(iri, like, more)
        self.say(part := self._part(like), dcat_distribution=iri)
        if plain.startswith(("asserted.", "derived.")):
            triples = _count_lines(path) if name.endswith(".nt") else None
            self.say(part, void_dataDump=address, void_triples=triples)
            self.say(part, prov_wasGeneratedBy=f"{self._version}#making")
        self.say(
            iri,
            rdf_type=DCAT + "Distribution",
            dcterms_license=self._source.licence,
            dcat_accessURL=address,
            dcat_downloadURL=address,
            dcat_compressFormat=_GZIP if plain != name else None,
            dcat_byteSize=Literal(path.stat().st_size, datatype=XSD.nonNegativeInteger),
            spdx_checksum=f"{iri}-sha256",
        )
        self.say(address, rdf_type=RDFS + "Resource")
        self.digests[name] = digest(path)
        self.say(
            f"{iri}-sha256",
            rdf_type=SPDX + "Checksum",
            spdx_algorithm=SPDX + "checksumAlgorithm_sha256",
            spdx_checksumValue=Literal(self.digests[name], datatype=XSD.hexBinary),
        )

    def _say_making(self) -> None:
        """Say who read which texts, and by which program and rules the release was made of that."""
        version, store, project = self._version, self._source.store, self._source.project
        kind = NamedNode(RDF_TYPE), NamedNode(NS + "SourceDocument")
        found = store.quads_for_pattern(None, *kind)
        texts = [getattr(quad.subject, "value", "") for quad in found]
        used = {each: self._value(each, SCHEMA + "sha256") for each in texts}
        making, reading, program, plan = (
            f"{version}#{each}" for each in ("making", "annotating", "program", "plan")
        )
        for path in project.inputs():
            roots = (each for each in (project.root, shipped_data()) if path.is_relative_to(each))
            name = path.relative_to(next(roots, path.parent)).as_posix()
            used[iri := f"{version}#{quote(name)}"] = digest(path)
            self.say(iri, rdfs_label=Literal(name))
            if path.is_relative_to(project.documents):
                self.say(iri, prov_wasGeneratedBy=reading)
            elif path.suffix == ".rq":
                self.say(iri, rdf_type=PROV + "Plan")
                self.say(plan, prov_hadPlan=iri)
        for each in texts:
            label, title = (self._value(each, name) for name in (terms.SKOS + "prefLabel", _TITLE))
            self.say(each, rdfs_label=label and Literal(label, lang="en"))
            self.say(each, dcterms_title=title and Literal(title))
            about = {"publisher": DCTERMS + "publisher", "address": SCHEMA + "url"}
            unknown = ", ".join(n for n, term in about.items() if not self._value(each, term))
            words = Literal(f"Not known to the project: {unknown}.", lang="en")
            self.say(each, rdfs_comment=words if unknown else None)
        self.say(version, prov_wasDerivedFrom=texts)
        self.say(
            reading,
            rdf_type=PROV + "Activity",
            rdfs_label=Literal("reading and annotating", lang="en"),
            prov_used=texts,
            prov_wasAssociatedWith=terms.CURATOR,
        )
        curator = Literal("the curator", lang="en")
        self.say(terms.CURATOR, rdf_type=PROV + "Agent", rdfs_label=curator)
        self.say(
            making,
            rdf_type=PROV + "Activity",
            rdfs_label=Literal("reasoning and writing", lang="en"),
            prov_used=used,
            prov_wasInformedBy=reading,
            prov_wasAssociatedWith=program,
            prov_qualifiedAssociation=plan,
        )
        self.say(plan, rdf_type=PROV + "Association", prov_agent=program)
        for iri, sha256 in used.items():
            self.say(iri, rdf_type=PROV + "Entity", schema_sha256=sha256 and Literal(sha256))
        self.say(
            program,
            rdf_type=PROV + "SoftwareAgent",
            foaf_name=Literal("nhskg"),
            schema_softwareVersion=Literal(nhskg.__version__),
        )


def _count_lines(path: Path) -> Literal:
    with path.open("rb") as lines:
        return Literal(sum(1 for _ in lines))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
