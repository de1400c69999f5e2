"""How the code hangs together, read from its syntax trees: `python scripts/code_shape.py` prints what breaks the rules.

What it prints is what `tests/architecture_faults.toml` holds, so that the list can be renewed after a merge:

    python scripts/code_shape.py > tests/architecture_faults.toml

The rules are in `docs/architecture.md`, and `tests/test_architecture.py` holds the code to them.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "venolymph"
HEAVY = {
    "PIL",
    "arviz",  # warns where it is imported; not installed for everybody
    "blackjax",  # not installed for everybody
    "dask",  # the same
    "distributed",  # the same
    "fcntl",  # not on every system
    "fhir",  # not installed for everybody
    "jax",
    "matplotlib",
    "numpy",
    "optimistix",  # the same
    "pandas",
    "pint",
    "prompt_toolkit",
    "rich",
    "scipy",
    "tqdm",
    "venolymph.measures",  # loads the engine, which a document without readings does not need
    "xarray",
    "yaml",
    "zarr",
}
"""Libraries that may be imported inside a function: they load slowly, or are not there for everybody."""
LONGEST_FUNCTION = 60
MOST_PARAMETERS = 8
LONGEST_FILE = 400
GUESSES = {
    "cli/doctoring.py",  # a device of JAX may say its kind
    "cli/help.py",  # what click's commands and parameters have
    "cli/output.py",  # the same, and what its errors carry
    "documents/yaml_text.py",  # what the errors and events of PyYAML carry
    "processes.py",  # whether the system forks, and JAX says that it has begun
}
"""Files that may ask things of others' libraries for an attribute by name, since their classes do not declare it."""
REASON = "# Over 400 lines because "
"""How a comment at the head of a long file begins that says why it is one."""
HEAD = 12
"""Lines in which that comment has to stand."""
KINDS = {
    "upward": "imports of a room below the importing one in the table of docs/architecture.md",
    "package_circles": "packages that import each other in a circle, imports inside functions among them",
    "file_circles": "files that do",
    "inner_imports": "imports inside functions; those in `cli` and those of heavy libraries (`HEAVY`) aside",
    "twin_classes": "public classes that share their name with another",
    "guessed_attributes": "attributes asked for by a literal name (`getattr`, `hasattr`), but in `GUESSES`",
    "long_functions": "functions with more than 60 lines of code, rounded up to tens",
    "many_parameters": "functions with more than 8 parameters, and how many; those of `cli` aside, which are options",
    "long_files": "files of more than 400 lines that do not say why at their head, rounded up to fifties",
}

_GUESSING = {"getattr", "hasattr"}

Faults = dict[str, dict[str, str | int]]
"""For each kind what is at fault, and more about it: how large it is, or what it is joined to."""


@dataclass(frozen=True)
class Import:
    """One imported name.

    Attributes:
        file: that imports, relative to the package.
        module: full name of the imported module.
        name: what is imported from it; empty where it is the module itself.
        function: qualified name of the function that it stands in; empty at the top of the file.
        only_types: whether it is read by type checkers alone.
        line: its line.
    """

    file: str
    module: str
    name: str
    function: str
    only_types: bool
    line: int


@dataclass(frozen=True)
class Function:
    """One function: where it is, its lines of code (without docstring, comments and blank lines), its parameters."""

    file: str
    name: str
    lines: int
    parameters: int


