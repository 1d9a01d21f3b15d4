"""A certificate authority of its own, and the TLS contexts with what it has signed."""

import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PEM = serialization.Encoding.PEM


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def alternative_name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


class Authority:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        extensions = [(x509.BasicConstraints(ca=True, path_length=None), True),
                      (x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)]
        self.certificate = self.sign("kurs-sim CA", self.key.public_key(), extensions, -1, 3650)

    @property
    def pem(self):
        return self.certificate.public_bytes(PEM)

    def sign(self, name, public_key, extensions, from_day, until_day):
        now = datetime.datetime.utcnow()
        builder = x509.CertificateBuilder(
            issuer_name=name_of("kurs-sim CA"), subject_name=name_of(name), public_key=public_key,
            serial_number=x509.random_serial_number(), not_valid_before=now + datetime.timedelta(days=from_day),
            not_valid_after=now + datetime.timedelta(days=until_day))
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(self.key, hashes.SHA256())

    def identity(self, hosts, from_day=-1, until_day=365):
        """A certificate for these hosts and its key, in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        extensions = [(x509.SubjectAlternativeName([alternative_name(host) for host in hosts]), False),
                      (x509.BasicConstraints(ca=False, path_length=None), True),
                      (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
                      (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)]
        certificate = self.sign("kurs-sim", key.public_key(), extensions, from_day, until_day)
        return certificate.public_bytes(PEM) + key.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def context(self, hosts, from_day=-1, until_day=365):
        """A TLS context of a server with a certificate for these hosts."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "identity.pem"
            file.write_bytes(self.identity(hosts, from_day, until_day))
            context.load_cert_chain(file)
        return context


class TlsContexts:
    """One for each certificate."""

    def __init__(self, names):
        authority = Authority()
        hosts = ["localhost", "127.0.0.1", *names]
        self.authority_pem = authority.pem
        self.good = authority.context(hosts)
        self.expired = authority.context(hosts, -30, -1)
        self.wrong_name = authority.context(["other.example"])
