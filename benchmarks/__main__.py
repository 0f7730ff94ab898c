"""``python -m benchmarks``: run the benchmarks, and print ratios measured in one run."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import commands, reasoning
from benchmarks.context import Context
from benchmarks.measuring import ROOT
from benchmarks.results import REPORT, Report, Result, machine_facts, render_text, write_docs

BENCHMARKS: Final[dict[str, Callable[[Context], Iterator[Result]]]] = {
    "asking": commands.ask,
    "proving": commands.why,
    "build": commands.build,
    "dump": commands.dump,
    "owlrl": reasoning.reason_with_owlrl,
    "reasonable": reasoning.reason_with_reasonable,
    "load": reasoning.reason_and_load,
    "growth": reasoning.growth,
    "executors": reasoning.compare_executors,
    "names": reasoning.names,
    "chain": reasoning.chain,
    "memory": reasoning.memory,
    "validation": commands.validate,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks that are named, all if none is; print a table."""
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON too")
    output.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md anew")
    where, rest = output.parse_known_args(argv)
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__, parents=[output])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; or all")
    parser.add_argument("--size", type=int, metavar="N", help="claims, in place of the usual sizes")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each side")
    parser.add_argument("--full", action="store_true", help="run the long ones too")
    parser.add_argument("--limit", type=float, default=1_800, metavar="S", help="see the docs")
    parser.add_argument(
        "--results", type=Path, nargs="+", metavar="FILE", help="run nothing; show saved results"
    )
    given = parser.parse_args(rest)
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if given.results:
        reports = [REPORT.validate_json(path.read_bytes()) for path in given.results]
        print("\n".join(render_text(each) for report in reports for each in report.results))
    else:
        facts, results = machine_facts(), tuple(_run(given))
        reports = [Report(" ".join(["python -m benchmarks", *rest]), facts, results)]
        print("\n".join(f"{name}: {value}" for name, value in facts.items()))
    if where.json:
        where.json.write_bytes(REPORT.dump_json(reports[0], indent=2) + b"\n")
    if where.write_docs:
        write_docs(ROOT / "docs" / "benchmarks.md", reports)
    return 0


def _run(given: argparse.Namespace) -> Iterator[Result]:
    """Run benchmarks, and print each result as it comes."""
    with tempfile.TemporaryDirectory(prefix="nhskg-bench-") as folder:
        context = Context(Path(folder), given.size, given.full, given.rounds, given.limit)
        for name in given.names or BENCHMARKS:
            for result in BENCHMARKS[name](context):
                print(render_text(result), flush=True)
                yield result


if __name__ == "__main__":
    sys.exit(main())
