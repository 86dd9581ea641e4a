"""Transcripts of the command line: what is called, and what it must print.

A transcript is text. ``$ list-tags f40`` calls ``koji list-tags f40`` as the admin, ``alice$ ..`` as alice, ``-$ ..`` without a
login; the lines below are its output, standard error included, up to a blank line. ``[1]`` as the last line is the exit
code where it is not 0. ``# ..`` before a call is a comment, but ``# in any order``, which
lets the lines of the output come as they will.

In a call ``{name}`` stands for a variable. In the output ``{name}`` is the variable's value, or, where it has none yet, any
word, which then is its value; ``{*}`` is anything within the line, ``...`` alone any number of lines. ``{{`` is a brace.
"""

import re
import shlex

CALL = re.compile(r'(-|[a-z]*)\$ (.*)')
FIELD = re.compile(r'\{(\*|\w+)\}|\{\{')
# What differs from run to run: dates as the command line writes them, durations, checksums, events.
PASSING = re.compile(
    r'(?:\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \w+|\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}'
    r'|\b(?:\d\d)?\d\d-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?UTC|\+00:00)?|\d+:\d\d:\d\d(?:\.\d+)?|\d\d:\d\d:\d\d'
    r'|\b[0-9a-f]{32}\b|\b\d{10}\.\d+\.\w{8}\b|(?<=\(eid )\d+|\b\d{10}\.\d+|(?<=event: )\d+|(?<=at event )\d+)')


class Call:
    """One call of the command line, with the output that it must have."""

    def __init__(self, user, text, remarks):
        self.user = user
        self.text = text
        self.remarks = remarks
        self.lines = []

    def unknown(self, variables):
        """What it cannot be called for: variables that no call before it has given a value."""
        names = [field[1] for field in FIELD.finditer(self.text) if field[0] != '{{' and field[1] not in variables]
        return ['no value for {%s}' % name for name in names]

    def words(self, variables):
        """Its arguments; quotes as in a shell."""
        return shlex.split(FIELD.sub(lambda found: _value(found, variables), self.text))

    @property
    def unordered(self):
        """Whether the order of its lines is nothing to rely on."""
        return '# in any order' in self.remarks

    def matches(self, printed, variables):
        """Whether lines are the expected ones. What they tell of variables is kept if so."""
        found = dict(variables)
        if (_match_as_set if self.unordered else _match)(self.lines, printed, found):
            variables.update(found)
            return True
        return False


def read(path):
    """The calls of a file."""
    calls, remarks, current = [], [], None
    for line in path.read_text().splitlines():
        begins = CALL.fullmatch(line)
        if begins:
            current = Call(begins[1], begins[2], remarks)
            calls.append(current)
            remarks = []
        elif not line.strip():
            current = None
        elif current is not None:
            current.lines.append(line)
        elif line.startswith('#'):
            remarks.append(line)
        else:
            raise ValueError('%s: output without a call: %s' % (path, line))
    return calls


def write(path, calls):
    """The file of these calls."""
    blocks = ['\n'.join(call.remarks + ['%s$ %s' % (call.user, call.text)] + call.lines) for call in calls]
    path.write_text('\n\n'.join(blocks) + '\n')


def tidy(output, code):
    """The lines that a call printed, the exit code among them. Blank lines say nothing, nor does how to call the command."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    begin = next((at for at, line in enumerate(lines) if line.startswith('Usage: ')), None)
    end = next((at for at, line in enumerate(lines) if line.startswith('(Specify the --help')), None)
    if begin is not None and end is not None:
        del lines[begin:end + 1]
    return lines + ['[%d]' % code] * (code != 0)


def as_expected(printed, call, variables):
    """Lines as a transcript has them: as it had them where they are alike, else with what differs from run to run left out."""
    known = sorted(((value, name) for name, value in variables.items() if len(value) > 4), key=lambda it: -len(it[0]))
    lines = []
    for line in printed:
        alike = next((it for it in call.lines if it != '...' and _line(it, line, variables)), None)
        if alike is None:
            alike = PASSING.sub('{*}', line.replace('{', '{{'))
            for value, name in known:
                alike = alike.replace(value, '{%s}' % name)
        lines.append(alike)
    return lines


def _value(found, variables):
    return '{' if found[0] == '{{' else variables[found[1]]


def _match(expected, printed, variables):
    if not expected:
        return not printed
    if expected[0] == '...':
        return any(_match(expected[1:], printed[skip:], variables) for skip in range(len(printed) + 1))
    return bool(printed) and _line(expected[0], printed[0], variables) and _match(expected[1:], printed[1:], variables)


def _match_as_set(expected, printed, variables):
    left = list(printed)
    for line in expected:
        found = next((it for it in left if _line(line, it, variables)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _line(expected, printed, variables):
    pattern, at, named = '', 0, []
    for field in FIELD.finditer(expected):
        pattern += re.escape(expected[at:field.start()])
        at = field.end()
        name = field[1]
        if field[0] == '{{':
            pattern += re.escape('{')
        elif name == '*':
            pattern += '.*'
        elif name in variables:
            pattern += re.escape(variables[name])
        else:
            pattern += r'([^\s,()]+)'
            named.append(name)
    found = re.fullmatch(pattern + re.escape(expected[at:]), printed)
    if found:
        variables.update(zip(named, found.groups()))
    return bool(found)
