"""Writes the stored queries as RDF, in the form that SPARQL editors read."""

from __future__ import annotations

from pathlib import Path

from nhskg.queries.names import KINDS
from nhskg.queries.stored import asked_terms, bind_terms, list_queries
from nhskg.rdf import terms
from nhskg.rdf.errors import UsageError
from nhskg.release.source import Source


def write_stored_queries(source: Source, folder: Path) -> None:
    """Write ``queries.ttl``: each stored query as an executable of SHACL's SPARQL extensions.

    The form is that of https://github.com/sib-swiss/sparql-examples: the question is the comment,
    the tags are the keywords, and the target is the data set, as there is no endpoint. The text is
    standard SPARQL 1.1 with the defaults of the parameters.

    A parameter is declared as SHACL declares those of its functions (2017, 6.2.1): its path ends in
    the name of the variable. Who asks for something else writes it in place of the default, or of
    ``UNDEF``. A default that the graph does not have is left out.
    """
    from rdflib import RDF, RDFS, SH, XSD, Graph, Literal, Namespace, URIRef  # noqa: PLC0415

    graph, schema = Graph(bind_namespaces="none"), Namespace(terms.SCHEMA)
    prefixes = URIRef(terms.in_base("queries"))
    graph.add((prefixes, RDFS.label, Literal("Prefixes of the stored queries", lang="en")))
    for prefix, namespace in terms.PREFIXES.items():
        graph.bind(prefix, namespace)
        declared = prefixes + f"#prefix-{prefix}"
        graph.add((prefixes, SH.declare, declared))
        graph.add((declared, SH.prefix, Literal(prefix)))
        graph.add((declared, SH.namespace, Literal(namespace, datatype=XSD.anyURI)))
    for query in list_queries(source.project.queries):
        try:
            asked = asked_terms(query, {}, source.store)
        except UsageError:
            asked = {}
        node = URIRef(f"{terms.ID}query/{query.name}")
        for predicate, value in (
            (RDF.type, SH.SPARQLExecutable),
            (RDF.type, SH.SPARQLSelectExecutable),
            (RDFS.label, Literal(query.title, lang="en")),
            (RDFS.comment, Literal(query.question, lang="en")),
            (SH.prefixes, prefixes),
            (SH.select, Literal(bind_terms(query, asked, standard=True))),
            (schema.target, URIRef(terms.in_base("dataset"))),
            *((schema.keywords, Literal(tag)) for tag in query.tags),
        ):
            graph.add((node, predicate, value))
        for each in query.parameters:
            variable = node + f"/asked_{each.name}"
            classes = () if each.kind.startswith("kind of") else KINDS.get(each.kind, ())
            as_term = URIRef if each.kind in KINDS else Literal
            about = f"{each.about}: {', '.join(each.among)}".removesuffix(": ")
            for predicate, value in (
                (RDF.type, SH.Parameter),
                (SH.path, variable),
                (SH.optional, Literal(True)),
                (SH.name, Literal(each.name, lang="en")),
                (RDFS.label, Literal(f"{each.name}, of {query.title}", lang="en")),
                (SH.description, Literal(about, lang="en")),
                (SH.nodeKind, SH.IRI) if each.kind in KINDS else (SH.datatype, XSD[each.kind]),
                *((SH["class"], URIRef(iri)) for iri in classes if len(classes) == 1),
                *((SH.defaultValue, as_term(term.value)) for term in asked.get(each.name, ())),
            ):
                graph.add((variable, predicate, value))
            graph.add((node, SH.parameter, variable))
    graph.serialize(str(folder / "queries.ttl"), format="turtle", encoding="utf-8")
