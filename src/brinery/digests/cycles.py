"""References to objects that lead to themselves.

Two objects are the same when they cannot be told apart by following their parts (bisimilarity, with numbers where
parts have no order): when they unfold to the same tree, finite or not. Which are the same is found by partition
refinement, splitting by the smaller part, in O(m log n) for n objects with m parts.

Source: R. Paige, R. E. Tarjan, Three partition refinement algorithms, SIAM J. Comput. 16 (1987); R. E. Tarjan,
Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from brinery.digests.form import Node, hashed, head, reference

INNER = b"@"  # in the place of a reference to a part that is not named yet; no form begins so
# The label of a node and how many parts it has, whether they have an order, and for each a reference or a number.
Vertex = tuple[bytes, bool, list[bytes | int]]
Incoming = list[list[tuple[int, int]]]  # for each node: which lead to it, and as which of their parts


def references_of(nodes: dict[int, Node], known: Callable[[Any], bytes | None]) -> dict[int, bytes]:
    """References to nodes that lead to cycles, by id; `known` has those to all other parts."""
    numbers = {key: number for number, key in enumerate(nodes)}
    vertices: list[Vertex] = []
    for node in nodes.values():
        parts = [numbers[id(part)] if (found := known(part)) is None else found for part in node.parts]
        vertices.append((node.label + head(len(parts)), node.unordered, parts))
    classes = refined(vertices)
    minimal: list[Vertex] = [(b"", False, [])] * (max(classes) + 1)
    for (label, unordered, parts), number in zip(vertices, classes, strict=True):
        minimal[number] = (label, unordered, [each if isinstance(each, bytes) else classes[each] for each in parts])
    named = names_of(minimal)
    return {key: named[classes[number]] for key, number in numbers.items()}


def names_of(vertices: list[Vertex]) -> list[bytes]:
    """References to the vertices of a graph in which no two are the same."""
    named: list[bytes] = [b""] * len(vertices)
    for component in components(vertices):
        place = {number: index for index, number in enumerate(component)}
        local: list[Vertex] = []
        for number in component:
            label, unordered, parts = vertices[number]
            local.append((label, unordered, [p if isinstance(p, bytes) else place.get(p, named[p]) for p in parts]))
        if len(component) == 1 and all(isinstance(part, bytes) for part in local[0][2]):
            named[component[0]] = reference(beginning_of(local[0]))
            continue
        # Each is alone in its class, and the numbers of the classes depend on the values only.
        order = refined(local)
        whole = hashed(description(local, order))
        for number, index in zip(component, order, strict=True):
            named[number] = b"#" + hashed(INNER + whole + head(index))
    return named


def description(vertices: list[Vertex], order: list[int]) -> bytes:
    """A component as bytes: its vertices in order, each with the places of the parts that are in the component."""
    described = [b""] * len(vertices)
    for vertex, index in zip(vertices, order, strict=True):
        inner = [order[part] for part in vertex[2] if isinstance(part, int)]
        if vertex[1]:
            inner.sort()
        described[index] = beginning_of(vertex) + b"".join(map(head, inner))
    return head(len(described)) + b"".join(described)


def beginning_of(vertex: Vertex) -> bytes:
    """What is known of a vertex before its inner parts are named."""
    label, unordered, parts = vertex
    forms = [part if isinstance(part, bytes) else INNER for part in parts]
    if unordered:
        forms.sort()
    return label + b"".join(forms)


def refined(vertices: list[Vertex]) -> list[int]:
    """The class of each vertex: the same for those that cannot be told apart.

    Where no two are the same, the numbers of the classes depend on nothing but the graph: not on the order in which
    its vertices are given.
    """
    partition = Partition([beginning_of(vertex) for vertex in vertices])
    incoming: Incoming = [[] for _ in vertices]
    for number, (_, unordered, parts) in enumerate(vertices):
        for index, part in enumerate(parts):
            if isinstance(part, int):
                incoming[part].append((number, 0 if unordered else index))
    done = 0
    while done < len(partition.queue):
        splitter = partition.queue[done]
        done += 1
        leading: dict[int, list[int]] = {}
        for member in partition.cells[splitter]:
            for number, index in incoming[member]:
                leading.setdefault(number, []).append(index)
        partition.split(leading)
    return partition.cell_of


class Partition:
    """Vertices in cells, which are split and never joined; in the queue is what others are yet to be split by."""

    def __init__(self, colours: list[bytes]) -> None:
        numbers = {colour: number for number, colour in enumerate(sorted(set(colours)))}
        self.cell_of = [numbers[colour] for colour in colours]
        self.cells: list[set[int]] = [set() for _ in numbers]
        for vertex, cell in enumerate(self.cell_of):
            self.cells[cell].add(vertex)
        self.queue = list(range(len(self.cells)))

    def split(self, leading: dict[int, list[int]]) -> None:
        """Split cells by how their vertices lead to a cell: as which of their parts, and how often."""
        groups: dict[int, dict[tuple[int, ...], list[int]]] = {}
        for vertex, indices in leading.items():
            indices.sort()
            groups.setdefault(self.cell_of[vertex], {}).setdefault(tuple(indices), []).append(vertex)
        for cell in sorted(groups):
            self.split_cell(cell, groups[cell])

    def split_cell(self, cell: int, groups: dict[tuple[int, ...], list[int]]) -> None:
        """The largest group stays the cell, as nobody needs to be split by it; the others become new cells, in order.

        What is not in a group leads nowhere, and is only touched where it is not the largest.
        """
        members = self.cells[cell]
        rest = len(members) - sum(map(len, groups.values()))
        if rest == 0 and len(groups) == 1:
            return
        ordered = [groups[key] for key in sorted(groups)]
        largest = max(ordered, key=len)
        if rest >= len(largest):
            moving = ordered
        else:
            moving = [group for group in ordered if group is not largest]
            if rest:
                moving.insert(0, list(members.difference(*ordered)))
        for group in moving:
            members.difference_update(group)
            for vertex in group:
                self.cell_of[vertex] = len(self.cells)
            self.queue.append(len(self.cells))
            self.cells.append(set(group))


def components(vertices: list[Vertex]) -> Iterator[list[int]]:
    """The strongly connected components, those that others lead to before the others."""
    index: dict[int, int] = {}
    lowest: dict[int, int] = {}
    path: list[int] = []
    on_path: set[int] = set()
    for root in range(len(vertices)):
        if root in index:
            continue
        work: list[tuple[int, Iterator[int]]] = [(root, inner_parts(vertices[root]))]
        while work:
            vertex, parts = work[-1]
            if vertex not in index:
                index[vertex] = lowest[vertex] = len(index)
                path.append(vertex)
                on_path.add(vertex)
            entered = False
            for part in parts:
                if part not in index:
                    work.append((part, inner_parts(vertices[part])))
                    entered = True
                    break
                if part in on_path:
                    lowest[vertex] = min(lowest[vertex], index[part])
            if entered:
                continue
            work.pop()
            if work:
                parent = work[-1][0]
                lowest[parent] = min(lowest[parent], lowest[vertex])
            if lowest[vertex] == index[vertex]:
                yield taken_off(path, vertex, on_path)


def taken_off(path: list[int], vertex: int, on_path: set[int]) -> list[int]:
    """The end of the path, from the vertex on, which is taken off it."""
    component = [path.pop()]
    while component[-1] != vertex:
        component.append(path.pop())
    on_path.difference_update(component)
    return component


def inner_parts(vertex: Vertex) -> Iterator[int]:
    """The parts of a vertex that are vertices."""
    return (part for part in vertex[2] if isinstance(part, int))
