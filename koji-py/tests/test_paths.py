"""Where files are."""

import koji

BUILD = {'name': 'a', 'version': '1', 'release': '2'}
RPM = dict(BUILD, arch='x86_64')


def test_builds():
    paths = koji.PathInfo('/top')
    assert paths.build(BUILD) == '/top/packages/a/1/2'
    assert paths.build(dict(BUILD, volume_name='v')) == '/top/vol/v/packages/a/1/2'
    assert paths.build(dict(BUILD, volume_name='DEFAULT')) == '/top/packages/a/1/2'
    assert paths.build_logs(BUILD) == '/top/packages/a/1/2/data/logs'
    assert paths.mavenbuild(BUILD) == paths.typedir(BUILD, 'maven') == '/top/packages/a/1/2/maven'
    assert paths.winbuild(BUILD) == '/top/packages/a/1/2/win'
    assert paths.imagebuild(BUILD) == '/top/packages/a/1/2/images'
    assert paths.typedir(BUILD, 'icon') == '/top/packages/a/1/2/files/icon'


def test_below_a_build():
    paths = koji.PathInfo('/top')
    assert paths.rpm(RPM) == 'x86_64/a-1-2.x86_64.rpm'
    assert paths.signed(RPM, 'ab') == 'data/signed/ab/x86_64/a-1-2.x86_64.rpm'
    assert paths.sighdr(RPM, 'ab') == 'data/sigcache/ab/x86_64/a-1-2.x86_64.rpm.sig'
    maven = {'group_id': 'org.a', 'artifact_id': 'b', 'version': '1', 'filename': 'b.jar'}
    assert paths.mavenfile(maven) == 'org/a/b/1/b.jar'
    assert paths.winfile({'relpath': 'd', 'filename': 'a.exe'}) == 'd/a.exe'
    assert paths.winfile({'relpath': '', 'filename': 'a.exe'}) == 'a.exe'


def test_repos_and_tasks():
    paths = koji.PathInfo('/top')
    assert paths.repo(7, 'f40') == '/top/repos/f40/7'
    assert paths.repo('latest', 'f40') == '/top/repos/f40/latest'
    assert paths.distrepo(7, 'f40', 'v') == '/top/vol/v/repos-dist/f40/7'
    assert paths.repocache('f40') == '/top/repos/f40/cache'
    assert paths.task(123456) == '/top/work/tasks/3456/123456'
    assert paths.taskrelpath(5) == 'tasks/5/5'
    assert paths.work('v') == '/top/vol/v/work' and paths.scratch() == '/top/scratch'


def test_the_top_may_be_a_url_or_empty():
    paths = koji.PathInfo(topdir='https://h/x')
    assert paths.build(BUILD) == 'https://h/x/packages/a/1/2' and paths.volumedir(None) == 'https://h/x'
    assert koji.PathInfo('').build(BUILD) == '/packages/a/1/2'
    paths.topdir = '/other'
    assert paths.scratch() == '/other/scratch'


def test_the_top_of_the_module(monkeypatch):
    assert koji.pathinfo.build(BUILD) == '/mnt/koji/packages/a/1/2'
    monkeypatch.setattr(koji, 'BASEDIR', '/base')
    assert koji.PathInfo().scratch() == '/base/scratch'
