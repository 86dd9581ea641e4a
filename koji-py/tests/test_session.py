"""Calls, logins and what a session tells, over HTTP and in this process."""

import os
import signal
import socket
import threading
import time

import pytest

import koji


def test_a_method_is_an_attribute(admin, fresh):
    tag_id = admin.createTag(fresh, arches='x86_64')
    assert admin.getTag(fresh)['id'] == tag_id
    assert admin.getTag(tag_id)['arches'] == 'x86_64'
    assert admin.callMethod('getTag', fresh, strict=True)['name'] == fresh
    assert admin._callMethod('getTag', (fresh,), {'strict': True})['name'] == fresh


def test_dotted_names_reach_the_hub(anonymous):
    assert 'repo.request' in anonymous.system.listMethods()
    with pytest.raises(koji.GenericError) as told:
        anonymous.host.noSuchMethod()
    assert 'host.noSuchMethod' in str(told.value)


def test_keyword_arguments(admin, fresh):
    assert admin.getTag(fresh) is None
    with pytest.raises(koji.GenericError) as told:
        admin.getTag(fresh, strict=True)
    assert type(told.value) is koji.GenericError
    assert told.value.faultCode == 1000
    assert told.value.fromFault
    assert fresh in str(told.value)


def test_errors_have_their_class(hub, way, anonymous, fresh):
    with pytest.raises(koji.ActionNotAllowed) as told:
        hub.session(way, 'alice').createTag(fresh)
    assert told.value.faultCode == 1004
    with pytest.raises(koji.ParameterError):
        anonymous.getTag(no_such_argument=1)


def test_a_login_shows(hub, way):
    session = hub.session(way)
    assert session.logged_in is False
    assert session.sinfo is None and session.callnum is None
    assert session.getLoggedInUser() is None
    session.opts.update(user='alice', password='pw-alice')
    assert session.login() is True
    assert session.logged_in is True
    assert session.authtype == koji.AUTHTYPES['NORMAL']
    assert set(session.sinfo) == {'session-id', 'session-key'}
    assert session.getLoggedInUser()['name'] == 'alice'
    session.logout()
    assert session.logged_in is False
    assert session.getLoggedInUser() is None
    session.logout()


def test_a_wrong_password_is_refused(hub):
    session = koji.ClientSession(hub.url, {'user': 'alice', 'password': 'wrong'})
    with pytest.raises(koji.AuthError):
        session.login()
    assert not session.logged_in
    with pytest.raises(koji.AuthError, match='user and password'):
        koji.ClientSession(hub.url).login()


def test_a_database_needs_no_proof(hub):
    session = koji.ClientSession(hub.database, {'topdir': hub.topdir})
    session.login()
    assert session.getLoggedInUser()['name'] == 'kojiadmin'
    with pytest.raises(koji.AuthError, match='nobody-of-this-name'):
        koji.ClientSession(hub.database, {'topdir': hub.topdir, 'user': 'nobody-of-this-name'}).login()


def test_other_logins_say_what_there_is(hub, way, tmp_path):
    session = hub.session(way)
    for login in (session.gssapi_login, session.krb_login):
        with pytest.raises(koji.GSSAPIAuthError, match='login'):
            login(principal='x')
    with pytest.raises(koji.AuthError):
        session.ssl_login()
    with pytest.raises(koji.AuthError):
        session.ssl_login(cert=str(tmp_path / 'none.pem'))


def test_a_login_goes_on_elsewhere(hub):
    session = hub.session('http', 'alice')
    other = koji.ClientSession(hub.url, sinfo=session.sinfo)
    assert other.logged_in
    # the numbers of the first session's calls go on as well
    for _ in range(session.callnum):
        other.getLoggedInUser()
    assert other.getLoggedInUser()['name'] == 'alice'
    other._forget()
    assert not other.logged_in
    assert session.getLoggedInUser()['name'] == 'alice'


def test_subsessions_and_exclusive_ones(hub):
    session = hub.session('http', 'alice')
    below = session.subsession()
    assert below.getLoggedInUser()['name'] == 'alice'
    assert below.sinfo['session-id'] != session.sinfo['session-id']
    below.logout()
    assert session.getLoggedInUser()['name'] == 'alice'
    session.exclusiveSession(force=True)
    assert session.exclusive
    with pytest.raises(koji.AuthLockError):
        hub.session('http', 'alice').exclusiveSession()
    session.sharedSession()
    session.logout()


def test_versions(anonymous):
    assert anonymous.getKojiVersion() == koji.__version__
    assert anonymous.hub_version_str == koji.__version__
    assert anonymous.hub_version == koji.__version_info__
    assert anonymous.getAPIVersion() == koji.API_VERSION


def test_methods_have_the_hubs_description(anonymous):
    assert anonymous.getTag.__doc__.startswith('getTag(')
    assert anonymous.noSuchMethod.__doc__ is None


def test_options_may_change_later(hub):
    session = hub.session('http')
    session.opts['timeout'] = 'soon'
    with pytest.raises(TypeError, match='timeout'):
        session.getAPIVersion()
    session.opts['timeout'] = 30
    assert session.getAPIVersion() == koji.API_VERSION
    assert session._callMethod('getAPIVersion', (), retry=False) == koji.API_VERSION


def test_no_hub_is_a_connection_error():
    session = koji.ClientSession('http://127.0.0.1:9/kojihub')
    with pytest.raises(ConnectionError, match='127.0.0.1:9'):
        session.getAPIVersion()
    with pytest.raises(koji.GenericError, match='ftp'):
        koji.ClientSession('ftp://host/')
    with pytest.raises(ValueError):
        koji.ClientSession('')


def test_ctrl_c_ends_the_waiting():
    with socket.socket() as silent:
        silent.bind(('127.0.0.1', 0))
        silent.listen()
        session = koji.ClientSession('http://127.0.0.1:%d/kojihub' % silent.getsockname()[1], {'timeout': 15})
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        started = time.monotonic()
        # what a shell starts in the background ignores the signal
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                session.getAPIVersion()
        finally:
            signal.signal(signal.SIGINT, before)
        assert time.monotonic() - started < 5


def test_threads_share_a_session(admin):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(admin.getAPIVersion())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [koji.API_VERSION] * 8


def test_what_is_not_there_says_so(anonymous):
    with pytest.raises(AttributeError, match='callMethod'):
        anonymous._sendCall
    with pytest.raises(koji.GenericError, match='uploadWrapper'):
        anonymous._callMethod('rawUpload', (b'', 0, 'dir', 'name'))
    with pytest.raises(AttributeError, match='kojid'):
        koji.genMockConfig
    with pytest.raises(AttributeError, match='parse_NVR'):
        koji.parse_NVRs
