"""Uploads and the files of tasks."""

import os

import pytest

import koji


def test_an_upload_arrives(hub, admin, tmp_path, fresh):
    local = tmp_path / 'file.txt'
    local.write_bytes(b'0123456789' * 10)
    told = []
    admin.uploadWrapper(str(local), fresh, callback=lambda *state: told.append(state), blocksize=40)
    arrived = os.path.join(koji.PathInfo(hub.topdir).work(), fresh, 'file.txt')
    with open(arrived, 'rb') as file:
        assert file.read() == local.read_bytes()
    assert [state[:3] for state in told] == [(0, 100, 0), (40, 100, 40), (80, 100, 40), (100, 100, 20)]
    assert all(state[3] > 0 and state[4] > 0 for state in told[1:])

    local.write_bytes(b'')
    admin.fastUpload(str(local), fresh, name='empty')
    assert os.path.getsize(os.path.join(os.path.dirname(arrived), 'empty')) == 0
    local.write_bytes(b'again')
    with pytest.raises(koji.GenericError):
        admin.fastUpload(str(local), fresh)
    admin.uploadWrapper(str(local), fresh)
    assert os.path.getsize(arrived) == 5


def test_an_upload_wants_a_login_and_a_file(anonymous, admin, tmp_path):
    with pytest.raises(koji.ActionNotAllowed):
        anonymous.uploadWrapper(__file__, 'cli-build/x')
    with pytest.raises(FileNotFoundError):
        admin.uploadWrapper(str(tmp_path / 'none'), 'cli-build/x')


def test_a_callback_may_end_an_upload(admin, tmp_path, fresh):
    local = tmp_path / 'file.txt'
    local.write_bytes(b'x' * 100)

    def stop(done, *rest):
        if done >= 20:
            raise InterruptedError('enough at %d' % done)

    with pytest.raises(InterruptedError, match='enough at 20'):
        admin.uploadWrapper(str(local), fresh, callback=stop, blocksize=10)
    with pytest.raises(koji.GenericError, match='callback'):
        admin.uploadWrapper(str(local), fresh, callback=lambda *state: admin.getAPIVersion())
    assert admin.getAPIVersion() == koji.API_VERSION


def test_the_output_of_a_task(hub, admin, tmp_path):
    task_id = admin.makeTask('sleep', [1])
    with pytest.raises(koji.GenericError):
        admin.downloadTaskOutput(task_id, 'none.log')
    place = koji.PathInfo(hub.topdir).task(task_id)
    koji.ensuredir(place)
    with open(os.path.join(place, 'build.log'), 'wb') as file:
        file.write(b'all \xff is well')
    assert admin.downloadTaskOutput(task_id, 'build.log') == b'all \xff is well'
    assert admin.downloadTaskOutput(task_id, 'build.log', offset=4, size=1) == b'\xff'
