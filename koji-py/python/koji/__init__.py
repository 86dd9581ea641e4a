"""Koji's Python module: sessions with a hub, or straight on its database, and Koji's names and rules.

``koji.ClientSession('https://koji.example.org/kojihub')`` talks to a hub,
``koji.ClientSession('sqlite:////var/lib/koji/hub.db')`` works on a database in this process.
"""

from __future__ import annotations

import difflib as _difflib
from typing import Any as _Any
from xmlrpc.client import DateTime as DateTime
from xmlrpc.client import Fault as Fault

from koji import _native
from koji import xmlrpcplus as xmlrpcplus
from koji._absent import ABSENT as _ABSENT
from koji._arguments import (
    decode_args as decode_args,
    decode_args2 as decode_args2,
    decode_int as decode_int,
    encode_args as encode_args,
)
from koji._constants import *  # noqa: F401,F403
from koji._enum import Enum as Enum
from koji._errors import *  # noqa: F401,F403
from koji._method import VirtualMethod as VirtualMethod
from koji._multicall import (
    MultiCallHack as MultiCallHack,
    MultiCallInProgress as MultiCallInProgress,
    MultiCallSession as MultiCallSession,
    VirtualCall as VirtualCall,
)
from koji._names import (
    buildLabel as buildLabel,
    canonArch as canonArch,
    check_NVR as check_NVR,
    check_NVRA as check_NVRA,
    gen_draft_release as gen_draft_release,
    is_debuginfo as is_debuginfo,
    parse_arches as parse_arches,
    parse_NVR as parse_NVR,
    parse_NVRA as parse_NVRA,
    parse_target_release as parse_target_release,
    taskLabel as taskLabel,
)
from koji._paths import DEFAULT_TOP as _DEFAULT_TOP
from koji._paths import PathInfo as PathInfo
from koji._profile import (
    PROFILE_MODULES as PROFILE_MODULES,
    get_profile_module as get_profile_module,
    grab_session_options as grab_session_options,
    read_config as read_config,
    read_config_files as read_config_files,
)
from koji._session import ClientSession as ClientSession
from koji._text import (
    _fix_print as _fix_print,
    dump_json as dump_json,
    ensuredir as ensuredir,
    fix_encoding as fix_encoding,
    fixEncoding as fixEncoding,
    fixEncodingRecurse as fixEncodingRecurse,
    formatTime as formatTime,
    formatTimeLong as formatTimeLong,
    hex_string as hex_string,
    load_json as load_json,
    removeNonprintable as removeNonprintable,
)
from koji.xmlrpcplus import (
    dumps as dumps,
    loads as loads,
    xmlrpc_client as xmlrpc_client,
)

#: the version of Koji whose interface this is
__version__ = _native.KOJI_VERSION
__version_info__ = tuple(int(_part) for _part in __version__.split('.'))

#: the top directory of ``pathinfo``
BASEDIR = _DEFAULT_TOP

#: the layout below ``koji.BASEDIR``
pathinfo = PathInfo()


def __getattr__(name: str) -> _Any:
    """Tells what there is instead of a name that is not here."""
    if name in _ABSENT:
        raise AttributeError('koji.%s is not here: %s' % (name, _ABSENT[name]))
    near = _difflib.get_close_matches(name, globals(), n=3)
    hint = '; there is: ' + ', '.join(near) if near and not name.startswith('__') else ''
    raise AttributeError('module koji has no %s%s' % (name, hint))
