"""Compares two graphs: which answers differ, by which claims; which claims, things and terms do.

Differences are dictionaries, whose keys ``docs/releases.md`` describes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from nhskg.building.pipeline import infer
from nhskg.graph.mapping import map_ontology, source_fields
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import IN_SOURCE, is_id
from nhskg.queries.engine import Row, load_data, read_quads, select
from nhskg.queries.stored import bind_terms, list_queries
from nhskg.rdf import terms
from nhskg.rdf.errors import InputError, NhskgError, UsageError
from nhskg.rdf.files import Folders, find_file
from nhskg.rdf.git import run_git
from nhskg.rdf.lines import find_rdf
from nhskg.rdf.terms import DCTERMS, NS, OA, OWL, RDF_TYPE, RDFS, SCHEMA, SKOS
from nhskg.reasoning.reasoner import CompiledEngine, read_rule_texts
from nhskg.vocabulary import load_vocabulary

Item = dict[str, Any]
_Names = Mapping[str, str]
_Rows = tuple[Sequence[str], list[Row]]
_Fields = Mapping[str, set[str]]
"""The values of a node by predicate: an IRI, or the text of a literal behind a quote mark."""
_Nodes = Mapping[str, _Fields]

MOST_BYTES: Final = 500_000_000
"""The room that a revision may take: a corpus of 100,000 claims takes a fifth of it, and one of git
may be a thousand times as large unpacked."""

_BLOCK: Final = 4096  # what a file takes of a disk, be it empty
_READ: Final = (
    *("seeds/documents/", "seeds/register/", "ontology/", "ontology/rules/"),
    *("nhskg.toml", "pyproject.toml"),
)
"""What a build reads of a revision: folders, not those in them, and files of settings."""

_UNTOUCHED: Final = ("not mentioned", "not addressed")
_ELSEWHERE: Final = {*IN_SOURCE, "in_force", "tension", "gap"}
"""The columns that make no other answer: where a text says so, and what other rows tell."""
_WORDING: Final = {"alt", "definition", "hidden", "label", "note"}
_TOPIC: Final = ("plan_id", "power_id", "matter_id")
_DERIVED: Final = """SELECT DISTINCT ?plan_id ?power_id ?matter_id ?claim {
  ?entry nhs:underPlan/skos:notation ?plan_id ; nhs:power/skos:notation ?power_id ;
    nhs:matter/skos:notation ?matter_id ; prov:wasDerivedFrom+ ?claim . ?claim nhs:voice ?voice
}"""
_AT: Final = OA + "hasSelector"
_LABELS: Final = [NamedNode(SKOS + name) for name in ("prefLabel", "altLabel", "notation")]
_AGAIN: Final = {SKOS + "notation", RDFS + "isDefinedBy", RDFS + "label"}
_LEFT_OUT: Final = {NS + "evidence", NS + "timing", OA + "hasSource", _AT} | _AGAIN
_DEPTHS: Final = {"claim": 3, "document": 2, "quantity": 2}
"""How many parts the id of a node has, by the first; of a thing of the register it has one."""
_SAID: Final = (_AT, RDF_TYPE, *(NS + k for k in ("provisionOf", "power", "subject", "predicate")))
_KEYS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "terms": ((), (SKOS + "prefLabel", RDF_TYPE)),
    "things": ((SCHEMA + "sha256",), (), (SKOS + "prefLabel", RDF_TYPE)),
    "claims": ((), (_AT, OA + "exact"), _SAID),
}
"""By what two nodes are the same: by all that is asserted of them, or else by some of it."""


@dataclass(frozen=True, slots=True)
class Side:
    """A graph as named; its project, if any; how it was read; if its entries seem asserted."""

    name: str
    store: Store
    project: Project | None = None
    notes: tuple[str, ...] = ()
    is_flat: bool = False


def open_side(given: str, project: Project) -> Side:
    """Open a path, or else a revision of the project; raises NhskgError where it is neither."""
    path = Path(given)
    if not path.exists():
        return _of_revision(given, project)
    if (path / "seeds").is_dir():
        found = Project.locate(path)
        return Side(given, infer(found)[1], found)
    if (path / "current").exists():
        return Side(given, open_published(path).open())
    whole = [each for each in map(path.joinpath, ("nhskg.nq", "nhskg.nq.gz")) if each.is_file()]
    quads = read_quads(find_rdf(whole[:1] or [path])[0])
    store, graph = Store(), NamedNode(terms.AUXILIARY + "file")  # as rules read named graphs
    store.extend(Quad(s, p, o, graph if g == DefaultGraph() else g) for s, p, o, g in quads)
    entries = store.quads_for_pattern(None, NamedNode(NS + "basis"), None, graph)
    return Side(given, store, is_flat=any(entries))


def _of_revision(given: str, project: Project) -> Side:
    """Build a revision of a corpus in memory: its own files, with the program of today."""
    folders = (project.root, *project.root.parents)  # git lists what is below the current one
    top = next((f for f in folders if ":" in given and (f / ".git").exists()), project.root)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve() / "corpus"
        root.mkdir()
        try:
            _unpack(given, top, root)
        except (OSError, ValueError) as error:
            raise InputError(f"{given} cannot be unpacked: {error}") from None
        try:
            found = Project.locate(root)
            if (root / "ontology" / "core.ttl").is_file():  # whole: today's files add nothing
                found = replace(found, ontology=Folders((root / "ontology",)))
            return Side(given, infer(found)[1])
        except NhskgError as error:
            told = str(error).replace(f"{root}/", "").replace(str(root), given).partition("\n")[0]
            raise InputError(f"{given} is not readable by this version: {told}") from None


def _unpack(given: str, top: Path, root: Path) -> None:
    """Write the files of a revision that a build reads, as committed: no attribute changes them."""
    files, room = list[tuple[str, str]](), 0
    listed = _git(given, top, "ls-tree", "-z", "-l", "--end-of-options", given, *_READ)
    for each in os.fsdecode(listed).split("\0")[:-1]:
        about, _, path = each.partition("\t")
        mode, kind, digest, size = about.split()
        if kind != "blob":
            continue
        if mode == "120000" or ".." in path.split("/"):
            raise InputError(f"{given}: '{path}' is a link, or leads out; commit the file itself")
        if not size.isdigit():
            raise InputError(f"{given}: git does not have '{path}' here; fetch it")
        files.append((path, digest))
        room += int(size) + _BLOCK
    if room > MOST_BYTES:
        message = f"its files are of {room:,} bytes, and {MOST_BYTES:,} are the most"
        raise InputError(f"{given}: {message}; check it out, and give the folder")
    asked = "".join(f"{digest}\n" for _, digest in files).encode()
    rest = BytesIO(_git(given, top, "cat-file", "--batch", stdin=asked))
    for path, _ in files:
        content = rest.read(int(rest.readline().split()[-1]))
        rest.readline()
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def _git(given: str, top: Path, *command: str, stdin: bytes = b"") -> bytes:
    try:
        done = run_git(top, *command, stdin=stdin)
        done.check_returncode()
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None)
        told = (os.fsdecode(said) if said else str(error)).partition("\n")[0]
        message = f"'{given}' is no file or folder here, and no revision in git ({told})"
        raise UsageError(message) from None
    return done.stdout


def _completed(side: Side, project: Project) -> Side:
    """Return a side with the ontology that queries need, and with entries by today's rules."""
    kinds = (SKOS + "inScheme", NS + "provisionOf", NS + "basis")
    quads = (side.store.quads_for_pattern(None, NamedNode(each), None) for each in kinds)
    has_terms, has_plans, has_entries = map(any, quads)
    is_old = has_plans and not has_entries
    if has_terms and not is_old:
        return side
    graph, found, notes = NamedNode(terms.DERIVED_GRAPH), Store(), [*side.notes]
    found.extend(each for each in side.store if not (is_old and each.graph_name == graph))
    if not has_terms:
        found.extend(map_ontology(project.ontology, load_vocabulary(project.ontology)))
        notes.append(f"{side.name} has no ontology: it is asked with today's.")
    if is_old:
        CompiledEngine(read_rule_texts(project.ontology / "rules")).derive(found, graph)
        notes.append(f"{side.name} has no entries of the matrix: today's rules derive them.")
    return replace(side, store=found, notes=(*notes,))


