"""What numba compiles, taken as plain machine code that can be kept and called without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mlmcalc.kernels.flat import flattened, runs_flat
from mlmcalc.kernels.native import NotPlainError


def plain_code(
    function: Callable[..., Any], signature: str, options: dict[str, Any]
) -> tuple[Any, dict[str, Any], bytes]:
    """Return what numba makes of a loop: its dispatcher, how the machine code is called, and the code itself.

    Parameters
    ----------
    function : callable
        Loops it calls are such dispatchers already.
    signature : str
    options : dict
        For ``numba.njit``.

    Returns
    -------
    dispatcher : Dispatcher
        Other loops may be compiled that call it; Python may not.
    called : dict
    code : bytes

    Raises
    ------
    NotPlainError
        The loop needs numba at run time, or has arguments of another kind.
    """
    import numba
    from numba.core.errors import NumbaError

    # Neither the functions for callers in Python and C, which need numba, nor counted references to arrays.
    alone: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    try:
        dispatcher = numba.njit(signature, **options, **alone)(function)
        (compiled,) = dispatcher.overloads.values()
        library = compiled.library
        module, code, symbol = library._final_module, library._get_compiled_object(), compiled.fndesc.llvm_func_name
        flat = flattened(_code_by_distance(library), symbol) if runs_flat() else None
    except (NumbaError, KeyError, AttributeError, TypeError, ValueError, RuntimeError) as fault:
        # Another version of numba, whose inside is another.
        raise NotPlainError(str(fault)) from fault
    # LLVM ends the process where a symbol is missing, so nothing may be asked of it that could be.
    outside = [found.name for found in module.functions if found.is_declaration and not found.name.startswith("llvm.")]
    if outside or re.search(r"[ (]i128\b", str(module)):
        raise NotPlainError(f"needs {', '.join(outside) or 'integers of 128 bits'}")
    called: dict[str, Any] = {
        "arguments": [_argument(found) for found in compiled.signature.args],
        "result": _result(compiled.signature.return_type),
    }
    if flat is None:
        return dispatcher, called | {"symbol": symbol}, code
    return dispatcher, called | {"entry": flat[1], "addresses": flat[2]}, flat[0]


def _code_by_distance(library: Any) -> bytes:
    """Return an object file of what numba has optimised, in which everything is reached by its distance."""
    from llvmlite import binding

    options: dict[str, Any] = {"opt": 3}
    library.codegen._customize_tm_options(options)
    options |= {"reloc": "pic", "codemodel": "small"}
    target = binding.Target.from_default_triple().create_target_machine(**options)
    return target.emit_object(binding.parse_assembly(str(library._final_module)))


def _argument(found: Any) -> Any:
    from numba.core import types
    from numba.np.numpy_support import as_dtype

    if found == types.int64:
        return "integer"
    if found == types.boolean:
        return "boolean"
    if isinstance(found, types.Array) and found.layout == "C" and found.ndim > 0:
        return [as_dtype(found.dtype).str, found.ndim, found.mutable]
    raise NotPlainError(f"takes {found}")


def _result(found: Any) -> str:
    from numba.core import types

    known = {types.none: "none", types.int64: "integer", types.boolean: "boolean"}
    if found not in known:
        raise NotPlainError(f"returns {found}")
    return known[found]
