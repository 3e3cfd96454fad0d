"""Devices by the token they show."""

from __future__ import annotations

import hashlib

from django.core.cache import cache

from store.models import Device

KEEP_S = 5
_KEY = "store.device."


def token_hash(token: str) -> str:
    """The form in which a device's token is stored: SHA-256, 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_device(token: str) -> Device | None:
    """Return the enrolled, unrevoked device that holds this token, else None."""
    if not token:
        return None
    return Device.objects.trusted().filter(token_hash=token_hash(token)).first()


def known_device(token: str) -> Device | None:
    """The same, kept for 5 s in this process: a till asks several times a second.

    So a revoked device is refused within 5 s by every process, by the one that revoked it at once.
    """
    if not token:
        return None
    key = _KEY + token_hash(token)
    device: Device | None = cache.get(key)
    if device is None:
        device = find_device(token)
        if device is not None:
            cache.set(key, device, KEEP_S)
    return device


def forget_device(device: Device) -> None:
    """Look the device up anew at its next request; call it before its token is replaced."""
    stored = Device.objects.filter(pk=device.pk).values_list("token_hash", flat=True).first()
    cache.delete_many([_KEY + value for value in {device.token_hash, stored} if value])
