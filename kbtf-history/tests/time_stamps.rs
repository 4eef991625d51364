//! Time-stamp tokens against the real thing: OpenSSL's authority stamps, OpenSSL reads our requests and checks what we check,
//! and OpenSSL's CMS signs whatever an attacker would have signed.
#![cfg(feature = "time-stamp")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{env, fs, path::PathBuf, process::Command};

use kbtf_did::{
    CryptoProvider, PublicKey, SOFTWARE, SecretKey, SignatureAlgorithm, Timestamp,
    x509::Certificate,
};
use kbtf_history::{
    Checkpoint, Error, TreeHasher,
    anchor::{AnchorPolicy, AnchorProof, Attestation, Header, Locator, Verdict},
    time_stamp::{Stamped, TimeStamp, TimeStampRequest, TimeStampToken, TimeStampTrust},
};

const DATA: &[u8] = b"the state of a log";
const POLICY: &str = "1.2.410.200004.1";

/// A folder of its own for each test, and OpenSSL in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("kbtf-time-stamps-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn try_openssl(&self, command: &str) -> Result<String, String> {
        let output = Command::new("openssl")
            .args(command.split_whitespace())
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(text),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    fn openssl(&self, command: &str) -> String {
        self.try_openssl(command)
            .unwrap_or_else(|error| panic!("openssl {command}: {error}"))
    }

    /// A key of a kind, such as `ec:P-256` or `rsa:2048`.
    fn key(&self, name: &str, kind: &str) {
        let options = match kind.split_once(':').unwrap() {
            ("ec", curve) => format!("EC -pkeyopt ec_paramgen_curve:{curve}"),
            ("rsa", bits) => format!("RSA -pkeyopt rsa_keygen_bits:{bits}"),
            other => panic!("{other:?}"),
        };
        self.openssl(&format!("genpkey -algorithm {options} -out {name}.key"));
    }

    /// A certificate by an issuer, or by itself, with these extensions, valid for a day from now.
    fn certificate(&self, name: &str, issuer: &str, extensions: &str) -> Vec<u8> {
        self.write(&format!("{name}.ext"), extensions);
        self.openssl(&format!(
            "req -new -key {name}.key -subj /C=KR/O=Example/CN={name} -out {name}.csr"
        ));
        let by = match issuer == name {
            true => format!("-signkey {name}.key"),
            false => format!("-CA {issuer}.pem -CAkey {issuer}.key -set_serial 0x0ab3"),
        };
        self.openssl(&format!(
            "x509 -req -in {name}.csr {by} -days 1 -extfile {name}.ext -out {name}.pem"
        ));
        self.openssl(&format!("x509 -in {name}.pem -outform DER -out {name}.der"));
        self.read(&format!("{name}.der"))
    }

    fn root(&self) -> Vec<u8> {
        self.key("root", "ec:P-256");
        self.certificate("root", "root", ROOT)
    }

    /// An authority's answer to a request.
    fn stamp(&self, request: &TimeStampRequest, signer: &str, hash: &str) -> Vec<u8> {
        self.stamp_bound(request, signer, hash, "sha256")
    }

    /// The same, with the signer's certificate named by another hash.
    fn stamp_bound(
        &self,
        request: &TimeStampRequest,
        signer: &str,
        hash: &str,
        ess: &str,
    ) -> Vec<u8> {
        self.write("request.tsq", request.to_der());
        self.write(
            "tsa.cnf",
            format!(
                "[tsa]\ndefault_tsa = it\n[it]\nserial = serial\nsigner_cert = {signer}.pem\nsigner_key = {signer}.key\n\
                 certs = root.pem\nsigner_digest = {hash}\ndefault_policy = {POLICY}\ndigests = sha256, sha384, sha512\n\
                 accuracy = secs:1, millisecs:500, microsecs:100\nordering = yes\ntsa_name = yes\ness_cert_id_alg = {ess}\n"
            ),
        );
        self.openssl("ts -reply -config tsa.cnf -queryfile request.tsq -out reply.tsr");
        self.read("reply.tsr")
    }

    /// A token over any TSTInfo, by any certificate.
    fn sign(&self, info: &[u8], signer: &str, more: &str) -> Vec<u8> {
        self.write("info.der", info);
        self.openssl(&format!(
            "cms -sign -binary -nodetach -cades -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -in info.der \
             -signer {signer}.pem -inkey {signer}.key -outform DER -out token.der {more}"
        ));
        self.read("token.der")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const ROOT: &str = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n\
                    subjectKeyIdentifier = hash\n";
const AUTHORITY: &str = "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n\
                         extendedKeyUsage = critical, timeStamping\nsubjectKeyIdentifier = hash\n";

fn always() -> (Timestamp, Timestamp) {
    let time = |text: &str| text.parse().unwrap();
    (time("2000-01-01T00:00:00Z"), time("2100-01-01T00:00:00Z"))
}

fn trust(root: &[u8]) -> TimeStampTrust {
    let (from, until) = always();
    TimeStampTrust::new().trust(root, from, until).unwrap()
}

fn digest() -> [u8; 32] {
    SOFTWARE.sha256(DATA).unwrap()
}

fn verify(token: &TimeStampToken, trust: &TimeStampTrust) -> Result<TimeStamp, Error> {
    token.verify(Stamped::Data(DATA), None, trust, &SOFTWARE)
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("verified", |error| error.code())
}

/// Seconds from now, as a GeneralizedTime.
fn at(folder: &Folder, offset: i64) -> String {
    let now = folder.openssl("x509 -in root.pem -noout -startdate -dateopt iso_8601");
    let now = now
        .trim()
        .trim_start_matches("notBefore=")
        .replace(' ', "T");
    let time: Timestamp = now.parse().unwrap();
    general(time.saturating_add_seconds(offset))
}

fn general(time: Timestamp) -> String {
    time.to_string().replace(['-', ':', 'T'], "")
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let mut bytes = vec![tag];
    match value.len() {
        short @ ..128 => bytes.push(u8::try_from(short).unwrap()),
        long => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    bytes.extend(value);
    bytes
}

fn imprint() -> Vec<u8> {
    let sha256 = tlv(
        6,
        &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]],
    );
    tlv(0x30, &[&tlv(0x30, &[&sha256]), &tlv(4, &[&digest()])])
}

