"""Checks ontology and data set in the manner of FOOPS!, OOPS! and the FAIR principles.

``python -m tools.check_fair`` prints what is not met without a reason; part of ``make check``. The
items are in ``tools/fair.yaml``, and the result is ``docs/fair.md``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, RdfFormat, Store

from nhskg.building.pipeline import assemble
from nhskg.project import Project
from nhskg.rdf.files import files_in
from nhskg.rdf.terms import BASE, LINKS_GRAPH, PREFIXES, compact
from nhskg.release.description import DCAT, DESCRIPTION, write_description
from nhskg.release.source import VOID, Source

ROOT: Final = Path(__file__).resolve().parent.parent
_NAMES: Final = {
    "ONTOLOGY": f"<{BASE}ns>",
    "DATASET": f"<{BASE}dataset>",
    "OWN": f"?x rdfs:isDefinedBy <{BASE}ns> .",
}
_PREFIXES: Final = {
    **PREFIXES,
    "dcat": DCAT,
    "vann": "http://purl.org/vocab/vann/",
    "void": VOID,
}
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Item:
    """What is checked, how it came out, and why."""

    source: str
    id: str
    what: str
    status: str
    """``met``, ``not met``, ``needs the network`` or ``by reading``."""
    why: str
    fault: str = ""
    """What is wrong with it: it is not met and has no reason, or is met and has one."""


def read_catalogue() -> Any:
    """Return the items of ``tools/fair.yaml``, by source and id."""
    return yaml.safe_load((ROOT / "tools" / "fair.yaml").read_text("utf-8"))


def published(project: Project, graph: Store) -> Store:
    """Return a project's published ontology and links, and the description of a release."""
    store = Store()
    store.extend(graph.quads_for_pattern(None, None, None, NamedNode(LINKS_GRAPH)))
    for path in files_in(project.ontology, ".ttl"):
        store.load(path=str(path), format=RdfFormat.TURTLE)
    with TemporaryDirectory() as folder:
        write_description(Source(project, graph), Path(folder))
        store.load(path=f"{folder}/{DESCRIPTION}", format=RdfFormat.TURTLE)
    return store


def check_shipped() -> list[Item]:
    """Return each item of the catalogue, checked against what ships."""
    project = Project.locate(ROOT)
    store = published(project, assemble(project).store)
    return list(check(store, read_catalogue()["items"]))


def check(store: Store, catalogue: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    """Yield each item of a catalogue, checked against what is published."""
    for source, items in catalogue.items():
        for number, of in items.items():
            item = (source, number, of["what"])
            if "query" not in of:
                status = "needs the network" if "network" in of else "by reading"
                yield Item(*item, status, of.get("network") or of["reading"])
                continue
            faults, reason = _faults(store, of["query"]), of.get("unmet", "")
            if not faults:
                stale = "it is met, and a reason is given why it is not" if reason else ""
                yield Item(*item, "met", "", stale)
                continue
            names = ", ".join(faults[:_SHOWN]) + (", …" if len(faults) > _SHOWN else "")
            told = f"{len(faults)} ({names}): {reason}" if names else reason
            yield Item(*item, "not met", told, "" if reason else f"it is not met: {names}")


def _faults(store: Store, query: str) -> list[str]:
    """Return what a query finds wrong; of an ASK nothing, or one empty name."""
    for name, text in _NAMES.items():
        query = query.replace(name, text)
    found = store.query(query, prefixes=_PREFIXES, use_default_graph_as_union=True)
    if isinstance(found, QueryBoolean):
        return [] if found else [""]
    assert isinstance(found, QuerySolutions)
    return sorted({compact(str(row[0].value)) for row in found if row[0] is not None})


def render_fair(items: list[Item]) -> str:
    """Return ``docs/fair.md``: each item with its status, by source."""
    counts = Counter((each.source, each.status) for each in items)
    statuses = ("met", "not met", "needs the network", "by reading")
    catalogue = read_catalogue()
    page, sources = str(catalogue["intro"]), catalogue["sources"]
    page += f"\n| | {' | '.join(statuses)} |\n|---|{'---|' * len(statuses)}\n"
    for source, of in sources.items():
        page += (
            f"| {of['title']} | {' | '.join(str(counts[source, each]) for each in statuses)} |\n"
        )
    for source, of in sources.items():
        page += (
            f"\n## {of['title']}\n\n{of['about']}\n\n| | asked | status | |\n|---|---|---|---|\n"
        )
        for each in (item for item in items if item.source == source):
            page += f"| {each.id} | {each.what} | {each.status} | {each.why} |\n"
    return page


def main() -> int:
    """Print what is wrong, and return 1 if anything is."""
    faults = [each for each in check_shipped() if each.fault]
    for each in faults:
        print(f"{each.source} {each.id}, {each.what}: {each.fault}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
