"""Times and texts."""

import datetime
import time

import pytest

import koji


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv('TZ', 'UTC')
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_short_times():
    assert koji.formatTime(None) == koji.formatTime('') == ''
    assert koji.formatTime(0) == '1970-01-01 00:00:00'
    assert koji.formatTime('2024-01-02 03:04:05.678') == '2024-01-02 03:04:05'
    assert koji.formatTime('2024-01-02 03:04:05') == '2024-01-02 03:04:05'
    assert koji.formatTime(koji.DateTime('20240102T03:04:05')) == '2024-01-02 03:04:05'
    assert koji.formatTime(datetime.datetime(2024, 1, 2)) == '2024-01-02 00:00:00'


@pytest.mark.parametrize(
    'value',
    [
        1704164645,
        1704164645.5,
        '2024-01-02 03:04:05',
        '2024-01-02 03:04:05.67890+00:00',
        '2024-01-02 05:04:05+02',
        '2024-01-01T22:34:05.1-0430',
        koji.DateTime('20240102T03:04:05'),
        datetime.datetime(2024, 1, 2, 3, 4, 5),
    ],
)
def test_long_times(value):
    assert koji.formatTimeLong(value) == 'Tue, 02 Jan 2024 03:04:05 UTC'


def test_no_times():
    assert koji.formatTimeLong(None) == ''
    with pytest.raises(ValueError, match='soon'):
        koji.formatTimeLong('soon')


def test_texts():
    assert koji.fixEncoding(None) == '' and koji.fixEncoding('ž') == 'ž'
    assert koji.fixEncoding('a\x01b\n', remove_nonprintable=True) == 'ab\n'
    assert koji.fixEncodingRecurse({'a': ['\x02b']}, remove_nonprintable=True) == {'a': ['b']}
    assert koji._fix_print(b'\xc5\xbe') == 'ž'


def test_directories_and_json(tmp_path):
    made = koji.ensuredir(str(tmp_path / 'a' / 'b' / ''))
    assert made == str(tmp_path / 'a' / 'b') == koji.ensuredir(made)
    koji.dump_json(made + '/x.json', {'a': [1]})
    assert koji.load_json(made + '/x.json') == {'a': [1]}
    with pytest.raises(OSError, match='Not a directory'):
        koji.ensuredir(made + '/x.json')
