import pytest

from vision.edge import control
from vision.edge.control import Command


def test_a_command_is_read_back(tmp_path):
    path = tmp_path / "run" / "edge-1.control.json"
    command = Command(queue=9, audience=2, blind=("camera-tills",), until=50.0, garbage=1, enter=4)
    control.write(path, command)
    assert control.read(path, now=40.0) == command


def test_an_ended_command_is_none_but_keeps_its_counters(tmp_path):
    path = tmp_path / "control.json"
    control.write(path, Command(queue=9, until=50.0, garbage=1, enter=4))
    assert control.read(path, now=51.0) == Command(garbage=1, enter=4)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"queue": "many"}', '{"blind": 5}'])
def test_a_broken_file_is_no_command(tmp_path, text):
    path = tmp_path / "control.json"
    path.write_text(text)
    assert control.read(path, now=0.0) == Command()


def test_an_absent_file_is_no_command(tmp_path):
    assert control.read(tmp_path / "none.json", now=0.0) == Command()


def test_absurd_numbers_are_held_in_bounds(tmp_path):
    path = tmp_path / "control.json"
    path.write_text('{"queue": 100000, "audience": -4}')
    command = control.read(path, now=0.0)
    assert (command.queue, command.audience) == (control.MOST, 0)


def test_the_command_line_counts_upwards(tmp_path):
    path = tmp_path / "control.json"
    control.main(["--file", str(path), "--enter", "3", "--garbage"])
    control.main(["--file", str(path), "--enter", "2", "--queue", "7"])
    command = control.read(path, now=0.0)
    assert (command.enter, command.garbage, command.queue) == (5, 1, 7)
