"""Keep the built graph and its answers as the reference that later builds are compared with.

``python -m tools.freeze_release VERSION`` reads the built store and writes the folder
``tests/data/releases/VERSION``. The same store gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Store

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import evaluate
from nhskg.queries.formats import render_result
from nhskg.queries.matrix import read_matrix, render_matrix
from nhskg.queries.stored import bind, list_queries
from nhskg.rdf.terms import DERIVED_GRAPH, ONTOLOGY_GRAPH

ROOT: Final = Path(__file__).parents[1]
RELEASES: Final = ROOT / "tests" / "data" / "releases"


def release_files(store: Store, queries: Path) -> dict[str, str]:
    """Return the text of each file of a release, by its name without ``.gz``.

    ``asserted.nq`` and ``derived.nq`` hold sorted N-Quads without the ontology,
    ``queries/<name>.csv`` the answer of a stored query with its default parameters, and
    ``matrix.csv`` the matrix of every power.
    """
    lines: dict[str, list[str]] = {"asserted.nq": [], "derived.nq": []}
    for quad in store:
        if quad.graph_name != NamedNode(ONTOLOGY_GRAPH):
            is_derived = quad.graph_name == NamedNode(DERIVED_GRAPH)
            lines["derived.nq" if is_derived else "asserted.nq"].append(f"{quad} .\n")
    files = {name: "".join(sorted(quads)) for name, quads in lines.items()}
    for query in list_queries(queries):
        answer = evaluate(store, bind(query, {}, store), source=query.path)
        files[f"queries/{query.name}.csv"] = render_result(answer, "csv", terminal=False)
    files["matrix.csv"] = render_matrix(read_matrix(store, queries), "csv")
    return files


def write_release(files: dict[str, str], folder: Path) -> None:
    """Write the files of a release; N-Quads are compressed, with no time in the header."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = text.encode("utf-8")
        if path.suffix == ".nq":
            path, raw = path.with_name(path.name + ".gz"), gzip.compress(raw, mtime=0)
        path.write_bytes(raw)


def read_release(folder: Path) -> dict[str, str]:
    """Return the files of a release as :func:`release_files` gives them."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.csv")
    }
    files |= {path.stem: gzip.decompress(path.read_bytes()) for path in folder.glob("*.gz")}
    return {name: raw.decode("utf-8") for name, raw in files.items()}


def main() -> None:
    """Write the release of the built store."""
    parser = argparse.ArgumentParser(prog="python -m tools.freeze_release", description=__doc__)
    parser.add_argument("version", help="the name of its folder, such as 0.1")
    parser.add_argument("--project", type=Path, default=ROOT, help="the built project")
    given = parser.parse_args()
    project = Project.locate(given.project)
    store = open_published(project.build).open()
    write_release(release_files(store, project.queries), RELEASES / given.version)


if __name__ == "__main__":
    main()
