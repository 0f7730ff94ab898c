"""``nhskg.toml`` and ``[tool.nhskg]``: which is read, what it sets, what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nhskg.cli.validate import validate_command

from .runner import nhskg

DATA = "@prefix ex: <http://example.org/> .\nex:ann a ex:Person .\n"
SHAPES = """\
@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:Named a sh:NodeShape ; sh:targetClass ex:Person ; sh:property ex:Named-name .
ex:Named-name sh:path ex:name ; sh:minCount 1 ; sh:message "a name is wanted" .
"""
FOUND = "violation: a name is wanted [ex:Named-name]\n"
SETTINGS = """\
[validate]
data = ["my data/**/*.ttl"]
shapes = "shapes"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A git repository of data and shapes, and no project."""
    for name, text in (("my data/a/b.ttl", DATA), ("shapes/s.ttl", SHAPES)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_data_and_shapes_of_the_settings_are_validated_from_any_folder_below(folder: Path) -> None:
    (folder / "nhskg.toml").write_text(SETTINGS, "utf-8-sig")  # with a byte order mark
    for arguments, cwd in ([], "."), ([], "my data/a"), (["--project", ".."], "shapes"):
        done = nhskg(*arguments, "validate", cwd=folder / cwd)
        assert (done.exit_code, done.stdout.endswith(f"b.ttl:2:1: {FOUND}")) == (1, True)


@pytest.mark.parametrize("pattern", ["FOLDER/m*/**/*.ttl", "shapes/../my data/**/", "**/b.t[t]l"])
def test_a_pattern_is_below_the_folder_or_absolute_and_finds_nothing_hidden(
    folder: Path, pattern: str
) -> None:
    for loop in ("my data/one", "my data/two"):  # through which there are paths without end
        (folder / loop).symlink_to(".")
    for hidden in (".venv", "my data/.old"):
        (folder / hidden).mkdir()
        (folder / hidden / "b.ttl").write_text(DATA.replace("ann", "old"), "utf-8")
    settings = SETTINGS.replace("my data/**/*.ttl", pattern.replace("FOLDER", str(folder)))
    (folder / "nhskg.toml").write_text(settings, "utf-8")
    done = nhskg("validate", cwd=folder)
    assert done.stdout.count(FOUND) == 1, done.stdout + done.stderr
    assert f"my data/a/b.ttl:2:1: {FOUND}" in done.stdout


def test_paths_choose_among_the_findings_in_data_and_shapes(folder: Path) -> None:
    (folder / "nhskg.toml").write_text(SETTINGS, "utf-8")
    (folder / "my data" / "c.ttl").write_text(DATA.replace("ann", "bob"), "utf-8")
    done = nhskg("validate", "my data/c.ttl", cwd=folder)
    assert (done.exit_code, done.stdout) == (1, f"my data/c.ttl:2:1: {FOUND}")
    assert nhskg("validate", "my data", cwd=folder).stdout.count(FOUND) == 2
    assert nhskg("validate", "shapes", cwd=folder).stdout == ""
    done = nhskg("validate", "nhskg.toml", cwd=folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "nhskg.toml holds nothing that is checked; give a file of --data" in done.stderr


def test_the_command_line_wins_and_paths_are_those_of_the_file(folder: Path) -> None:
    more = 'fail-on = "never"\nformat = ["text", "json=out/found.json"]\nbaseline = "known.yaml"\n'
    (folder / "nhskg.toml").write_text(SETTINGS + more, "utf-8")
    (folder / "known.yaml").write_text("known: []\n", "utf-8")
    below = folder / "shapes"
    assert nhskg("validate", cwd=below).exit_code == 0
    assert (folder / "out" / "found.json").is_file()
    assert nhskg("validate", "--fail-on", "info", cwd=below).exit_code == 1
    (folder / "fit.ttl").write_text(DATA.replace("Person", 'Person ; ex:name "Ann"'), "utf-8")
    done = nhskg("validate", "--data", "../fit.ttl", "--format", "text", cwd=below)
    assert (done.stdout, done.stderr.splitlines()[-1]) == ("", "0 findings")


def test_that_the_corpus_of_nhskg_is_what_is_checked_is_said(tmp_path: Path) -> None:
    """Settings that name no data are easily taken for a check of what is in the folder."""
    (tmp_path / "nhskg.toml").write_text('[validate]\nfail-on = "warning"\n', "utf-8")
    done = nhskg("validate", cwd=tmp_path)
    told = "nhskg: no project here; what is checked is the corpus of nhskg"
    assert (done.exit_code, done.stderr.splitlines()[0]) == (0, told)


def test_which_file_is_read(folder: Path) -> None:
    """The nearest; of one folder nhskg.toml; above the repository none; the one that is named."""
    outer, inner = folder / "nhskg.toml", folder / "shapes" / "pyproject.toml"
    outer.write_text(SETTINGS, "utf-8")
    inner.write_text("[project]\nname = 'x'\n", "utf-8")
    assert nhskg("validate", cwd=inner.parent).exit_code == 1
    for text in ("[tool]\nnhskg = 3\n", "[tool.nhskg.validate]\nengine = 'none'\n"):
        inner.write_text(text, "utf-8")
        done = nhskg("validate", cwd=inner.parent)
        assert (done.exit_code, done.stderr.partition(": ")[0]) == (2, "pyproject.toml:2")
    assert nhskg("validate", "--settings", "../nhskg.toml", cwd=inner.parent).exit_code == 1
    (inner.parent / "nhskg.toml").write_text("[validate]\nengine = 'no'\n", "utf-8")
    assert nhskg("validate", cwd=inner.parent).stderr.startswith("nhskg.toml:2: engine: ")
    (inner.parent / "nhskg.toml").unlink()
    inner.unlink()
    (inner.parent / ".git").write_text("gitdir: elsewhere\n", "utf-8")
    done = nhskg("validate", "--project", ".", cwd=inner.parent)
    assert (done.exit_code, "no seeds/ in ." in done.stderr) == (2, True)


def test_files_behind_an_address_are_those_of_the_file_of_settings(folder: Path) -> None:
    files = {
        "types.ttl": "@prefix ex: <http://example.org/> .\nex:Boss a ex:Person .\n",
        "data.jsonld": '{"@context": "urn:c", "@id": "urn:eve", "@type": "Person"}',
        "c.jsonld": '{"@context": {"Person": "http://example.org/Person"}}',
        "nhskg.toml": "[validate]\ndata = 'data.jsonld'\nshapes = 'shapes'\n"
        "context = 'urn:c=c.jsonld'\nimports = ['urn:t=types.ttl', '*.ttl']\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    done = nhskg("validate", cwd=folder / "shapes")
    assert (done.exit_code, done.stdout.count(FOUND)) == (1, 1), done.stderr


WRONG = {
    "[validate]\n# engin\nengin = 'x'": "3: unknown setting 'engin'; did you mean 'engine'?",
    "[validate]\nsettings = 'x'": "2: unknown setting 'settings'",
    "[validate]\nupdate-baseline = true": "2: unknown setting 'update-baseline'",
    "[validate]\nallow-network = true": "2: unknown setting 'allow-network'",
    "[validate]\noutput = '../a'": "2: '../a' is outside the folder of the settings",
    "[validate]\nformat = 'json=/a'": "2: '/a' is outside the folder of the settings",
    "[validate]\noutput = '.git/a'": "2: '.git/a' is outside the folder of the settings",
    "[validate]\nbaseline = 'link/a'": "2: 'link/a' is outside the folder of the",
    "[validate]\nformat = 'json=../x=y'": "2: '../x=y' is outside the folder of the settings",
    "[validate]\ndata = ['../s.ttl']": "2: '../s.ttl' is outside the folder of the settings",
    "[validate]\nshapes = ['link']": "2: 'link' is outside the folder of the settings",
    "[validate]\nshapes = ['l*k']": "2: 'link' is outside the folder of the settings",
    "[validate]\ncontext = 'urn:c=/c'": "2: '/c' is outside the folder of the settings",
    "[validate]\nimports = '../c'": "2: '../c' is outside the folder of the settings",
    "[validate]\ntexts = '..'": "2: '..' is outside the folder of the settings",
    "validate = { engine = 'turboo' }": "1: engine: 'turboo' is not one of 'turbo', 'pyshacl'",
    "[ validate ]\n\n'data' = ['nix*.ttl']": "3: 'nix*.ttl' matches nothing",
    "[validate]\ndata = ['/*/*.ttl']": "2: '/*/*.ttl' looks outside the folder of the settings",
    "[validate]\ndata = ['../*.ttl']": "2: '../*.ttl' looks outside the folder of the settings",
    "validate.engine = 'turbo'\nvalidate.data = [5]": "2: 'data' takes a list of texts: […",
    '[validate]\ndata = "a\\u0000b"': "2: 'data' takes a list of texts: […",
    "[validate]\nfail-on = true": "2: 'fail-on' takes a text",
    "[validate]\ntexts = 'nowhere'": "2: texts: directory 'nowhere' does not exist",
    "[corpus]\n[valdate]": "2: 'valdate' is no table of settings; known are [corpus], [validate]",
    "validate = 3": "1: 'validate' is no table of settings",
    "[validate]\na b": "2: not valid TOML: Expected '='",
    "x = ": ": not valid TOML: Invalid value",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_one_line_with_its_place(folder: Path, text: str) -> None:
    (folder / "nhskg.toml").write_text(text, "utf-8")
    (folder / "link").symlink_to("/")
    done = nhskg("validate", cwd=folder)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    told = WRONG[text].partition("[…")[0]
    assert done.stderr.startswith(f"nhskg.toml{'' if told[0] == ':' else ':'}{told}")


def test_settings_that_are_not_named_stay_in_their_folder(folder: Path) -> None:
    """Also where the current folder is around it; those that --settings names are trusted."""
    (folder / "kept").write_text("kept", "utf-8")
    settings = "[validate]\ndata = '../my data'\nshapes = '.'\noutput = '../kept'\n"
    for line in ("data = ", "output = "):
        stranger = settings.replace(line, "#" if line == "data = " else line)
        (folder / "shapes" / "nhskg.toml").write_text(stranger, "utf-8")
        done = nhskg("validate", "--project", "shapes", cwd=folder)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "is outside the folder of the settings; name it, or " in done.stderr
        assert (folder / "kept").read_text("utf-8") == "kept"
    done = nhskg("validate", "--settings", "shapes/nhskg.toml", cwd=folder)
    assert (done.exit_code, (folder / "kept").read_text("utf-8").count(FOUND)) == (1, 1)


def examples(page: str, language: str) -> list[str]:
    """Return the blocks of a language on a page of the documentation."""
    text = (Path(__file__).parents[2] / "docs" / page).read_text("utf-8")
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)


def test_the_examples_of_the_documentation_run(folder: Path) -> None:
    """Settings of both pages, and the data in which two findings are suppressed."""
    (suppressing,) = examples("validation.md", "turtle")
    settings = [*examples("validation.md", "toml"), *examples("ci.md", "toml")]
    assert len(settings) == 2
    (folder / "data").mkdir()
    (folder / "data" / "a.ttl").write_text(DATA, "utf-8")
    (folder / "more.trig").write_text(DATA.splitlines()[0] + "\n" + suppressing, "utf-8")
    shapes = SHAPES.partition("ex:Named-name .")[0] + "[ sh:path ex:name ; sh:minCount 1 ] .\n"
    (folder / "shapes" / "s.ttl").write_text(shapes, "utf-8")
    for text, suppressed in zip(settings, ("; 2 suppressed\n", "1 violation\n"), strict=True):
        (folder / "nhskg.toml").write_text(text, "utf-8")
        done = nhskg("validate", cwd=folder)
        assert (done.exit_code, done.stdout.count("\n")) == (1, 1), done.stderr
        assert done.stdout.startswith("data/a.ttl:2:1: violation: ")
        assert done.stderr.endswith(suppressed)
    assert (folder / "findings.sarif").is_file()


def test_every_option_but_those_of_one_run_is_a_setting(folder: Path) -> None:
    """Whatever option is added can stand in the file; a flag takes true or false."""
    named = {each.opts[0][2:] for each in validate_command.params if each.opts[0][:2] == "--"}
    for name in named - {"project", "settings", "fresh", "allow-network", "update-baseline"}:
        (folder / "nhskg.toml").write_text(f"[validate]\n{name} = 1.5\n", "utf-8")
        done = nhskg("validate", cwd=folder)
        assert done.stderr.startswith(f"nhskg.toml:2: '{name}' takes "), name


@pytest.mark.parametrize("value", ["[" * 100_000, "1" * 5_000])
def test_settings_that_toml_cannot_take_are_told(folder: Path, value: str) -> None:
    (folder / "nhskg.toml").write_text(f"[validate]\na = {value}", "utf-8")
    done = nhskg("validate", cwd=folder)
    assert done.exit_code == 2
    assert done.stderr.startswith("nhskg.toml: not valid TOML: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_settings_that_are_no_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "nhskg.toml").symlink_to("/dev/zero")
    done = nhskg("validate", cwd=tmp_path)
    assert done.exit_code == 2
    assert done.stderr.startswith("nhskg.toml: cannot be read: not a file; ")
