"""Both forms of multicalls, over HTTP and in this process."""

import pytest

import koji


def test_the_newer_form(admin, fresh):
    with admin.multicall() as m:
        made = m.createTag(fresh)
        listed = m.repo.noSuchMethod()
        version = m.getAPIVersion()
        with pytest.raises(koji.MultiCallNotReady):
            made.result
    assert admin.getTag(made.result)['name'] == fresh
    assert version.result == koji.API_VERSION
    with pytest.raises(koji.GenericError) as told:
        listed.result
    assert told.value.faultCode == 1000


def test_strict_raises_the_first_fault(admin, fresh):
    with pytest.raises(koji.GenericError, match=fresh):
        with admin.multicall(strict=True) as m:
            version = m.getAPIVersion()
            m.getTag(fresh, strict=True)
    assert version.result == koji.API_VERSION


def test_batches(anonymous):
    m = anonymous.multicall(batch=2)
    calls = [m.echo(number) for number in range(5)]
    answers = m.call_all()
    assert answers == [[[number]] for number in range(5)]
    assert [call.result for call in calls] == [[number] for number in range(5)]
    assert m.call_all() == []


def test_an_error_in_the_block_sends_nothing(admin, fresh):
    with pytest.raises(KeyError):
        with admin.multicall() as m:
            m.createTag(fresh)
            raise KeyError('x')
    assert admin.getTag(fresh) is None


def test_the_older_form(anonymous, fresh):
    assert not anonymous.multicall
    anonymous.multicall = True
    assert anonymous.multicall
    assert anonymous.getAPIVersion() is koji.MultiCallInProgress
    anonymous.getTag(fresh, strict=True)
    with pytest.raises(koji.GenericError):
        anonymous.downloadTaskOutput(1, 'x')
    version, fault = anonymous.multiCall()
    assert version == [koji.API_VERSION]
    assert fault['faultCode'] == 1000 and fresh in fault['faultString']
    assert not anonymous.multicall
    assert anonymous.getAPIVersion() == koji.API_VERSION


def test_the_older_form_strictly_and_in_batches(anonymous, fresh):
    anonymous.multicall = True
    for number in range(3):
        anonymous.echo(number)
    assert anonymous.multiCall(batch=2) == [[[0]], [[1]], [[2]]]
    anonymous.multicall = True
    anonymous.getTag(fresh, strict=True)
    with pytest.raises(koji.GenericError, match=fresh):
        anonymous.multiCall(strict=True)
    with pytest.raises(koji.GenericError, match='multicall'):
        anonymous.multiCall()
    anonymous.multicall = True
    assert anonymous.multiCall() == []
