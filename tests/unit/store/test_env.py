"""Settings read from the environment fail loudly."""

import pytest

from store import env


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("1", True), ("true", True), ("YES", True), ("on", True), ("0", False), ("no", False), ("", True)],
)
def test_boolean(monkeypatch, raw, expected):
    monkeypatch.setenv("AISLE_X", raw)
    assert env.boolean("AISLE_X", default=True) is expected


@pytest.mark.parametrize("raw", ["2", "maybe", "tru"])
def test_boolean_refuses_other_words(monkeypatch, raw):
    monkeypatch.setenv("AISLE_X", raw)
    with pytest.raises(env.SettingError, match="AISLE_X"):
        env.boolean("AISLE_X", default=True)


def test_integer_refuses_words(monkeypatch):
    monkeypatch.setenv("AISLE_X", "ten")
    with pytest.raises(env.SettingError, match="whole number, not 'ten'"):
        env.integer("AISLE_X", 1)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://u:p%40@db.local:5433/shop",
            {
                "NAME": "shop",
                "USER": "u",
                "PASSWORD": "p@",
                "HOST": "db.local",
                "PORT": "5433",
                "OPTIONS": {},
            },
        ),
        (
            "postgresql:///aisle?host=/run/aisle&user=aisle",
            {
                "NAME": "aisle",
                "USER": "aisle",
                "PASSWORD": "",
                "HOST": "/run/aisle",
                "PORT": "",
                "OPTIONS": {},
            },
        ),
        (
            "postgresql://u@/aisle?host=%2Frun%2Faisle&sslmode=require",
            {
                "NAME": "aisle",
                "USER": "u",
                "PASSWORD": "",
                "HOST": "/run/aisle",
                "PORT": "",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
    ],
)
def test_database_url(monkeypatch, url, expected):
    monkeypatch.setenv("DATABASE_URL", url)
    assert env.database("DATABASE_URL", "") == {"ENGINE": "django.db.backends.postgresql", **expected}


@pytest.mark.parametrize("url", ["sqlite:///x.db", "mysql://u@h/d", "nonsense"])
def test_other_databases_are_refused(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(env.SettingError, match="postgresql://"):
        env.database("DATABASE_URL", "")