/// A TSTInfo with these members behind its time.
fn info(time: &str, more: &[&[u8]]) -> Vec<u8> {
    let policy = tlv(6, &[&[0x2a, 3]]);
    let parts = [
        &tlv(2, &[&[1]])[..],
        &policy,
        &imprint(),
        &tlv(2, &[&[9]]),
        &tlv(0x18, &[time.as_bytes()]),
        &more.concat(),
    ];
    tlv(0x30, &parts)
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_stamps_and_both_verify() {
    let kinds = [
        ("ec:P-256", "sha256"),
        ("ec:P-256", "sha512"),
        ("ec:P-384", "sha384"),
        ("ec:P-384", "sha512"),
        ("rsa:2048", "sha256"),
        ("rsa:3072", "sha512"),
    ];
    for (i, (kind, hash)) in kinds.into_iter().enumerate() {
        let folder = Folder::new(&format!("real-{i}"));
        let root = folder.root();
        folder.key("authority", kind);
        folder.certificate("authority", "root", AUTHORITY);
        let request = TimeStampRequest::sha256(digest()).nonce(0xfedc_ba98_7654_3210);
        let response = folder.stamp(&request, "authority", hash);

        let token = TimeStampToken::from_response(&response).unwrap();
        let nonce = Some(0xfedc_ba98_7654_3210);
        let trust = trust(&root).policy(POLICY);
        let stamp = token
            .verify(Stamped::Data(DATA), nonce, &trust, &SOFTWARE)
            .unwrap();
        assert_eq!(stamp.accuracy, Some(1_500_100));
        assert_eq!(stamp.policy, POLICY);
        assert_eq!(stamp.time, token.unverified_time());
        let by_digest = token.verify(Stamped::Sha256(&digest()), nonce, &trust, &SOFTWARE);
        assert_eq!(by_digest.unwrap(), stamp);

        folder.write("data", DATA);
        folder.openssl("ts -verify -data data -in reply.tsr -CAfile root.pem");
        let text = folder.openssl("ts -query -in request.tsq -text");
        assert!(text.contains("Nonce: 0xFEDCBA9876543210"), "{text}");
        assert!(text.contains("Certificate required: yes"), "{text}");

        let other = [7; 32];
        let refused = [
            token.verify(Stamped::Data(b"other"), nonce, &trust, &SOFTWARE),
            token.verify(Stamped::Sha256(&other), nonce, &trust, &SOFTWARE),
            token.verify(Stamped::Data(DATA), Some(1), &trust, &SOFTWARE),
        ];
        let codes = refused.map(code);
        assert_eq!(
            codes,
            [
                "history/time-stamp-other-data",
                "history/time-stamp-other-data",
                "history/time-stamp-other-nonce"
            ]
        );
        let other_policy = TimeStampTrust::new()
            .trust(&root, always().0, always().1)
            .unwrap()
            .policy("1.2.3");
        assert_eq!(
            code(verify(&token, &other_policy)),
            "history/time-stamp-policy"
        );
        assert_eq!(code(verify(&token, &trust)), "verified");
        assert_eq!(
            code(verify(&token, &TimeStampTrust::new())),
            "did/certificate-untrusted"
        );
    }
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_an_authority_that_is_itself_trusted_or_certified_over_others_is_found() {
    let folder = Folder::new("chain");
    let root = folder.root();
    folder.key("between", "ec:P-384");
    let between = folder.certificate(
        "between",
        "root",
        "basicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = critical, keyCertSign\n\
         extendedKeyUsage = timeStamping\n",
    );
    folder.key("authority", "ec:P-256");
    let authority = folder.certificate("authority", "between", AUTHORITY);
    let without = folder.sign(&info(&at(&folder, 60), &[]), "authority", "-nocerts");
    let with = folder.sign(
        &info(&at(&folder, 60), &[]),
        "authority",
        "-certfile between.pem",
    );
    let by_key = folder.sign(&info(&at(&folder, 60), &[]), "authority", "-keyid");

    let [without, with, by_key] =
        [without, with, by_key].map(|token| TimeStampToken::from_der(&token).unwrap());
    assert_eq!(code(verify(&with, &trust(&root))), "verified");
    assert_eq!(code(verify(&with, &trust(&between))), "verified");
    assert_eq!(code(verify(&with, &trust(&authority))), "verified");
    assert_eq!(
        code(verify(&by_key, &trust(&root))),
        "did/certificate-untrusted",
        "the one between is not at hand"
    );
    let helped = trust(&root).with_certificate(&between).unwrap();
    assert_eq!(code(verify(&by_key, &helped)), "verified");
    assert_eq!(
        code(verify(&without, &helped)),
        "history/time-stamp-no-certificate"
    );
    let helped = helped.with_certificate(&authority).unwrap();
    assert_eq!(code(verify(&without, &helped)), "verified");
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_who_may_say_what_time_it_is_is_decided_at_that_time() {
    let folder = Folder::new("when");
    let root = folder.root();
    folder.key("authority", "ec:P-256");
    folder.certificate("authority", "root", AUTHORITY);
    let stamp = |offset: i64| {
        let token = folder.sign(&info(&at(&folder, offset), &[]), "authority", "");
        TimeStampToken::from_der(&token).unwrap()
    };
    let day = 86_400;
    let trusting = trust(&root);
    assert_eq!(code(verify(&stamp(60), &trusting)), "verified");
    assert_eq!(
        code(verify(&stamp(-60), &trusting)),
        "did/certificate-not-valid",
        "before the certificate"
    );
    assert_eq!(
        code(verify(&stamp(day + 60), &trusting)),
        "did/certificate-not-valid",
        "after it"
    );

    // Trusted until a time; what was stamped before that stays good.
    let token = stamp(60);
    let time = token.unverified_time();
    let until = |until: i64| {
        TimeStampTrust::new()
            .trust(&root, always().0, time.saturating_add_seconds(until))
            .unwrap()
    };
    assert_eq!(code(verify(&token, &until(0))), "verified");
    assert_eq!(
        code(verify(&token, &until(-1))),
        "history/time-stamp-not-trusted-then"
    );
    // Revoked.
    let name = verify(&token, &trusting).unwrap().signer;
    let since = |since: i64| trust(&root).distrust(&name, time.saturating_add_seconds(since));
    assert_eq!(code(verify(&token, &since(1))), "verified");
    assert_eq!(
        code(verify(&token, &since(0))),
        "history/time-stamp-not-trusted-then"
    );
    let twice = since(0).distrust(&name, time.saturating_add_seconds(1));
    assert_eq!(
        code(verify(&token, &twice)),
        "history/time-stamp-not-trusted-then",
        "the earlier time counts"
    );
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_who_is_no_time_stamping_authority_stamps_nothing() {
    let usage = "did/certificate-usage";
    let untrusted = "did/certificate-untrusted";
    let extension = "did/certificate-extension";
    let cases = [
        (
            "no purpose",
            "keyUsage = critical, digitalSignature\n",
            ROOT,
            usage,
        ),
        (
            "not critical",
            "extendedKeyUsage = timeStamping\n",
            ROOT,
            usage,
        ),
        (
            "another purpose too",
            "extendedKeyUsage = critical, timeStamping, codeSigning\n",
            ROOT,
            usage,
        ),
        (
            "another purpose",
            "extendedKeyUsage = critical, codeSigning\n",
            ROOT,
            usage,
        ),
        (
            "a key for other things",
            "keyUsage = critical, keyAgreement\nextendedKeyUsage = critical, timeStamping\n",
            ROOT,
            usage,
        ),
        (
            "an extension that is not understood",
            "extendedKeyUsage = critical, timeStamping\n1.2.3.4 = critical, ASN1:NULL\n",
            ROOT,
            extension,
        ),
        (
            "issued by no authority",
            AUTHORITY,
            "basicConstraints = critical, CA:FALSE\n",
            untrusted,
        ),
        (
            "issued by one without constraints",
            AUTHORITY,
            "keyUsage = critical, keyCertSign\n",
            untrusted,
        ),
        (
            "issued by one whose key does not issue",
            AUTHORITY,
            "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, cRLSign\n",
            untrusted,
        ),
        (
            "issued by one for other purposes",
            AUTHORITY,
            "basicConstraints = critical, CA:TRUE\nextendedKeyUsage = serverAuth\n",
            untrusted,
        ),
    ];
    for (i, (what, authority, issuer, expected)) in cases.into_iter().enumerate() {
        let folder = Folder::new(&format!("usage-{i}"));
        folder.key("root", "ec:P-256");
        let root = folder.certificate("root", "root", issuer);
        folder.key("authority", "ec:P-256");
        folder.certificate("authority", "root", authority);
        let token = folder.sign(&info(&at(&folder, 60), &[]), "authority", "");
        let token = TimeStampToken::from_der(&token).unwrap();
        assert_eq!(code(verify(&token, &trust(&root))), expected, "{what}");
    }
}

/// Old roots have signed themselves with SHA-1. What a trusted certificate says of itself does not matter; what it has issued
/// does.
#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_a_root_with_an_old_signature_of_its_own_is_trusted_and_issues_none_with_it() {
    let folder = Folder::new("old-root");
    folder.root();
    folder.openssl(
        "x509 -req -in root.csr -signkey root.key -sha1 -days 1 -extfile root.ext -out root.pem",
    );
    folder.openssl("x509 -in root.pem -outform DER -out root.der");
    let root = folder.read("root.der");
    folder.key("authority", "ec:P-256");
    folder.certificate("authority", "root", AUTHORITY);
    let stamp = |folder: &Folder| {
        let token = folder.sign(&info(&at(folder, 60), &[]), "authority", "");
        TimeStampToken::from_der(&token).unwrap()
    };
    assert_eq!(code(verify(&stamp(&folder), &trust(&root))), "verified");
    folder.openssl(
        "x509 -req -in authority.csr -CA root.pem -CAkey root.key -set_serial 9 -sha1 -days 1 \
         -extfile authority.ext -out authority.pem",
    );
    assert_eq!(
        code(verify(&stamp(&folder), &trust(&root))),
        "did/certificate-untrusted"
    );
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_a_way_that_is_too_long_or_leads_elsewhere_is_none() {
    let folder = Folder::new("path");
    let root = folder.root();
    let (with_one, with_none) = (
        "basicConstraints = critical, CA:TRUE, pathlen:1\n",
        "basicConstraints = critical, CA:TRUE, pathlen:0\n",
    );
    for (name, issuer, extensions) in [
        ("a", "root", with_none),
        ("b", "a", with_one),
        ("authority", "b", AUTHORITY),
    ] {
        folder.key(name, "ec:P-256");
        folder.certificate(name, issuer, extensions);
    }
    let both = [folder.read("a.pem"), folder.read("b.pem")].concat();
    folder.write("both.pem", both);
    let token = folder.sign(
        &info(&at(&folder, 60), &[]),
        "authority",
        "-certfile both.pem",
    );
    let token = TimeStampToken::from_der(&token).unwrap();
    assert_eq!(
        code(verify(&token, &trust(&root))),
        "did/certificate-untrusted",
        "a may have none below it"
    );
    assert_eq!(
        code(verify(&token, &trust(&folder.read("b.der")))),
        "verified"
    );

    // Another authority with the same name.
    let other = Folder::new("other");
    let same_name = other.root();
    assert_eq!(
        code(verify(&token, &trust(&same_name))),
        "did/certificate-untrusted"
    );
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_what_is_inside_is_read_strictly() {
    let folder = Folder::new("inside");
    let root = folder.root();
    folder.key("authority", "ec:P-256");
    folder.certificate("authority", "root", AUTHORITY);
    let trust = trust(&root);
    let time = at(&folder, 60);
    let bare = time.trim_end_matches('Z');
    let read = |info: &[u8]| {
        let token = folder.sign(info, "authority", "");
        TimeStampToken::from_der(&token).and_then(|token| verify(&token, &trust))
    };
    let half = read(&info(&format!("{bare}.5Z"), &[])).unwrap();
    assert!(half.time.to_string().ends_with(".5Z"), "{}", half.time);
    let accuracy = tlv(0x30, &[&[0x81, 2, 0, 200]]);
    assert_eq!(
        read(&info(&time, &[&accuracy])).unwrap().accuracy,
        Some(200)
    );

    let malformed = "history/time-stamp-malformed";
    let name = |bytes: &[u8]| tlv(0xa0, &[&tlv(0xa4, &[bytes])]);
    let somebody = tlv(
        0x30,
        &[&tlv(
            0x31,
            &[&tlv(
                0x30,
                &[&tlv(6, &[&[0x55, 4, 3]]), &tlv(0x0c, &[b"somebody"])],
            )],
        )],
    );
    let oid = tlv(6, &[&[0x2a, 3]]);
    let extension =
        |critical: &[u8]| tlv(0xa1, &[&tlv(0x30, &[&oid, critical, &tlv(4, &[&[5, 0]])])]);
    assert_eq!(code(read(&info(&time, &[&extension(&[])]))), "verified");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a zone", info(&format!("{bare}+0900"), &[]), malformed),
        ("no zone", info(bare, &[]), malformed),
        (
            "a fraction with a zero",
            info(&format!("{bare}.50Z"), &[]),
            malformed,
        ),
        (
            "an empty fraction",
            info(&format!("{bare}.Z"), &[]),
            malformed,
        ),
        ("no such day", info("20260230000000Z", &[]), malformed),
        ("a leap second", info("20261231235960Z", &[]), malformed),
        (
            "an accuracy of 0",
            info(&time, &[&tlv(0x30, &[&[0x80, 1, 0]])]),
            malformed,
        ),
        (
            "an accuracy of 1000",
            info(&time, &[&tlv(0x30, &[&[0x80, 2, 3, 0xe8]])]),
            malformed,
        ),
        (
            "an accuracy below nothing",
            info(&time, &[&tlv(0x30, &[&[2, 1, 0xff]])]),
            malformed,
        ),
        (
            "an ordering that says false",
            info(&time, &[&[1, 1, 0]]),
            malformed,
        ),
        (
            "a critical extension",
            info(&time, &[&extension(&[1, 1, 0xff])]),
            malformed,
        ),
        (
            "something behind",
            info(&time, &[&tlv(0x31, &[&[5, 0]])]),
            malformed,
        ),
        (
            "another authority's name",
            info(&time, &[&name(&somebody)]),
            "history/time-stamp-attributes",
        ),
        (
            "a name of another kind",
            info(&time, &[&tlv(0xa0, &[&tlv(0x82, &[b"tsa.example.kr"])])]),
            malformed,
        ),
        (
            "a hash that is too short",
            {
                let whole = info(&time, &[]);
                let (imprint, other) = (imprint(), [0; 31]);
                let sha256 = tlv(
                    6,
                    &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]],
                );
                let short = tlv(0x30, &[&tlv(0x30, &[&sha256]), &tlv(4, &[&other])]);
                replace(&whole, &imprint, &short)
            },
            malformed,
        ),
        (
            "SHA-1",
            {
                let whole = info(&time, &[]);
                let sha1 = tlv(6, &[&[0x2b, 0x0e, 3, 2, 26]]);
                let short = tlv(0x30, &[&tlv(0x30, &[&sha1]), &tlv(4, &[&[0; 20]])]);
                replace(&whole, &imprint(), &short)
            },
            "history/time-stamp-algorithm",
        ),
        ("nothing", Vec::new(), malformed),
        (
            "two",
            [info(&time, &[]), info(&time, &[])].concat(),
            malformed,
        ),
    ];
    for (what, inside, expected) in cases {
        assert_eq!(code(read(&inside)), expected, "{what}");
    }
}

/// The DER of one member after another.
fn members(sequence: &[u8]) -> Vec<&[u8]> {
    fn split(bytes: &[u8]) -> (usize, usize) {
        match bytes[1] {
            short @ ..128 => (2, usize::from(short)),
            long => {
                let count = usize::from(long & 0x7f);
                let length = bytes[2..2 + count].iter();
                (
                    2 + count,
                    length.fold(0, |n, byte| n << 8 | usize::from(*byte)),
                )
            }
        }
    }
    let (header, length) = split(sequence);
    let mut rest = &sequence[header..header + length];
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (header, length) = split(rest);
        let (one, others) = rest.split_at(header + length);
        all.push(one);
        rest = others;
    }
    all
}

/// A token with other certificates in it, which nobody has signed that they are these.
fn with_certificates(token: &[u8], certificates: &[&[u8]]) -> TimeStampToken {
    let content = members(token);
    let signed = members(members(content[1])[0]);
    let mut parts = signed.clone();
    parts.retain(|part| part[0] != 0xa0);
    let certificates = tlv(0xa0, certificates);
    parts.insert(3, &certificates);
    let der = tlv(0x30, &[content[0], &tlv(0xa0, &[&tlv(0x30, &parts)])]);
    TimeStampToken::from_der(&der).unwrap()
}

/// Root, one between, and an authority.
fn chain(folder: &Folder) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let root = folder.root();
    folder.key("between", "ec:P-256");
    let between = folder.certificate("between", "root", ROOT);
    folder.key("authority", "ec:P-256");
    (
        root,
        between,
        folder.certificate("authority", "between", AUTHORITY),
    )
}

