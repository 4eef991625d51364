"""Credentials and presentations in the way of OpenDID, made with Python's json and cryptography, taken by us.
Usage: interop_open_did.py PROGRAM, where PROGRAM is the built kbtf-conformance."""

import base64
import json
import subprocess
import sys
import unittest

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

PROGRAM = sys.argv.pop(1)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ISSUER, HOLDER = "did:omn:issuer", "did:omn:holder"
CREDENTIAL = "e6fd95e1-dd15-4b3f-8d5e-58c1f78b479b"


def multibase(data):
    return "m" + base64.b64encode(data).decode().rstrip("=")


def text(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Signer:
    def __init__(self, did):
        self.did, self.key = did, ec.generate_private_key(ec.SECP256R1())

    def sign(self, value, header):
        r, s = decode_dss_signature(self.key.sign(text(value).encode(), ec.ECDSA(hashes.SHA256())))
        s = min(s, ORDER - s)
        return multibase(bytes([header]) + r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def proof(self):
        return {
            "type": "Secp256r1Signature2018", "created": "2026-01-01T00:00:00Z",
            "verificationMethod": f"{self.did}?versionId=1#assert", "proofPurpose": "assertionMethod",
        }

    def document(self):
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        )
        return text({
            "@context": ["https://www.w3.org/ns/did/v1"], "id": self.did, "controller": "did:omn:tas", "versionId": "1",
            "verificationMethod": [{
                "id": "assert", "type": "Secp256r1VerificationKey2018", "controller": self.did,
                "publicKeyMultibase": multibase(point), "authType": 1,
            }],
            "assertionMethod": ["assert"],
        })


class Ours(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen([PROGRAM, "harness"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.issuer, cls.holder = Signer(ISSUER), Signer(HOLDER)

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        cls.process.stdout.close()
        cls.process.terminate()
        cls.process.wait()

    def ask(self, **given):
        given["documents"] = {ISSUER: self.issuer.document(), HOLDER: self.holder.document()}
        given["statuses"] = {CREDENTIAL: "active"}
        request = {"id": 1, "operation": "open-did.verify", "now": "2026-11-24T00:00:00Z", "seed": "", "input": given}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def credential(self):
        claims = [
            {"code": code, "caption": caption, "value": value, "type": "text", "format": "plain", "hideValue": False}
            for code, caption, value in [("name", "성명", "홍 길동"), ("note", "비고", 'a"b\\c\n<d>&\'=/é😀'), ("z", "Z", "")]
        ]
        credential = {
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": CREDENTIAL, "type": ["CertificateVC"],
            "issuer": {"id": ISSUER, "name": "발급 기관"}, "issuanceDate": "2026-01-01T00:00:00Z",
            "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z", "encoding": "UTF-8",
            "formatVersion": "1.0", "language": "ko", "evidence": [],
            "credentialSchema": {"id": "https://issuer.example/schema", "type": "OsdSchemaCredential"},
            "credentialSubject": {"id": HOLDER, "claims": claims}, "proof": self.issuer.proof(),
        }
        whole = self.issuer.sign(credential, 31)
        one = lambda claim: {**credential, "credentialSubject": {"id": HOLDER, "claims": [claim]}}
        each = [self.issuer.sign(one(claim), 32) for claim in claims]
        credential["proof"] = {**credential["proof"], "proofValue": whole, "proofValueList": each}
        return credential

    def test_credential(self):
        credential = self.credential()
        for _ in range(8):
            answer = self.ask(credential=json.dumps(credential, ensure_ascii=False, indent=2))
            self.assertEqual(answer["verdict"], "accepted", answer)
            self.assertEqual(answer["value"]["claims"][0]["name"], "홍 길동")
            credential = self.credential()
        credential["credentialSubject"]["claims"][2]["value"] = "x"
        self.assertEqual(self.ask(credential=json.dumps(credential))["reason"], "signature")

    def test_presentation(self):
        credential = self.credential()
        credential["credentialSubject"]["claims"] = credential["credentialSubject"]["claims"][1:2]
        proof = credential["proof"]
        credential["proof"] = {**self.issuer.proof(), "proofValueList": proof["proofValueList"][1:2]}
        presentation = {
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": "vp", "type": ["VerifiablePresentation"],
            "holder": HOLDER, "validFrom": "2026-11-23T23:59:00Z", "validUntil": "2026-11-24T00:01:00Z",
            "verifierNonce": "zNonce", "verifiableCredential": [credential], "proof": self.holder.proof(),
        }
        presentation["proof"]["proofValue"] = self.holder.sign(presentation, 34)
        answer = self.ask(presentation=json.dumps(presentation), verifierNonce="zNonce")
        self.assertEqual(answer["verdict"], "accepted", answer)
        self.assertEqual(list(answer["value"]["claims"][0]), ["note"])
        self.assertEqual(self.ask(presentation=json.dumps(presentation), verifierNonce="zOther")["reason"], "challenge")
        presentation["id"] = "other"
        self.assertEqual(self.ask(presentation=json.dumps(presentation), verifierNonce="zNonce")["reason"], "signature")


if __name__ == "__main__":
    unittest.main()
