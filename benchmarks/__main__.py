"""``python -m benchmarks``: run the benchmarks, and print ratios measured in one run."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import asking, builds, proving, reasoning, validating
from benchmarks.context import Context
from benchmarks.measuring import ROOT, Result, from_json, machine_facts, to_json
from benchmarks.reporting import render_text, write_docs

__all__ = ["BENCHMARKS", "main"]

Benchmark = Callable[[Context], Iterator[Result]]

_PAGE: Final = ROOT / "docs" / "benchmarks.md"

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "asking": asking.ask,
    "proving": proving.why,
    "build": builds.build,
    "owlrl": reasoning.reason_with_owlrl,
    "reasonable": reasoning.reason_with_reasonable,
    "load": reasoning.reason_and_load,
    "growth": reasoning.growth,
    "executors": reasoning.agree,
    "names": reasoning.names,
    "chain": reasoning.chain,
    "memory": reasoning.memory,
    "validation": validating.validate_whole,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks that were asked for, all if none was; print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; or all")
    parser.add_argument("--size", type=int, metavar="N", help="claims, in place of the usual sizes")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each side")
    parser.add_argument("--full", action="store_true", help="run the long ones too")
    parser.add_argument("--limit", type=float, default=1_800, metavar="S", help="see the docs")
    parser.add_argument(
        "--results", type=Path, nargs="+", metavar="FILE", help="run nothing; tell of saved results"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON too")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md anew")
    given = parser.parse_args(argv)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if given.results:
        return _tell(given.results, write=given.write_docs)
    facts = machine_facts()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="nhskg-bench-") as folder:
        context = Context(Path(folder), given.size, given.full, given.rounds, given.limit)
        for name in given.names or BENCHMARKS:
            for result in BENCHMARKS[name](context):
                results.append(result)
                print(render_text(result), flush=True)
    command = _command(argv if argv is not None else sys.argv[1:])
    print("\n" + "\n".join(f"{name}: {value}" for name, value in facts.items()))
    if given.json:
        given.json.write_text(to_json(results, facts, command), "utf-8")
    if given.write_docs:
        write_docs(_PAGE, results, facts, [command])
    return 0


def _command(argv: Sequence[str]) -> str:
    """Return the command without what says where results go."""
    kept = [
        each
        for before, each in zip(["", *argv], argv, strict=False)
        if "--json" not in (before, each) and not each.startswith(("--json=", "--write-docs"))
    ]
    return " ".join(["python -m benchmarks", *kept])


def _tell(files: Sequence[Path], *, write: bool) -> int:
    """Tell of results that were saved with ``--json``, in the order of the benchmarks."""
    saved = [json.loads(file.read_text("utf-8")) for file in files]
    results = [from_json(each) for data in saved for each in data["results"]]
    for result in results:
        print(render_text(result))
    if write:
        write_docs(_PAGE, results, saved[0]["machine"], [data["command"] for data in saved])
    return 0


if __name__ == "__main__":
    sys.exit(main())
