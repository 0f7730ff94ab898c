"""The plain way to build: PyYAML, rdflib, owlrl and pySHACL, and nothing of nhskg.

Run as ``python plain_build.py PROJECT OUT``. It does the steps of ``nhskg build`` as a script
would that somebody writes in a day: read the annotations, map them to RDF by the published
JSON-LD context, reason (a closure of owlrl, then each stratum of rules with closures until neither
adds anything), validate the whole graph, write Turtle. It does not check the annotations: a fault
in them is a traceback.

What was made easier for it: rules run as they stand on rdflib's own SPARQL engine; a stratum that
adds nothing needs no closure; validation is one run of pySHACL.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import owlrl
import yaml
from pyshacl import validate
from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, ORG, OWL, SKOS, TIME

BASE: Final = "https://w3id.org/nhskg/"
NHS: Final = Namespace(BASE + "ns#")
ID: Final = Namespace(BASE + "id/")
OA: Final = Namespace("http://www.w3.org/ns/oa#")
SCHEMA: Final = Namespace("https://schema.org/")
ELI: Final = Namespace("http://data.europa.eu/eli/ontology#")
CONTEXT: Final = Path(__file__).resolve().parent.parent / "docs" / "annotation-context.jsonld"
TERMS: Final[dict[str, Any]] = json.loads(CONTEXT.read_text("utf-8"))["@context"]
"""Fields with their properties, and words of the vocabularies with their IRIs."""
CLASSES: Final = {
    "people": FOAF.Person,
    "organisations": NHS.Organisation,
    "posts": ORG.Post,
    "matters": NHS.Matter,
    "budgets": NHS.Budget,
    "payment_mechanisms": NHS.PaymentMechanism,
    "instruments": ELI.LegalResource,
    "cohorts": NHS.Cohort,
    "conditions": NHS.Condition,
    "events": NHS.Event,
    "places": SCHEMA.Place,
    "works": NHS.Work,
    "relation": NHS.RelationClaim,
}
DATES: Final = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}
OF_SCHEMAS: Final = (str(OWL), str(RDFS), str(RDF))
QUOTING: Final[tuple[str, ...]] = ("quote", "prefix", "suffix")
QUANTIFYING: Final = ("amount", "currency", "share", "number", "of", "extent", "bound", "per")
ACCOUNTS: Final = {"whole": NHS.WholeAccount, "part": NHS.PartialAccount}


def named(word: str) -> URIRef:
    """Return the term of a word, or the class that it names."""
    return NHS["".join(map(str.capitalize, word.split("-")))]


def read_yaml(folder: Path) -> Iterator[Any]:
    """Yield what each file of a folder holds, every value as text."""
    for path in sorted(folder.glob("*.yaml")):
        yield yaml.load(path.read_text("utf-8"), getattr(yaml, "CBaseLoader", yaml.BaseLoader))


def read_turtle(folder: Path, *without: str) -> Graph:
    """Return the Turtle files of a folder as one graph, but for one of them."""
    graph = Graph()
    for path in set(folder.glob("*.ttl")) - {folder / each for each in without}:
        graph.parse(path, format="turtle")
    return graph


class Mapper:
    """Maps annotations to one rdflib graph."""

    def __init__(self, ontology: Graph) -> None:
        self.graph = Graph()
        self.labels = {
            str(notation): str(ontology.value(term, SKOS.prefLabel))
            for term, notation in ontology.subject_objects(SKOS.notation)
        }

    def resolve(self, ref: str, document: str, words: dict[str, str]) -> URIRef:
        """Return the IRI of an id as a document names it."""
        if ref == "reporter":
            return ID[f"reporter/{document}"]
        if ref.startswith("claim/"):
            rest = ref.removeprefix("claim/")
            return ID[f"claim/{rest}" if "/" in rest else f"claim/{document}/{rest}"]
        iri = words.get(ref)
        return URIRef(iri) if isinstance(iri, str) else ID[ref]

    def state(self, node: URIRef, kind: URIRef, raw: dict[str, Any], document: str = "") -> None:
        """State what a node is, and each field that the context knows."""
        self.graph.add((node, RDF.type, kind))
        for field in raw.keys() & TERMS.keys():
            known, value = TERMS[field], raw[field]
            words = TERMS | known.get("@context", {})
            datatype, language = known.get("@type"), known.get("@language")
            for each in value if isinstance(value, list) else [value]:
                found: URIRef | Literal
                if datatype == "@vocab":
                    found = self.resolve(each, document, words)
                elif datatype == str(XSD.decimal) and "." in each:
                    found = Literal(each.rstrip("0").rstrip("."), datatype=datatype)
                else:
                    found = Literal(each, lang=language, datatype=datatype, normalize=False)
                if each != "false":
                    self.graph.add((node, URIRef(known["@id"]), found))
        if "id" in raw:
            self.graph.add((node, SKOS.notation, Literal(raw["id"])))

    def register(self, files: list[Any]) -> None:
        """Map the register."""
        curator = {"id": "curator", "label": "the curator"}
        self.state(ID.curator, FOAF.Agent, curator)
        things = [(s, raw) for file in files for s, entries in file.items() for raw in entries]
        self.labels.update({raw["id"]: raw["label"] for _, raw in things})
        for section, raw in things:
            node = ID[raw["id"]]
            word = raw.get("type", "")
            self.state(node, CLASSES.get(section, named(word)), raw)
            if section != "plans" and word not in ("", "other"):
                self.graph.add((node, DCTERMS.type, named(word)))
            if "account" in raw:
                self.graph.add((node, NHS.account, ACCOUNTS[raw["account"]]))
            if "kind" in raw:
                self.graph.add((node, ORG.classification, self.resolve(raw["kind"], "", TERMS)))
            self.quantity(node, raw)

    def document(self, file: dict[str, Any]) -> None:
        """Map one annotated document."""
        header, slug = file["document"], file["document"]["id"]
        self.state(ID[f"document/{slug}"], NHS.SourceDocument, header)
        self.timing(ID[f"document/{slug}"], "issued", header, slug)
        if "type" in header:
            self.graph.add((ID[f"document/{slug}"], DCTERMS.type, named(header["type"])))
        self.sentences = [
            (int(start), paragraph, sentence)
            for paragraph, each in enumerate(header.get("sentences", "").split("/"), start=1)
            for sentence, start in enumerate(each.split(), start=1)
        ]
        writer = {"id": f"reporter-of-{slug}", "label": "the reporter"}
        self.state(ID[f"reporter/{slug}"], FOAF.Person, writer)
        for claim in file.get("claims", ()):
            self.claim(claim, slug)

    def claim(self, raw: dict[str, Any], slug: str) -> None:
        """Map one claim."""
        node = ID[f"claim/{slug}/{raw['id']}"]
        fields = {name: value for name, value in raw.items() if name not in (*QUOTING, "id")}
        kind = raw["kind"]
        self.state(node, CLASSES.get(kind, NHS[kind.capitalize()]), fields, slug)
        if raw.get("sole-role") == "true":
            self.graph.add((node, RDF.type, NHS.SoleRoleProvision))
        self.quantity(node, raw)
        self.timing(node, "timing", raw, slug)
        for number, part in enumerate((raw, *raw.get("also", ())), start=1):
            self.evidence(node, number, part, slug)

    def evidence(self, claim: URIRef, number: int, raw: dict[str, Any], slug: str) -> None:
        """Map one passage."""
        node = URIRef(f"{claim}/evidence/{number}")
        start, end = raw["at"]
        position, quote = ID[f"passage/{slug}/{start}-{end}"], URIRef(f"{node}/quote")
        self.graph.add((claim, NHS.evidence, node))
        self.state(node, OA.SpecificResource, {})
        self.graph.add((node, OA.hasSource, ID[f"document/{slug}"]))
        self.graph.add((node, OA.hasSelector, position))
        self.graph.add((node, OA.hasSelector, quote))
        self.state(position, OA.TextPositionSelector, {})
        self.graph.add((position, OA.start, Literal(start, datatype=XSD.integer)))
        self.graph.add((position, OA.end, Literal(end, datatype=XSD.integer)))
        before = [each for each in self.sentences if each[0] <= int(start)]
        for predicate, place in zip(
            (NHS.paragraph, NHS.sentence), max(before, default=())[1:], strict=False
        ):
            self.graph.add((position, predicate, Literal(place, datatype=XSD.integer)))
        quoting = {name: raw[name] for name in QUOTING if name in raw}
        self.state(quote, OA.TextQuoteSelector, quoting)

    def timing(self, owner: URIRef, field: str, owning: dict[str, Any], slug: str) -> None:
        """Map a time, if there is one."""
        if field not in owning:
            return
        raw, node = owning[field], URIRef(f"{owner}/{field}")
        self.graph.add((owner, NHS.timing, node))
        self.state(node, TIME.TemporalEntity, raw, slug)
        for name, predicate in (("not_before", NHS.notBefore), ("not_after", NHS.notAfter)):
            if name in raw:
                date = Literal(raw[name], datatype=DATES[len(raw[name])], normalize=False)
                self.graph.add((node, predicate, date))
        if "lasting" in raw:
            self.graph.add((node, RDF.type, TIME.ProperInterval))

    def quantity(self, owner: URIRef, owning: dict[str, Any]) -> None:
        """Map a quantity, if there is one; equal ones share an IRI."""
        if "quantity" not in owning:
            return
        raw = owning["quantity"]
        full = {name: raw[name] for name in QUANTIFYING if name in raw}
        if "number" in raw:
            full["number"] = int(raw["number"])
        key = json.dumps(full, separators=(",", ":"))
        node = ID[f"quantity/{hashlib.sha256(key.encode()).hexdigest()[:12]}"]
        self.graph.add((owner, NHS.quantity, node))
        self.state(node, NHS.Quantity, {**raw, "label": self.words(raw)})
        if "bound" in raw:
            self.graph.add((node, NHS.bound, named(raw["bound"])))

    def words(self, raw: dict[str, Any]) -> str:
        """Return a quantity in words."""
        bound = f"{raw['bound'].replace('-', ' ')} " if "bound" in raw else ""
        per = f" a {raw['per']}" if "per" in raw else ""
        what = self.labels[raw["of"]] if "of" in raw else ""
        of = f" of {what}" if what else ""
        if "amount" in raw:
            return f"{bound}{raw.get('currency', '')} {int(float(raw['amount'])):,}{per}".strip()
        if "share" in raw:
            return f"{bound}{float(raw['share']) * 100:g} per cent{of}{per}"
        if "number" in raw:
            return f"{bound}{int(raw['number']):,} {what}{per}"
        return f"{self.labels[raw['extent']]}{of}"


def read_rules(folder: Path) -> list[tuple[int, str]]:
    """Return (stratum, text) of each rule, in order."""
    name = r'REPLACE(STR(\1), "^.*[/#]", "")'  # the names are all of one namespace here
    texts = (
        re.sub(r"<urn:nhskg:name>\((\?\w+)\)", name, path.read_text("utf-8"))
        for path in folder.glob("*.rq")
    )
    return sorted(
        (int(re.findall(r"(?m)^#\+ order: (\d+)", text)[0]) // 10, text) for text in texts
    )


def reason(graph: Graph, rules: list[tuple[int, str]]) -> None:
    """Close a graph under OWL 2 RL and the rules, stratum by stratum."""
    semantics = owlrl.OWLRL_Semantics
    closure = owlrl.DeductiveClosure(semantics, axiomatic_triples=False, datatype_axioms=False)
    closure.expand(graph)
    for _, stratum in groupby(rules, key=lambda pair: pair[0]):
        texts = [text for _, text in stratum]
        while True:
            before = len(graph)
            for text in texts:
                for triple in graph.query(text):
                    graph.add(triple)  # type: ignore[arg-type]
            if len(graph) == before:
                break
            closure.expand(graph)


def is_worth_keeping(triple: Any) -> bool:
    """Tell whether a derived triple says something of the corpus."""
    subject, predicate, value = triple
    if not isinstance(subject, URIRef) or not subject.startswith(BASE) or isinstance(value, BNode):
        return False
    if isinstance(value, Literal) or value == OWL.NegativePropertyAssertion:
        return True
    if predicate in (OWL.sameAs, RDF.type):
        return bool(value != subject) and not str(value).startswith(OF_SCHEMAS)
    return not (str(predicate).startswith(OF_SCHEMAS) and subject.startswith(str(NHS)))


def main() -> None:
    """Build the project given first into the folder given second."""
    project, out = Path(sys.argv[1]), Path(sys.argv[2])
    ontology = read_turtle(project / "ontology", "align.ttl", "deprecated.ttl")
    mapper = Mapper(ontology)
    mapper.register(list(read_yaml(project / "seeds" / "register")))
    for file in read_yaml(project / "seeds" / "documents"):
        mapper.document(file)
    asserted = mapper.graph
    whole = asserted + ontology
    before = set(whole)
    reason(whole, read_rules(project / "ontology" / "rules"))
    derived = Graph()
    for triple in filter(is_worth_keeping, set(whole) - before):
        derived.add(triple)
    shapes = read_turtle(project / "shapes", "ontology-style.ttl")
    _, report, _ = validate(asserted + derived + ontology, shacl_graph=shapes, inplace=True)
    out.mkdir(parents=True, exist_ok=True)
    asserted.serialize(out / "asserted.ttl", format="turtle")
    derived.serialize(out / "derived.ttl", format="turtle")
    found = len(list(report.subject_objects(SH.resultSeverity)))
    print(json.dumps({"asserted": len(asserted), "derived": len(derived), "findings": found}))


if __name__ == "__main__":
    main()
