"""Packages for the transcripts, made by rpmbuild: hello (noarch) and libfoo (x86_64, with a -devel), some signed."""

import shutil
import subprocess

SPEC = '''\
%global debug_package %{{nil}}
Name: {name}
Version: {version}
Release: {release}
Summary: A package for tests
License: MIT
URL: http://example.com/{name}
{arch}
%description
A package for tests.
{devel}
%prep
%build
%install
mkdir -p %{{buildroot}}/usr/share/{name}
echo {version} > %{{buildroot}}/usr/share/{name}/version
echo header > %{{buildroot}}/usr/share/{name}/header.h
%files
/usr/share/{name}/version
%changelog
* Mon Jan 01 2024 Tester <tester@example.org> - {version}-{release}
- First release
'''
DEVEL = '%package devel\nSummary: For development\n%description devel\nFor development.\n%files devel\n' \
        '/usr/share/{name}/header.h\n'
NOARCH = 'BuildArch: noarch'
REST = '%exclude /usr/share/{name}/header.h\n'

ALL = [('hello', '1.0', '1'), ('hello', '1.0', '2'), ('hello', '1.1', '1'), ('hello', '1.2', '1'), ('libfoo', '2.1', '3'),
       ('libfoo', '2.2', '1')]
SIGNED = ['hello-1.0-1', 'libfoo-2.1-3']


def make(directory):
    """Makes them all in `directory`, signed copies in its `signed`. Their key's id, as Koji writes it."""
    for name, version, release in ALL:
        _build(directory, name, version, release)
    return _sign(directory)


def _build(directory, name, version, release):
    arch, devel = (NOARCH, '') if name == 'hello' else ('', DEVEL.format(name=name))
    text = SPEC.format(name=name, version=version, release=release, arch=arch, devel=devel)
    if not devel:
        text = text.replace('%changelog', REST.format(name=name) + '%changelog')
    spec = directory / ('%s-%s-%s.spec' % (name, version, release))
    spec.write_text(text)
    defines = {'_topdir': directory / 'rpmbuild', '_rpmdir': directory, '_srcrpmdir': directory,
               '_build_name_fmt': '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm', '_buildhost': 'builder.example.com',
               'clamp_mtime_to_source_date_epoch': 1, 'use_source_date_epoch_as_buildtime': 1,
               'source_date_epoch_from_changelog': 1, 'dist': '%{nil}'}
    words = [word for item in defines.items() for word in ('--define', '%s %s' % item)]
    subprocess.run(['rpmbuild', '-ba', '--quiet', '--target', 'x86_64', *words, str(spec)], check=True,
                   stdout=subprocess.DEVNULL)


def _sign(directory):
    home = directory / 'gnupg'
    home.mkdir(mode=0o700)
    gpg = ['gpg', '--homedir', str(home), '--batch', '--quiet']
    user = 'tester@example.org'
    subprocess.run([*gpg, '--passphrase', '', '--quick-generate-key', user, 'rsa2048', 'sign', 'never'], check=True,
                   stderr=subprocess.DEVNULL)
    listing = subprocess.run([*gpg, '--list-keys', '--with-colons'], check=True, capture_output=True, text=True).stdout
    key = next(line.split(':')[4] for line in listing.splitlines() if line.startswith('pub:'))
    signed = directory / 'signed'
    signed.mkdir()
    files = [path for nvr in SIGNED for path in directory.glob('*.rpm') if _belongs(path.name, nvr)]
    copies = [signed / path.name for path in files]
    for path, copy in zip(files, copies):
        copy.write_bytes(path.read_bytes())
    subprocess.run(['rpmsign', '--addsign', '--define', '_gpg_name %s' % user, '--define', '_gpg_path %s' % home,
                    '--define', '__gpg %s' % shutil.which('gpg'), *map(str, copies)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(['gpgconf', '--homedir', str(home), '--kill', 'gpg-agent'], check=False)
    return key.lower()[-8:]


def _belongs(file, nvr):
    name, version, release = nvr.rsplit('-', 2)
    return file.startswith(name) and '-%s-%s.' % (version, release) in file
