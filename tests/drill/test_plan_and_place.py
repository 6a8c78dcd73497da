"""What is made to go wrong, and the copy of the line on which it is."""

from pathlib import Path

import pytest

from drill.place import environment, line_of_the_drill, slots, the_line
from drill.plan import FAULTS, Answer, Crew, waves
from settings import SettingsError

ALL = frozenset(FAULTS)


def test_the_same_seed_rehearses_the_same_misfortunes() -> None:
    assert waves(40, 10, 4, ALL, 7) == waves(40, 10, 4, ALL, 7) != waves(40, 10, 4, ALL, 8)


def test_every_call_once_so_many_at_a_time() -> None:
    found = waves(25, 10, 4, ALL, 1)
    assert [len(wave.calls) for wave in found] == [10, 10, 5]
    assert [call.number for wave in found for call in wave.calls] == list(range(25))


def test_with_no_faults_nothing_goes_wrong() -> None:
    for wave in waves(50, 10, 4, frozenset(), 1):
        assert (wave.crew, wave.kills) == (Crew.DESK, ())
        assert not any(call.wrong() for call in wave.calls)


def test_every_misfortune_comes_up() -> None:
    found = waves(400, 20, 4, ALL, 1)
    assert {wave.crew for wave in found} == set(Crew)
    assert all(wave.kills for wave in found)
    calls = [call for wave in found for call in wave.calls]
    answers = [str(each).partition(" a los")[0] for call in calls for tries in call.services.values() for each in tries]
    assert set(answers) == {"ocupado", "no contesta", "contesta", "cuelga"}
    assert {call.drops_after is not None for call in calls} == {call.is_safe_to_call for call in calls} == {True, False}
    assert {call.operator.is_busy for call in calls} == {True, False}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(None), "no contesta"),
        (Answer(None, is_busy=True), "ocupado"),
        (Answer(1.0), "contesta"),
        (Answer(1.0, leaves_after=4.2), "cuelga a los 4 s"),
    ],
)
def test_what_somebody_does_in_words(answer: Answer, told: str) -> None:
    assert str(answer) == told


def test_each_slot_has_services_of_its_own_and_the_rest_is_the_lines(tmp_path: Path) -> None:
    line = the_line("linea131", None)
    made = slots(line, 3)
    (tmp_path / line.file).write_text(line_of_the_drill(line, None, made), "utf-8")
    copy = the_line("linea131", tmp_path)
    listed = [copy.desk.services_for(slot.zone) for slot in made]
    assert listed == [list(slot.services) for slot in made]
    numbers = [service.number for services in listed for service in services]
    assert len(set(numbers)) == len(numbers) == 3 * len(line.desk.services_for("San Salvador"))
    assert [each.kind for each in listed[0]] == [each.kind for each in line.desk.services_for("San Salvador")]
    assert (copy.numbers, copy.desk.duty_telephones, copy.menus.keys()) == (
        line.numbers,
        line.desk.duty_telephones,
        line.menus.keys(),
    )
    assert copy.desk.queues == line.desk.queues


def test_a_line_with_nothing_to_rehearse_is_refused() -> None:
    with pytest.raises(SettingsError, match="no tiene servicios"):
        slots(the_line("dgs", None), 1)
    with pytest.raises(SettingsError, match="No hay ninguna línea «nada»"):
        the_line("nada", None)


def test_nothing_of_the_installation_comes_along(tmp_path: Path) -> None:
    theirs = {
        **{"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "DATABASE_URL": "postgresql://real/one"},
        **{"DATA_DIR": "var", "SECRET_KEY": "k" * 40, "BIND": "0.0.0.0:80", "HOME": "/home/ana"},
        **{"TRUNKS_FILE": "/etc/trunks.toml", "REPORTS_DIR": "/mnt/informes", "REPORTS_TO": "ana@example.org"},
    }
    env = environment(theirs, tmp_path, 9000, None)
    assert env["HOME"] == "/home/ana"
    assert env["DATA_DIR"] == str(tmp_path)
    assert env["BIND"] == "127.0.0.1:9000"
    theirs_alone = theirs.keys() - {"HOME", "DATA_DIR", "BIND"}
    assert not theirs_alone & env.keys()
