"""Names of builds and rpms, and lists of arches."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Union

from koji import _native
from koji._errors import GenericError


def parse_NVR(nvr: str) -> Dict[str, str]:
    """Splits ``[epoch:]name-version-release``."""
    return _native.parse_nvr(nvr)


def parse_NVRA(nvra: str) -> Dict[str, Any]:
    """Splits ``name-version-release.arch``, also with ``.rpm`` and ``@location``."""
    return _native.parse_nvra(nvra)


def check_NVR(nvr: Union[str, Mapping[str, Any]], strict: bool = False) -> bool:
    """Whether a text or its parts are of the form; with ``strict`` an error tells why they are not."""
    try:
        parts = parse_NVR(nvr) if isinstance(nvr, str) else nvr
        _native.check_nvr(parts['version'], parts['release'])
    except GenericError:
        if strict:
            raise
        return False
    return True


def check_NVRA(nvra: Union[str, Mapping[str, Any]], strict: bool = False) -> bool:
    """Whether a text or its parts are of the form; with ``strict`` an error tells why they are not."""
    try:
        parts = parse_NVRA(nvra) if isinstance(nvra, str) else nvra
        _native.check_nvra(parts['version'], parts['release'], parts['arch'])
    except GenericError:
        if strict:
            raise
        return False
    return True


def is_debuginfo(name: str) -> bool:
    """Whether an rpm of this name carries debug information."""
    return _native.is_debuginfo(name)


def gen_draft_release(target_release: str, build_id: int) -> str:
    """The release of a draft build."""
    return _native.draft_release(target_release, build_id)


def parse_target_release(draft_release: str) -> str:
    """The release that a draft build gets when it is promoted."""
    return _native.target_release(draft_release)


def canonArch(arch: str) -> str:
    """The name of an arch's family: ``i386`` for ``i686``."""
    return _native.canonical_arch(arch)


def parse_arches(
    arches: Union[str, List[str], None],
    to_list: bool = False,
    strict: bool = False,
    allow_none: bool = False,
) -> Union[str, List[str]]:
    """Arches with single spaces between them, or as a list; ``strict`` takes no commas."""
    found: List[str]
    if arches is None:
        if not allow_none:
            raise TypeError('arches are a text or a list, not None')
        found = []
    elif isinstance(arches, list):
        _native.check_arches(arches)
        found = arches
    else:
        found = _native.split_arches(arches, strict)
    return found if to_list else ' '.join(found)


def buildLabel(buildInfo: Mapping[str, Any], showEpoch: bool = False) -> str:
    """A build's name, with its epoch in front if wanted."""
    shown = {key: buildInfo.get(key) for key in ('package_name', 'name', 'version', 'release')}
    epoch: Optional[int] = buildInfo.get('epoch') if showEpoch else None
    label = _native.build_label({key: str(value) for key, value in shown.items() if value})
    return label if epoch is None else '%i:%s' % (epoch, label)


def taskLabel(taskInfo: Mapping[str, Any]) -> str:
    """What a task is about, in a few words."""
    try:
        return _native.task_label({key: taskInfo[key] for key in ('method', 'arch', 'request')})
    except (KeyError, TypeError, OverflowError, ValueError):
        return 'malformed task'
