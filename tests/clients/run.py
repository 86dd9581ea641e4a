"""Runs upstream's command line through transcripts, and its other programs, against a hub of this checkout or a running one.

    run.py --hubd PROGRAM [--db URL] [--bless] [--keep DIR] [TRANSCRIPT..]
    run.py --hub URL --topdir DIR [--bless] [TRANSCRIPT..]

It needs a Python with upstream's client and librpm's bindings. A transcript that is named runs after those before it, which it
builds upon. `--bless` writes what was printed into the transcripts: read the difference before you keep it.
"""

import argparse
import difflib
import shutil
import sys
import tempfile
import time
from pathlib import Path

import koji_cli.commands

import archives
import packages
import programs
import transcript
from builder import Builder
from command import CommandLine
from hub import Hub

HERE = Path(__file__).parent


def main():
    """The exit code: 0 if every call printed what it must."""
    wish = arguments()
    scratch = Path(wish.keep or tempfile.mkdtemp(prefix='koji-clients-'))
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / 'packages').mkdir(parents=True)
    key = packages.make(scratch / 'packages')
    archives.make(scratch / 'packages')
    hub = None
    if wish.hub is None:
        hub = Hub(wish.hubd, scratch, wish.db)
        hub.start()
    try:
        url, topdir = (hub.url, hub.topdir) if hub else (wish.hub, wish.topdir)
        (Path(topdir) / 'vol/v2').mkdir(parents=True)
        (Path(topdir) / 'vol/v2').chmod(0o777)
        builder = Builder(url + '/kojihub', 'builder1.example.com', scratch / 'packages', topdir)
        line = CommandLine(url, topdir, scratch, builder)
        values = {'dir': str(scratch / 'packages'), 'cwd': str(scratch / 'cwd'), 'key': key, 'topdir': str(topdir), 'url': url}
        wrong = replay(line, dict(values), wish)
        if not wish.transcripts:
            wrong += programs.run(values, wish.kojira)
    finally:
        if hub:
            hub.stop()
    wrong += [('the hub says', [fault]) for fault in (hub.faults() if hub else [])]
    for title, lines in wrong:
        print(title, *lines, sep='\n    ')
    if not wish.keep:
        shutil.rmtree(scratch)
    print('%d calls, %d wrong' % (line.calls, len(wrong)))
    return 1 if wrong else 0


def replay(line, variables, wish):
    """Runs the transcripts; what was wrong, each with a title and its lines."""
    wrong, named = [], set()
    paths = sorted((HERE / 'commands').glob('*.txt'))
    last = max((path.name for path in paths if not wish.transcripts or path.name[:2] in wish.transcripts), default='')
    for path in paths:
        if path.name > last:
            break
        started, calls = time.monotonic(), transcript.read(path)
        for call in calls:
            named.add(next((word for word in call.text.split() if not word.startswith('-')), ''))
            unknown = call.unknown(variables)
            printed = unknown or transcript.tidy(*line.run(call.user, call.words(variables)))
            expected = call.lines
            if call.matches(printed, variables):
                continue
            seen = transcript.as_expected(printed, call, variables)
            wrong.append(('%s: %s$ %s' % (path.name, call.user, call.text),
                          difflib.unified_diff(expected, seen, 'expected', 'printed', lineterm='', n=1)))
            if wish.bless:
                call.lines = seen
        if wish.bless:
            transcript.write(path, calls)
        print('%s: %d calls, %.1f s' % (path.name, len(calls), time.monotonic() - started), flush=True)
    if not wish.transcripts:
        missing = sorted(known_commands() - named)
        wrong += [('commands that no transcript calls', missing)] * bool(missing)
    return wrong


def known_commands():
    """The commands that the client has."""
    names = (name.removeprefix('anon_') for name in vars(koji_cli.commands))
    return {name.removeprefix('handle_').replace('_', '-') for name in names if name.startswith('handle_')}


def arguments():
    """What was asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--hubd', help='the program koji-hubd')
    parser.add_argument('--db', help='its database (default: an SQLite file)')
    parser.add_argument('--hub', help='the URL of a running hub in its place, without /kojihub')
    parser.add_argument('--topdir', help="that hub's directory")
    parser.add_argument('--bless', action='store_true')
    parser.add_argument('--kojira', metavar='SECONDS', type=int, help='run kojira that long')
    parser.add_argument('--keep', metavar='DIR', help='work there (it is emptied first) and leave it')
    parser.add_argument('transcripts', nargs='*', help='the numbers of transcripts')
    wish = parser.parse_args()
    if (wish.hub is None) == (wish.hubd is None) or (wish.hub is None) != (wish.topdir is None):
        parser.error('give --hubd, or --hub and --topdir')
    return wish


if __name__ == '__main__':
    sys.exit(main())