def compare(old: Side, new: Side, project: Project) -> Item:
    """Compare two graphs by what is asserted, and, in new names, by stored queries of a project."""
    claim = "SELECT ?claim { ?claim nhs:voice ?voice } LIMIT 1"
    rows_of = chain(select(old.store, claim), select(new.store, claim))
    bases = sorted({row["claim"].partition("id/claim/")[0] for row in rows_of})
    if len(bases) > 1:
        message = f"{old.name} and {new.name} have different base IRIs, {' and '.join(bases)}"
        raise UsageError(f"{message}; give two of the same corpus")
    for base in bases:
        terms.use_base(base)
    new = _completed(new, project)
    before, after = (_read_content(each.store) for each in (old, new))
    path = find_file(project.ontology, "deprecated.ttl")
    listed = _read_content(load_data([path]))["terms"] if path else {}
    deprecated = {
        term: (*fields.get(DCTERMS + "isReplacedBy", ()), "")[0]
        for term, fields in chain(listed.items(), after["terms"].items())
        if OWL + "deprecated" in fields
    }
    names = {term: by for term, by in deprecated.items() if by}
    _match(before, after, names)
    known = after["things"].keys() | after["terms"].keys()
    shared = {names.get(each, each) for each in chain(before["things"], before["terms"])} & known
    old = _completed(replace(old, store=_renamed(old.store, new.store, names, shared)), project)
    if not before["terms"]:  # only what it uses is known, and what it uses as a class
        types = {term: of.get(RDF_TYPE, set()) for term, of in after["terms"].items()}
        before["terms"] = {
            term: fields
            for term, fields in before["used"].items()
            if term not in types or not types[term] >= fields.get(RDF_TYPE, set())
        }
        after["terms"] = {k: {RDF_TYPE: types[k]} for k in before["terms"] if k in types}
    rows = _ask((old.store, new.store), project)
    labels = "SELECT ?claim ?sentence { ?claim skos:prefLabel ?sentence }"
    words = dict[str, str]()
    for side, of in zip((old, new), rows, strict=True):
        told = chain(select(side.store, labels), of.get("document", ((), ()))[1])
        words |= {row["claim"]: row["sentence"] for row in told}
    changes = {k: list(_changes(before[k], after[k], names, deprecated, words)) for k in _KEYS}
    notes = {_short(term): of.get(SKOS + "changeNote", ()) for term, of in listed.items()}
    for each in changes["terms"]:
        each["text"] = "".join(notes.get(each["id"], ())).removeprefix('"') or each["text"]
    kinds = [e for e in changes["terms"] if e["change"] == "changed" and "kind" in e["fields"]]
    changes |= {"terms": [e for e in changes["terms"] if e not in kinds], "kinds": kinds}
    causes, others = dict[str, str](), dict[str, str]()
    for each in chain(changes["claims"], changes["things"]):
        is_cause = each["change"] in ("added", "removed") or each["fields"].keys() - _WORDING
        fields = ", ".join(each["fields"] if each["change"] != "withdrawn" else ())
        (causes if is_cause else others)[each["id"]] = f"{each['change']}: {fields}".rstrip(": ")
    why = causes | others
    behind = defaultdict[tuple[str, ...], set[str]](set)
    for row in chain.from_iterable(select(each.store, _DERIVED) for each in (old, new)):
        behind[_values(row, _TOPIC)].add(_short(row["claim"]))

    named = {_short(k): {*map(_short, chain(*v.values()))} for k, v in after["claims"].items()}

    def explain(ids: set[str], topic: tuple[str, ...], differ: set[str]) -> dict[str, str]:
        own = {each for each in ids if "/" in each}
        things = ids.union(*(named.get(each, ()) for each in own))
        is_of_them = ids & causes.keys() or differ <= {"sentence"}
        rest = [own, behind[topic], things if is_of_them else ids] if differ != {"note"} else []
        found = next((each & causes.keys() for each in rest if each & causes.keys()), set[str]())
        if "note" in differ:  # the claim's own, or that of the thing that the row is of
            found |= (own or ids) & why.keys()
        return {each: why[each] for each in sorted(found)}

    parts = {k: _answers(of, rows[0][k][1], two, explain) for k, (of, two) in rows[1].items()}
    parts = {name: items for name, items in (parts | changes).items() if items}
    return {"old": old.name, "new": new.name, "notes": [*old.notes, *new.notes], "parts": parts}