class Code:
    """The package's files as syntax trees.

    Args:
        source: folder of the package.
        rooms: names of its packages and modules, ground first.
    """

    def __init__(self, source: Path, rooms: list[str]) -> None:
        self.rooms = rooms
        self.texts = {
            str(file.relative_to(source).as_posix()): file.read_text("utf-8") for file in sorted(source.rglob("*.py"))
        }
        self.trees = {file: ast.parse(text) for file, text in self.texts.items()}

    @cached_property
    def imports(self) -> list[Import]:
        """All imports, those inside functions and `import_module("...")` among them."""
        return [found for file, tree in self.trees.items() for found in _imports(file, tree)]

    @cached_property
    def functions(self) -> list[Function]:
        """All functions and methods; a function inside another counts with that."""
        return [
            Function(file, name, _lines(node, self.texts[file].splitlines()), _parameters(node))
            for file, tree in self.trees.items()
            for name, node in _functions(tree)
        ]

    @cached_property
    def _homes(self) -> dict[str, dict[str, tuple[str, str]]]:
        """For each `__init__` the names that it hands on: module and name there."""
        homes: dict[str, dict[str, tuple[str, str]]] = {}
        for file, tree in self.trees.items():
            if not file.endswith("__init__.py"):
                continue
            package = ".".join([PACKAGE, *file.split("/")[:-1]])
            homes[file] = {entry.name: (entry.module, entry.name) for entry in _imports(file, tree) if entry.name}
            for node in tree.body:  # what is loaded only when it is asked for
                if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["_HOME"]:
                    pairs = ast.literal_eval(node.value)
                    homes[file] |= {name: (f"{package}.{module}", name) for name, module in pairs.items()}
        return homes

    def _file(self, module: str) -> str | None:
        path = "/".join(module.split(".")[1:])
        tries = [f"{path}.py", f"{path}/__init__.py"] if path else ["__init__.py"]
        return next((file for file in tries if file in self.trees), None)

    def target(self, entry: Import) -> str | None:
        """File that an import is served by, or None where that is not of the package.

        A name that a package hands on is looked up where it is made.
        """
        if entry.module.split(".")[0] != PACKAGE:
            return None
        module, name = entry.module, entry.name
        for _ in range(5):  # a name handed on by several packages in turn
            if not name:
                return self._file(module)
            inner = self._file(f"{module}.{name}")
            if inner is not None:
                return inner
            file = self._file(module)
            if file is None or name not in self._homes.get(file, {}):
                return file
            module, name = self._homes[file][name]
        return self._file(module)

    @cached_property
    def edges(self) -> dict[tuple[str, str], list[Import]]:
        """Pairs of files of which the first imports the second when it runs, and the imports."""
        found: dict[tuple[str, str], list[Import]] = defaultdict(list)
        for entry in self.imports:
            target = self.target(entry)
            if target is not None and target != entry.file and not entry.only_types:
                found[entry.file, target].append(entry)
        return dict(found)

    def circles(self, *, packages: bool) -> list[list[str]]:
        """Groups of packages, or of files, that reach each other by imports."""
        pairs = {(room_of(a), room_of(b)) if packages else (a, b) for a, b in self.edges if room_of(a) in self.rooms}
        pairs = {(a, b) for a, b in pairs if a != b}
        return sorted(sorted(group) for group in components(pairs) if len(group) > 1)

    def faults(self) -> Faults:
        """What breaks each rule (`KINDS`)."""
        return {kind: dict(sorted(dict(getattr(self, f"_{kind}")()).items())) for kind in KINDS}

    def _upward(self) -> Iterator[tuple[str, str]]:
        floor = {room: number for number, room in enumerate(self.rooms)}
        found: dict[str, set[str]] = defaultdict(set)
        for entry in self.imports:  # those that type checkers alone read among them
            target = self.target(entry)
            if target is None or target == entry.file or room_of(entry.file) not in floor:
                continue
            if floor.get(room_of(target), len(floor)) > floor[room_of(entry.file)]:
                found[f"{entry.file} -> {target}"].add(entry.name or entry.module)
        return ((pair, ", ".join(sorted(names))) for pair, names in found.items())

    def _package_circles(self) -> Iterator[tuple[str, str]]:
        for group in self.circles(packages=True):
            inside = {(room_of(a), room_of(b)) for a, b in self.edges}
            links = sorted(f"{a}>{b}" for a, b in inside if a != b and a in group and b in group)
            yield " ".join(group), " ".join(links)

    def _file_circles(self) -> Iterator[tuple[str, str]]:
        for group in self.circles(packages=False):
            links = sorted(f"{a}>{b}" for a, b in self.edges if a in group and b in group)
            yield " ".join(group), " ".join(links)

    def _inner_imports(self) -> Iterator[tuple[str, str]]:
        names: dict[str, set[str]] = defaultdict(set)
        for entry in self.imports:
            heavy = HEAVY & {entry.module, entry.module.split(".")[0]}
            if entry.function and room_of(entry.file) != "cli" and not heavy:
                names[f"{entry.file}: {entry.function} <- {entry.module}"].add(entry.name or entry.module)
        return ((place, ", ".join(sorted(found))) for place, found in names.items())

    def _twin_classes(self) -> Iterator[tuple[str, str]]:
        places: dict[str, list[str]] = defaultdict(list)
        for file, tree in self.trees.items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(file)
        return ((name, " ".join(files)) for name, files in places.items() if len(files) > 1)

    def _guessed_attributes(self) -> Iterator[tuple[str, str]]:
        names: dict[str, set[str]] = defaultdict(set)
        for file, tree in self.trees.items():
            for node in ast.walk(tree):
                if file not in GUESSES and isinstance(node, ast.Call) and ast.unparse(node.func) in _GUESSING:
                    names[file] |= {str(asked.value) for asked in node.args[1:2] if isinstance(asked, ast.Constant)}
        return ((file, ", ".join(sorted(found))) for file, found in names.items() if found)

    def _long_functions(self) -> Iterator[tuple[str, int]]:
        for function in self.functions:
            if function.lines > LONGEST_FUNCTION:
                yield f"{function.file}: {function.name}", _up(function.lines, 10)

    def _many_parameters(self) -> Iterator[tuple[str, int]]:
        for function in self.functions:
            if function.parameters > MOST_PARAMETERS and room_of(function.file) != "cli":
                yield f"{function.file}: {function.name}", function.parameters

    def _long_files(self) -> Iterator[tuple[str, int]]:
        for file, text in self.texts.items():
            lines = text.splitlines()
            if len(lines) > LONGEST_FILE and not any(line.startswith(REASON) for line in lines[:HEAD]):
                yield file, _up(len(lines), 50)


