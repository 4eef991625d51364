//! Values that are kept off the log. One sealed value was made by Python's `cryptography`, and is made here to the same bytes.
#![cfg(feature = "sealed")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_history::{
    Error, Field, ObjectId,
    sealed::{Aes256Gcm, Cipher, MAX_VALUE, Place, Sealed, SubjectKey},
};
use zeroize::Zeroizing;

const BY_PYTHON: &str = r#"{"cipher":"A256GCM","key":"AwMDAwMDAwMDAwMD0JXqc1S9aq3ao6507TnT87j+wFCF/ZQq/CLXGHfnrbkSOnUE4f3qyi3inAhBSyNz","v":1,"value":"AgICAgICAgICAgICPub5eHpm7Mzh/4j9apBVosp+V0HJk8MYa7ZFQv1+"}"#;
const NUMBER: &[u8] = b"900101-1234567";

/// Each time it is asked all bytes are the next number.
struct Next(u8);

impl rand_core::TryRng for Next {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.0 += 1;
        Ok(self.0.into())
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 += 1;
        Ok(self.0.into())
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        self.0 += 1;
        to.fill(self.0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Next {}

const PLACE: Place = Place {
    object: ObjectId::from_bytes([7; 16]),
    sequence: 5,
    field: Field(2),
};

fn person() -> SubjectKey {
    SubjectKey::from_bytes([9; 32])
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

#[test]
fn python_seals_to_the_same_bytes() {
    let sealed = person()
        .seal(PLACE, NUMBER, &Aes256Gcm, &mut Next(0))
        .unwrap();
    assert_eq!(sealed.to_string(), BY_PYTHON);
    let read: Sealed = BY_PYTHON.parse().unwrap();
    assert_eq!(read, sealed);
    let opened = person().open(PLACE, &read, &Aes256Gcm).unwrap();
    assert_eq!(opened.as_slice(), NUMBER);
}

#[test]
fn it_opens_for_one_person_at_one_place_by_one_cipher() {
    struct Other;
    impl Cipher for Other {
        fn name(&self) -> &'static str {
            "ARIA256GCM"
        }
        fn seal(
            &self,
            key: &[u8; 32],
            nonce: &[u8; 12],
            beside: &[u8],
            message: &[u8],
        ) -> Result<Vec<u8>, kbtf_did::Error> {
            Aes256Gcm.seal(key, nonce, beside, message)
        }
        fn open(
            &self,
            key: &[u8; 32],
            nonce: &[u8; 12],
            beside: &[u8],
            sealed: &[u8],
        ) -> Result<Zeroizing<Vec<u8>>, kbtf_did::Error> {
            Aes256Gcm.open(key, nonce, beside, sealed)
        }
    }
    let sealed: Sealed = BY_PYTHON.parse().unwrap();
    let open = |person: &SubjectKey, place| code(person.open(place, &sealed, &Aes256Gcm));
    assert_eq!(open(&person(), PLACE), "accepted");
    let other = SubjectKey::from_bytes([8; 32]);
    assert_eq!(open(&other, PLACE), "history/sealed");
    for place in [
        Place {
            object: ObjectId::from_bytes([8; 16]),
            ..PLACE
        },
        Place {
            sequence: 6,
            ..PLACE
        },
        Place {
            field: Field(3),
            ..PLACE
        },
    ] {
        assert_eq!(open(&person(), place), "history/sealed");
    }
    assert_eq!(
        code(person().open(PLACE, &sealed, &Other)),
        "history/sealed"
    );
    // Renamed it is no other's either.
    let renamed: Sealed = BY_PYTHON.replace("A256GCM", "ARIA256GCM").parse().unwrap();
    assert_eq!(
        code(person().open(PLACE, &renamed, &Other)),
        "history/sealed"
    );
    let own = person().seal(PLACE, NUMBER, &Other, &mut Next(0)).unwrap();
    assert_eq!(
        person().open(PLACE, &own, &Other).unwrap().as_slice(),
        NUMBER
    );
}

/// The parts of two sealed values do not go together, and no bit can be changed.
#[test]
fn no_part_can_be_exchanged() {
    let first = person()
        .seal(PLACE, NUMBER, &Aes256Gcm, &mut Next(0))
        .unwrap()
        .to_string();
    let second = person()
        .seal(PLACE, b"900101-7654321", &Aes256Gcm, &mut Next(10))
        .unwrap()
        .to_string();
    let part = |text: &str, name: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value[name].as_str().unwrap().to_owned()
    };
    let crossed = first.replace(&part(&first, "value"), &part(&second, "value"));
    let crossed: Sealed = crossed.parse().unwrap();
    assert_eq!(
        code(person().open(PLACE, &crossed, &Aes256Gcm)),
        "history/sealed"
    );
    for name in ["key", "value"] {
        use base64ct::Encoding as _;
        let text = part(&first, name);
        let bytes = base64ct::Base64::decode_vec(&text).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = first.replace(&text, &base64ct::Base64::encode_string(&changed));
            let changed: Sealed = changed.parse().unwrap();
            assert_eq!(
                code(person().open(PLACE, &changed, &Aes256Gcm)),
                "history/sealed"
            );
        }
    }
}

#[test]
fn what_is_kept_has_one_form() {
    for (from, to) in [
        (r#""v":1"#, r#""v":2"#),
        (r#""v":1"#, r#""v":1,"x":1"#),
        (r#"{"cipher""#, r#"{ "cipher""#),
        ("A256GCM", ""),
        ("A256GCM", "A256 GCM"),
        (r#""key":""#, r#""key":"AAAA"#),
        (r#""value":""#, r#""value":"=""#),
    ] {
        assert!(BY_PYTHON.contains(from));
        let other = BY_PYTHON.replacen(from, to, 1);
        assert_eq!(
            code(other.parse::<Sealed>()),
            "history/malformed",
            "{other}"
        );
    }
    let empty = person().seal(PLACE, b"", &Aes256Gcm, &mut Next(0)).unwrap();
    let read: Sealed = empty.to_string().parse().unwrap();
    assert!(person().open(PLACE, &read, &Aes256Gcm).unwrap().is_empty());
    let long = vec![7; MAX_VALUE + 1];
    let largest = person()
        .seal(PLACE, &long[1..], &Aes256Gcm, &mut Next(0))
        .unwrap();
    let read: Sealed = largest.to_string().parse().unwrap();
    assert_eq!(
        person().open(PLACE, &read, &Aes256Gcm).unwrap().len(),
        MAX_VALUE
    );
    assert_eq!(
        code(person().seal(PLACE, &long, &Aes256Gcm, &mut Next(0))),
        "history/malformed"
    );
    // Nothing of a key or value is shown.
    assert_eq!(format!("{read:?}"), "Sealed { .. }");
    struct Dead;
    impl rand_core::TryRng for Dead {
        type Error = std::io::Error;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Err(std::io::Error::other("dead"))
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Err(std::io::Error::other("dead"))
        }
        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
            Err(std::io::Error::other("dead"))
        }
    }
    impl rand_core::TryCryptoRng for Dead {}
    assert_eq!(
        code(person().seal(PLACE, NUMBER, &Aes256Gcm, &mut Dead)),
        "did/randomness"
    );
}
