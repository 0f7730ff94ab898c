"""Build the documentation as a site that works from a file system, without a network.

``python -m tools.build_site`` writes ``build/site``; its start page is ``index.html``. Sphinx reads
the pages where they are in the repository. Two are only in the site, ``docs/terms.md`` and the list
of the decisions, and the catalogue of the queries has answers there. A warning of Sphinx, a link
within the site that leads nowhere and a page that would load something from elsewhere are errors.
Links to other sites are listed in ``links.txt``, and not followed.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urldefrag, urlsplit

from click.testing import CliRunner
from sphinx.application import Sphinx

from nhskg import __version__
from nhskg.cli import cli
from nhskg.queries.stored import list_queries
from tools.generate_docs import ROOT, rule_pages, write_pages
from tools.ontology_page import render_terms
from tools.pages import render_queries

ROWS: Final = 3
_CONTENTS: Final = """
```{toctree}
:hidden:
:titlesonly:
:caption: To use it
docs/queries
docs/using-the-dumps
docs/cli
docs/own-corpus
docs/annotating
docs/validation
docs/rules/README
docs/ci
docs/remote
docs/w3id/README
```

```{toctree}
:hidden:
:titlesonly:
:caption: What it is made of
docs/ontology
docs/terms
docs/corpus
docs/reasoner
docs/proofs
docs/architecture
docs/decisions/README
docs/benchmarks
docs/conformance
```

```{toctree}
:hidden:
:titlesonly:
:caption: The project
CHANGELOG
CONTRIBUTING
OTHERS
```
"""
_CONFIGURATION: Final = {
    "extensions": ["myst_parser"],
    "html_copy_source": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_theme": "furo",
    "html_title": f"nhskg {__version__}",
    "include_patterns": [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/**.md",
        "src/**/README.md",
    ],
    "exclude_patterns": ["build", ".*", "tests", "dist", "seeds"],
    "myst_heading_anchors": 4,
    "project": "nhskg",
    "root_doc": "README",
    "smartquotes": False,
    "suppress_warnings": ["toc.not_included", "myst.header", "misc.highlighting_failure"],
}


def ask(name: str, project: Path = ROOT) -> str:
    """Return the first rows of a stored query's answer to its defaults, as Markdown."""

    def answer(*options: str) -> list[str]:
        run = ["--project", str(project), "query", "run", name, "--build", *options]
        environment = {"NHSKG_TEXTS": None, "COLUMNS": "92"}
        done = CliRunner().invoke(cli, run, env=environment, catch_exceptions=False)
        return [line.rstrip() for line in done.stdout.splitlines()]

    count = sum(line.startswith("|") for line in answer("--format", "markdown")) - 2
    told = f"{ROWS} of its {count} rows" if count > ROWS else "Its answer"
    limit = f" --row-limit {ROWS}" * (count > ROWS)
    shown = "\n".join(answer("--format", "table", *limit.split())).strip("\n")
    return f"{told}, by `nhskg query run {name}{limit}`:\n\n```text\n{shown}\n```\n"


def build(out: Path) -> int:
    """Write the site into a folder that is made anew; return 1 where Sphinx warns, else 0."""
    docs, decisions = ROOT / "docs", "# Decisions\n\n"
    for path in sorted((docs / "decisions").glob("0*.md")):
        title = path.read_text("utf-8").partition("\n")[0].lstrip("# ")
        decisions += f"- [{title}]({path.name})\n"
    made = {
        docs / "terms.md": render_terms(sorted((ROOT / "ontology").glob("*.ttl"))),
        docs / "decisions" / "README.md": decisions,
    }
    write_pages(rule_pages() | made)

    def complete(_app: Sphinx, name: str, source: list[str]) -> None:
        if name == "README":
            others = (f"docs/{path.stem}" for path in sorted(docs.glob("*.md")))
            rest = "\n".join(each for each in others if f"{each}\n" not in _CONTENTS)
            source[0] += _CONTENTS.replace("OTHERS", rest)
        elif name == "docs/queries":
            source[0] = render_queries(list_queries(ROOT / "queries"), ask)

    shutil.rmtree(out, ignore_errors=True)
    app = Sphinx(
        ROOT,
        None,
        out,
        ROOT / "build" / "doctrees",
        "html",
        confoverrides=_CONFIGURATION,
        status=None,
        freshenv=True,
        warningiserror=True,
    )
    app.connect("source-read", complete)
    app.build()
    shutil.copy(out / "README.html", out / "index.html")
    return int(app.statuscode)


class _Page(HTMLParser):
    """The anchors of a page, its links, and what a browser loads to show it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors, self.links, self.loaded = Counter[str](), list[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names and refers to."""
        given = {name: value or "" for name, value in attrs}
        self.anchors.update([given["id"]] if given.get("id") else [])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag != "a":
            self.loaded += [given[name] for name in ("src", "href") if name in given]


def check_links(folder: Path) -> tuple[list[str], Counter[str]]:
    """Return what is wrong with the links of a site, and how often each other site is linked."""
    pages = {path: _Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    return [*_faults(pages, folder)], Counter(
        link for page in pages.values() for link in page.links if not _is_local(link)
    )


def _is_local(link: str) -> bool:
    return not urlsplit(link).scheme and not link.startswith("//")


def _faults(pages: dict[Path, _Page], folder: Path) -> Iterator[str]:
    for path, page in pages.items():
        name = path.relative_to(folder)
        yield from (f"{name}: two anchors {key}" for key, n in page.anchors.items() if n > 1)
        for link in page.loaded:
            if not _is_local(link) and urlsplit(link).scheme != "data":
                yield f"{name}: loads {link} from elsewhere"
        for link in filter(_is_local, page.links + page.loaded):
            address, fragment = map(unquote, urldefrag(link))
            address = address.partition("?")[0]  # by which browsers tell versions of a file
            target = (path.parent / address).resolve() if address else path
            if not target.is_file():
                yield f"{name}: no file {link}"
            elif fragment and target in pages and not pages[target].anchors[fragment]:
                yield f"{name}: no anchor {link}"


def main() -> int:
    """Build the site and check its links; return the exit code."""
    os.chdir(ROOT)
    out = ROOT / "build" / "site"
    code = build(out)
    faults, others = check_links(out)
    for fault in islice(faults, 50):
        print(fault, file=sys.stderr)
    listed = "".join(f"{number:5} {link}\n" for link, number in sorted(others.items()))
    (out / "links.txt").write_text(listed, "utf-8")
    print(f"{out / 'index.html'} ({len(others)} links to other sites, listed in links.txt)")
    return 1 if faults else code


if __name__ == "__main__":
    sys.exit(main())