def _read_content(store: Store) -> dict[str, dict[str, _Fields]]:
    """Read what is asserted of claims, things and terms, but for blank nodes; and terms used."""
    derived = {NamedNode(terms.DERIVED_GRAPH), NamedNode(terms.GRAPH + "labels")}
    ontology = NamedNode(terms.ONTOLOGY_GRAPH)
    found: dict[str, Any] = {k: defaultdict(lambda: defaultdict(set)) for k in (*_KEYS, "used")}
    for s, p, o, graph in store:
        if isinstance(s, BlankNode) or isinstance(o, BlankNode):
            continue
        sort, node, predicate = "terms", s.value, p.value
        value = o.value if isinstance(o, NamedNode) else f'"{o.value}'
        is_term = node.startswith(NS) or graph == ontology
        if not is_term:
            for term in (each for each in (predicate, value) if each.startswith(NS)):
                found["used"][term] |= {RDF_TYPE: {OWL + "Class"}} if predicate == RDF_TYPE else {}
            parts = node.removeprefix(terms.ID).split("/")
            depth = _DEPTHS.get(parts[0], int(len(parts) == 1)) * node.startswith(terms.ID)
            node, sort = terms.ID + "/".join(parts[:depth]), "claims" if depth == 3 else "things"
            if not depth or (predicate == RDF_TYPE and len(parts) > depth):
                continue
        if graph in derived or (sort == "claims" and p in _LABELS):
            continue
        if value.startswith((terms.ID + "passage/", terms.ID + "reporter/")):
            value = '"' + (value.rpartition("/")[2] if predicate == _AT else "the reporter")
        elif predicate in _LEFT_OUT:
            continue
        found[sort][node][predicate].add(value)
    return found


