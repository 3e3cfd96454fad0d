"""The API's schema: complete, and changed only on purpose.

After a wanted change: `python3 manage.py spectacular --file docs/reference/openapi.yaml`.
"""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[3]
SNAPSHOT = ROOT / "docs" / "reference" / "openapi.yaml"


@pytest.mark.django_db
def test_schema_is_the_one_in_the_reference(tmp_path, capsys):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True)
    assert yaml.safe_load(made.read_text()) == yaml.safe_load(SNAPSHOT.read_text())
