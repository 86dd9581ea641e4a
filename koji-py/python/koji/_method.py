"""A method of a hub as something to call: ``session.host.getTasks``."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Sequence

_Call = Callable[[str, Sequence[Any], Dict[str, Any]], Any]


class VirtualMethod:
    """A method by its name; attributes are methods below it."""

    def __init__(self, func: _Call, name: str, session: Any = None) -> None:
        self._func = func
        self._name = name
        self._session = session

    def __getattr__(self, name: str) -> VirtualMethod:
        if name.startswith('__'):
            raise AttributeError(name)
        return type(self)(self._func, '%s.%s' % (self._name, name), self._session)

    def __call__(self, *args: Any, **opts: Any) -> Any:
        return self._func(self._name, args, opts)

    def __repr__(self) -> str:
        return '<method %s of a hub>' % self._name

    # what the hub says about the method; asked for when somebody looks
    @property
    def __doc__(self) -> Optional[str]:  # type: ignore[override]
        about = self._session and self._session._describe(self._name)
        if not about:
            return None
        return '%s%s\n%s' % (about['name'], about['argdesc'], about['doc'] or '')