def _moved(fields: _Fields, names: _Names) -> _Fields:
    return {names.get(k, k): {names.get(v, v) for v in values} for k, values in fields.items()}


def _match(old: Mapping[str, _Nodes], new: Mapping[str, _Nodes], names: dict[str, str]) -> None:
    """Enter the new IRI of each node that has another one now; of a claim, also if read anew."""

    def key(fields: _Fields, of: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        shown = [k for k in of or fields if not of or of[0] in fields]
        return frozenset((k, each) for k in shown for each in fields.get(k, ()))

    for sort, keys in _KEYS.items():
        known = -1
        while known < len(names):  # a name may lead to another one
            known = len(names)
            for of in keys:
                free = defaultdict[Any, list[str]](list)
                come = new[sort].keys() - {names.get(each, each) for each in old[sort]}
                for each in sorted(come, reverse=True):
                    free[key(new[sort][each], of)].append(each)
                for each in sorted(old[sort].keys() - new[sort].keys() - names.keys()):
                    found = key(_moved(old[sort][each], names), of)
                    if free[found] and {k for k, _ in found} - {RDF_TYPE}:
                        names[each] = free[found].pop()


def _renamed(old: Store, new: Store, names: _Names, shared: set[str]) -> Store:
    """Return the old graph with the names of the new one, and its labels of what both have."""
    nodes: dict[Any, Any] = {NamedNode(o): NamedNode(n) for o, n in names.items()}
    found, labelled = Store(), set(map(NamedNode, shared))
    for node in labelled:
        found.extend(chain.from_iterable(new.quads_for_pattern(node, p, None) for p in _LABELS))
    found.extend(
        Quad(nodes.get(s, s), nodes.get(p, p), nodes.get(o, o), graph)
        for s, p, o, graph in old
        if p not in _LABELS or nodes.get(s, s) not in labelled
    )
    return found


def _ask(stores: Sequence[Store], project: Project) -> list[dict[str, _Rows]]:
    """Ask all stored queries of each store; of those that ask the same, only the first."""
    found, asked = [dict[str, _Rows]() for _ in stores], set[str]()
    for query in sorted(list_queries(project.queries), key=lambda each: each.name != "entries"):
        body = "\n".join(line for line in query.text.split("\n") if not line.startswith("#+"))
        if body not in asked and query.name != "things":  # which are compared by themselves
            asked.add(body)
            given = {"unchanged": [Literal(True)]} if query.name == "entries" else {}
            text = bind_terms(query, given)
            for rows, store in zip(found, stores, strict=True):
                rows[query.name] = query.columns, select(store, text, source=query.path)
    for rows in found:
        columns, entries = rows.get("entries", ((), []))
        for name, is_in in (("entries", False), ("unchanged", True)):
            rows[name] = columns, [e for e in entries if (e["basis"] in _UNTOUCHED) is is_in]
    return found


def _short(iri: str) -> str:
    return terms.shorten_iri(iri).removeprefix("claim/")


def _changes(
    old: _Nodes, new: _Nodes, names: _Names, deprecated: _Names, told: _Names
) -> Iterator[Item]:
    """Yield what of the nodes of a sort differs, by id, in the words that are told of nodes."""
    was = {each if each in deprecated else names.get(each, each): each for each in sorted(old)}
    fields_of = source_fields()
    for node in sorted(was.keys() | new.keys()):
        before, after = _moved(old.get(was.get(node, ""), {}), names), new.get(node, {})
        differ = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        is_moved = was.get(node, node) != node
        change = "read anew" if is_moved and _AT in after else "changed"
        if node not in was or node not in new:
            change, differ = "added" if node in new else "removed", []
        elif NS + "WithdrawnClaim" in after.get(RDF_TYPE, set()) - before.get(RDF_TYPE, set()):
            change = "withdrawn"
        elif not differ:
            change = "renamed" if is_moved else ""
        if node in was and node in deprecated and OWL + "deprecated" not in before:
            change = "deprecated"
        if change and "/quantity/" not in node:
            yield {
                "id": _short(node),
                "change": change,
                "was": _short(was[node]) if is_moved else "",
                "successor": _short(deprecated.get(node, "")),
                "text": told.get(node, ""),
                "fields": {
                    (*fields_of.get(name, ()), terms.local_name(name))[0]: {
                        side: sorted(
                            told.get(v) or _short(v.removeprefix('"')) for v in of.get(name, ())
                        )
                        for side, of in (("before", before), ("after", after))
                    }
                    for name in differ
                },
            }


def _values(row: Row, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in names)


def _answers(
    columns: Sequence[str], old: list[Row], new: list[Row], explain: Callable[..., dict[str, str]]
) -> list[Item]:
    """Return the rows that the other side has not; two of a cell, or of the same claim, are one."""
    said = [each for each in columns if each.removeprefix("other_") not in _ELSEWHERE]
    ids = [name for name in said if is_id(name)]
    key = [name for name in ids if not (name.endswith("claim") and {*_TOPIC} <= {*ids})]
    one, two = ({_values(row, said) for row in rows} for rows in (old, new))
    left = [
        [dict(zip(said, row, strict=True)) for row in sorted(of)] for of in (one - two, two - one)
    ]
    pairs = list[tuple[Row, Row]]()
    for by in (key, [name for name in ids if name.endswith("claim")]):
        groups = defaultdict[tuple[str, ...], tuple[list[Row], list[Row]]](lambda: ([], []))
        for side, rows in enumerate(left):
            for row in rows:
                spot = _values(row, by)
                groups[spot if any(spot) or by is key else (str(row),)][side].append(row)
        pairs += [pair for each in groups.values() for pair in zip(*each, strict=False)]
        rest = [tuple(zip_longest(*each, fillvalue=Row())) for each in groups.values()]
        left = [[pair[side] for of in rest for pair in of if not pair[1 - side]] for side in (0, 1)]
    pairs += [(row, Row()) for row in left[0]] + [(Row(), row) for row in left[1]]
    found = list[Item]()
    for before, after in pairs:
        own = {_short(x) for of in (before, after) for k in ids for x in of.get(k, "").split()}
        sides = {"before": before, "after": after}
        fields = {
            k: {side: [_short(of[k])] if of[k] else [] for side, of in sides.items()}
            for k in (said if before and after else ())
            if before[k] != after[k]
        }
        item = {"change": "changed" if before and after else "added" if after else "removed"}
        row = {name: _short(value) for name, value in (after or before).items() if value}
        because = explain(own, _values(row, _TOPIC), {*fields})
        found.append({**item, "row": row, "fields": fields, "because": because})
    return sorted(found, key=lambda item: [*item["row"].values()])
