"""Keys and signatures both ways with pyca/cryptography, a stack that nobody here wrote. Ours is the reference behind the
harness protocol. Usage: interop.py PROGRAM, where PROGRAM is the built kbtf-conformance."""

import base64
import hashlib
import json
import subprocess
import sys
import unittest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

PROGRAM = sys.argv.pop(1)
MESSAGE = "K-BTF 분산신원".encode()
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def pem_of(public):
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def raw_of(public):
    """What a Multikey has behind its header."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        return public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    if isinstance(public, rsa.RSAPublicKey):
        return public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def fixed(signature, size):
    r, s = utils.decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
PKCS1 = padding.PKCS1v15()
RSA_KEY = rsa.generate_private_key(65537, 2048)
CURVES = {
    "P-256": (ec.SECP256R1(), hashes.SHA256(), "ES256", b"\x80\x24", 32),
    "P-384": (ec.SECP384R1(), hashes.SHA384(), "ES384", b"\x81\x24", 48),
    "secp256k1": (ec.SECP256K1(), hashes.SHA256(), "ES256K", b"\xe7\x01", 32),
}
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = subprocess.Popen([PROGRAM, "harness"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        cls.ours.stdin.close()
        cls.ours.wait(10)
        cls.ours.stdout.close()

    def ask(self, name, /, **value):
        type(self).count += 1
        message = {"id": self.count, "operation": name, "now": "2026-11-24T00:00:00Z", "seed": "00" * 32, "input": value}
        self.ours.stdin.write(json.dumps(message).encode() + b"\n")
        self.ours.stdin.flush()
        answer = json.loads(self.ours.stdout.readline())
        self.assertEqual(answer["id"], self.count)
        self.assertNotIn("error", answer)
        return answer

    def made(self, name, /, **value):
        answer = self.ask(name, **value)
        self.assertEqual(answer["verdict"], "accepted", answer)
        return answer["value"]

    def read_both_ways(self, public, kind, header):
        value = self.made("key.read", format="pem", key=pem_of(public))
        self.assertEqual(value["keyType"], kind)
        self.assertEqual(value["multikey"], "z" + base58(header + raw_of(public)))
        self.assertEqual(raw_of(load_pem_public_key(value["pem"].encode())), raw_of(public))
        members = json.dumps(value["jwk"], sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(members.encode()).digest()
        self.assertEqual(value["thumbprint"], base64.urlsafe_b64encode(digest).rstrip(b"=").decode())
        if kind != "RSA":
            text = base58(raw_of(public))
            self.assertEqual(self.made("key.read", format="base58", keyType=kind, key=text)["multikey"], value["multikey"])
        return value["multikey"]

    def verify(self, key, algorithm, signature, accepted=True):
        for message, expected in ((MESSAGE, accepted), (MESSAGE + b"!", False)):
            answer = self.ask("key.verify", key=key, algorithm=algorithm, message=message.hex(), signature=signature.hex())
            self.assertEqual(answer["verdict"], "accepted" if expected else "refused", answer)

    def test_ed25519(self):
        key = ed25519.Ed25519PrivateKey.generate()
        multikey = self.read_both_ways(key.public_key(), "Ed25519", b"\xed\x01")
        self.verify(multikey, "EdDSA", key.sign(MESSAGE))

    def test_x25519(self):
        self.read_both_ways(x25519.X25519PrivateKey.generate().public_key(), "X25519", b"\xec\x01")

    def test_curves(self):
        for kind, (curve, digest, algorithm, header, size) in CURVES.items():
            for _ in range(8):
                key = ec.generate_private_key(curve)
                multikey = self.read_both_ways(key.public_key(), kind, header)
                signature = fixed(key.sign(MESSAGE, ec.ECDSA(digest)), size)
                s = int.from_bytes(signature[size:], "big")
                # OpenSSL takes either half of s; on secp256k1 we take the lower, whose other half is this.
                low = kind != "secp256k1" or s <= SECP256K1_ORDER // 2
                self.verify(multikey, algorithm, signature, low)
                if not low:
                    self.verify(multikey, algorithm, signature[:size] + (SECP256K1_ORDER - s).to_bytes(size, "big"))

    def test_rsa(self):
        multikey = self.read_both_ways(RSA_KEY.public_key(), "RSA", b"\x85\x24")
        self.verify(multikey, "RS256", RSA_KEY.sign(MESSAGE, PKCS1, hashes.SHA256()))
        self.verify(multikey, "PS256", RSA_KEY.sign(MESSAGE, PSS, hashes.SHA256()))
        self.verify(multikey, "RS256", RSA_KEY.sign(MESSAGE, PKCS1, hashes.SHA384()), False)
        self.verify(multikey, "PS256", RSA_KEY.sign(MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 20), hashes.SHA256()), False)

    def test_our_operations_verify_there(self):
        """A did:kbtf that our side signs with three kinds of keys, each signature checked by theirs."""
        secrets = {"Ed25519": (b"\x80\x26", ed25519.Ed25519PrivateKey.generate())}
        for kind, header in (("P-256", b"\x86\x26"), ("secp256k1", b"\x81\x26")):
            secrets[kind] = (header, ec.generate_private_key(CURVES[kind][0]))
        headers = {"Ed25519": b"\xed\x01", "P-256": b"\x80\x24", "secp256k1": b"\xe7\x01"}
        texts, publics = [], {}
        for kind, (header, key) in secrets.items():
            raw = key.private_bytes_raw() if kind == "Ed25519" else key.private_numbers().private_value.to_bytes(32, "big")
            texts.append("z" + base58(header + raw))
            publics["z" + base58(headers[kind] + raw_of(key.public_key()))] = key.public_key()
        body = {"operation": "create", "ledger": "interop", "controllers": {"threshold": 3, "keys": sorted(publics)}}
        value = self.made("did.operation-sign", operation=json.dumps(body), secretKeys=texts)
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
        signed = b"did:kbtf/1 operation\n" + canonical.encode()
        digest = b"\x12\x20" + hashlib.sha256(signed).digest()
        self.assertEqual(value["did"], "did:kbtf:interop:z" + base58(digest))
        for entry in json.loads(value["operation"])["signatures"]:
            public = publics.pop(entry["key"])
            signature = base64.urlsafe_b64decode(entry["signature"] + "==")
            if isinstance(public, ed25519.Ed25519PublicKey):
                public.verify(signature, signed)
                self.assertRaises(InvalidSignature, public.verify, signature, signed + b" ")
            else:
                r, s = signature[:32], signature[32:]
                der = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
                public.verify(der, signed, ec.ECDSA(hashes.SHA256()))
        self.assertEqual(publics, {})
        entries = [{"time": "2026-01-01T00:00:00Z", "operation": value["operation"]}]
        self.assertEqual(self.made("did.resolve", did=value["did"], entries=entries)["document"]["id"], value["did"])


if __name__ == "__main__":
    unittest.main()