/// The certificate that the signer has bound himself to is meant, whatever else has its name.
#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_another_certificate_of_the_signers_name_stands_in_nobodys_way() {
    let folder = Folder::new("decoy");
    let (root, between, authority) = chain(&folder);
    let token = folder.sign(
        &info(&at(&folder, 60), &[]),
        "authority",
        "-certfile between.pem",
    );
    // Of the same issuer's name and with the same number.
    for name in ["decoy", "false"] {
        folder.key(name, "ec:P-256");
    }
    folder.openssl(
        "req -new -x509 -key false.key -subj /C=KR/O=Example/CN=between -days 1 -out false.pem",
    );
    let decoy = folder.certificate("decoy", "false", AUTHORITY);
    for order in [
        [&decoy[..], &authority, &between],
        [&authority, &decoy, &between],
    ] {
        let token = with_certificates(&token, &order);
        assert_eq!(code(verify(&token, &trust(&root))), "verified");
    }
    let alone = with_certificates(&token, &[&decoy, &between]);
    assert_eq!(
        code(verify(&alone, &trust(&root))),
        "history/time-stamp-attributes"
    );
    // Renewed under the same key, and named by that.
    let by_key = folder.sign(&info(&at(&folder, 60), &[]), "authority", "-keyid -nocerts");
    let by_key = TimeStampToken::from_der(&by_key).unwrap();
    folder.openssl(
        "x509 -req -in authority.csr -CA between.pem -CAkey between.key -set_serial 0x0ab9 -days 1 \
         -extfile authority.ext -out second.pem",
    );
    folder.openssl("x509 -in second.pem -outform DER -out second.der");
    let mut trusting = trust(&root);
    for certificate in [&folder.read("second.der"), &authority, &between] {
        trusting = trusting.with_certificate(certificate).unwrap();
    }
    assert_eq!(code(verify(&by_key, &trusting)), "verified");
}

