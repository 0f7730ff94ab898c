"""The plain way to ask: parse Turtle files with rdflib, run a query, print the rows.

Run as ``python plain_ask.py QUERY FILE…``. It imports nothing of nhskg.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rdflib import Graph


def main() -> None:
    """Print the rows of the query as tab-separated values."""
    graph = Graph()
    for path in sys.argv[2:]:
        graph.parse(path, format="turtle")
    result = graph.query(Path(sys.argv[1]).read_text("utf-8"))
    print(*(str(variable) for variable in result.vars or ()), sep="\t")
    for row in result.bindings:
        terms = (row.get(variable, "") for variable in result.vars or ())
        print(*terms, sep="\t")


if __name__ == "__main__":
    main()
