"""Names, arches, labels, enumerations and exceptions."""

import xmlrpc.client

import pytest

import koji


def test_names_are_split():
    assert koji.parse_NVR('1:a-b-1.0-2') == {'name': 'a-b', 'version': '1.0', 'release': '2', 'epoch': '1'}
    rpm = {'name': 'a', 'version': '1', 'release': '2', 'epoch': '', 'arch': 'src', 'src': True}
    assert koji.parse_NVRA('a-1-2.src.rpm') == rpm
    assert koji.parse_NVRA('a-1-2.src@ext')['location'] == 'ext'
    with pytest.raises(koji.GenericError, match='invalid format: a-1'):
        koji.parse_NVR('a-1')
    with pytest.raises(koji.GenericError) as told:
        koji.parse_NVRA('a')
    assert not told.value.fromFault


def test_names_are_checked():
    assert koji.check_NVR('a-1-2') is True
    assert koji.check_NVR('a') is False
    assert koji.check_NVR({'name': 'a', 'version': '1-1', 'release': '2'}) is False
    with pytest.raises(koji.GenericError, match='version'):
        koji.check_NVR({'name': 'a', 'version': '1-1', 'release': '2'}, strict=True)
    assert koji.check_NVRA('a-1-2.x86_64') is True
    assert koji.check_NVRA({'version': '1', 'release': '2', 'arch': 'x.y'}) is False
    with pytest.raises(KeyError):
        koji.check_NVR({'name': 'a'})


def test_arches():
    assert [koji.canonArch(arch) for arch in ('i686', 'armv7hl', 'riscv64')] == ['i386', 'armhfp', 'riscv64']
    assert koji.parse_arches('x86_64, ppc64le') == 'x86_64 ppc64le'
    assert koji.parse_arches(['a', 'b'], to_list=True) == ['a', 'b']
    assert koji.parse_arches(None, allow_none=True) == ''
    with pytest.raises(koji.GenericError):
        koji.parse_arches('x86_64,ppc64le', strict=True)


def test_small_rules():
    assert koji.is_debuginfo('a-debuginfo') and not koji.is_debuginfo('a')
    assert koji.gen_draft_release('1.fc40', 7) == '1.fc40,draft_7'
    assert koji.parse_target_release('1.fc40,draft_7') == '1.fc40'
    assert koji.hex_string(b'\x01\xff') == '01ff'


def test_labels():
    build = {'package_name': 'a', 'name': 'b', 'version': '1', 'release': '2', 'epoch': 3}
    assert koji.buildLabel(build) == 'a-1-2'
    assert koji.buildLabel(build, showEpoch=True) == '3:a-1-2'
    task = {'method': 'build', 'arch': 'noarch', 'request': ['git://h/r#abc', 'f40']}
    assert koji.taskLabel(task) == 'build (f40, /r:abc)'
    assert koji.taskLabel({}) == 'malformed task'


def test_enums_look_up_both_ways():
    states = koji.TASK_STATES
    assert states['CLOSED'] == 2 and states[2] == 'CLOSED'
    assert states.get('CLOSED') == 2 and states.get(2) == 'CLOSED' and states.get(9, 'x') == 'x'
    assert states.getnum('CLOSED') == 2 and states.getnum(2) == 2 and states.getnum('none') is None
    assert list(states)[0] == 'FREE' and 'OPEN' in states and states[:2] == ('FREE', 'OPEN')
    with pytest.raises(KeyError):
        states['NONE']
    with pytest.raises(NotImplementedError):
        states.getvalue(1)
    with pytest.raises(NotImplementedError):
        states['NEW'] = 1


def test_exceptions_have_their_numbers():
    kinds = [kind for kind in vars(koji).values() if isinstance(kind, type) and issubclass(kind, koji.GenericError)]
    assert sorted(kind.faultCode for kind in kinds) == list(range(1000, 1025))
    assert issubclass(koji.AuthExpired, koji.AuthError) and issubclass(koji.PreBuildError, koji.BuildError)


def test_faults_become_exceptions():
    error = koji.convertFault(xmlrpc.client.Fault(1015, 'no live CD'))
    assert type(error) is koji.LiveCDError and error.fromFault and str(error) == 'no live CD'
    strange = xmlrpc.client.Fault(2001, 'strange')
    assert koji.convertFault(strange) is strange
    assert str(koji.GenericError()) == '{}'
