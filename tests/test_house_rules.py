"""The rules of the house that no linter knows: sizes, first sentences, exact money, and words that stay out."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import TypeGuard

import pytest

ROOT = Path(__file__).resolve().parent.parent

FUNCTION_MEDIAN, FUNCTION_NINE_IN_TEN, FUNCTION_MOST = 8, 30, 60
MODULE_MEDIAN, MODULE_MOST = 130, 400
TEMPLATE_MEDIAN, TEMPLATE_MOST = 20, 120

EXACT = ("vela/money.py", "vela/periods.py", "vela/domain/catalog/", "vela/domain/ledger/")
INEXACT_NAMES = {"float", "round", "Float", "Numeric", "Double", "REAL"}

# The first sentence of a docstring, about two lines long at most.
ONE_SENTENCE = re.compile(r"[A-Z`].{10,220}?\.(?=\s|$)", re.DOTALL)

# Put together here, so that this file does not hold what it looks for.
KEPT_OUT = tuple(
    "".join(parts)
    for parts in (
        ("/", "work", "/"),
        ("files.", "pythonhosted"),
        ("pypi", ".org"),
        ("pypi", ".python"),
        ("registry.", "npmjs"),
        ("registry.", "yarnpkg"),
        ("deb.", "debian"),
    )
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project_files() -> tuple[str, ...]:
    """Every file that is tracked or about to be, by its path from the root."""
    if not (ROOT / ".git").exists():
        pytest.skip("the rules of the house are checked in a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return tuple(sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}))


def modules(*starts: str) -> tuple[str, ...]:
    """The Python files whose path begins with one of `starts`; recorded migrations are history, not rooms."""
    found = (name for name in project_files() if name.endswith(".py") and name.startswith(starts))
    return tuple(name for name in found if not name.startswith("migrations/versions/"))


def templates() -> tuple[str, ...]:
    return tuple(name for name in project_files() if name.startswith("vela/templates/") and name.endswith(".html"))


def lines(name: str) -> int:
    return len((ROOT / name).read_text(encoding="utf-8").splitlines())


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def functions(names: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Each function's number of lines, docstring included, with the place where it stands."""
    for name in names:
        for node in ast.walk(tree(name)):
            if isinstance(node, Function):
                yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{name}:{node.lineno} {node.name}"


def product() -> tuple[str, ...]:
    return modules("vela/", "migrations/", "mcp_server.py", "wsgi.py")


def test_no_function_is_long() -> None:
    assert [found for found in functions(modules("")) if found[0] > FUNCTION_MOST] == []


def test_most_functions_are_short() -> None:
    sizes = [size for size, _ in functions(product())]
    assert median(sizes) <= FUNCTION_MEDIAN
    assert quantiles(sizes, n=10)[-1] <= FUNCTION_NINE_IN_TEN


def test_no_module_is_long() -> None:
    assert [(name, lines(name)) for name in modules("") if lines(name) > MODULE_MOST] == []


def test_most_modules_are_short() -> None:
    assert median(lines(name) for name in product() if not name.endswith("__init__.py")) <= MODULE_MEDIAN


def test_templates_are_short() -> None:
    sizes = {name: lines(name) for name in templates()}
    assert {name: size for name, size in sizes.items() if size > TEMPLATE_MOST} == {}
    assert median(sizes.values() or [0]) <= TEMPLATE_MEDIAN


def test_a_module_opens_with_one_sentence() -> None:
    openings = {name: ast.get_docstring(tree(name)) or "" for name in modules("")}
    assert {name: said for name, said in openings.items() if not ONE_SENTENCE.match(said)} == {}


def test_money_never_passes_through_a_binary_fraction() -> None:
    assert [(name, found) for name in modules(*EXACT) for found in inexact(tree(name))] == []


def inexact(module: ast.Module) -> Iterator[str]:
    """Where a name or a literal would bring in binary fractions, or round them."""
    for node in ast.walk(module):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word) if word in INEXACT_NAMES:
                yield f"{word} in line {node.lineno}"
            case ast.Constant(value=float()):
                yield f"a float in line {node.lineno}"
            case _:
                pass


def test_no_file_names_a_workplace_or_a_registry() -> None:
    contents = {name: (ROOT / name).read_bytes() for name in project_files()}
    assert [(name, word) for name, held in contents.items() for word in KEPT_OUT if word.encode() in held] == []


def test_lock_files_hold_no_addresses() -> None:
    locks = [name for name in project_files() if name.endswith(".lock")]
    assert locks
    assert [name for name in locks if "://" in (ROOT / name).read_text(encoding="utf-8")] == []


def test_nothing_prints() -> None:
    assert [(name, node.lineno) for name in product() for node in ast.walk(tree(name)) if is_print(node)] == []


def is_print(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
