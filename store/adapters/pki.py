"""The site's own certificate authority: broker, service and device certificates.

Every device speaks to the MQTT broker with its own ECDSA P-256 key and a client certificate with the
subject ``CN=<device code>,OU=<issue>``. The broker turns that subject into the user, so a device cannot
claim another name; the issue is new with every certificate, so a replaced one opens nothing.
A directory holds the authority::

    ca.pem ca.key  broker.pem broker.key  service.pem service.key  <device>.pem <device>.key
    issued.json    what was issued: {name: {subject, serial, fingerprint, not_after, revoked_at}}

Command line, safe to run at every start (renews what expires within 30 days, keeps the rest)::

    python -m store.adapters.pki ensure DIR [--host NAME]... [--client DEVICE]...
    python -m store.adapters.pki issue DIR DEVICE
    python -m store.adapters.pki revoke DIR DEVICE

Needs ``cryptography`` only: it runs before Django is configured.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import re
import secrets
import socket
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS = 3650
LEAF_DAYS = 825
RENEW_BEFORE = timedelta(days=30)
CLOCK_SKEW = timedelta(hours=1)
SERVICE_NAME = "service"
BROKER_NAME = "broker"
DEMO_CLIENTS = (
    "sensor-freezer-1",
    "sensor-freezer-2",
    "sensor-freezer-3",
    "sensor-chiller-1",
    "sensor-chiller-2",
    "sensor-chiller-3",
    "sensor-chiller-4",
    "edge-1",
)
_NAME = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")


class PkiError(Exception):
    """The authority cannot do what was asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Paths of one issued certificate and what identifies it."""

    name: str
    certificate: Path
    key: Path
    ca: Path
    fingerprint: str
    """SHA-256 of the certificate, lower-case hex (``Device.certificate_fingerprint``)."""
    subject: str
    """The subject as the broker spells it, ``CN=sensor-freezer-1,OU=5f0c21aa``."""


def check_name(name: str) -> str:
    """Return ``name`` when it may stand in a certificate and an MQTT topic, else raise PkiError."""
    if not _NAME.match(name):
        raise PkiError(f"not a device code: {name!r} (lower-case letters, digits and inner hyphens)")
    return name


def ensure(
    directory: Path, *, hosts: tuple[str, ...] = (), clients: tuple[str, ...] = DEMO_CLIENTS
) -> dict[str, Credentials]:
    """Make what is missing or about to expire; revoked clients are left revoked. Returns all by name."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    if not (directory / "ca.pem").exists():
        _make_authority(directory)
    index = _read_index(directory)
    made = {}
    for name in (BROKER_NAME, SERVICE_NAME, *clients):
        if index.get(name, {}).get("revoked_at"):
            continue
        found = load(directory, name)
        if found is None or _expires_soon(found.certificate):
            found = issue(directory, name, hosts=hosts if name == BROKER_NAME else ())
        made[name] = found
    return made


def issue(directory: Path, name: str, *, hosts: tuple[str, ...] = ()) -> Credentials:
    """Make a new key and certificate for a device; an earlier one of that name stops being admitted."""
    check_name(name)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _sign(directory, name, key.public_key(), hosts=hosts)
    _write(directory / f"{name}.key", _key_bytes(key), 0o600)
    return _keep(directory, name, certificate)


def sign_request(directory: Path, name: str, csr_pem: bytes) -> bytes:
    """Sign a device's own request (its key never leaves it); the subject is ours, whatever it asks for."""
    check_name(name)
    try:
        request = x509.load_pem_x509_csr(csr_pem)
    except ValueError as error:
        raise PkiError("not a certificate request in PEM form") from error
    public = request.public_key()
    if not request.is_signature_valid or not isinstance(public, ec.EllipticCurvePublicKey):
        raise PkiError("the request must be signed with an elliptic-curve key")
    certificate = _sign(directory, name, public)
    _keep(directory, name, certificate)
    return certificate.public_bytes(serialization.Encoding.PEM)


def revoke(directory: Path, name: str) -> None:
    """Mark the certificate revoked; the broker refuses it once its users were written again."""
    index = _read_index(directory)
    if name not in index:
        raise PkiError(f"no certificate was issued to {name!r}")
    index[name]["revoked_at"] = datetime.now(UTC).isoformat()
    _write_index(directory, index)