/// Whoever is distrusted is so by his key: the one of a certificate between or of the root as well, and in whatever form.
#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_no_way_leads_over_a_key_that_is_distrusted() {
    let folder = Folder::new("distrust");
    let (root, between, authority) = chain(&folder);
    let time = info(&at(&folder, 60), &[]);
    let token = folder.sign(&time, "authority", "-certfile between.pem");
    let token = TimeStampToken::from_der(&token).unwrap();
    let stated = token.unverified_time();
    let key = |der: &[u8]| Certificate::from_der(der).unwrap().public_key().clone();
    for one in [&root, &between, &authority] {
        let since =
            |seconds| trust(&root).distrust(&key(one), stated.saturating_add_seconds(seconds));
        assert_eq!(code(verify(&token, &since(1))), "verified");
        assert_eq!(
            code(verify(&token, &since(0))),
            "history/time-stamp-not-trusted-then"
        );
    }
    // An ECDSA signature has two forms, (r, s) and (r, n - s): the certificate has another hash then, and is as good.
    let parts = members(&authority);
    // The signature is a bit string: its tag, its length, no bits left over, and the two numbers.
    let numbers = members(&parts[2][3..]);
    let other = tlv(0x30, &[numbers[0], &tlv(2, &[&minus(&numbers[1][2..])])]);
    let other = tlv(0x30, &[parts[0], parts[1], &tlv(3, &[&[0], &other])]);
    assert_ne!(other, authority);
    folder.write("twin.der", &other);
    folder.openssl("x509 -inform DER -in twin.der -out twin.pem");
    fs::copy(folder.path("authority.key"), folder.path("twin.key")).unwrap();
    let twin = folder.sign(&time, "twin", "-certfile between.pem");
    let twin = TimeStampToken::from_der(&twin).unwrap();
    let verified = verify(&twin, &trust(&root)).unwrap();
    assert_eq!(verified.signer, key(&authority));
    let distrusting = trust(&root).distrust(&key(&authority), stated);
    assert_eq!(
        code(verify(&twin, &distrusting)),
        "history/time-stamp-not-trusted-then"
    );
}

