"""Check the invariants: what every change of the code leaves as it is.

``python -m tools.invariants`` runs the tests of each invariant and prints a line for each. Options
of pytest may follow, such as ``-n auto --dist worksteal``. ``NHSKG_TEXTS`` and ``NHSKG_FAULTS``
name the folders of the source texts and of the inputs once answered wrongly; tests that need them
are skipped where they are not set.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_COMMANDS: Final = "tests/cli/test_commands.py"

INVARIANTS: Final[dict[str, tuple[str, ...]]] = {
    "answers and matrix of the five documents": ("tests/queries/test_golden.py",),
    "commands, formats and exit codes": (
        _COMMANDS,
        "tests/cli/test_validate.py",
        "tests/queries/test_formats.py",
        "tests/reports/test_formats.py",
        "tests/test_docs.py",
    ),
    "findings of every shape example": (
        "tests/validation/test_requirements.py",
        "tests/validation/test_locating.py",
    ),
    "every derived triple proved, and its proof checked": (
        "tests/proofs/test_proofs.py",
        "tests/proofs/test_tampering.py",
    ),
    "owlrl derives the same": (
        "tests/reasoning/test_against_owlrl.py",
        "tests/reasoning/test_rules_against_owlrl.py",
        "tests/test_ontology.py",
    ),
    "both executors derive the same": (
        "tests/reasoning/test_executors.py",
        "tests/reasoning/test_forms.py",
        "tests/reasoning/test_tables.py",
    ),
    "the matrix of the Barchester corpus": ("tests/queries/test_matrix.py",),
    "reason on any RDF": ("tests/cli/test_reason.py",),
    "the same dump from every build": (
        "tests/release/test_dump.py::test_builds_from_nothing_give_the_same_bytes_in_every_file",
    ),
    "killed builds, readers beside builds, two builds at once": (
        "tests/graph/test_store.py",
        "tests/building/test_builds.py",
    ),
    "an installed wheel answers in an empty folder": ("tests/ci/test_wheel.py",),
    "asking imports no library of reasoning or validation": (
        f"{_COMMANDS}::test_asking_imports_no_library_of_reasoning_or_validation",
    ),
    "inputs once answered wrongly are answered no worse": ("tests/test_known_faults.py",),
}
"""The tests of each invariant: files, or single tests of them."""


def main(options: Sequence[str]) -> int:
    """Run the tests of each invariant, print a line for each, and return the exit code."""
    broken = False
    for invariant, tests in INVARIANTS.items():
        command = [sys.executable, "-m", "pytest", "-q", *options, *tests]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        counts = done.stdout.splitlines()[-1] if done.stdout else done.stderr
        state = "holds" if re.search("passed|xfailed", counts) else "skipped"
        if done.returncode != 0:
            broken, state = True, "BROKEN"
            print(done.stdout)
        print(f"{state:8}{invariant}: {counts}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