def admitted(directory: Path) -> dict[str, str]:
    """Name → subject of every certificate that is neither revoked nor replaced, sorted by name."""
    index = _read_index(directory)
    return {name: row["subject"] for name, row in sorted(index.items()) if not row.get("revoked_at")}


def load(directory: Path, name: str) -> Credentials | None:
    """The credentials of ``name`` on this disk, or None."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    if not certificate.exists() or not key.exists():
        return None
    return _credentials(directory, name, x509.load_pem_x509_certificate(certificate.read_bytes()))


def _make_authority(directory: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Aisle site authority {socket.gethostname()}"[:64])]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(directory / "ca.key", _key_bytes(key), 0o600)
    _write(directory / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _sign(
    directory: Path, name: str, public: ec.EllipticCurvePublicKey, *, hosts: tuple[str, ...] = ()
) -> x509.Certificate:
    authority = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    key = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PkiError("ca.key is not an elliptic-curve key")
    now = datetime.now(UTC)
    server = name == BROKER_NAME
    usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(authority.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    if server:
        # Only the broker has alternative names: nats would map a client's DNS name before its subject.
        builder = builder.add_extension(x509.SubjectAlternativeName(_server_names(hosts)), critical=False)
    return builder.sign(key, hashes.SHA256())


def _subject(name: str) -> x509.Name:
    # Written from the general to the particular; RFC 4514 and the broker print it the other way round.
    issue_number = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, secrets.token_hex(4))
    return x509.Name([issue_number, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _server_names(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    names: dict[str, x509.GeneralName] = {}
    for host in ("localhost", socket.gethostname(), "127.0.0.1", "::1", *hosts):
        try:
            names[host] = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            names[host] = x509.DNSName(host)
    return list(names.values())


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _keep(directory: Path, name: str, certificate: x509.Certificate) -> Credentials:
    _write(directory / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    credentials = _credentials(directory, name, certificate)
    index = _read_index(directory)
    index[name] = {
        "serial": format(certificate.serial_number, "x"),
        "subject": credentials.subject,
        "fingerprint": credentials.fingerprint,
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "revoked_at": None,
    }
    _write_index(directory, index)
    return credentials


def _credentials(directory: Path, name: str, certificate: x509.Certificate) -> Credentials:
    return Credentials(
        name=name,
        certificate=directory / f"{name}.pem",
        key=directory / f"{name}.key",
        ca=directory / "ca.pem",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        subject=certificate.subject.rfc4514_string(),
    )


def _expires_soon(path: Path) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc - datetime.now(UTC) < RENEW_BEFORE


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_index(directory: Path) -> dict[str, dict[str, Any]]:
    path = directory / "issued.json"
    if not path.exists():
        return {}
    rows: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _write_index(directory: Path, index: dict[str, dict[str, Any]]) -> None:
    text = json.dumps(index, indent=1, sort_keys=True) + "\n"
    _write(directory / "issued.json", text.encode(), 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file at once; it never exists with wider rights than ``mode``."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def main(argv: list[str] | None = None) -> int:
    """Entry point of ``python -m store.adapters.pki``."""
    parser = argparse.ArgumentParser(prog="store.adapters.pki", description="Certificates of the site")
    commands = parser.add_subparsers(dest="command", required=True)
    ensuring = commands.add_parser("ensure", help="make what is missing or expires soon")
    ensuring.add_argument("directory", type=Path)
    ensuring.add_argument("--host", action="append", default=[], help="further name or address of the broker")
    ensuring.add_argument("--client", action="append", help="device code (default: the demo's devices)")
    for command in ("issue", "revoke"):
        sub = commands.add_parser(command)
        sub.add_argument("directory", type=Path)
        sub.add_argument("name")
    options = parser.parse_args(argv)
    try:
        if options.command == "ensure":
            clients = DEMO_CLIENTS if options.client is None else tuple(options.client)
            ensure(options.directory, hosts=tuple(options.host), clients=clients)
        elif options.command == "issue":
            issue(options.directory, options.name)
        else:
            revoke(options.directory, options.name)
    except PkiError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
