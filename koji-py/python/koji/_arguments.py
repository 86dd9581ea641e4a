"""Keyword arguments among positional ones, as Koji's calls carry them."""

from __future__ import annotations

from typing import Any, Dict, Sequence, Tuple

_MARK = '__starstar'


def encode_args(*args: Any, **opts: Any) -> Tuple[Any, ...]:
    """Positional arguments with the keyword arguments as a marked last one."""
    return args + ({**opts, _MARK: True},) if opts else args


def decode_args(*args: Any) -> Tuple[Tuple[Any, ...], Dict[str, Any]]:
    """The other way: positional arguments and keyword arguments."""
    if args and isinstance(args[-1], dict) and args[-1].get(_MARK):
        return args[:-1], {name: value for name, value in args[-1].items() if name != _MARK}
    return args, {}


def decode_args2(args: Sequence[Any], names: Sequence[str], strict: bool = True) -> Dict[str, Any]:
    """All arguments by their names."""
    positional, named = decode_args(*args)
    if strict and len(positional) > len(names):
        raise TypeError('Expecting at most %i arguments' % len(names))
    return {**dict(zip(names, positional)), **named}


def decode_int(n: Any) -> int:
    """A number, also from its text."""
    return n if isinstance(n, int) else int(n)
