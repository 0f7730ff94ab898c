"""The plain way to build: PyYAML, rdflib, owlrl and pySHACL, and nothing of nhskg.

Run as ``python plain_build.py PROJECT OUT``. It does the steps of ``nhskg build`` as a script
would that somebody writes in a day: read the annotations, map them to RDF, reason (a closure of
owlrl, then each stratum of rules with closures until neither adds anything), validate the whole
graph, write Turtle. It does not check the annotations: a fault in them is a traceback.

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
from typing import Any

import owlrl
import yaml
from pyshacl import validate
from rdflib import RDF, RDFS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, ORG, OWL, SKOS, TIME

BASE = "https://w3id.org/nhskg/"
NHS = Namespace(BASE + "ns#")
ID = Namespace(BASE + "id/")
OA = Namespace("http://www.w3.org/ns/oa#")
SCHEMA = Namespace("https://schema.org/")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
CLASSES = {
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
}
REGISTER_LINKS = {
    "post_in": ORG.postIn,
    "baseline": NHS.baseline,
    "broader": SKOS.broader,
    "part_of": DCTERMS.isPartOf,
    "on": NHS.subject,
}
CLAIM_CLASSES = {"relation": "RelationClaim"}
CLAIM_LINKS = {
    "plan": "provisionOf",
    "from": "fromBody",
    "to": "toBody",
    "by": "carriedOutBy",
    "occasion": "setOutIn",
    "qualifier": "bearerQualifier",
    "gate": "effectiveWhen",
    "subject_to": "subjectTo",
    "stance_of": "subject",
    "candidates": "candidate",
}
"""Fields of claims whose property has another name; the rest are named as in the file."""
# fmt: off
PLAIN_LINKS = (
    "claimant", "capacity", "voice", "denies", "action", "power", "matter", "target",
    "result", "modality", "deontic", "cohort", "polarity", "about", "given", "extent", "subject",
    "predicate", "object",
)
# fmt: on
TEXTS = {
    "hedge": NHS.hedge,
    "note": SKOS.editorialNote,
    "new_name": NHS.newName,
    "assessment": DCTERMS.abstract,
}
DATES = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}


def read_yaml(folder: Path) -> Iterator[Any]:
    """Yield what each file of a folder holds, every value as text."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    for path in sorted(folder.glob("*.yaml")):
        yield yaml.load(path.read_text("utf-8"), Loader=loader)


def listed(value: Any) -> list[Any]:
    """Return a value as a list."""
    return value if isinstance(value, list) else [value]


def plain(number: str) -> str:
    """Return a decimal without zeros at its end."""
    return number.rstrip("0").rstrip(".") if "." in number else number


