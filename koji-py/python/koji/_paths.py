"""Where Koji keeps its files, below a top directory or a top URL."""

from __future__ import annotations

import sys
from typing import Any, Mapping, Optional, Tuple

from koji import _native

DEFAULT_TOP = '/mnt/koji'


class PathInfo:
    """The layout below one top. Builds and rpms are dicts as hubs answer them."""

    def __init__(self, topdir: Optional[str] = None) -> None:
        self._topdir = topdir

    @property
    def topdir(self) -> str:
        """The top; ``koji.BASEDIR`` as it is when the top is first asked for, if none was given."""
        if self._topdir is None:
            self._topdir = str(getattr(sys.modules['koji'], 'BASEDIR', DEFAULT_TOP))
        return self._topdir

    @topdir.setter
    def topdir(self, topdir: str) -> None:
        self._topdir = topdir

    def volumedir(self, volume: Optional[str]) -> str:
        """Where a volume's files are."""
        return _native.volume_dir(self.topdir, volume)

    def build(self, build: Mapping[str, Any]) -> str:
        """A build's directory."""
        return _native.build_dir(self.topdir, _build(build), '')

    def build_logs(self, build: Mapping[str, Any]) -> str:
        """A build's logs."""
        return _native.build_dir(self.topdir, _build(build), 'logs')

    def typedir(self, build: Mapping[str, Any], btype: str) -> str:
        """A build's files of one build type."""
        return _native.type_dir(self.topdir, _build(build), btype)

    def mavenbuild(self, build: Mapping[str, Any]) -> str:
        """A build's Maven artifacts."""
        return self.typedir(build, 'maven')

    def winbuild(self, build: Mapping[str, Any]) -> str:
        """A build's Windows files."""
        return self.typedir(build, 'win')

    def imagebuild(self, build: Mapping[str, Any]) -> str:
        """A build's images."""
        return self.typedir(build, 'image')

    def mavenrepo(self, maveninfo: Mapping[str, str]) -> str:
        """An artifact's directory in a Maven repository."""
        return _native.maven_repo(
            maveninfo['group_id'], maveninfo['artifact_id'], maveninfo['version']
        )

    def mavenfile(self, maveninfo: Mapping[str, str]) -> str:
        """An artifact's file in a Maven repository."""
        return self.mavenrepo(maveninfo) + '/' + maveninfo['filename']

    def winfile(self, wininfo: Mapping[str, str]) -> str:
        """A Windows file below the build's Windows directory."""
        return _native.win_file(wininfo['relpath'] or '', wininfo['filename'])

    def rpm(self, rpminfo: Mapping[str, Any]) -> str:
        """An rpm below its build's directory."""
        return _native.rpm(_rpm(rpminfo), None, False)

    def signed(self, rpminfo: Mapping[str, Any], sigkey: str) -> str:
        """A signed copy of an rpm below its build's directory."""
        return _native.rpm(_rpm(rpminfo), str(sigkey), False)

    def sighdr(self, rpminfo: Mapping[str, Any], sigkey: str) -> str:
        """The kept signature header of an rpm below its build's directory."""
        return _native.rpm(_rpm(rpminfo), str(sigkey), True)

    def repo(self, repo_id: Any, tag_str: str) -> str:
        """A build repository."""
        return _native.repo_dir(self.topdir, str(repo_id), str(tag_str))

    def distrepo(self, repo_id: Any, tag: str, volume: Optional[str] = None) -> str:
        """A distribution repository."""
        return _native.dist_repo_dir(self.topdir, str(repo_id), str(tag), volume)

    def repocache(self, tag_str: str) -> str:
        """What the build repositories of a tag share."""
        return _native.place(self.topdir, 'repocache', str(tag_str))

    def work(self, volume: Optional[str] = None) -> str:
        """Where tasks and uploads leave their files."""
        return _native.place(self.topdir, 'work', volume)

    def scratch(self) -> str:
        """The output of scratch builds."""
        return _native.place(self.topdir, 'scratch', None)

    def taskrelpath(self, task_id: int) -> str:
        """A task's output below the work directory."""
        return _native.task_relative(task_id)

    def task(self, task_id: int, volume: Optional[str] = None) -> str:
        """A task's output."""
        return self.work(volume) + '/' + self.taskrelpath(task_id)


def _build(build: Mapping[str, Any]) -> Tuple[str, str, str, Optional[str]]:
    name, version, release = (str(build[part]) for part in ('name', 'version', 'release'))
    return name, version, release, build.get('volume_name')


def _rpm(rpminfo: Mapping[str, Any]) -> Tuple[str, str, str, str]:
    name, version, release, arch = (str(rpminfo[part]) for part in ('name', 'version', 'release', 'arch'))
    return name, version, release, arch
