"""A hub of the tests' own: ``KOJI_HUBD`` names its program. Users are kojiadmin (an admin) and alice."""

import os
import socket
import subprocess
import time

import pytest

import koji


class Hub:
    """A running hub."""

    def __init__(self, directory):
        program = os.environ.get('KOJI_HUBD')
        if not program:
            pytest.exit('set KOJI_HUBD to the program koji-hubd; `cargo xtask test` does', returncode=2)
        self.topdir = str(directory / 'topdir')
        self.database = 'sqlite://%s' % (directory / 'hub.db')
        self._command = [program, '--db', self.database, '--topdir', self.topdir]
        self._environment = dict(os.environ, RUST_LOG='warn')
        self._run('init')
        self._run('user', 'add', 'kojiadmin', '--password', 'pw-kojiadmin', '--permission', 'admin')
        self._run('user', 'add', 'alice', '--password', 'pw-alice')
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        self.url = 'http://127.0.0.1:%d/kojihub' % self.port
        listen = self._command + ['serve', '--listen', '127.0.0.1:%d' % self.port]
        self._process = subprocess.Popen(listen, env=self._environment, stdin=subprocess.DEVNULL)
        self._wait()

    def _run(self, *words):
        subprocess.run(self._command + list(words), env=self._environment, check=True)

    def _wait(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
                return
            except OSError:
                assert self._process.poll() is None and time.monotonic() < deadline, 'the hub does not listen'
                time.sleep(0.01)

    def stop(self):
        self._process.terminate()
        self._process.wait(20)

    def session(self, way, user=None):
        """A session by one of the two ways, logged in if a user is named."""
        opts = {'max_retries': 0, 'timeout': 60, 'topdir': self.topdir}
        if user:
            opts.update(user=user, password='pw-' + user)
        session = koji.ClientSession(self.url if way == 'http' else self.database, opts)
        if user:
            assert session.login() is True
        return session


@pytest.fixture(scope='session')
def hub(tmp_path_factory):
    running = Hub(tmp_path_factory.mktemp('hub'))
    yield running
    running.stop()


@pytest.fixture(params=['http', 'database'])
def way(request):
    return request.param


@pytest.fixture
def admin(hub, way):
    """A session of the admin, once by each way."""
    return hub.session(way, 'kojiadmin')


@pytest.fixture
def anonymous(hub, way):
    """A session without a login, once by each way."""
    return hub.session(way)


@pytest.fixture
def fresh(way, request):
    """A name that no other test has."""
    return '%s-%s' % (request.node.originalname.replace('_', '-'), way)
