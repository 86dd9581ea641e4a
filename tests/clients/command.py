"""Upstream's command line, run as often as wanted in a process that has it loaded already."""

import os
import runpy
import sys
import time
import traceback
from pathlib import Path

import koji_cli.lib  # noqa: F401  (loaded once for all calls)
import requests  # noqa: F401
import rpm  # noqa: F401


class CommandLine:
    """The command `koji` with a profile for the hub. Where it would sleep, the builder works instead."""

    def __init__(self, url, topdir, scratch, builder):
        self.calls = 0
        self._builder = builder
        self._program = str(Path(sys.executable).parent / 'koji')
        self._output = scratch / 'output'
        self._home = scratch / 'home'
        self._work = scratch / 'cwd'
        (self._home / '.koji').mkdir(parents=True)
        self._work.mkdir()
        (self._home / '.koji/config').write_text(
            '[koji]\nserver = %s/kojihub\ntopurl = %s/kojifiles\nweburl = http://localhost/koji\ntopdir = %s\nauthtype = password\n'
            'max_retries = 1\n' % (url, url, topdir))

    def run(self, user, words):
        """What it prints, and its exit code."""
        self.calls += 1
        who = ['--noauth'] if user == '-' else ['--user', user or 'kojiadmin', '--password', 'pw-' + (user or 'kojiadmin')]
        asks, ask = os.pipe()
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(asks)
            os.close(tell)
            self._become(['koji', *who, *words], ask, told)
        os.close(ask)
        os.close(told)
        while os.read(asks, 1):
            self._builder.work()
            os.write(tell, b'.')
        os.close(asks)
        os.close(tell)
        _, status = os.waitpid(child, 0)
        return self._output.read_text(errors='replace'), os.waitstatus_to_exitcode(status)

    def _become(self, argv, ask, told):
        """The process of one call: it ends here."""
        def sleep(_seconds):
            sys.stdout.flush()
            os.write(ask, b'.')
            os.read(told, 1)

        code = 70
        try:
            output = os.open(self._output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            nothing = os.open('/dev/null', os.O_RDONLY)
            for source, target in ((nothing, 0), (output, 1), (output, 2)):
                os.dup2(source, target)
            os.environ.update(HOME=str(self._home), TZ='UTC', COLUMNS='120')
            time.tzset()
            os.chdir(self._work)
            time.sleep = sleep
            sys.argv = argv
            runpy.run_path(self._program, run_name='__main__')
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
