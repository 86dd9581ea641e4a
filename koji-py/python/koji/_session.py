"""Sessions with a hub, or with a hub's database in this process."""

from __future__ import annotations

import logging
import os
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from koji import _native
from koji._constants import AUTHTYPES
from koji._errors import ActionNotAllowed, AuthError, GenericError, GSSAPIAuthError, ParameterError
from koji._method import VirtualMethod
from koji._multicall import MultiCallHack

_NO_KERBEROS = 'this module has no Kerberos: log in with ssl_login() or, by name and password, with login()'
_NO_PROOF = 'a database asks for no proof: log in with login(), as opts["user"] or as its administrator'

#: what other clients' sessions have, and what to use instead
_ABSENT = {
    'rsession': 'connections are the library\'s own',
    'new_session': 'a broken connection is opened again by itself; _forget() drops the login as well',
    '_sendCall': 'use callMethod()',
    '_sendOneCall': 'use callMethod()',
    '_prepCall': 'use callMethod()',
    '_prepUpload': 'use fastUpload()',
    '_renew_session': 'an expired session logs in again by itself',
}

_Progress = Callable[[int, int, int, float, float], Any]


class ClientSession:
    """A session with the hub at a URL, or on a database (``sqlite:///file``, ``postgres://host/name``).

    Methods of the hub are attributes: ``session.getTag('f40')``, ``session.host.getTasks()``. ``opts`` may be
    changed at any time. Options: user, password, serverca, no_ssl_verify, cert, timeout, auth_timeout,
    max_retries, retry_interval, anon_retry, offline_retry, offline_retry_interval, upload_blocksize,
    debug_xmlrpc and, for a database, topdir; others are passed over.
    """

    def __init__(
        self, baseurl: str, opts: Optional[Dict[str, Any]] = None, sinfo: Optional[Dict[str, Any]] = None
    ) -> None:
        if not baseurl:
            raise ValueError('the URL of a hub must not be empty')
        self._set_up(baseurl, dict(opts or {}), None)
        self.setSession(sinfo)

    def _set_up(self, baseurl: str, opts: Dict[str, Any], native: Optional[_native.Session]) -> None:
        self.logged_in = False
        self.baseurl = baseurl
        self.opts = opts
        self._known_opts = dict(opts)
        self._native = native or _native.Session(baseurl, opts)
        self._multicall = MultiCallHack(self)
        self._apidoc: Optional[Dict[str, Any]] = None
        self.logger = logging.getLogger('koji')
        self.authtype: Optional[int] = None
        self.exclusive = False

    def __getattr__(self, name: str) -> VirtualMethod:
        if name.startswith('__') or name in ('_native', '_multicall', 'opts', 'logger'):
            raise AttributeError(name)
        if name in _ABSENT:
            raise AttributeError('a session has no %s: %s' % (name, _ABSENT[name]))
        return VirtualMethod(self._callMethod, name, self)

    def __del__(self) -> None:
        try:
            # after Ctrl-C nobody wants to wait for the answer
            if self.__dict__.get('logged_in') and not self._native.is_busy():
                self.logout()
        except Exception:
            pass

    # calls

    def callMethod(self, name: str, *args: Any, **opts: Any) -> Any:
        """Calls a method by its name."""
        return self._callMethod(name, args, opts)

    def _callMethod(
        self, name: str, args: Sequence[Any], kwargs: Optional[Dict[str, Any]] = None, retry: bool = True
    ) -> Any:
        """Calls a method, or keeps the call for ``multiCall``. Without ``retry`` it is sent only once."""
        kwargs = kwargs or {}
        if name == 'rawUpload':
            raise GenericError('rawUpload takes no call; use fastUpload() or uploadWrapper()')
        if self._multicall:
            return self._multicall.collect(name, args, kwargs)
        self._follow_opts()
        debug = self.opts.get('debug_xmlrpc')
        if debug and 'ogin' not in name:
            self.logger.debug('call %s%r %r', name, tuple(args), kwargs)
        if retry:
            answer = self._native.call(name, args, kwargs)
        else:
            answer = self._call_once(name, args, kwargs)
        if debug and 'ogin' not in name:
            self.logger.debug('answer %r', answer)
        return answer

    def _call_once(self, name: str, args: Sequence[Any], kwargs: Dict[str, Any]) -> Any:
        self._native.set_options({**self.opts, 'max_retries': 0, 'offline_retry': False})
        try:
            return self._native.call(name, args, kwargs)
        finally:
            self._native.set_options(self.opts)

    def _follow_opts(self) -> None:
        if self.opts != self._known_opts:
            self._native.set_options(self.opts)
            self._known_opts = dict(self.opts)

    def _describe(self, name: str) -> Optional[Dict[str, Any]]:
        if self._apidoc is None:
            try:
                self._apidoc = {method['name']: method for method in self._native.call('_listapi', [], {})}
            except Exception:
                self._apidoc = {}
        return self._apidoc.get(name)

    @property
    def multicall(self) -> MultiCallHack:
        """Set to True to collect calls for ``multiCall``; or call it: ``with session.multicall() as m``."""
        return self._multicall

    @multicall.setter
    def multicall(self, value: bool) -> None:
        self._multicall.value = bool(value)

    def multiCall(self, strict: bool = False, batch: Optional[int] = None) -> List[Any]:
        """Sends the collected calls. Each answer is a list of one, or a dict that tells a fault."""
        return self._multicall.send(strict, batch)

    @property
    def hub_version_str(self) -> str:
        """The hub's version."""
        return self._native.hub_version()

    @property
    def hub_version(self) -> Tuple[int, ...]:
        """The hub's version as numbers."""
        return tuple(int(part) for part in self.hub_version_str.split('.'))

    @property
    def retries(self) -> int:
        """How often the last call was sent."""
        return self._native.retries()

    # logins

    @property
    def sinfo(self) -> Optional[Dict[str, Any]]:
        """The proof of the login, from which another process can go on; None without a login."""
        proof = self._native.credentials()
        return proof and {'session-id': proof[0], 'session-key': proof[1]}

    @property
    def callnum(self) -> Optional[int]:
        """The number of the next call; None without a login."""
        proof = self._native.credentials()
        return proof and proof[2]

    def setSession(self, sinfo: Optional[Dict[str, Any]]) -> None:
        """Goes on with a login that was made elsewhere, or with none."""
        if sinfo is None:
            self._forget()
            return
        self._native.resume(int(sinfo['session-id']), str(sinfo['session-key']), 0)
        self.logged_in = True

    def login(self, opts: Optional[Dict[str, Any]] = None, renew: bool = False) -> bool:
        """Logs in by ``opts['user']`` and ``opts['password']``.

        On a database no password is needed, and without a user it is the first administrator.
        """
        self._follow_opts()
        user, password = self.opts.get('user'), self.opts.get('password')
        if not self._native.is_local and (user is None or password is None):
            raise AuthError('login() wants the options user and password')
        if opts is None and not renew:
            self._native.login(user or '', password or '')
        else:
            kwargs: Dict[str, Any] = {'opts': opts}
            if renew:
                kwargs.update(renew=True, exclusive=self.exclusive)
            self.setSession(self._native.call('login', [user, password], kwargs))
        self._logged_in_by('NORMAL')
        return True

    def ssl_login(
        self,
        cert: Optional[str] = None,
        ca: Optional[str] = None,
        serverca: Optional[str] = None,
        proxyuser: Optional[str] = None,
        proxyauthtype: Optional[int] = None,
    ) -> bool:
        """Logs in by a certificate (PEM with its key). ``ca`` means nothing, as in Koji."""
        del ca
        if self._native.is_local:
            raise AuthError(_NO_PROOF)
        if proxyauthtype is not None:
            raise ParameterError('proxyauthtype is not known here; leave it out')
        cert = cert or self.opts.get('cert')
        serverca = serverca or self.opts.get('serverca')
        if not cert:
            raise AuthError('No client cert provided')
        for what, path in (('Certificate', cert), ('Server CA', serverca)):
            if path and not os.access(path, os.R_OK):
                raise AuthError("%s %s doesn't exist or is not accessible" % (what, path))
        self.opts.update(cert=cert, serverca=serverca)
        self._follow_opts()
        try:
            self._native.ssl_login(cert, proxyuser)
        except (GenericError, OSError) as error:
            raise AuthError('unable to obtain a session (ssl auth failed: %s)' % error) from error
        if self.baseurl.startswith('http://'):
            self.baseurl = 'https://' + self.baseurl[len('http://') :]
        self._logged_in_by('SSL')
        return True

    def gssapi_login(self, *args: Any, **kwargs: Any) -> bool:
        """Always an error that names the logins there are."""
        raise GSSAPIAuthError(_NO_PROOF if self._native.is_local else _NO_KERBEROS)

    krb_login = gssapi_login

    def _logged_in_by(self, authtype: str) -> None:
        self.logged_in = True
        self.authtype = AUTHTYPES[authtype]

    def logout(self, session_id: Optional[int] = None) -> None:
        """Ends the login, or another session of the user by its id."""
        if not self.logged_in:
            return
        own = self.sinfo
        if session_id and own and session_id != own['session-id']:
            self._native.call('logout', [], {'session_id': session_id})
            return
        self.logged_in = False
        self.authtype = None
        self._native.logout()

    def _forget(self) -> None:
        """Forgets the login without telling the hub; for a child process."""
        self._native.forget()
        self.logged_in = False
        self.authtype = None

    def subsession(self) -> ClientSession:
        """A session below this one."""
        self._follow_opts()
        session = type(self).__new__(type(self))
        session._set_up(self.baseurl, dict(self.opts), self._native.subsession())
        session.logged_in = True
        session.authtype = self.authtype
        return session

    def exclusiveSession(self, force: bool = False) -> None:
        """Makes this session the user's only one; ``force`` ends the one that was."""
        self._native.exclusive_session(force)
        self.exclusive = True

    def sharedSession(self) -> None:
        """Gives up being the user's only session."""
        self._native.shared_session()
        self.exclusive = False

    # files

    def fastUpload(
        self,
        localfile: str,
        path: str,
        name: Optional[str] = None,
        callback: Optional[_Progress] = None,
        blocksize: Optional[int] = None,
        overwrite: bool = False,
        volume: Optional[str] = None,
    ) -> None:
        """Uploads a file to ``path`` below the hub's work directory, each piece and the whole checked.

        ``callback`` gets the bytes done, all bytes, the bytes of the last piece, its seconds and all seconds.
        """
        if not self.logged_in:
            raise ActionNotAllowed('You must be logged in to upload files')
        self._follow_opts()
        with open(localfile, 'rb'):
            pass  # a file that can't be read is the caller's, with Python's own exception
        name = os.path.basename(localfile) if name is None else name
        progress = _Told(callback).tell if callback else _silent
        self._native.upload((localfile, path, name, volume), overwrite, blocksize, progress)

    def uploadWrapper(
        self,
        localfile: str,
        path: str,
        name: Optional[str] = None,
        callback: Optional[_Progress] = None,
        blocksize: Optional[int] = None,
        overwrite: bool = True,
        volume: Optional[str] = None,
    ) -> None:
        """As :meth:`fastUpload`, but replaces what is there."""
        self.fastUpload(localfile, path, name, callback, blocksize, overwrite, volume)

    def downloadTaskOutput(
        self, taskID: int, fileName: str, offset: int = 0, size: int = -1, volume: Optional[str] = None
    ) -> bytes:
        """A piece of a file that a task left; by default the whole."""
        if self._multicall:
            raise GenericError('downloadTaskOutput() may not be called during a multicall')
        self._follow_opts()
        return self._native.task_output((taskID, fileName, volume or 'DEFAULT'), offset, size)


def _silent(done: int, total: int) -> None:
    pass


class _Told:
    """Turns progress into what Koji's callbacks expect."""

    def __init__(self, callback: _Progress) -> None:
        self.callback = callback
        self.started = self.lap = time.monotonic()
        self.done: Optional[int] = None

    def tell(self, done: int, total: int) -> None:
        """Called at the start and after each piece."""
        if self.done is None:
            self.done = 0
            self.callback(0, total, 0, 0, 0)
            return
        now = time.monotonic()
        # callbacks divide by these
        lap, whole = max(now - self.lap, 0.00001), max(now - self.started, 0.00001)
        self.callback(done, total, done - self.done, lap, whole)
        self.lap, self.done = now, done
