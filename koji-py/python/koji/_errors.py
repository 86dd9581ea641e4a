"""Koji's exceptions. Each has the number by which a hub tells it in a fault."""

from __future__ import annotations

from typing import Any, Dict, Type, Union
from xmlrpc.client import Fault

__all__ = [
    'ActionNotAllowed',
    'ApplianceError',
    'AuthError',
    'AuthExpired',
    'AuthLockError',
    'BuildError',
    'BuildrootError',
    'CallbackError',
    'ConfigurationError',
    'FunctionDeprecated',
    'GSSAPIAuthError',
    'GenericError',
    'ImportError',
    'LiveCDError',
    'LiveMediaError',
    'LockError',
    'MultiCallNotReady',
    'NameValidationError',
    'ParameterError',
    'PluginError',
    'PostBuildError',
    'PreBuildError',
    'RetryError',
    'SequenceError',
    'ServerOffline',
    'TagError',
    'convertFault',
]


class GenericError(Exception):
    """A request that cannot be done; the base of all the others."""

    faultCode = 1000
    #: whether a hub told it
    fromFault = False

    def __str__(self) -> str:
        if not self.args:
            return str(self.__dict__)
        told = self.args[0]
        if isinstance(told, dict) and told.get('args'):
            return str(told['args'][0])
        return str(told)


class LockError(GenericError):
    """A lock could not be had."""

    faultCode = 1001


class AuthError(GenericError):
    """The login is missing, wrong, or not possible."""

    faultCode = 1002


class TagError(GenericError):
    """Tagging is not possible."""

    faultCode = 1003


class ActionNotAllowed(GenericError):
    """The user may not do this."""

    faultCode = 1004


class BuildError(GenericError):
    """A build failed, or its request is wrong."""

    faultCode = 1005


class AuthLockError(AuthError):
    """Another session of this user is exclusive."""

    faultCode = 1006


class AuthExpired(AuthError):
    """The session has expired."""

    faultCode = 1007


class SequenceError(AuthError):
    """A call came after a later one."""

    faultCode = 1008


class RetryError(AuthError):
    """A call came again although it was done before."""

    faultCode = 1009


class PreBuildError(BuildError):
    """A check before the build failed."""

    faultCode = 1010


class PostBuildError(BuildError):
    """A step after the build failed."""

    faultCode = 1011


class BuildrootError(BuildError):
    """The buildroot is unusable."""

    faultCode = 1012


class FunctionDeprecated(GenericError):
    """The method is gone."""

    faultCode = 1013


class ServerOffline(GenericError):
    """The hub is closed for maintenance."""

    faultCode = 1014


class LiveCDError(GenericError):
    """Making a live CD failed."""

    faultCode = 1015


class PluginError(GenericError):
    """A plugin failed."""

    faultCode = 1016


class CallbackError(PluginError):
    """A callback of a plugin failed."""

    faultCode = 1017


class ApplianceError(GenericError):
    """Making an appliance failed."""

    faultCode = 1018


class ParameterError(GenericError):
    """An argument is missing, unknown or of the wrong type."""

    faultCode = 1019


class ImportError(GenericError):  # noqa: A001 (Koji's name)
    """An import is refused."""

    faultCode = 1020


class ConfigurationError(GenericError):
    """The configuration is wrong."""

    faultCode = 1021


class LiveMediaError(GenericError):
    """Making live media failed."""

    faultCode = 1022


class GSSAPIAuthError(AuthError):
    """A login by Kerberos failed."""

    faultCode = 1023


class NameValidationError(GenericError):
    """A name is not of the form that the site wants."""

    faultCode = 1024


class MultiCallNotReady(Exception):
    """A result of a multicall was asked for before the multicall was sent."""


BY_CODE: Dict[int, Type[GenericError]] = {
    kind.faultCode: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, GenericError)
}


def of_code(code: int, message: str, from_hub: bool = True) -> Union[GenericError, Fault]:
    """The exception for a fault's number: Koji's class, or a plain fault if the number is none of Koji's."""
    kind = BY_CODE.get(code)
    if kind is None:
        return Fault(code, message)
    error = kind(message)
    error.fromFault = from_hub
    return error


def convertFault(fault: Any) -> Any:
    """Koji's exception for an XML-RPC fault; the fault itself if its number is none of Koji's."""
    if getattr(fault, 'faultCode', None) not in BY_CODE:
        return fault
    return of_code(fault.faultCode, fault.faultString)
