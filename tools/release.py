"""Make a release: ``python -m tools.release [--dry-run]``, which is ``make release``.

In ``dist/``, which is not checked in: the files of ``nhskg dump``, with the wheel and the source
archive beside them, and notes for people. ``docs/releases/<version>.sha256`` keeps the digest of
each file but the notes. Released files never change: once that file is there, a release of the same
version is made again only if each file comes out the same.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from nhskg import PRIOR_VERSION, RELEASED, __version__
from nhskg.rdf.errors import NhskgError, UsageError
from nhskg.rdf.files import write_atomically
from tools.generate_docs import ROOT, render_version

NAME: Final = f"nhskg-{__version__}"
_NEXT: Final = "raise __version__ and empty RELEASED in src/nhskg/__init__.py, and run make docs"


def release(root: Path, *, dry_run: bool = False) -> str:
    """Make the release of a repository; return what was done, and what is left for a person.

    With ``dry_run`` all is made and compared, and nothing kept.

    Raises UsageError where the day of the release is not set, something is not committed, the
    changelog has no section of the version, another version stands somewhere, a step fails, or a
    released file would change.
    """
    if not RELEASED:
        raise UsageError("a preview is not released; set RELEASED in src/nhskg/__init__.py")
    changes, commit = _check(root), _run(root, "git", "rev-parse", "--short", "HEAD").strip()
    dist, sums = root / "dist", root / "docs" / "releases" / f"{__version__}.sha256"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=dist) as beside:
        made, nhskg = Path(beside), (sys.executable, "-m", "nhskg", "--project", str(root))
        _run(root, *nhskg, "build")
        _run(root, *nhskg, "validate")
        _run(root, *nhskg, "dump", "--out", str(made / NAME))
        _run(root, sys.executable, "-m", "hatchling", "build", "--directory", str(made))
        told = _digests(made)
        is_new = not sums.exists()
        if not is_new:
            _refuse_changes(sums, told)
        notes = f"# nhskg {__version__}, {RELEASED}\n\n{changes}{_differences(root, made / NAME)}"
        (made / f"{NAME}.md").write_text(notes, "utf-8")
        names = sorted(path.name for path in made.iterdir())
        for name in () if dry_run else names:
            shutil.rmtree(dist / name, ignore_errors=True)
            (made / name).replace(dist / name)
    if is_new and not dry_run:
        write_atomically(sums, told)
    listed, kept = sums.relative_to(root), "new" if is_new else "unchanged"
    is_changed = is_new or _run(root, "git", "status", "--porcelain", str(sums))
    to_commit = f"commit {listed}, " if is_changed else ""
    return (
        f"nhskg {__version__} of {RELEASED}, from commit {commit}"
        f"{' (dry run: nothing is kept)' if dry_run else ''}\n"
        f"in dist/: {', '.join(names)}\n"
        f"{len(told.splitlines())} files, with their digests in {listed} ({kept})\n"
        f"left for you: read dist/{NAME}.md, {to_commit}tag the commit v{__version__}, "
        f"and upload what is in dist/; then {_NEXT}\n"
    )


def _check(root: Path) -> str:
    """Return the section of the changelog, if all is committed and has the version."""
    status = _run(root, "git", "status", "--porcelain", "--untracked-files=all")
    own = f"?? docs/releases/{__version__}.sha256"  # which this program wrote
    if changed := [line for line in status.splitlines() if line != own]:
        names = ", ".join(line.strip() for line in changed)
        raise UsageError(f"not committed: {names}; commit first, and make the release again")
    for path in (root / "CITATION.cff", *(root / "ontology").glob("*.ttl")):
        if path.exists() and render_version(text := path.read_text("utf-8")) != text:
            raise UsageError(f"{path}: has another version than {__version__}; run make docs")
    heading = rf"(?ms)^## \[?{re.escape(__version__)}\]?(?: [^\n]*)?\n(.*?)(?=^## |\Z)"
    if not (found := re.search(heading, (root / "CHANGELOG.md").read_text("utf-8"))):
        raise UsageError(f"CHANGELOG.md: has no section '## {__version__}'; name [Unreleased] so")
    return found[1].strip() + "\n"


def _run(root: Path, *command: str, good: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise UsageError(f"{' '.join(command)}: {done.stdout}{done.stderr}".rstrip())
    return done.stdout


def _digests(folder: Path) -> str:
    """Return the digest and the name of each file, as ``sha256sum -c`` reads them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in files
    )


def _refuse_changes(sums: Path, told: str) -> None:
    changed = {*sums.read_text("utf-8").splitlines()} ^ {*told.splitlines()}
    if names := sorted({line.partition("  ")[2] for line in changed}):
        told = f"released files never change, and these would: {', '.join(names)}"
        raise UsageError(f"{told}; {_NEXT}")


def _differences(root: Path, new: Path) -> str:
    """Return in Markdown what differs from the release before, if that is here."""
    prior = f"nhskg-{PRIOR_VERSION}"
    frozen = root / "tests" / "data" / "releases" / PRIOR_VERSION.rpartition(".")[0]
    for old in filter(Path.is_dir, (root / "dist" / prior, frozen)):
        named = new.with_name(prior)  # so that the notes have no path of this machine
        named.symlink_to(old)
        diff = ("-m", "nhskg", "--project", str(root), "diff", prior, new.name)
        told = _run(new.parent, sys.executable, *diff, "--format", "markdown", good=(0, 1))
        named.unlink()
        return f"\n{told}"
    return ""


def main() -> int:
    """Make the release, and print what was done; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="make and compare, and keep nothing")
    try:
        print(release(ROOT, dry_run=parser.parse_args().dry_run), end="")
    except NhskgError as error:
        print(f"no release: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
