"""The store's key for the journal: Ed25519, made once and kept with the installation's secrets."""

from __future__ import annotations

import functools

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from store import secrets


@functools.cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secrets.read(settings.HOME, "journal_key")))


@functools.cache
def _public_key() -> Ed25519PublicKey:
    return _key().public_key()


def sign(digest: str) -> str:
    """Signature of a hash in hex, as 128 hex digits."""
    return _key().sign(bytes.fromhex(digest)).hex()


def is_signed(digest: str, signature: str) -> bool:
    """Whether this store signed the hash."""
    try:
        _public_key().verify(bytes.fromhex(signature), bytes.fromhex(digest))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key_hex() -> str:
    """The public key as 64 hex digits, for those who verify an export."""
    return _public_key().public_bytes_raw().hex()
