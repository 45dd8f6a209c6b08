"""``python -m tools.code_structure [CHECKOUT]``: counts rooms, arrows, circles and names.

A room is what stands directly in a package: a folder, or a module beside the folders. An arrow is a pair of
rooms of which the first imports the second. Imports are read from the source, also those inside functions.
A function's name is one word if it has no underscore within.
"""

from __future__ import annotations

import argparse
import ast
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PACKAGES = ("functions", "worker", "training", "local", "tools")

Graph = dict[str, set[str]]


@dataclass
class PackageCounts:
    """What is counted of one package."""

    files: int = 0
    lines: int = 0
    longest_file: int = 0
    functions: int = 0
    one_word_functions: int = 0
    function_lines: list[int] = field(default_factory=list[int])


@dataclass
class CodeStructure:
    """What is counted of a checkout. ``imports`` is the graph of modules."""

    packages: dict[str, PackageCounts]
    imports: Graph
    classes: dict[str, list[str]]


def measure_checkout(root: Path) -> CodeStructure:
    """Returns the counts of the packages below ``root``; a package that is not there is left out."""
    files = {
        _module_of(path.relative_to(root)): path
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    }
    packages: dict[str, PackageCounts] = defaultdict(PackageCounts)
    imports: Graph = {}
    classes: dict[str, list[str]] = defaultdict(list)
    for module, path in files.items():
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        _count_file(packages[module.partition(".")[0]], source, tree)
        imports[module] = set(_imported_modules(tree, module, path.name == "__init__.py", files.keys()))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name].append(module)
    return CodeStructure(dict(packages), imports, dict(classes))


def _module_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _count_file(counts: PackageCounts, source: str, tree: ast.Module) -> None:
    lines = source.count("\n")
    counts.files += 1
    counts.lines += lines
    counts.longest_file = max(counts.longest_file, lines)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
            counts.functions += 1
            counts.one_word_functions += "_" not in node.name.strip("_")
            counts.function_lines.append((node.end_lineno or node.lineno) - node.lineno + 1)


def _imported_modules(
    tree: ast.Module, module: str, is_package: bool, known: Collection[str]
) -> Iterator[str]:
    package = module if is_package else module.rpartition(".")[0]
    names = set(known)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom):
            origin = _resolve_origin(node, package)
            for alias in node.names:
                target = f"{origin}.{alias.name}"
                if target in names or origin in names:
                    yield target if target in names else origin


def _resolve_origin(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def room_of(module: str) -> str:
    """Returns the room of a module: the first two parts of its name."""
    return ".".join(module.split(".")[:2])


def room_graph(imports: Graph) -> Graph:
    """Returns which room imports which other room."""
    rooms: Graph = defaultdict(set)
    for module, targets in imports.items():
        room = room_of(module)
        rooms[room] |= {room_of(target) for target in targets} - {room}
    return dict(rooms)


def find_circles(graph: Graph) -> list[list[str]]:
    """Returns the strongly connected components of more than one node (Tarjan, doi:10.1137/0201010)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = lowest[node] = len(index)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in index:
                visit(target)
            if target in stack:
                lowest[node] = min(lowest[node], lowest[target])
        if lowest[node] == index[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                circles.append(sorted(component))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return circles


def _format_report(structure: CodeStructure) -> Iterator[str]:
    rooms = room_graph(structure.imports)
    yield "| package | files | lines | longest file | rooms | arrows | functions | median lines | one word |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, counts in structure.packages.items():
        own = [room for room in rooms if room.startswith(f"{name}.")]
        arrows = sum(target in own for room in own for target in rooms[room])
        share = 100 * counts.one_word_functions / max(1, counts.functions)
        yield (
            f"| {name} | {counts.files} | {counts.lines} | {counts.longest_file} | {len(own)} | {arrows} "
            f"| {counts.functions} | {median(counts.function_lines or [0]):.0f} | {share:.0f} % |"
        )
    functions = sum(counts.functions for counts in structure.packages.values())
    one_word = sum(counts.one_word_functions for counts in structure.packages.values())
    repeated = {name: modules for name, modules in structure.classes.items() if len(modules) > 1}
    yield ""
    yield f"function names of one word: {one_word} of {functions} ({100 * one_word / functions:.0f} %)"
    yield f"class names that stand more than once: {len(repeated)} of {len(structure.classes)}"
    yield from (f"  {name}: {', '.join(modules)}" for name, modules in sorted(repeated.items()))
    yield f"circles of modules: {find_circles(structure.imports)}"
    yield f"circles of rooms: {find_circles(rooms)}"
    largest = Counter({name: counts.longest_file for name, counts in structure.packages.items()}).most_common(
        1
    )
    yield f"longest file: {largest[0][1]} lines, in {largest[0][0]}/"


def main() -> None:
    """Prints the counts."""
    parser = argparse.ArgumentParser(prog="python -m tools.code_structure", description=__doc__)
    parser.add_argument("checkout", type=Path, nargs="?", default=Path())
    for line in _format_report(measure_checkout(parser.parse_args().checkout)):
        print(line)


if __name__ == "__main__":
    main()
