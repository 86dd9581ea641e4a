"""Many calls sent as one: ``with session.multicall() as m``, and the older ``session.multicall = True``."""

from __future__ import annotations

import weakref
from types import TracebackType
from typing import Any, Dict, List, Optional, Sequence, Tuple, Type

from koji._arguments import encode_args
from koji._errors import GenericError, MultiCallNotReady, of_code
from koji._method import VirtualMethod


class MultiCallInProgress:
    """Stands for a result that is not there yet."""


class VirtualCall:
    """A call within a multicall, and later its result."""

    def __init__(self, method: str, args: Sequence[Any], kwargs: Dict[str, Any]) -> None:
        self.method = method
        self.args: Tuple[Any, ...] = tuple(args)
        self.kwargs = kwargs
        self._result: Any = MultiCallInProgress()

    def format(self) -> Dict[str, Any]:
        """The call as a multicall sends it."""
        return {'methodName': self.method, 'params': encode_args(*self.args, **self.kwargs)}

    @property
    def result(self) -> Any:
        """The result; a fault is raised."""
        if isinstance(self._result, MultiCallInProgress):
            raise MultiCallNotReady('%s: the multicall was not sent yet' % self.method)
        _raise_fault(self._result)
        return self._result[0]


class MultiCallSession:
    """Collects calls as if it were a session, and sends them at the end of a ``with`` block.

    With ``strict`` the first fault is raised then. ``batch`` sends at most so many calls at once; each such
    batch is a transaction of its own.
    """

    def __init__(self, session: Any, strict: bool = False, batch: Optional[int] = None) -> None:
        self._session = session
        self._strict = strict
        self._batch = batch
        self._calls: List[VirtualCall] = []

    #: what asks a session whether it collects calls gets a yes
    multicall = True

    def __getattr__(self, name: str) -> VirtualMethod:
        if name.startswith('__'):
            raise AttributeError(name)
        return VirtualMethod(self._callMethod, name, self._session)

    def _callMethod(
        self, name: str, args: Sequence[Any], kwargs: Optional[Dict[str, Any]] = None, retry: bool = True
    ) -> VirtualCall:
        if not retry:
            raise TypeError('whether a multicall is tried again is not decided by one of its calls')
        call = VirtualCall(name, args, kwargs or {})
        self._calls.append(call)
        return call

    def callMethod(self, name: str, *args: Any, **opts: Any) -> VirtualCall:
        """Adds a call by the method's name."""
        return self._callMethod(name, args, opts)

    def call_all(self, strict: Optional[bool] = None, batch: Optional[int] = None) -> List[Any]:
        """Sends the calls. Each answer is a list of one, or a dict that tells a fault."""
        calls, self._calls = self._calls, []
        batch = self._batch if batch is None else batch
        answers = _send(self._session, [call.format() for call in calls], batch, calls)
        if self._strict if strict is None else strict:
            for answer in answers:
                _raise_fault(answer)
        return answers

    multiCall = call_all

    def __enter__(self) -> MultiCallSession:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if kind is None:
            self.call_all()


class MultiCallHack:
    """``session.multicall``: true while calls are collected, and to be called for a new multicall."""

    def __init__(self, session: Any) -> None:
        self.value = False
        self.calls: List[Dict[str, Any]] = []
        # a strong reference would keep the session, and its login, from ending
        self._session = weakref.ref(session)

    def __bool__(self) -> bool:
        return self.value

    def __call__(self, strict: bool = False, batch: Optional[int] = None) -> MultiCallSession:
        return MultiCallSession(self._session(), strict=strict, batch=batch)

    def collect(self, name: str, args: Sequence[Any], kwargs: Dict[str, Any]) -> Type[MultiCallInProgress]:
        """Adds a call of the older form."""
        self.calls.append({'methodName': name, 'params': encode_args(*args, **kwargs)})
        return MultiCallInProgress

    def send(self, strict: bool, batch: Optional[int]) -> List[Any]:
        """Sends the calls of the older form."""
        if not self.value:
            raise GenericError('set the session\'s multicall to True before calling multiCall()')
        self.value = False
        calls, self.calls = self.calls, []
        answers = _send(self._session(), calls, batch)
        if strict:
            for answer in answers:
                _raise_fault(answer)
        return answers


def _send(
    session: Any, calls: List[Dict[str, Any]], batch: Optional[int], waiting: Sequence[VirtualCall] = ()
) -> List[Any]:
    """Sends calls in batches and gives those that wait their results, also if a later batch fails."""
    size = batch if batch and batch > 0 else max(len(calls), 1)
    answers: List[Any] = []
    for start in range(0, len(calls), size):
        some = session._callMethod('multiCall', (calls[start : start + size],), {})
        for call, answer in zip(waiting[start : start + size], some):
            call._result = answer
        answers.extend(some)
    return answers


def _raise_fault(answer: Any) -> None:
    if isinstance(answer, dict):
        raise of_code(answer['faultCode'], answer['faultString'])
