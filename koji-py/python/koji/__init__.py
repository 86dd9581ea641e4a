"""Koji's Python module: sessions with a hub, or straight on its database, and Koji's names and rules.

``koji.ClientSession('https://koji.example.org/kojihub')`` talks to a hub,
``koji.ClientSession('sqlite:////var/lib/koji/hub.db')`` works on a database in this process.
"""

from __future__ import annotations

import difflib as _difflib
import xmlrpc.client as xmlrpc_client
from typing import Any as _Any
from xmlrpc.client import DateTime, Fault

from koji import _native, xmlrpcplus
from koji._absent import ABSENT as _ABSENT
from koji._arguments import decode_args, decode_args2, decode_int, encode_args
from koji._constants import *  # noqa: F401,F403
from koji._enum import Enum
from koji._errors import *  # noqa: F401,F403
from koji._method import VirtualMethod
from koji._multicall import MultiCallHack, MultiCallInProgress, MultiCallSession, VirtualCall
from koji._names import (
    buildLabel,
    canonArch,
    check_NVR,
    check_NVRA,
    gen_draft_release,
    is_debuginfo,
    parse_arches,
    parse_NVR,
    parse_NVRA,
    parse_target_release,
    taskLabel,
)
from koji._paths import DEFAULT_TOP as BASEDIR
from koji._paths import PathInfo
from koji._profile import (
    PROFILE_MODULES,
    get_profile_module,
    grab_session_options,
    read_config,
    read_config_files,
)
from koji._session import ClientSession
from koji._text import (
    _fix_print,
    dump_json,
    ensuredir,
    fix_encoding,
    fixEncoding,
    fixEncodingRecurse,
    formatTime,
    formatTimeLong,
    hex_string,
    load_json,
    removeNonprintable,
)
from koji.xmlrpcplus import dumps, loads

#: the version of Koji whose interface this is
__version__ = _native.KOJI_VERSION
__version_info__ = tuple(int(_part) for _part in __version__.split('.'))

#: the layout below ``koji.BASEDIR``
pathinfo = PathInfo()


def __getattr__(name: str) -> _Any:
    """Tells what there is instead of a name that is not here."""
    if name in _ABSENT:
        raise AttributeError('koji.%s is not here: %s' % (name, _ABSENT[name]))
    near = _difflib.get_close_matches(name, globals(), n=3)
    hint = '; there is: ' + ', '.join(near) if near and not name.startswith('__') else ''
    raise AttributeError('module koji has no %s%s' % (name, hint))
