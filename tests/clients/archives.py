"""Files for the transcripts that are no packages: archives, comps, the metadata of a content generator, build settings."""

import hashlib
import io
import json
import tarfile
import zipfile

COMPS = '''<?xml version="1.0"?>
<comps>
  <group>
    <id>core</id><name>Core</name><description>What is always there</description><default>true</default>
    <uservisible>true</uservisible>
    <packagelist>
      <packagereq type="mandatory">bash</packagereq><packagereq type="optional">nano</packagereq>
      <packagereq type="conditional" requires="gcc">gdb</packagereq>
    </packagelist>
  </group>
</comps>
'''
POM = '''<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId><artifactId>mini</artifactId><version>1.0</version>
</project>
'''
CHAIN = '''[org.example-one]
scmurl=git+https://git.example.com/one#1
[org.example-two]
scmurl=git+https://git.example.com/two#1
buildrequires=org.example-one
'''


def make(directory):
    """Makes them all in `directory`."""
    for name in ('mini-1.0.jar', 'mini.zip'):
        with zipfile.ZipFile(directory / name, 'w') as archive:
            archive.writestr(zipfile.ZipInfo('bin/mini'), 'mini\n')
    with tarfile.open(directory / 'mini.tar.gz', 'w:gz') as archive:
        archive.addfile(tarfile.TarInfo('bin/mini'), io.BytesIO())
    texts = {'mini-1.0.pom': POM, 'comps.xml': COMPS, 'chain.ini': CHAIN, 'mini.ks': 'text\n', 'guide.txt': 'A guide.\n'}
    for name, text in texts.items():
        (directory / name).write_text(text)
    (directory / 'cg.json').write_text(json.dumps(_metadata(directory / 'guide.txt')))


def _metadata(path):
    """A build of a document."""
    contents = path.read_bytes()
    output = {'buildroot_id': 1, 'filename': path.name, 'filesize': len(contents), 'arch': 'noarch', 'checksum_type': 'md5',
              'checksum': hashlib.md5(contents).hexdigest(), 'type': 'file',
              'extra': {'typeinfo': {'image': {'arch': 'noarch'}}}}
    root = {'id': 1, 'host': {'os': 'linux', 'arch': 'x86_64'}, 'content_generator': {'name': 'atomic', 'version': '1'},
            'container': {'type': 'none', 'arch': 'x86_64'}, 'tools': [], 'components': [], 'extra': {}}
    build = {'name': 'cgdoc', 'version': '1.0', 'release': '1', 'source': 'git://example.com/doc#1', 'start_time': 1700000000,
             'end_time': 1700000060, 'owner': 'alice', 'extra': {'typeinfo': {'image': {}}}}
    return {'metadata_version': 0, 'build': build, 'buildroots': [root], 'output': [output]}
