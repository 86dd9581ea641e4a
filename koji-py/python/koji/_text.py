"""Times and texts as people read them, and small helpers that scripts use."""

from __future__ import annotations

import datetime
import json
import os
import re
from typing import Any
from xmlrpc.client import DateTime

_UNPRINTABLE = dict.fromkeys(code for code in range(32) if chr(code) not in '\r\n\t')

_TIME = re.compile(
    r'(\d{4})-?(\d\d)-?(\d\d)[ T](\d\d):?(\d\d):?(\d\d)(?:\.(\d+))?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?'
)


def formatTime(value: Any) -> str:
    """A time without fractions of seconds; texts keep their form, numbers are local time."""
    if not value and not isinstance(value, (int, float)):
        return ''
    if isinstance(value, DateTime):
        value = _time_of(value.value)
    elif isinstance(value, (int, float)):
        value = datetime.datetime.fromtimestamp(value)
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%d %H:%M:%S')
    text: str = value
    return text.rpartition('.')[0] or text


def formatTimeLong(value: Any) -> str:
    """A time with weekday and zone, in the local zone: ``Sat, 07 Sep 2002 00:00:01 GMT``."""
    if not value and not isinstance(value, (int, float)):
        return ''
    if isinstance(value, (int, float)):
        value = datetime.datetime.fromtimestamp(value)
    elif not isinstance(value, datetime.datetime):
        value = _time_of(value.value if isinstance(value, DateTime) else value)
    time: datetime.datetime = value
    return time.astimezone().strftime('%a, %d %b %Y %H:%M:%S %Z')


def _time_of(text: str) -> datetime.datetime:
    """Reads a time as hubs and databases write it."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError('not a time: %r' % text)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, zone = match.group(7), match.group(8)
    micros = int((fraction or '0')[:6].ljust(6, '0'))
    return datetime.datetime(year, month, day, hour, minute, second, micros, _zone(zone))


def _zone(text: Any) -> Any:
    if not text:
        return None
    if text in ('Z', 'UTC'):
        return datetime.timezone.utc
    digits = text[1:].replace(':', '').ljust(4, '0')
    offset = datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return datetime.timezone(-offset if text[0] == '-' else offset)


def removeNonprintable(value: str) -> str:
    """Without control characters and without halves of characters."""
    return value.translate(_UNPRINTABLE).encode('utf-8', errors='replace').decode()


def fix_encoding(value: Any, fallback: str = 'iso8859-15', remove_nonprintable: bool = False) -> Any:
    """The value as it is, or without control characters. ``fallback`` meant something in Python 2 only."""
    del fallback
    return removeNonprintable(value) if remove_nonprintable and isinstance(value, str) else value


def fixEncoding(value: Any, fallback: str = 'iso8859-15', remove_nonprintable: bool = False) -> Any:
    """As :func:`fix_encoding`; what is not true becomes an empty text."""
    return fix_encoding(value, fallback, remove_nonprintable) if value else ''


def fixEncodingRecurse(value: Any, fallback: str = 'iso8859-15', remove_nonprintable: bool = False) -> Any:
    """As :func:`fix_encoding` on everything inside lists, tuples and dicts."""
    if isinstance(value, (list, tuple)):
        return type(value)(fixEncodingRecurse(item, fallback, remove_nonprintable) for item in value)
    if isinstance(value, dict):
        return {
            fixEncodingRecurse(key, fallback, remove_nonprintable): fixEncodingRecurse(
                item, fallback, remove_nonprintable
            )
            for key, item in value.items()
        }
    return fix_encoding(value, fallback, remove_nonprintable)


def _fix_print(value: Any) -> Any:
    return value.decode('utf8') if isinstance(value, bytes) else value


def hex_string(s: Any) -> str:
    """The hexadecimal digits of bytes."""
    return s.hex() if isinstance(s, (bytes, bytearray)) else ''.join('%02x' % ord(char) for char in s)


def ensuredir(directory: str) -> str:
    """Makes a directory and those above it, unless it is there; its path in normal form."""
    directory = os.path.normpath(directory)
    try:
        os.makedirs(directory, exist_ok=True)
    except FileExistsError as error:
        raise OSError('Not a directory: %s' % directory) from error
    return directory


def load_json(filepath: str) -> Any:
    """Reads a JSON file."""
    with open(filepath, encoding='utf-8') as file:
        return json.load(file)


def dump_json(filepath: str, data: Any, indent: int = 4, sort_keys: bool = False) -> None:
    """Writes a JSON file."""
    with open(filepath, 'w', encoding='utf-8') as file:
        json.dump(data, file, indent=indent, sort_keys=sort_keys)