/// The order of P-256 less a number in DER.
fn minus(number: &[u8]) -> Vec<u8> {
    const ORDER: [u64; 4] = [
        0xffff_ffff_0000_0000,
        0xffff_ffff_ffff_ffff,
        0xbce6_faad_a717_9e84,
        0xf3b9_cac2_fc63_2551,
    ];
    let order: Vec<u8> = ORDER.iter().flat_map(|word| word.to_be_bytes()).collect();
    let digits = number.strip_prefix(&[0]).unwrap_or(number);
    let mut padded = vec![0; 32 - digits.len()];
    padded.extend(digits);
    let mut borrow = 0;
    let mut result: Vec<u8> = (0..32)
        .rev()
        .map(|i| {
            let value = i16::from(order[i]) - i16::from(padded[i]) - borrow;
            borrow = i16::from(value < 0);
            value.to_le_bytes()[0]
        })
        .collect();
    result.reverse();
    let zeros = result.iter().take_while(|byte| **byte == 0).count();
    result.drain(..zeros);
    if result[0] >= 0x80 {
        result.insert(0, 0);
    }
    result
}

/// What limits an authority that is trusted by itself does not matter; of one between it is not understood.
#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_constraints_are_refused_between_and_not_in_what_is_trusted() {
    let folder = Folder::new("constraints");
    let root = folder.root();
    for name in ["between", "authority"] {
        folder.key(name, "ec:P-256");
    }
    for constraint in [
        "policyConstraints = critical, requireExplicitPolicy:0\ncertificatePolicies = 2.5.29.32.0\n",
        "nameConstraints = permitted;DNS:example.kr\n",
        "1.2.3.4 = critical, ASN1:NULL\n",
        "nameConstraints = critical, permitted;dirName:d\n[d]\nC = KR\n",
    ] {
        let between = folder.certificate("between", "root", &format!("{ROOT}{constraint}"));
        folder.certificate("authority", "between", AUTHORITY);
        let token = folder.sign(
            &info(&at(&folder, 60), &[]),
            "authority",
            "-certfile between.pem",
        );
        let token = TimeStampToken::from_der(&token).unwrap();
        assert_eq!(
            code(verify(&token, &trust(&root))),
            "did/certificate-untrusted"
        );
        assert_eq!(code(verify(&token, &trust(&between))), "verified");
    }
}

