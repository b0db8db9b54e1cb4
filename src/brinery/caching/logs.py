"""Which statements do nothing but log: what they are removed from gives the same results.

A log line whose arguments might change something by being evaluated -- a call that is not known to be harmless, a
generator that is used up -- is no mere log line.
"""

from __future__ import annotations

import ast

__all__ = ["log_root"]

METHODS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
RECEIVERS = frozenset({"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"})
PRINT_SETTINGS = frozenset({"sep", "end", "flush"})
STREAMS = frozenset({"stdout", "stderr"})
# What arguments may be made of.
HARMLESS = (
    ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare,
    ast.IfExp, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.expr_context,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.keyword,
)  # fmt: skip
# None of these uses up an iterator.
HARMLESS_FUNCTIONS = frozenset(
    {"len", "str", "repr", "ascii", "format", "type", "id", "round", "abs", "int", "float", "bool", "isinstance", "hex"}
)
HARMLESS_METHODS = frozenset(
    {
        "format", "keys", "values", "items", "upper", "lower", "title", "strip", "isoformat", "total_seconds",
        "perf_counter", "monotonic", "process_time", "time", "now", "mean", "sum", "min", "max", "std", "head", "tail",
    }
)  # fmt: skip


def log_root(statement: ast.AST) -> str | None:
    """The first name of a statement that only logs, such as ``self`` of ``self.log.info("here")``; None of others."""
    if not isinstance(statement, ast.Expr) or not isinstance(call := statement.value, ast.Call):
        return None
    root = printing(call) or logging_on(call.func)
    return root if root and all(map(is_harmless, [*call.args, *call.keywords])) else None


def printing(call: ast.Call) -> str | None:
    """``print``, where it is called to write to where the user looks."""
    if not isinstance(call.func, ast.Name) or call.func.id != "print":
        return None
    return "print" if all(each.arg in PRINT_SETTINGS or is_to_terminal(each) for each in call.keywords) else None


def is_to_terminal(keyword: ast.keyword) -> bool:
    """Whether an argument is ``file=sys.stdout`` or ``file=sys.stderr``."""
    value = keyword.value
    return (
        keyword.arg == "file"
        and isinstance(value, ast.Attribute)
        and value.attr in STREAMS
        and isinstance(value.value, ast.Name)
        and value.value.id == "sys"
    )


def logging_on(function: ast.expr) -> str | None:
    """The first name of ``logger.info``, ``self.log.warning`` and the like."""
    if not isinstance(function, ast.Attribute) or function.attr not in METHODS:
        return None
    receiver = function.value
    last = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", None)
    while isinstance(receiver, ast.Attribute):
        receiver = receiver.value
    return receiver.id if last in RECEIVERS and isinstance(receiver, ast.Name) else None


def is_harmless(argument: ast.AST) -> bool:
    """Whether evaluating an argument changes nothing."""
    return all(
        is_harmless_call(node) if isinstance(node, ast.Call) else isinstance(node, HARMLESS)
        for node in ast.walk(argument)
    )


def is_harmless_call(call: ast.Call) -> bool:
    """Whether a function is known to change nothing."""
    if isinstance(call.func, ast.Name):
        return call.func.id in HARMLESS_FUNCTIONS
    return isinstance(call.func, ast.Attribute) and call.func.attr in HARMLESS_METHODS
