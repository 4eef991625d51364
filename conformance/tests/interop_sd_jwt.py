"""SD-JWTs of the PyPI package sd-jwt, which the authors of RFC 9901 wrote and made its examples with: issued and shown by it,
taken by us. Usage: interop_sd_jwt.py PROGRAM, where PROGRAM is the built kbtf-conformance."""

import json
import subprocess
import sys
import time
import unittest

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer

PROGRAM = sys.argv.pop(1)
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def did_key(key):
    """The did:key of a P-256 key."""
    import base64

    public = json.loads(key.export_public())
    x, y = (base64.urlsafe_b64decode(public[member] + "=") for member in ("x", "y"))
    data = b"\x80\x24" + bytes([2 + (y[-1] & 1)]) + x
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return f"did:key:z{text}", f"did:key:z{text}#z{text}"


class Ours(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen([PROGRAM, "harness"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.issuer, cls.holder = JWK.generate(kty="EC", crv="P-256"), JWK.generate(kty="EC", crv="P-256")

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        cls.process.stdout.close()
        cls.process.terminate()
        cls.process.wait()

    def ask(self, **given):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        request = {"id": 1, "operation": "sd-jwt.verify", "now": now, "seed": "00" * 32, "input": given}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def issue(self, claims, **options):
        did, kid = did_key(self.issuer)
        claims = {"iss": did, "vct": "urn:kbtf:resident", **claims}
        return SDJWTIssuer(
            claims, self.issuer, self.holder, sign_alg="ES256",
            extra_header_parameters={"typ": "dc+sd-jwt", "kid": kid}, **options,
        ).sd_jwt_issuance

    def shown(self, token, disclose):
        holder = SDJWTHolder(token)
        holder.create_presentation(disclose, "n-0S6", "did:web:shop.example", self.holder, "ES256")
        return holder.sd_jwt_presentation

    def check(self, claims, disclose, expected):
        """Issued with and without decoys, all disclosed; and shown with what is chosen."""
        for decoys in (False, True):
            token = self.issue(claims, add_decoy_claims=decoys)
            answer = self.ask(credential=token)
            self.assertEqual(answer["verdict"], "accepted", answer)
            self.assertEqual(self.stripped(answer), plain(claims))
            shown = self.shown(token, disclose)
            binding = {"challenge": "n-0S6", "domain": "did:web:shop.example"}
            answer = self.ask(credential=shown, **binding)
            self.assertEqual(answer["verdict"], "accepted", answer)
            self.assertEqual(self.stripped(answer), expected)
            self.assertEqual(self.ask(credential=shown, **{**binding, "challenge": "other"})["reason"], "challenge")
            # One disclosure more than the holder signed.
            hidden = [d for d in token.split("~")[1:-1] if d not in shown]
            if hidden:
                parts = shown.split("~")
                more = "~".join([parts[0], hidden[0], *parts[1:]])
                self.assertIn(self.ask(credential=more, **binding)["reason"], ("holder", "structure"))

    def stripped(self, answer):
        return {k: v for k, v in answer["value"]["claims"].items() if k not in ("iss", "vct", "cnf")}

    def test_flat(self):
        claims = {SDObj("name"): "홍길동", SDObj("age_over_19"): True, "level": 3}
        self.check(claims, {"age_over_19": True}, {"age_over_19": True, "level": 3})

    def test_nothing_shown(self):
        self.check({SDObj("name"): "홍길동", "level": 3}, {}, {"level": 3})

    def test_structured(self):
        claims = {"address": {SDObj("region"): "서울", SDObj("street"): "세종대로 1"}}
        self.check(claims, {"address": {"region": True}}, {"address": {"region": "서울"}})

    def test_recursive(self):
        claims = {SDObj("address"): {SDObj("region"): "서울", SDObj("street"): "세종대로 1", "country": "KR"}}
        self.check(claims, {"address": {"street": True}}, {"address": {"street": "세종대로 1", "country": "KR"}})

    def test_arrays(self):
        claims = {"nationalities": [SDObj("KR"), SDObj("FR"), "DE"], SDObj("degrees"): [{SDObj("type"): "공학사"}]}
        self.check(claims, {"nationalities": [True, False, False]}, {"nationalities": ["KR", "DE"]})

    def test_tampered(self):
        token = self.issue({SDObj("name"): "홍길동"})
        head, body, rest = token.split(".")
        self.assertEqual(self.ask(credential=f"{head}.{body}.{'A' * 86}~{rest.split('~', 1)[1]}")["reason"], "signature")


def plain(value):
    """The claims without the marks of what can be hidden."""
    if isinstance(value, SDObj):
        return plain(value.value)
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


if __name__ == "__main__":
    unittest.main()