class Mapper:
    """Maps annotations to one rdflib graph."""

    def __init__(self, ontology: Graph) -> None:
        self.graph = Graph()
        self.terms = {str(o): s for s, o in ontology.subject_objects(SKOS.notation)}
        self.labels = {
            str(n): str(ontology.value(s, SKOS.prefLabel))
            for s, n in ontology.subject_objects(SKOS.notation)
        }

    def resolve(self, ref: str, document: str = "") -> URIRef:
        """Return the IRI of an id as a document names it."""
        if ref == "reporter":
            return ID[f"reporter/{document}"]
        if ref.startswith("claim/"):
            rest = ref.removeprefix("claim/")
            return ID[f"claim/{rest}" if "/" in rest else f"claim/{document}/{rest}"]
        return self.terms[ref] if ref in self.terms else ID[ref]  # type: ignore[return-value]

    def name(self, node: URIRef, raw: dict[str, Any]) -> None:
        """State how a thing of the register is called."""
        self.graph.add((node, SKOS.notation, Literal(raw["id"])))
        self.graph.add((node, SKOS.prefLabel, Literal(raw["label"], lang="en")))
        for each in raw.get("alt", ()):
            self.graph.add((node, SKOS.altLabel, Literal(each, lang="en")))
        if "definition" in raw:
            self.graph.add((node, SKOS.definition, Literal(raw["definition"], lang="en")))
        if "note" in raw:
            self.graph.add((node, SKOS.editorialNote, Literal(raw["note"])))

    def register(self, files: list[Any]) -> None:
        """Map the register."""
        self.graph.add((ID.curator, RDF.type, FOAF.Agent))
        self.name(ID.curator, {"id": "curator", "label": "curators of the corpus"})
        things = [(s, raw) for file in files for s, entries in file.items() for raw in entries]
        self.labels.update({raw["id"]: raw["label"] for _, raw in things})
        for section, raw in things:
            node = ID[raw["id"]]
            named = NHS["".join(map(str.capitalize, raw.get("type", "").split("-")))]
            self.graph.add((node, RDF.type, CLASSES.get(section, named)))
            if section in ("events", "works") and raw["type"] != "other":
                self.graph.add((node, DCTERMS.type, named))
            self.name(node, raw)
            if "kind" in raw:
                self.graph.add((node, ORG.classification, self.resolve(raw["kind"])))
            for field, predicate in REGISTER_LINKS.items():
                for value in listed(raw.get(field, [])):
                    self.graph.add((node, predicate, self.resolve(value)))
            if "quantity" in raw:
                self.graph.add((node, NHS.quantity, self.quantity(raw["quantity"])))

    def document(self, file: dict[str, Any]) -> None:
        """Map one annotated document."""
        header, slug = file["document"], file["document"]["id"]
        node, writer = ID[f"document/{slug}"], ID[f"reporter/{slug}"]
        self.graph.add((node, RDF.type, NHS.SourceDocument))
        self.name(node, header)
        self.graph.add((node, DCTERMS.identifier, Literal(header["source"])))
        self.graph.add((node, SCHEMA.sha256, Literal(header["sha256"])))
        length = Literal(header["length"], datatype=XSD.integer)
        self.graph.add((node, NHS.codePointLength, length))
        if "publisher" in header:
            self.graph.add((node, DCTERMS.publisher, self.resolve(header["publisher"])))
        if "issued" in header:
            when = self.timing(URIRef(f"{node}/issued"), header["issued"], slug)
            self.graph.add((node, NHS.timing, when))
        self.graph.add((writer, RDF.type, FOAF.Person))
        self.name(writer, {"id": f"reporter-of-{slug}", "label": "the reporter"})
        for claim in file.get("claims", ()):
            self.claim(claim, slug)

    def claim(self, raw: dict[str, Any], slug: str) -> None:
        """Map one claim."""
        node = ID[f"claim/{slug}/{raw['id']}"]
        kind = CLAIM_CLASSES.get(raw["kind"], raw["kind"].capitalize())
        self.graph.add((node, RDF.type, NHS[kind]))
        for field in (*PLAIN_LINKS, *CLAIM_LINKS):
            for value in listed(raw.get(field, [])):
                predicate = NHS[CLAIM_LINKS.get(field, field)]
                self.graph.add((node, predicate, self.resolve(value, slug)))
        for field, text in TEXTS.items():
            if field in raw:
                self.graph.add((node, text, Literal(raw[field])))
        if "quantity" in raw:
            self.graph.add((node, NHS.quantity, self.quantity(raw["quantity"])))
        if "timing" in raw:
            when = self.timing(URIRef(f"{node}/timing"), raw["timing"], slug)
            self.graph.add((node, NHS.timing, when))
        for number, part in enumerate((raw, *raw.get("also", ())), start=1):
            self.evidence(node, number, part, slug)

    def evidence(self, claim: URIRef, number: int, raw: dict[str, Any], slug: str) -> None:
        """Map one passage."""
        node = URIRef(f"{claim}/evidence/{number}")
        start, end = raw["at"]
        position, quote = ID[f"passage/{slug}/{start}-{end}"], URIRef(f"{node}/quote")
        self.graph.add((claim, NHS.evidence, node))
        self.graph.add((node, RDF.type, OA.SpecificResource))
        self.graph.add((node, OA.hasSource, ID[f"document/{slug}"]))
        self.graph.add((node, OA.hasSelector, position))
        self.graph.add((position, RDF.type, OA.TextPositionSelector))
        self.graph.add((position, OA.start, Literal(start, datatype=XSD.integer)))
        self.graph.add((position, OA.end, Literal(end, datatype=XSD.integer)))
        self.graph.add((node, OA.hasSelector, quote))
        self.graph.add((quote, RDF.type, OA.TextQuoteSelector))
        for field, predicate in (("quote", "exact"), ("prefix", "prefix"), ("suffix", "suffix")):
            if field in raw:
                self.graph.add((quote, OA[predicate], Literal(raw[field])))

    def timing(self, node: URIRef, raw: dict[str, Any], slug: str) -> URIRef:
        """Map a time."""
        self.graph.add((node, RDF.type, TIME.TemporalEntity))
        if "stated" in raw:
            self.graph.add((node, NHS.statedAs, Literal(raw["stated"])))
        for field, date in (("not_before", NHS.notBefore), ("not_after", NHS.notAfter)):
            if field in raw:
                kind = DATES[len(raw[field])]
                self.graph.add((node, date, Literal(raw[field], datatype=kind, normalize=False)))
        for field, relation in (
            ("after", "after"),
            ("before", "before"),
            ("during", "intervalDuring"),
        ):
            if field in raw:
                self.graph.add((node, TIME[relation], self.resolve(raw[field], slug)))
        if "within" in raw:
            within = Literal(raw["within"], datatype=XSD.duration, normalize=False)
            self.graph.add((node, NHS.withinDuration, within))
        if "lasting" in raw:
            lasting = Literal(raw["lasting"], datatype=XSD.duration, normalize=False)
            self.graph.add((node, RDF.type, TIME.ProperInterval))
            self.graph.add((node, TIME.hasXSDDuration, lasting))
        if raw.get("inferred") == "true":
            self.graph.add((node, NHS.inferred, Literal(True)))
        return node

    def quantity(self, raw: dict[str, Any]) -> URIRef:
        """Map a quantity; equal ones share an IRI."""
        full = {k: raw.get(k) for k in ("amount", "currency", "share", "of", "extent")}
        full["approximate"] = raw.get("approximate") == "true"
        key = json.dumps(full, separators=(",", ":"))
        node = ID[f"quantity/{hashlib.sha256(key.encode()).hexdigest()[:12]}"]
        self.graph.add((node, RDF.type, NHS.Quantity))
        self.graph.add((node, SKOS.prefLabel, Literal(self.words(raw), lang="en")))
        for field in ("amount", "share"):
            if field in raw:
                self.graph.add(
                    (node, SCHEMA.value, Literal(plain(raw[field]), datatype=XSD.decimal))
                )
        if "currency" in raw:
            self.graph.add((node, SCHEMA.currency, Literal(raw["currency"])))
        if "of" in raw:
            self.graph.add((node, NHS.shareOf, self.resolve(raw["of"])))
        if "extent" in raw:
            self.graph.add((node, NHS.extent, self.resolve(raw["extent"])))
        if full["approximate"]:
            self.graph.add((node, NHS.approximate, Literal(True)))
        return node

    def words(self, raw: dict[str, Any]) -> str:
        """Return a quantity in words."""
        about = "about " if raw.get("approximate") == "true" else ""
        of = f" of {self.labels[raw['of']]}" if "of" in raw else ""
        if "amount" in raw:
            return f"{about}{raw.get('currency', '')} {int(float(raw['amount'])):,}".strip()
        if "share" in raw:
            return f"{about}{float(raw['share']) * 100:g} per cent{of}"
        return f"{self.labels[raw['extent']]}{of}"


