"""Koji's texts of XML-RPC: with nil and 64 bit integers, read by the library that sessions use."""

from __future__ import annotations

import xmlrpc.client as xmlrpc_client
from typing import Any, Optional, Tuple, Union
from xmlrpc.client import DateTime, Fault

from koji import _native

__all__ = ['DateTime', 'Fault', 'dumps', 'loads', 'xmlrpc_client']


def dumps(
    params: Union[Tuple[Any, ...], Fault],
    methodname: Optional[str] = None,
    methodresponse: Optional[bool] = None,
) -> str:
    """A call, a response, or a fault. It is one of them: name a method or set ``methodresponse``."""
    if isinstance(params, Fault):
        return _native.dump_fault(params.faultCode, params.faultString)
    if not isinstance(params, tuple):
        raise TypeError('params must be a tuple or a Fault')
    if methodname:
        return _native.dump_call(methodname, params)
    if not methodresponse:
        raise TypeError('name a method, or set methodresponse')
    if len(params) != 1:
        raise ValueError('a response has exactly one value')
    return _native.dump_result(params[0])


def loads(data: Union[str, bytes]) -> Tuple[Tuple[Any, ...], Optional[str]]:
    """The values of a call or a response, and the method of a call. A fault is raised as a ``Fault``."""
    raw = data.encode('utf-8') if isinstance(data, str) else bytes(data)
    if b'<methodCall>' in raw[:200]:
        method, params = _native.load_call(raw)
        return tuple(params), method
    try:
        return (_native.load_result(raw),), None
    except Exception as error:
        code = getattr(error, 'faultCode', None)
        if code is None or isinstance(error, Fault) or b'<fault>' not in raw:
            raise
        raise Fault(code, str(error)) from None
