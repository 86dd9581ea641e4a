"""A builder that is also kojira: it does the work of a task at once, with packages that are there already.

It works only when told to, so that what a waiting command prints does not depend on chance.
"""

import base64
import hashlib
import xmlrpc.client
from pathlib import Path

import koji

IDLE = 'idle'  # the channel whose tasks it leaves alone
FREE_OR_ASSIGNED = [koji.TASK_STATES['FREE'], koji.TASK_STATES['ASSIGNED']]


class Builder:
    """One host."""

    def __init__(self, url, host, packages, topdir):
        self.packages = packages
        self.topdir = Path(topdir)
        self.session = _session(url, host)
        self.session.exclusiveSession(force=True)
        self.kojira = _session(url, 'kojiadmin')

    def work(self):
        """Does every task that can be done, and what they lead to."""
        while True:
            if self.kojira.repo.queryQueue([['active', 'IS', True]], ['id']):
                self.kojira.repo.checkQueue()
            idle = self.kojira.getChannel(IDLE)
            tasks = self.session.listTasks({'state': FREE_OR_ASSIGNED, 'decode': True}, {'order': 'id'})
            tasks = [task for task in tasks if not idle or task['channel_id'] != idle['id']]
            if not [task for task in tasks if self._run(task)]:
                return

    def _run(self, task):
        opened = self.session.host.openTask(task['id'])
        if not opened:
            return False
        way = getattr(self, 'do_' + task['method'], None)
        try:
            if way is None:
                raise koji.BuildError('this builder does no %s' % task['method'])
            words, named = koji.decode_args(*task['request'])
            self._close(task['id'], way(task['id'], *words, **named))
        except koji.GenericError as error:
            fault = xmlrpc.client.Fault(error.faultCode, str(error))
            self.session.host.failTask(task['id'], xmlrpc.client.dumps(fault))
        return True

    def _close(self, task, result):
        self.session.host.closeTask(task, xmlrpc.client.dumps((result,), methodresponse=True, allow_none=True))

    def _upload(self, task, name, contents):
        """A file of a task; the path as the hub takes it."""
        path = Path('tasks/%d/%d' % (task % 10000, task)) / name
        self.session.uploadFile(str(path.parent), path.name, len(contents), hashlib.md5(contents).hexdigest(), 0,
                                base64.b64encode(contents).decode())
        return str(path)

    def do_build(self, task, source, target, opts=None):
        """Builds what the source names: the file or the fragment of its URL is `NVR.src.rpm` or `NVR`."""
        opts = opts or {}
        nvr = source.split('#')[-1].split('/')[-1].removesuffix('.src.rpm')
        if not (self.packages / (nvr + '.src.rpm')).exists():
            raise koji.BuildError('no source for %s' % nvr)
        target = self.session.getBuildTarget(target)
        host = self.session.host
        build = None
        if not opts.get('scratch'):
            data = koji.parse_NVR(nvr)
            data.update(epoch=None, task_id=task, source=source, draft=opts.get('draft', False))
            build = host.initBuild(data)
        request = [source, target['build_tag'], 'x86_64', True, {}]
        child = host.subtask('buildArch', request, task, arch='noarch', label='x86_64')
        host.openTask(child)
        root = self._buildroot(child, target['build_tag'])
        srpm, rpms, logs = self._results(child, nvr)
        self._close(child, {'rpms': rpms, 'srpms': [srpm], 'logs': logs, 'brootid': root})
        if build is None:
            host.moveBuildToScratch(task, srpm, rpms, {'x86_64': logs})
            return {'srpm': srpm, 'rpms': rpms, 'logs': logs}
        host.completeBuild(task, build, srpm, rpms, dict.fromkeys([srpm] + rpms, root) if root else None, {'x86_64': logs})
        if not opts.get('skip_tag') and not opts.get('draft'):
            host.subtask('tagBuild', [target['dest_tag'], build, False, None, True], task, arch='noarch')
        return None

    def _buildroot(self, task, tag):
        """A buildroot of the tag's repository that holds hello; None if there is no repository."""
        repo, hello = self.session.getRepo(tag), self.session.getRPM('hello-1.0-1.noarch')
        if not repo or not hello:
            return None
        root = self.session.host.newBuildRoot(repo['id'], 'x86_64', task_id=task)
        self.session.host.setBuildRootList(root, [hello], task_id=task)
        self.session.host.setBuildRootState(root, 'BUILDING', task_id=task)
        return root

    def _results(self, task, nvr):
        """Uploads what a build yields: the source rpm, the others, the logs."""
        name, version, release = nvr.rsplit('-', 2)
        files = sorted(self.packages.glob('%s*-%s-%s.*.rpm' % (name, version, release)))
        paths = [self._upload(task, path.name, path.read_bytes()) for path in files]
        logs = [self._upload(task, name, b'%s of %s\n' % (name.encode(), nvr.encode())) for name in ('build.log', 'root.log')]
        srpm = next(path for path in paths if path.endswith('.src.rpm'))
        return srpm, [path for path in paths if path != srpm], logs

    def do_tagBuild(self, task, tag, build, force=False, fromtag=None, ignore_success=False):
        self.session.host.tagBuild(task, tag, build, force=force, fromtag=fromtag)
        self.session.host.tagNotification(True, tag, fromtag, build, self.kojira.getLoggedInUser()['id'], ignore_success)

    def do_dependantTask(self, task, waits_for, follows):
        for method, request, opts in follows:
            self.session.host.subtask(method, request, task, **opts)

    def do_newRepo(self, task, tag, event=None, opts=None, **flags):
        """A repository without repodata worth the name: nothing installs from it."""
        tag = self.session.getTag(tag, strict=True)['name']
        repo, event = self.session.host.repoInit(tag, event=event, opts=dict(opts or {}, **flags), task_id=task)
        place = self.topdir / 'repos' / tag / str(repo)
        arches = [path.name for path in place.iterdir() if (path / 'pkglist').exists()]
        uploads = {arch: self._upload(task, arch + '/repomd.xml', b'<repomd/>') for arch in arches}
        self.session.host.repoDone(repo, {arch: [str(Path(path).parent), ['repomd.xml']] for arch, path in uploads.items()})
        return repo, event

    def do_buildNotification(self, task, *request):
        """Mails are not sent."""

    do_tagNotification = do_buildNotification

    def do_sleep(self, task, seconds):
        self._upload(task, 'sleep.log', b'slept %s s\n' % str(seconds).encode())

    do_default = do_shutdown = do_buildNotification


def _session(url, user):
    session = koji.ClientSession(url, {'user': user, 'password': 'pw-' + user, 'max_retries': 0})
    session.login()
    return session
