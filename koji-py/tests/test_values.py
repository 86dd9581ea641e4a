"""Values on their way to a hub and back."""

import datetime
import xmlrpc.client

import pytest

import koji


@pytest.mark.parametrize(
    'value',
    [None, True, False, 0, -1, 2**31, 2**40, -(2**63), 1.5, '', 'text', 'ž\u2028𝄞', b'\0\xff', [], [1, [2]], {'a': {'b': None}}],
)
def test_values_come_back(anonymous, value):
    (answer,) = anonymous.echo(value)
    assert answer == value and type(answer) is type(value)


def test_relatives_of_the_types(anonymous):
    assert anonymous.echo((1, 2)) == [[1, 2]]
    assert anonymous.echo(item for item in 'ab') == [['a', 'b']]
    assert anonymous.echo(bytearray(b'x'), xmlrpc.client.Binary(b'y')) == [b'x', b'y']
    assert anonymous.echo(koji.BR_TYPES) == [{'STANDARD': 0, 'EXTERNAL': 1}]


def test_times_are_what_xmlrpc_has(anonymous):
    (answer,) = anonymous.echo(datetime.datetime(2024, 1, 2, 3, 4, 5))
    assert isinstance(answer, koji.DateTime)
    assert answer.value == '20240102T03:04:05'
    assert anonymous.echo(answer) == [answer]


def test_what_cannot_be_sent_is_refused(anonymous):
    with pytest.raises(TypeError, match='object'):
        anonymous.echo(object())
    with pytest.raises(TypeError, match='set'):
        anonymous.echo({1})
    with pytest.raises(TypeError, match='key'):
        anonymous.echo({1: 2})
    with pytest.raises(OverflowError):
        anonymous.echo(2**63)
    with pytest.raises(UnicodeEncodeError):
        anonymous.echo('\ud800')
    endless = []
    endless.append(endless)
    with pytest.raises(ValueError, match='levels'):
        anonymous.echo(endless)


def test_texts_of_xmlrpc():
    assert koji.loads(koji.dumps((1, None, 2**40), 'm')) == ((1, None, 2**40), 'm')
    assert koji.loads(koji.dumps(({'a': 1},), methodresponse=True)) == (({'a': 1},), None)
    assert xmlrpc.client.loads(koji.dumps(('x',), 'm')) == (('x',), 'm')
    for code in (1, 1004, 2001):
        with pytest.raises(koji.Fault) as told:
            koji.loads(koji.dumps(koji.Fault(code, 'no')))
        assert (told.value.faultCode, told.value.faultString) == (code, 'no')
    with pytest.raises(ValueError):
        koji.dumps((1, 2), methodresponse=True)
    with pytest.raises(TypeError):
        koji.dumps([1], 'm')


def test_marked_arguments():
    sent = koji.encode_args(1, strict=True)
    assert sent == (1, {'strict': True, '__starstar': True})
    assert koji.decode_args(*sent) == ((1,), {'strict': True})
    assert koji.encode_args(1) == (1,)
    assert koji.decode_args({'a': 1}) == (({'a': 1},), {})
    assert koji.decode_args2(sent, ('tag', 'event')) == {'tag': 1, 'strict': True}
    with pytest.raises(TypeError):
        koji.decode_args2((1, 2), ('tag',))