def read_rules(folder: Path) -> list[tuple[int, str]]:
    """Return (stratum, text) of each rule, in order."""
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*.rq"))]
    orders = [re.search(r"^#\+ order: (\d+)", text, re.MULTILINE) for text in texts]
    pairs = zip(orders, texts, strict=True)
    return sorted((int(found[1]) // 10, text) for found, text in pairs if found)


def close(graph: Graph) -> None:
    """Close a graph under OWL 2 RL."""
    closure = owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    )
    closure.expand(graph)


def reason(graph: Graph, rules: list[tuple[int, str]]) -> None:
    """Close a graph under OWL 2 RL and the rules, stratum by stratum."""
    close(graph)
    for _, stratum in groupby(rules, key=lambda pair: pair[0]):
        texts = [text for _, text in stratum]
        while True:
            before = len(graph)
            for text in texts:
                for triple in graph.query(text):
                    graph.add(triple)  # type: ignore[arg-type]
            if len(graph) == before:
                break
            close(graph)


def is_worth_keeping(triple: Any) -> bool:
    """Tell whether a derived triple says something of the corpus."""
    subject, predicate, value = triple
    if not isinstance(subject, URIRef) or not subject.startswith(BASE) or isinstance(value, BNode):
        return False
    if isinstance(value, Literal):
        return True
    if predicate == OWL.sameAs:
        return bool(subject != value)
    if predicate == RDF.type:
        return not is_of(value, OWL, RDFS, RDF) or value == OWL.NegativePropertyAssertion
    return not (is_of(predicate, OWL, RDFS) and subject.startswith(str(NHS)))


def is_of(node: URIRef, *vocabularies: Any) -> bool:
    """Tell whether an IRI belongs to one of several vocabularies."""
    return any(node.startswith(str(each)) for each in vocabularies)


def main() -> None:
    """Build the project given first into the folder given second."""
    project, out = Path(sys.argv[1]), Path(sys.argv[2])
    ontology = Graph()
    for path in sorted((project / "ontology").glob("*.ttl")):
        if path.name != "align.ttl":
            ontology.parse(path, format="turtle")
    mapper = Mapper(ontology)
    mapper.register(list(read_yaml(project / "seeds" / "register")))
    for file in read_yaml(project / "seeds" / "documents"):
        mapper.document(file)
    asserted = mapper.graph
    whole = asserted + ontology
    before = set(whole)
    reason(whole, read_rules(project / "ontology" / "rules"))
    derived = Graph()
    for triple in whole:
        if triple not in before and is_worth_keeping(triple):
            derived.add(triple)
    shapes = Graph()
    for path in sorted((project / "shapes").glob("*.ttl")):
        if path.name != "ontology-style.ttl":
            shapes.parse(path, format="turtle")
    _, report, _ = validate(asserted + derived + ontology, shacl_graph=shapes, inplace=True)
    out.mkdir(parents=True, exist_ok=True)
    asserted.serialize(out / "asserted.ttl", format="turtle")
    derived.serialize(out / "derived.ttl", format="turtle")
    found = len(list(report.subject_objects(URIRef("http://www.w3.org/ns/shacl#resultSeverity"))))
    print(json.dumps({"asserted": len(asserted), "derived": len(derived), "findings": found}))


if __name__ == "__main__":
    main()
