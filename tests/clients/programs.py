"""Upstream's other programs, beside the command line: koji-gc and koji-shadow in test mode, and kojira for a while."""

import re
import subprocess
import sys
import time
from pathlib import Path

GC = '''[main]
server = {url}/kojihub
weburl = http://localhost/koji
topurl = {url}/kojifiles
user = kojiadmin
password = pw-kojiadmin
smtp_host = 127.0.0.1
email_template = {dir}/guide.txt
trashcan_tag = f40-side
lock_file = {dir}/gc.lock
[prune]
policy =
    tag *-updates :: keep
    order > 0 :: untag
'''
SHADOW = '''[main]
server = {url}/kojihub
remote = {url}/kojihub
remote_topurl = {url}/kojifiles
user = kojiadmin
password = pw-kojiadmin
workpath = {dir}/shadow
'''
KOJIRA = '''[kojira]
server = {url}/kojihub
user = kojiadmin
password = pw-kojiadmin
topdir = {topdir}
logfile = {dir}/kojira.log
sleeptime = 1
repo_lifetime = 1
expired_repo_lifetime = 1
'''
NOW = ['--delay', '0 seconds', '--grace-period', '0 seconds']
# A program, its configuration, its arguments, for how many seconds it runs if it does not end by itself, and lines that
# tell of its work.
PROGRAMS = [
    ('koji-gc', GC, ['--test', '--no-mail', '--debug'] + NOW, None,
     ['Would have moved to trashcan: org.example-mini-1.0-1', 'keep: hello-1.0-1 .*']),
    ('koji-shadow', SHADOW, ['--test', '--arches', 'x86_64', 'f40-updates'], None, ['.* common: 2 .* total: 2']),
    ('kojira', KOJIRA, ['-f', '-v', '--force-lock'], 20,
     ['.*Repo 1 still has 4 references', '.*Completed rmtree job for .*/f40-build/3']),
]
FAILURE = re.compile(r'.*(Traceback|Fault|\[ERROR\]|GenericError).*')


def run(values, kojira=None):
    """Runs them all; what was wrong, each with a title and its lines. kojira runs until its work is seen, or for so many seconds."""
    wrong = []
    for name, configuration, arguments, at_most, signs in PROGRAMS:
        config = Path(values['dir']) / (name + '.conf')
        config.write_text(configuration.format(**values))
        command = [sys.executable, Path(sys.executable).parent / name, '-c', config] + arguments
        started = time.monotonic()
        with Running(command, config.with_suffix('.out')) as running:
            if at_most is None:
                running.ends(60)
            elif kojira is None:
                running.ends(at_most, lambda told: all(_tells(told, sign) for sign in signs))
            else:
                running.ends(kojira)
        lines = running.lines()
        bad = [line for line in lines if FAILURE.fullmatch(line)] + ['no line ' + it for it in signs if not _tells(lines, it)]
        bad += ['it ended with %s' % running.code] * (running.code != (0 if at_most is None else None))
        wrong += [(name, bad + ['...'] + lines[-20:])] * bool(bad)
        print('%s: %.1f s' % (name, time.monotonic() - started), flush=True)
    return wrong


def _tells(lines, sign):
    return any(re.fullmatch(sign, line) for line in lines)


class Running:
    """A program whose output goes to a file. `code` is its exit code, None if it had to be ended."""

    def __init__(self, command, path):
        self._path = path
        self.code = None
        with path.open('wb') as output:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)

    def lines(self):
        """What it has printed."""
        return self._path.read_text(errors='replace').splitlines()

    def ends(self, seconds, enough=lambda lines: False):
        """Waits until it ends, has printed enough, or the time is over."""
        deadline = time.monotonic() + seconds
        while self.code is None and time.monotonic() < deadline and not enough(self.lines()):
            time.sleep(0.2)
            self.code = self._process.poll()
