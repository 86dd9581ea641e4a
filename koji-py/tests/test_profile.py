"""Configuration files and the modules of profiles."""

import optparse
import sys

import pytest

import koji

TEXT = '[site]\nserver=http://h/kojihub\ntopdir=/site\nmax_retries=3\nanon_retry=yes\nunknown=x\n'


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / '.koji').mkdir()
    (tmp_path / '.koji' / 'config').write_text(TEXT)
    return tmp_path


def test_a_profile_is_read(home):
    options = koji.read_config('site')
    assert options['server'] == options.server == 'http://h/kojihub'
    assert (options.max_retries, options.anon_retry, options.timeout) == (3, True, 43200)
    assert (options.authtype, options.cert, options.no_ssl_verify) == (None, '', False)
    assert options['profile'] == 'site' and 'unknown' not in options
    assert options.pathinfo.scratch() == '/site/scratch'
    with pytest.raises(AttributeError, match='server'):
        options.none
    own = home / 'own.conf'
    own.write_text('[site]\nserver=http://own\n')
    assert koji.read_config('site', user_config=str(own)).topdir == '/mnt/koji'


def test_mistakes_are_told():
    with pytest.raises(koji.ConfigurationError, match='no configuration for profile name: none'):
        koji.read_config('none')
    with pytest.raises(koji.ConfigurationError):
        koji.read_config('site', user_config='/no/such/file')


def test_a_module_of_a_profile():
    module = koji.get_profile_module('site')
    assert module is koji.get_profile_module('site') is sys.modules[module.__name__]
    assert module.config.server == 'http://h/kojihub' and module.BASEDIR == '/site'
    assert module.pathinfo.topdir == module.PathInfo().topdir == '/site'
    assert module.PathInfo('/else').topdir == '/else'
    assert koji.pathinfo.topdir == '/mnt/koji'
    assert module.GenericError is koji.GenericError
    with pytest.raises(AttributeError):
        module.no_such_name
    config = optparse.Values({'topdir': '/given'})
    assert koji.get_profile_module('given', config=config).pathinfo.topdir == '/given'


def test_options_for_sessions():
    options = koji.grab_session_options(koji.read_config('site'))
    assert options['max_retries'] == 3 and 'server' not in options and 'cert' not in options
    values = optparse.Values({'user': 'a', 'password': None, 'quiet': True})
    assert koji.grab_session_options(values) == {'user': 'a'}
    assert koji.ClientSession('http://h/kojihub', options).opts == options


def test_files_are_read_in_order(tmp_path):
    (tmp_path / 'd').mkdir()
    for name, text in (('a.conf', '[s]\nx=1\ny=%(x)s\n'), ('b.conf', '[s]\nx=2\n'), ('c.txt', '[s]\nx=3\n')):
        (tmp_path / 'd' / name).write_text(text)
    parser = koji.read_config_files([str(tmp_path / 'd'), ('/no/such/file', False)])
    assert dict(parser.items('s')) == {'x': '2', 'y': '2'}
    assert koji.read_config_files(str(tmp_path / 'd' / 'a.conf'), raw=True).get('s', 'y') == '%(x)s'
    with pytest.raises(koji.ConfigurationError):
        koji.read_config_files([('/no/such/file', True)])
    with pytest.raises(koji.GenericError):
        koji.read_config_files(1)