/// Out of the time for which it is trusted it is told so, whatever else the certificate says.
#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_one_that_was_trusted_at_another_time_is_said_to_be() {
    let folder = Folder::new("span");
    folder.root();
    folder.key("authority", "ec:P-256");
    for more in ["", "1.2.3.4 = critical, ASN1:NULL\n"] {
        let authority = folder.certificate("authority", "root", &format!("{AUTHORITY}{more}"));
        let token = folder.sign(&info(&at(&folder, 60), &[]), "authority", "");
        let token = TimeStampToken::from_der(&token).unwrap();
        assert_eq!(code(verify(&token, &trust(&authority))), "verified");
        let (from, until) = (always().0, "2001-01-01T00:00:00Z".parse().unwrap());
        let then = TimeStampTrust::new().trust(&authority, from, until);
        assert_eq!(
            code(verify(&token, &then.unwrap())),
            "history/time-stamp-not-trusted-then"
        );
    }
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_a_certificate_that_is_named_by_sha_1_alone_is_refused_by_that_name() {
    let folder = Folder::new("sha1");
    folder.root();
    folder.key("authority", "ec:P-256");
    folder.certificate("authority", "root", AUTHORITY);
    let request = TimeStampRequest::sha256(digest());
    let read = |ess| {
        let reply = folder.stamp_bound(&request, "authority", "sha256", ess);
        code(TimeStampToken::from_response(&reply))
    };
    assert_eq!(read("sha1"), "history/time-stamp-algorithm");
    for ess in ["sha256", "sha384", "sha512"] {
        assert_eq!(read(ess), "verified", "{ess}");
    }
}

