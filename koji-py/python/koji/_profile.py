"""Profiles of the configuration files, and modules that are set to one."""

from __future__ import annotations

import configparser
import os
import sys
import types
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from koji import _native
from koji._errors import ConfigurationError, GenericError
from koji._paths import PathInfo

#: modules that :func:`get_profile_module` made, by their names
PROFILE_MODULES: Dict[str, types.ModuleType] = {}

_SESSION_OPTIONS = (
    'user',
    'password',
    'debug_xmlrpc',
    'debug',
    'max_retries',
    'retry_interval',
    'offline_retry',
    'offline_retry_interval',
    'anon_retry',
    'timeout',
    'auth_timeout',
    'use_fast_upload',
    'upload_blocksize',
    'no_ssl_verify',
    'serverca',
)


class Config(Dict[str, Any]):
    """A profile's options, as items and as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError('no option %s; there are: %s' % (name, ', '.join(sorted(self)))) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    @property
    def pathinfo(self) -> PathInfo:
        """The layout below the profile's top directory."""
        return PathInfo(self['topdir'])


def read_config(profile_name: str, user_config: Optional[str] = None) -> Config:
    """A profile's options. ``user_config`` is a file or directory to read instead of the user's own."""
    explicit = os.path.expanduser(user_config) if user_config else None
    options = Config(_native.read_profile(profile_name, os.path.expanduser('~'), explicit))
    options['no_ssl_verify'] = options['no_ssl_verify'] or False
    options['profile'] = profile_name
    return options


def grab_session_options(options: Any) -> Dict[str, Any]:
    """What a session wants to know of a profile's options, or of a command's. None is left out."""
    if isinstance(options, dict):
        given = {name: options.get(name) for name in _SESSION_OPTIONS}
    else:
        given = {name: getattr(options, name, None) for name in _SESSION_OPTIONS}
    return {name: value for name, value in given.items() if value is not None}


def get_profile_module(profile_name: str, config: Any = None) -> types.ModuleType:
    """The koji module with ``config``, ``BASEDIR`` and ``pathinfo`` of a profile. It is made once."""
    name = '__koji__' + profile_name
    if name in PROFILE_MODULES:
        return PROFILE_MODULES[name]
    if config is None:
        config = read_config(profile_name)
    koji = sys.modules['koji']
    module = types.ModuleType(name, koji.__doc__)
    kept = ('__name__', '__loader__', '__spec__', '__package__')
    module.__dict__.update({key: value for key, value in vars(koji).items() if key not in kept})
    module.__dict__.update(
        config=config, BASEDIR=config.topdir, pathinfo=PathInfo(config.topdir), PathInfo=_path_info(config.topdir)
    )
    sys.modules[name] = PROFILE_MODULES[name] = module
    return module


def _path_info(top: str) -> type:
    """PathInfo with another top where none is given."""

    def init(self: PathInfo, topdir: Optional[str] = None) -> None:
        PathInfo.__init__(self, top if topdir is None else topdir)

    return type('PathInfo', (PathInfo,), {'__init__': init})


_Place = Union[str, Sequence[Any]]


def read_config_files(
    config_files: Union[str, Sequence[_Place]], raw: bool = False
) -> configparser.RawConfigParser:
    """Reads files, and directories of ``.conf`` files, the later ones over the earlier.

    An item may be a pair of a path and whether it must be there. ``raw`` leaves ``%`` alone.
    """
    parser = configparser.RawConfigParser() if raw else configparser.ConfigParser()
    found: List[str] = []
    for path, strict in _places(config_files):
        found.extend(_files_of(path, strict))
    parser.read(found, encoding='utf8')
    return parser


def _places(config_files: Union[str, Sequence[_Place]]) -> List[Tuple[str, bool]]:
    if isinstance(config_files, str):
        return [(config_files, False)]
    if not isinstance(config_files, (list, tuple)):
        raise GenericError('invalid type: %s' % type(config_files))
    places = []
    for item in config_files:
        if isinstance(item, str):
            places.append((item, False))
        elif isinstance(item, (list, tuple)) and len(item) in (1, 2):
            places.append((item[0], bool(item[1]) if len(item) == 2 else False))
        else:
            raise GenericError('invalid value: %s or type: %s' % (item, type(item)))
    return places


def _files_of(path: str, strict: bool) -> List[str]:
    if os.path.isdir(path):
        names = sorted(name for name in os.listdir(path) if name.endswith('.conf'))
        if strict and not names:
            raise ConfigurationError('No config files found in directory: %s' % path)
        return [file for name in names for file in _files_of(os.path.join(path, name), strict)]
    if os.path.isfile(path):
        return [path]
    if strict:
        raise ConfigurationError("Config file %s can't be opened." % path)
    return []
