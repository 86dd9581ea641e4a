"""A hub of this checkout on a database of its own."""

import os
import socket
import subprocess
import time


class Hub:
    """A running hub: kojiadmin, alice and bob, two hosts; passwords are `pw-NAME`."""

    def __init__(self, program, directory, database=None):
        self.topdir = directory / 'topdir'
        self.log = directory / 'hub.log'
        configuration = directory / 'hub.conf'
        configuration.write_text('[hub]\nEnableMaven = True\nEnableWin = True\nKojiWebURL = http://localhost/koji\n')
        self._command = [program, '--config', str(configuration), '--db', database or 'sqlite://%s' % (directory / 'hub.db'),
                         '--topdir', str(self.topdir)]
        self._run('init')
        self._run('user', 'add', 'kojiadmin', '--password', 'pw-kojiadmin', '--permission', 'admin')
        for user in ('alice', 'bob'):
            self._run('user', 'add', user, '--password', 'pw-' + user)
        for number, arches, channels in ((1, 'x86_64 i386 noarch', ['default', 'createrepo']), (2, 'aarch64 noarch', ['default'])):
            name = 'builder%d.example.com' % number
            options = [word for channel in channels for word in ('--channel', channel)]
            self._run('host', 'add', name, '--password', 'pw-' + name, '--arches', arches, *options)
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self._port = free.getsockname()[1]
        self.url = 'http://127.0.0.1:%d' % self._port

    def start(self):
        """Answers calls and serves files. The other roles are off: what they do is left to the test's builder."""
        words = ['serve', '--listen', '127.0.0.1:%d' % self._port, '--role', 'api', '--role', 'files']
        with self.log.open('ab') as log:
            self._process = subprocess.Popen(self._command + words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(('127.0.0.1', self._port)).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError('the hub does not listen: ' + self.log.read_text()) from None
                time.sleep(0.01)

    def stop(self):
        """Ends it."""
        self._process.terminate()
        self._process.wait(20)

    def faults(self):
        """What the log tells of the hub's own failures: warnings, errors, and calls that failed in an unforeseen way."""
        signs = (' WARN ', ' ERROR ', ' fault=1 ', 'panicked')
        return [line for line in self.log.read_text().splitlines() if any(sign in line for sign in signs)]

    def _run(self, *words):
        subprocess.run(self._command + list(words), env=dict(os.environ, RUST_LOG='warn'), check=True, stdout=subprocess.DEVNULL)
