"""A server of tlslite-ng with all that it has: says its suites and groups, then answers one line on each connection.

tlslite_server.py PORT KEY CERTIFICATE [require-certificate]
"""

import socket
import sys
import threading

from tlslite.api import HandshakeSettings, SessionCache, TLSConnection, X509CertChain, parsePEMKey
from tlslite.constants import CipherSuite
from tlslite.handshakesettings import ALL_CIPHER_NAMES

port, key_file, certificate_file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with open(key_file) as file:
    key = parsePEMKey(file.read(), private=True)
chain = X509CertChain()
with open(certificate_file) as file:
    chain.parsePemList(file.read())

settings = HandshakeSettings()
settings.minVersion = (3, 0)
settings.versions = [(3, 4), (3, 3), (3, 2), (3, 1), (3, 0)]
settings.cipherNames = [name for name in ALL_CIPHER_NAMES if name not in ("chacha20-poly1305_draft00", "rc4", "null")]
settings.ticketKeys = [bytearray(32)]
settings.keyShares = ["x25519", "secp256r1"]
sessions = SessionCache()


def serve(connection):
    tls = TLSConnection(connection)
    try:
        tls.handshakeServer(
            certChain=chain,
            privateKey=key,
            sessionCache=sessions,
            settings=settings,
            reqCert="require-certificate" in sys.argv,
        )
        tls.ignoreAbruptClose = True
        tls.read(min=1, max=1024)
        tls.write(b"hello")
        tls.close()
    except Exception as error:  # whatever it is, the next connection is served
        print(type(error).__name__, error, file=sys.stderr, flush=True)
    finally:
        connection.close()


suites = set()
for version in settings.versions:
    if version == (3, 4):
        suites.update(CipherSuite.getTLS13Suites(settings, version))
    else:
        for of in ("getCertSuites", "getDheCertSuites", "getEcdheCertSuites", "getEcdsaSuites"):
            suites.update(getattr(CipherSuite, of)(settings, version))
print("suites:", *(f"{suite:04x}" for suite in sorted(suites)))
print("groups:", *settings.eccCurves, flush=True)

listener = socket.create_server(("127.0.0.1", port), backlog=100)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
