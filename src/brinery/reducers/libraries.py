"""Objects of libraries that say nothing of how they are taken apart, or the wrong thing."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces
from brinery.reducers.values import module_value


@reduces("marshmallow.constants._Missing")
def reduce_sentinel(reduction: Reduction, sentinel: Any) -> Any:
    """Compared by identity, so that it has to be the one that its module has where it is loaded."""
    module = type(sentinel).__module__
    for name, value in vars(sys.modules[module]).items():
        if value is sentinel:
            return module_value, (module, name)
    return NotImplemented


@reduces("jinja2.environment.Template")
def reduce_template(reduction: Reduction, template: Any) -> Any:
    # Its __new__ compiles a text, which a template does not keep; what was compiled is in its state.
    return make_instance, (type(template),), dict(vars(template))


@rebuilds
def make_instance(cls: Any) -> Any:
    """An instance without state, made without a constructor of its own."""
    return object.__new__(cls)


@reduces("pydantic._internal._config.ConfigWrapper", "tqdm.utils.DisableOnWriteError", "tqdm.utils.CallbackIOWrapper")
def reduce_delegate(reduction: Reduction, delegate: Any) -> Any:
    # Their __getattr__ asks an attribute which they don't have before they have their state, and so asks for ever
    # when loading looks for a __setstate__.
    return make_instance, (type(delegate),), object.__getstate__(delegate), None, None, set_instance_state


@rebuilds
def set_instance_state(instance: Any, state: Any) -> None:
    """Set what ``object.__getstate__()`` told, without asking the instance."""
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    for name, value in {**(attributes or {}), **(slots or {})}.items():
        object.__setattr__(instance, name, value)


@reduces("wrapt.FunctionWrapper")
def reduce_function_wrapper(reduction: Reduction, wrapper: Any) -> Any:
    arguments = (wrapper.__wrapped__, wrapper._self_wrapper, wrapper._self_enabled)
    return make_function_wrapper, arguments


@rebuilds
def make_function_wrapper(wrapped: Any, wrapper: Any, enabled: Any) -> Any:
    return importlib.import_module("wrapt").FunctionWrapper(wrapped, wrapper, enabled)
