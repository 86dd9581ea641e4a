"""Named numbers: a dict from names to numbers that also takes a number and gives the name."""

from __future__ import annotations

from typing import Any, Dict, Iterable, NoReturn, Tuple


class Enum(Dict[str, Any]):
    """Names numbered from 0 in their order. It cannot be changed."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._order: Tuple[str, ...] = tuple(names)
        super().__init__((name, number) for number, name in enumerate(self._order))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, slice)):
            return self._order[key]
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """The name of a number or the number of a name."""
        try:
            return self[key]
        except (IndexError, KeyError):
            return default

    def getnum(self, key: Any, default: Any = None) -> Any:
        """The number of a name, or of itself."""
        found = self.get(key)
        if found is None:
            return default
        return key if isinstance(key, int) else found

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError('an Enum cannot be changed; look up with [], get() or getnum()')

    getvalue = _refuse
    __setitem__ = _refuse
    __delitem__ = _refuse
    clear = _refuse
    pop = _refuse
    popitem = _refuse
    update = _refuse
    setdefault = _refuse
