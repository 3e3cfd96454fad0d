"""The site's authority and the broker's users."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from store.adapters import broker, pki
from store.adapters.broker import BrokerUser, Role


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    pki.ensure(tmp_path / "pki", clients=("sensor-a", "edge-1"))
    return tmp_path / "pki"


def test_ensure_makes_all_once_and_keeps_keys_private(authority: Path) -> None:
    before = {path.name: path.read_bytes() for path in authority.iterdir()}
    assert set(before) == {
        "ca.pem", "ca.key", "broker.pem", "broker.key", "service.pem", "service.key", "sensor-a.pem",
        "sensor-a.key", "edge-1.pem", "edge-1.key", "issued.json",
    }  # fmt: skip
    pki.ensure(authority, clients=("sensor-a", "edge-1"))
    assert {path.name: path.read_bytes() for path in authority.iterdir()} == before
    for key in authority.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.stat().st_mode) == 0o700


def test_client_certificate_names_the_device_and_nothing_nats_would_map_first(authority: Path) -> None:
    certificate = x509.load_pem_x509_certificate((authority / "sensor-a.pem").read_bytes())
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "sensor-a"
    assert certificate.subject.rfc4514_string().startswith("CN=sensor-a,OU=")
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate((authority / "ca.pem").read_bytes()))


def test_broker_certificate_serves_this_machine(authority: Path) -> None:
    certificate = x509.load_pem_x509_certificate((authority / "broker.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert "127.0.0.1" in [str(address) for address in names.get_values_for_type(x509.IPAddress)]


def test_issue_again_replaces_the_subject_so_that_the_old_certificate_opens_nothing(authority: Path) -> None:
    before = pki.admitted(authority)["sensor-a"]
    pki.issue(authority, "sensor-a")
    assert pki.admitted(authority)["sensor-a"] != before


def test_revoke_takes_the_device_off_and_ensure_does_not_bring_it_back(authority: Path) -> None:
    pki.revoke(authority, "sensor-a")
    pki.ensure(authority, clients=("sensor-a", "edge-1"))
    assert "sensor-a" not in pki.admitted(authority)
    with pytest.raises(pki.PkiError):
        pki.revoke(authority, "sensor-b")


def test_sign_request_sets_the_subject_whatever_was_asked(authority: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "service")]))
        .sign(key, hashes.SHA256())
    )
    signed = pki.sign_request(authority, "sensor-new", request.public_bytes(serialization.Encoding.PEM))
    subject = x509.load_pem_x509_certificate(signed).subject.rfc4514_string()
    assert subject == pki.admitted(authority)["sensor-new"]
    assert subject.startswith("CN=sensor-new,OU=")
    with pytest.raises(pki.PkiError):
        pki.sign_request(authority, "sensor-new", b"nonsense")


@pytest.mark.parametrize(
    "name", ["", "A", "a b", "a/b", "a.b", "a*", "-a", "a-", "a" * 64, 'a"b', "a\nb", "a>"]
)
def test_check_name_refuses_what_could_break_a_topic_or_the_configuration(name: str) -> None:
    with pytest.raises(pki.PkiError):
        pki.check_name(name)


@pytest.mark.parametrize(
    ("user", "publish", "subscribe"),
    [
        (
            BrokerUser("sensor-a", Role.SENSOR),
            ("store.*.sensors.sensor-a.>",),
            ("store.*.sensors.sensor-a.command", "store.*.sensors.sensor-a.command.>"),
        ),
        (
            BrokerUser("edge-1", Role.EDGE),
            ("store.*.edge.edge-1.>",),
            ("store.*.edge.edge-1.command", "store.*.edge.edge-1.command.>"),
        ),
        (
            BrokerUser("gateway-1", Role.GATEWAY),
            ("store.*.gateways.gateway-1.>",),
            ("store.*.gateways.gateway-1.command.>",),
        ),
        (
            BrokerUser("service", Role.SERVICE),
            ("store.*.sensors.*.command", "store.*.edge.*.command.>", "store.*.service.>"),
            ("store", "store.>"),
        ),
    ],
)
def test_subjects_confine_a_device_to_its_own_topics(
    user: BrokerUser, publish: tuple[str, ...], subscribe: tuple[str, ...]
) -> None:
    assert broker.subjects(user) == (publish, subscribe)


def test_write_users_leaves_out_who_has_no_certificate_and_says_whether_it_changed(
    authority: Path, tmp_path: Path
) -> None:
    users = [BrokerUser("sensor-a", Role.SENSOR), BrokerUser("sensor-b", Role.SENSOR)]
    assert broker.write_users(tmp_path / "run", authority, users) is True
    assert broker.write_users(tmp_path / "run", authority, users) is False
    text = (tmp_path / "run" / broker.USERS_FILE).read_text()
    admitted = pki.admitted(authority)
    assert f'"{admitted["sensor-a"]}"' in text
    assert f'"{admitted["service"]}"' in text
    assert "sensor-b" not in text
    assert "edge-1" not in text


def test_reload_signals_nobody_without_a_broker_of_ours(tmp_path: Path) -> None:
    assert broker.reload(tmp_path) is False
    (tmp_path / broker.PID_FILE).write_text("1")
    assert broker.reload(tmp_path) is False
    (tmp_path / broker.PID_FILE).write_text("nonsense")
    assert broker.reload(tmp_path) is False