def components(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Strongly connected components of a directed graph, given as its edges."""
    after: dict[str, set[str]] = defaultdict(set)
    for a, b in pairs:
        after[a].add(b)
        after.setdefault(b, set())

    def reached(start: str) -> set[str]:
        seen, waiting = {start}, [start]
        while waiting:
            fresh = after[waiting.pop()] - seen
            seen |= fresh
            waiting.extend(fresh)
        return seen

    reach = {node: reached(node) for node in after}
    groups = {frozenset(other for other in reach[node] if node in reach[other]) for node in after}
    return [set(group) for group in groups]


def rooms(page: str) -> list[str]:
    """Names of packages and modules in the table of floors of `docs/architecture.md`, ground first."""
    rows = re.findall(r"^\| \d+ \| (.+?) \|", page, re.MULTILINE)
    return [room for row in rows for room in re.findall(r"`(\w+)`", row)]


def read(root: Path = ROOT) -> Code:
    """The code of a checkout."""
    return Code(root / "src" / PACKAGE, rooms((root / "docs" / "architecture.md").read_text("utf-8")))


def as_toml(faults: Mapping[str, Mapping[str, str | int]]) -> str:
    """Faults as the text of `tests/architecture_faults.toml`."""
    lines = [
        "# What still breaks the rules of docs/architecture.md. tests/test_architecture.py fails where something new",
        "# breaks a rule, and where something listed no longer does: the list only shrinks. Once faults are gone,",
        "# renew it by: python scripts/code_shape.py > tests/architecture_faults.toml",
    ]
    for kind, entries in faults.items():
        lines += ["", f"[{kind}]  # {len(entries)}: {KINDS[kind]}"]
        lines += [f"{json.dumps(name)} = {json.dumps(more)}" for name, more in entries.items()]
    return "\n".join(lines) + "\n"


def room_of(file: str) -> str:
    """Name of the package, or of the module beside the packages, that a file belongs to."""
    return file.partition("/")[0].removesuffix(".py")


def _up(number: int, step: int) -> int:
    return -(-number // step) * step


def _imports(file: str, tree: ast.Module) -> Iterator[Import]:
    def visit(node: ast.AST, function: str, scope: str, only_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield Import(file, node.module, alias.name, function, only_types, node.lineno)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, alias.name, "", function, only_types, node.lineno)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "importlib.import_module"}:
            for named in node.args[:1]:
                if isinstance(named, ast.Constant):
                    yield Import(file, str(named.value), "", function, only_types, node.lineno)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{scope}{child.name}"
                yield from visit(child, name, f"{name}.", only_types)
            elif isinstance(child, ast.ClassDef):
                yield from visit(child, function, f"{scope}{child.name}.", only_types)
            else:
                types = isinstance(node, ast.If) and child in node.body and "TYPE_CHECKING" in ast.unparse(node.test)
                yield from visit(child, function, scope, only_types or types)

    return visit(tree, "", "", False)


def _functions(tree: ast.AST, scope: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{scope}{node.name}", node
        else:
            yield from _functions(node, f"{scope}{node.name}." if isinstance(node, ast.ClassDef) else scope)


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef, text: list[str]) -> int:
    told: set[int] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(inner):
            told.update(range(inner.body[0].lineno, (inner.body[0].end_lineno or 0) + 1))
    numbers = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    codes = [text[number - 1].strip() for number in numbers if number not in told]
    return sum(bool(code) and not code.startswith("#") for code in codes)


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = node.args
    names = [argument.arg for argument in [*given.posonlyargs, *given.args, *given.kwonlyargs]]
    names += [argument.arg for argument in (given.vararg, given.kwarg) if argument]
    return len(names) - (names[:1] in (["self"], ["cls"]))


if __name__ == "__main__":
    print(as_toml(read().faults()), end="")
