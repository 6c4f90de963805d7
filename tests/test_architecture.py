"""The parts of the package: who may import whom, what is public, and what an import costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import mojibake_fix
from mojibake_fix.options import GivenOptions, Options

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "mojibake_fix"

# Every module imports from lines below its own only; a new module gets its place here.
ORDER = (
    "__main__",
    "cli",
    "names undo writer",
    "journal",
    "journal.folder",
    "journal.records",
    "large replace",
    "config sift tree report.forms workers",
    "arguments",
    "gitignore",
    "report.text report.diff report.json_lines report.github report.sarif report.page",
    "report.excerpt report.explain report.steps",
    "report.markup",
    "report.places report.terminal report.words",
    "report",
    "codec stream",
    "repairer",
    "document units",
    "_repair",
    "_lossless",
    "_detect",
    "_as_written _layers",
    "_layer",
    "_decide _refuted _replaced _respelt _undecoded _unread",
    "_transcode",
    "_naming",
    "_readings _restore model.rescorer_format",
    "_inference",
    "_foreign",
    "model.format _rescore _pieces _alphabets _capitals _case _lookalikes _sisters _undone _ways",
    "_swallowed",
    "_heard _prior _scripts _signs _normalize options model marks examples",
    "_shown_beside",
    "_shown_alone",
    "_masked",
    "_mentions _spans views",
    "channels",
    "structure",
    "channels._legacy",
    "channels._tables",
    "_core",
    "",  # the package itself, which holds the version and imports lazily
)
LEVEL = {name: -depth for depth, line in enumerate(ORDER) for name in line.split(" ")}


def name_of(path: Path) -> str:
    """Return the name of a module inside the package, nothing for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def import_nodes(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports of a tree, those inside functions too, those for types only not."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not is_for_types(child):
            yield from import_nodes(child)


def resolved(name: str) -> str:
    """Return the module of the package that a dotted name inside it is, or is a member of."""
    while name and name not in MODULES and name != "_core":
        name = name.rpartition(".")[0]
    return name


def imports_of(module: str) -> set[str]:
    """Return the modules of the package that a module imports, at any time."""
    path = MODULES[module]
    here = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    here = [part for part in here if part]
    found = set()
    for node in import_nodes(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name.partition(".") for alias in node.names]
            found |= {resolved(inside) for top, _, inside in names if top == "mojibake_fix"}
        elif node.level:
            base = here[: len(here) - (node.level - 1)] + (node.module or "").split(".")
            inside = ".".join(part for part in base if part)
            found |= {resolved(f"{inside}.{alias.name}".strip(".")) for alias in node.names}
        elif (node.module or "").partition(".")[0] == "mojibake_fix":
            inside = (node.module or "").partition(".")[2]
            found |= {resolved(f"{inside}.{alias.name}".strip(".")) for alias in node.names}
    return found - {module}


def run_python(code: str) -> str:
    run = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return run.stdout


@pytest.mark.parametrize("module", sorted(name for name in MODULES if name))
def test_imports_go_one_way(module: str) -> None:
    assert module in LEVEL, f"give {module} a place in ORDER"
    back = {other for other in imports_of(module) if LEVEL[other] >= LEVEL[module]}
    assert back == set()


def test_the_ways_are_made_without_what_repair_needs() -> None:
    code = "import sys; from mojibake_fix._ways import load_ways; load_ways(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "mojibake_fix.model" in run.stdout.split()
    assert not {"mojibake_fix.channels", "dataclasses", "functools"} & set(run.stdout.split())


def test_the_core_is_reached_only_through_what_knows_it() -> None:
    users = {module for module in MODULES if "_core" in imports_of(module)}
    assert users <= {
        "_detect",
        "_decide",
        "_layer",
        "_layers",
        "_lossless",
        "_mentions",
        "_refuted",
        "_heard",
        "_prior",
        "_repair",
        "_pieces",
        "_naming",
        "_readings",
        "_sisters",
        "_spans",
        "_transcode",
        "_undone",
        "_unread",
        "_ways",
        "channels._legacy",
        "document",
        "model",
        "names",
        "sift",
        "stream",
        "units",
        "views",
    }


def test_public_names_are_sorted_and_resolve_to_what_they_say() -> None:
    assert mojibake_fix.__all__ == sorted(mojibake_fix.__all__)
    assert len(set(mojibake_fix.__all__)) == len(mojibake_fix.__all__)
    for name in mojibake_fix.__all__:
        value = getattr(mojibake_fix, name)
        assert callable(value)
        assert value.__name__ == name
        assert value.__doc__
        assert name in dir(mojibake_fix)


def test_public_names_are_those_of_the_design() -> None:
    assert set(mojibake_fix.__all__) == {
        "Channel",
        "DecodeError",
        "DocumentError",
        "EncodeError",
        "Guess",
        "Layer",
        "Options",
        "Repair",
        "Repairer",
        "Report",
        "Span",
        "damage",
        "detect",
        "fix_aiter",
        "fix_bytes",
        "fix_iter",
        "fix_stream",
        "fix_text",
        "normalize",
        "register_codec",
        "repair",
    }


def test_what_may_be_said_about_the_package_is_said_once() -> None:
    assert mojibake_fix.fix_text("clean") == "clean"
    assert sorted(set(dir(mojibake_fix))) == dir(mojibake_fix)


def test_types_of_options_are_those_of_their_fields() -> None:
    assert get_type_hints(GivenOptions) == get_type_hints(Options)
    for name in ("fix_text", "repair", "fix_bytes", "fix_stream", "fix_iter", "fix_aiter"):
        annotations = getattr(mojibake_fix, name).__annotations__
        assert annotations["options"] == "Unpack[GivenOptions]"
    assert mojibake_fix.Repairer.__init__.__annotations__["options"] == "Unpack[GivenOptions]"


def test_other_names_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        mojibake_fix.no_such_name  # noqa: B018


def test_types_see_the_public_names_where_they_are_at_run_time() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    for_types = {
        alias.name: node.module
        for branch in tree.body
        if is_for_types(branch)
        for node in ast.walk(branch)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert for_types == mojibake_fix._HOME
    assert sorted(for_types) == mojibake_fix.__all__


# What a start of the command may not pay for before it is needed.
SLOW = {
    "argparse": ("mojibake_fix", "mojibake_fix.cli"),
    "re": ("mojibake_fix", "mojibake_fix.cli"),
    "tomllib": ("mojibake_fix", "mojibake_fix.cli"),
    "dataclasses": ("mojibake_fix", "mojibake_fix.cli"),
    "typing": ("mojibake_fix", "mojibake_fix.cli"),
    "pathlib": ("mojibake_fix", "mojibake_fix.cli"),
    "inspect": ("mojibake_fix", "mojibake_fix.cli"),
    "tempfile": ("mojibake_fix", "mojibake_fix.cli"),
    "shutil": ("mojibake_fix", "mojibake_fix.cli"),
    "difflib": ("mojibake_fix", "mojibake_fix.cli"),
    "json": ("mojibake_fix", "mojibake_fix.cli"),
    "asyncio": ("mojibake_fix", "mojibake_fix.cli"),
    "multiprocessing": ("mojibake_fix", "mojibake_fix.cli"),
    "concurrent.futures": ("mojibake_fix", "mojibake_fix.cli"),
    "pathspec": ("mojibake_fix", "mojibake_fix.cli"),
    "regex": ("mojibake_fix", "mojibake_fix.cli"),
    "charset_normalizer": ("mojibake_fix", "mojibake_fix.cli"),
    "chardet": ("mojibake_fix", "mojibake_fix.cli"),
    "mojibake_fix._core": ("mojibake_fix",),
    "mojibake_fix._detect": ("mojibake_fix", "mojibake_fix.cli"),
    "mojibake_fix._repair": ("mojibake_fix", "mojibake_fix.cli"),
    "mojibake_fix.channels": ("mojibake_fix", "mojibake_fix.cli"),
    "mojibake_fix.options": ("mojibake_fix", "mojibake_fix.cli"),
}


@pytest.mark.parametrize("module", ["mojibake_fix", "mojibake_fix.cli"])
def test_import_pulls_in_nothing_that_is_not_needed_yet(module: str) -> None:
    # What the interpreter itself or the environment's start-up files load does not count.
    code = (
        f"import sys; before = set(sys.modules); import {module}; "
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = set(run_python(code).split())
    assert module in loaded
    assert {name for name in loaded if module in SLOW.get(name, ())} == set()


def test_clean_text_is_passed_without_the_detector() -> None:
    code = (
        "import sys; from mojibake_fix import fix_bytes; "
        "data = 'Köln'.encode(); assert fix_bytes(data) is data; "
        "print('mojibake_fix._detect' in sys.modules)"
    )
    assert run_python(code).strip() == "False"


SHIPPED = [
    path
    for folder in ("src", "tests", "tools", "benchmarks", "docs")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file()
    and "__pycache__" not in path.parts
    and not path.name.startswith(".")
    and path.suffix in {".py", ".pyi", ".c", ".h", ".md", ".toml", ".txt", ".cfg", ".json", ".svg"}
    and not any(part.endswith(".egg-info") for part in path.parts)
] + [path for path in sorted(ROOT.iterdir()) if path.suffix in {".md", ".toml"}]

# A path from the root of some machine, its user or its scratch folder.
MACHINE = re.compile(
    r"(?<![\w.~/:>-])/(?:home|root|Users|work|tmp|mnt|var/folders)/\w|[A-Z]:\\\\Users"
)


def test_no_file_names_a_path_of_one_machine() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in SHIPPED
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1
        )
        if MACHINE.search(line) and path != Path(__file__).resolve()
    }
    assert found == set()


def test_shipped_files_were_found() -> None:
    assert len(SHIPPED) > 50


def test_all_files_of_the_core_are_built_and_packed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [extension] = settings["tool"]["setuptools"]["ext-modules"]
    core = ROOT / "src" / "mojibake_fix" / "_core"
    for kind, listed in ((".c", extension["sources"]), (".h", extension["depends"])):
        files = {f"src/mojibake_fix/_core/{path.name}" for path in core.glob(f"*{kind}")}
        assert set(listed) == files