/// A token over a checkpoint of somebody whom nobody believes is not known to be false.
#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_a_strangers_token_on_a_checkpoint_is_unknown_and_stops_nothing() {
    let folder = Folder::new("stranger");
    let (root, ..) = chain(&folder);
    let empty = TreeHasher::SOFTWARE.empty().unwrap();
    let checkpoint = Checkpoint::new("x.example", 0, empty).unwrap();
    let of = SOFTWARE.sha256(checkpoint.to_text().as_bytes()).unwrap();
    let info = info(&at(&folder, 60), &[]);
    let place = info
        .windows(32)
        .position(|window| window == digest())
        .unwrap();
    let mut stamped = info;
    stamped[place..place + 32].copy_from_slice(&of);
    let none: &[(Locator, Header)] = &[];
    let verdict = |options: &str, trust: TimeStampTrust, provider: &dyn CryptoProvider| {
        let token = folder.sign(&stamped, "authority", options);
        let mut proof = AnchorProof::of_digest(of);
        proof.attest(&[], Attestation::TimeStamp { token }).unwrap();
        let policy = AnchorPolicy::default().time_stamps(trust);
        let said = proof.verify(&checkpoint, none, &policy, provider).unwrap();
        said[0].verdict.clone()
    };
    let elsewhere = Folder::new("somebody");
    elsewhere.key("elsewhere", "ec:P-256");
    let other = elsewhere.certificate("elsewhere", "elsewhere", ROOT);
    for options in ["-nocerts", "-certfile between.pem"] {
        for trust in [TimeStampTrust::new(), trust(&other)] {
            assert_eq!(verdict(options, trust, &SOFTWARE), Verdict::Unknown);
        }
    }
    let good = verdict("-certfile between.pem", trust(&root), &SOFTWARE);
    assert!(matches!(good, Verdict::Final { .. }));
    // Nor does it matter what a stranger's certificate is like.
    for extensions in [
        format!("{AUTHORITY}1.2.3.4 = critical, ASN1:NULL\n"),
        "basicConstraints = critical, CA:FALSE\nextendedKeyUsage = timeStamping\n".to_owned(),
    ] {
        folder.certificate("authority", "between", &extensions);
        let said = verdict("-certfile between.pem", trust(&other), &SOFTWARE);
        assert_eq!(said, Verdict::Unknown);
        // Where it leads to somebody who is believed, it does.
        let said = verdict("-certfile between.pem", trust(&root), &SOFTWARE);
        assert!(matches!(said, Verdict::Invalid(_)));
    }
    folder.certificate("authority", "between", AUTHORITY);
    // A provider that does not verify what is hashed already.
    for trust in [TimeStampTrust::new(), trust(&root)] {
        let said = verdict("-certfile between.pem", trust, &Plain);
        assert_eq!(said, Verdict::Unknown);
    }
}

/// A provider that has what every provider must have, and no more.
struct Plain;

impl CryptoProvider for Plain {
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], kbtf_did::Error> {
        SOFTWARE.sha256(message)
    }
    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], kbtf_did::Error> {
        SOFTWARE.sha384(message)
    }
    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], kbtf_did::Error> {
        SOFTWARE.sha512(message)
    }
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), kbtf_did::Error> {
        SOFTWARE.verify(algorithm, key, message, signature)
    }
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, kbtf_did::Error> {
        SOFTWARE.sign(key, message)
    }
    fn agree(
        &self,
        key: &SecretKey,
        with: &PublicKey,
    ) -> Result<zeroize::Zeroizing<[u8; 32]>, kbtf_did::Error> {
        SOFTWARE.agree(key, with)
    }
}

