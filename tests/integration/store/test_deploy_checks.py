"""`check --deploy` refuses a demo in a store, and has nothing against a store's settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STORE = {"AISLE_DEMO": "0", "AISLE_HTTPS": "1", "AISLE_HOSTS": "store.example", "AISLE_CLOUD": "loopback"}


def check(home: Path, **settings: str) -> tuple[int, str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "store.settings",
        "AISLE_HOME": str(home),
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_stores_settings_are_clean(tmp_path):
    code, said = check(tmp_path, **STORE)
    assert code == 0, said


@pytest.mark.parametrize(
    ("wrong", "identifier"),
    [
        ({"AISLE_DEMO": "1"}, "aisle.E001"),
        ({"AISLE_HTTPS": "0"}, "aisle.E002"),
        ({"AISLE_CLOUD": "aws", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}, "aisle.E003"),
        ({"MQTT_URL": "mqtt://broker.example"}, "aisle.W001"),
        ({"AISLE_DEBUG": "1"}, "security.W018"),
    ],
)
def test_what_is_wrong_for_a_store_is_refused(tmp_path, wrong, identifier):
    code, said = check(tmp_path, **{**STORE, **wrong})
    assert code == 1
    assert identifier in said
