"""`manage.py check --deploy` refuses what is fine for a demo and wrong for a store."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning


@register(Tags.security, deploy=True)
def demo_is_off(**_: Any) -> list[CheckMessage]:
    """The demo shows logins to everybody."""
    if not settings.DEMO:
        return []
    return [Error("The demo is on: its logins are public.", hint="Set AISLE_DEMO=0.", id="aisle.E001")]


@register(Tags.security, deploy=True)
def https_is_on(**_: Any) -> list[CheckMessage]:
    """Cookies of tills and people must not cross the network in the clear."""
    if settings.HTTPS:
        return []
    return [
        Error("Pages are served without TLS.", hint="Set AISLE_HTTPS=1 behind the proxy.", id="aisle.E002")
    ]


@register(Tags.security, deploy=True)
def aws_credentials_are_short_lived(**_: Any) -> list[CheckMessage]:
    """Long-lived keys of an IAM user on a box in a back room are refused."""
    if settings.CLOUD_ADAPTER == "aws" and settings.AWS_HAS_USER_KEYS:
        return [
            Error(
                "Long-lived AWS user keys are set.",
                hint="Use the IoT credentials provider or IAM Roles Anywhere.",
                id="aisle.E003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def external_services_are_encrypted(**_: Any) -> list[CheckMessage]:
    """A broker on the network must be reached by TLS."""
    if settings.MQTT_URL.startswith("mqtt://") and "127.0.0.1" not in settings.MQTT_URL:
        return [CheckWarning("MQTT runs without TLS.", hint="Use an mqtts:// URL.", id="aisle.W001")]
    return []
