"""Keep the broker's list of users in step with the devices: a revoked one is cut off within seconds."""

from __future__ import annotations

from django.conf import settings

from store.adapters import broker, pki
from store.adapters.broker import BrokerUser, Role
from store.models import Device
from store.runtime import paths

_ROLES = {
    Device.Kind.SENSOR.value: Role.SENSOR,
    Device.Kind.GATEWAY.value: Role.GATEWAY,
    Device.Kind.EDGE.value: Role.EDGE,
}


def sync() -> bool:
    """Write the users of all unrevoked devices that hold a certificate; True when the broker was told.

    Does nothing where the broker is not ours to configure (no certificates on this machine).
    """
    if not (settings.PKI_DIR / "issued.json").exists():
        return False
    devices = list(Device.objects.filter(kind__in=_ROLES).values_list("code", "kind", "revoked_at"))
    admitted = pki.admitted(settings.PKI_DIR)
    for code, _, revoked_at in devices:
        if revoked_at is not None and code in admitted:
            pki.revoke(settings.PKI_DIR, code)
    users = [BrokerUser(code, _ROLES[kind]) for code, kind, revoked_at in devices if revoked_at is None]
    return broker.publish_users(paths.run(), settings.PKI_DIR, users)
