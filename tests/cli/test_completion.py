"""What a shell offers for the word that is being typed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from nhskg.project import Project

from .runner import nhskg

OFFERED = yaml.safe_load(Path(__file__).with_name("completions.yaml").read_text("utf-8"))


def offered(folder: Path, line: str) -> list[str]:
    words = f"nhskg --project {folder} {line}"
    place = str(len(words.split()) - 1)
    done = nhskg(_NHSKG_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=place)
    assert (done.exit_code, done.stderr) == (0, "")
    return [item.removeprefix("plain,") for item in done.stdout.split()]


@pytest.mark.parametrize(("line", "names"), OFFERED.items(), ids=OFFERED)
def test_commands_options_and_names_are_offered(
    built: Project, line: str, names: list[str]
) -> None:
    assert offered(built.root, line) == names


def test_without_a_graph_names_are_not_offered_and_none_is_built(barchester: Project) -> None:
    assert offered(barchester.root, "matrix --power sign") == []
    assert offered(barchester.root / "none", "matrix --power sign") == []
    assert not barchester.build.exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_reads(shell: str) -> None:
    script = nhskg("completion", shell).stdout
    assert f"_NHSKG_COMPLETE={shell}_complete" in script
    if path := shutil.which(shell):
        subprocess.run([path, "-n"], input=script, text=True, check=True)