/// The members of a sequence with one exchanged, and its length made anew.
fn replace(sequence: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = sequence
        .windows(old.len())
        .position(|window| window == old)
        .unwrap();
    let (before, rest) = sequence.split_at(at);
    tlv(0x30, &[&before[2..], new, &rest[old.len()..]])
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_no_other_message_of_the_authority_is_a_time_stamp() {
    let folder = Folder::new("other");
    let root = folder.root();
    folder.key("authority", "ec:P-256");
    folder.certificate("authority", "root", AUTHORITY);
    folder.key("other", "ec:P-256");
    folder.certificate("other", "root", AUTHORITY);
    let trust = trust(&root);
    let inside = info(&at(&folder, 60), &[]);
    let read =
        |token: &[u8]| TimeStampToken::from_der(token).and_then(|token| verify(&token, &trust));
    assert_eq!(
        code(read(&folder.sign(&inside, "authority", ""))),
        "verified"
    );
    let cms = |options: &str| {
        folder.write("info.der", &inside);
        folder.openssl(&format!(
            "cms -sign -binary -in info.der -signer authority.pem -inkey authority.key -outform DER -out token.der {options}"
        ));
        read(&folder.read("token.der"))
    };
    let kind = "-econtent_type 1.2.840.113549.1.9.16.1.4";
    let malformed = "history/time-stamp-malformed";
    let cases = [
        (
            "other content",
            "-nodetach -cades -md sha256".to_owned(),
            malformed,
        ),
        ("no content", format!("-cades -md sha256 {kind}"), malformed),
        (
            "no bound certificate",
            format!("-nodetach -md sha256 {kind}"),
            malformed,
        ),
        (
            "no attributes",
            format!("-nodetach -noattr -md sha256 {kind}"),
            malformed,
        ),
        (
            "two signers",
            format!("-nodetach -cades -md sha256 {kind} -signer other.pem -inkey other.key"),
            malformed,
        ),
        (
            "SHA-1",
            format!("-nodetach -cades -md sha1 {kind}"),
            "history/time-stamp-algorithm",
        ),
    ];
    for (what, options, expected) in cases {
        assert_eq!(code(cms(&options)), expected, "{what}");
    }
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_no_bit_of_a_token_can_be_changed() {
    let folder = Folder::new("bits");
    let root = folder.root();
    folder.key("authority", "ec:P-256");
    folder.certificate("authority", "root", AUTHORITY);
    let trust = trust(&root);
    let token = folder.sign(&info(&at(&folder, 60), &[]), "authority", "");
    let read =
        |token: &[u8]| TimeStampToken::from_der(token).and_then(|token| verify(&token, &trust));
    assert_eq!(code(read(&token)), "verified");
    for at in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.clone();
            changed[at] ^= 1 << bit;
            assert_ne!(code(read(&changed)), "verified", "byte {at}, bit {bit}");
        }
        assert_ne!(code(read(&token[..at])), "verified", "cut to {at}");
    }
    assert_ne!(code(read(&[&token[..], &[0]].concat())), "verified");
}

#[test]
#[ignore = "needs OpenSSL 3 as a program"]
fn openssl_a_refusal_is_no_token() {
    let folder = Folder::new("refusal");
    folder.root();
    folder.key("authority", "ec:P-256");
    folder.certificate("authority", "root", AUTHORITY);
    // A request that no authority grants: a version that is none.
    let mut request = TimeStampRequest::sha256(digest()).to_der();
    request[4] = 9;
    folder.stamp(&TimeStampRequest::sha256(digest()), "authority", "sha256");
    folder.write("request.tsq", request);
    folder.openssl("ts -reply -config tsa.cnf -queryfile request.tsq -out reply.tsr");
    let response = folder.read("reply.tsr");
    assert_eq!(
        code(TimeStampToken::from_response(&response)),
        "history/time-stamp-not-granted"
    );
}

/// An answer of OpenSSL's authority, kept in the repository: what needs no OpenSSL to be checked again.
#[test]
fn an_answer_that_was_kept_verifies_as_it_did() {
    let (response, token, root): (&[u8], &[u8], &[u8]) = (
        include_bytes!("data/response.der"),
        include_bytes!("data/token.der"),
        include_bytes!("data/root.der"),
    );
    let (response, token) = (
        TimeStampToken::from_response(response).unwrap(),
        TimeStampToken::from_der(token).unwrap(),
    );
    assert_eq!(response, token);
    let stamp = verify(&token, &trust(root)).unwrap();
    assert_eq!(stamp.time.to_string(), "2026-11-24T14:20:52Z");
    assert_eq!(stamp.accuracy, Some(1_000_000));
    assert_eq!(
        code(token.verify(Stamped::Data(b"other"), None, &trust(root), &SOFTWARE)),
        "history/time-stamp-other-data"
    );
}
