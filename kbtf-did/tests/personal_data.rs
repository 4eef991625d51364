//! The guard that keeps personal data off a ledger: what it finds, however it is written, and that it leaves keys alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use kbtf_did::{
    DidDocument, Error, KeyType, SecretKey, json, multibase,
    personal_data::{self, PersonalData, find},
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

/// The check digit of a resident number, as the tax office explains it: a reference that does not share the guard's code.
fn with_check_digit(first: &str, foreigner: bool) -> String {
    let digits: Vec<u32> = first.chars().map(|c| c.to_digit(10).unwrap()).collect();
    let mut sum = 0;
    let mut weight = 2;
    for digit in &digits {
        sum += digit * weight;
        weight = if weight == 9 { 2 } else { weight + 1 };
    }
    let check = (if foreigner { 13 } else { 11 } - sum % 11) % 10;
    format!("{first}{check}")
}

#[test]
fn numbers_of_persons_are_found_however_they_are_written() {
    use PersonalData::{
        DriverLicenceNumber, EmailAddress, ForeignerNumber, PassportNumber, PhoneNumber,
        ResidentNumber,
    };
    let resident = with_check_digit("900101123456", false);
    let (front, back) = resident.split_at(6);
    let foreigner = with_check_digit("900101512345", true);
    let fullwidth: String = resident
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap())
        .collect();
    for (text, expected) in [
        (resident.clone(), ResidentNumber),
        (format!("{front}-{back}"), ResidentNumber),
        (format!("https://a.kr/{front}/{back}?x=1"), ResidentNumber),
        (format!("{front}.{back}"), ResidentNumber),
        (format!("{front} {back}"), ResidentNumber),
        (format!("{front}–{back}"), ResidentNumber),
        (format!("https://a.kr/{front}%2D{back}"), ResidentNumber),
        (format!("{front}%252D{back}"), ResidentNumber),
        (
            resident.chars().map(|c| format!("%3{c}")).collect(),
            ResidentNumber,
        ),
        (
            resident.chars().map(|c| format!("{c}-")).collect(),
            ResidentNumber,
        ),
        (fullwidth, ResidentNumber),
        // Any of the new numbers, which have no check digit, and any that is written as one.
        ("211005-3123456".into(), ResidentNumber),
        ("2110053123456".into(), ResidentNumber),
        ("900101-1234560".into(), ResidentNumber),
        (foreigner.clone(), ForeignerNumber),
        (
            format!("{}-{}", &foreigner[..6], &foreigner[6..]),
            ForeignerNumber,
        ),
        // A foreigner's number has had no check digit since October 2020, whenever he was born.
        ("9001015123456".into(), ForeignerNumber),
        ("https://a.kr/010,1234;5678".into(), PhoneNumber),
        ("M12345678".into(), PassportNumber),
        ("urn:x:m123a4567".into(), PassportNumber),
        ("https://a.kr/?p=S12345678".into(), PassportNumber),
        ("11-20-123456-78".into(), DriverLicenceNumber),
        ("https://a.kr/28-99-000000-00".into(), DriverLicenceNumber),
        ("010-1234-5678".into(), PhoneNumber),
        ("01012345678".into(), PhoneNumber),
        ("011-123-4567".into(), PhoneNumber),
        ("016.1234.5678".into(), PhoneNumber),
        ("+82-10-1234-5678".into(), PhoneNumber),
        ("+821012345678".into(), PhoneNumber),
        ("0082 010 1234 5678".into(), PhoneNumber),
        ("(010)1234-5678".into(), PhoneNumber),
        ("tel:0212345678".into(), PhoneNumber),
        ("TEL:1588".into(), PhoneNumber),
        ("https://a.kr/?next=sms%3A15880000".into(), PhoneNumber),
        ("hong@example.kr".into(), EmailAddress),
        (
            "mailto:hong.gildong+x@mail.example.co.kr".into(),
            EmailAddress,
        ),
        ("https://hong@example.kr/".into(), EmailAddress),
        ("hong%40example.kr".into(), EmailAddress),
        ("홍길동@예시.한국".into(), EmailAddress),
    ] {
        assert_eq!(find(&text), Some(expected), "{text}");
    }
}

#[test]
fn ordinary_identifiers_are_left_alone() {
    for text in [
        "https://www.w3.org/ns/did/v1",
        "did:web:ministry.go.kr%3A8443:org:1",
        "https://example.com:8443/2026/11/24/report-20261124103000",
        "2026-11-24T09:00:00Z",
        "https://10.12.34.56:8080/a",
        "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5",
        "urn:uuid:01012345-6789-4123-8901-234567890123",
        "eip155:8217:0x01012345678901234567890123456789012345678",
        "@kbtf/sdk",
        "https://a.kr/@name/",
        "1234567890123",
        "1764547200000",
        "880-88-00000",
        "02-123-4567",
        "LinkedDomains",
        "did:web:lotte.example:hotel:seoul",
        "https://motel:8080/",
        "https://82.118.230.100/",
        "240115-0000001",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
}

/// Measured on 60 000 keys and hashes in every notation that a document has: no false alarm.
#[test]
fn keys_and_hashes_raise_no_alarm() {
    let mut texts = 0;
    let mut check = |text: &str| {
        assert_eq!(find(text), None, "{text}");
        assert!(personal_data::check_text("x", text).is_ok(), "{text}");
        texts += 1;
    };
    for i in 0..10_000_u32 {
        let hash: [u8; 32] = Sha256::digest(i.to_be_bytes()).into();
        check(&multibase::encode_base58btc(&hash));
        check(&multibase::encode_base64url(&hash));
        check(&Base64::encode_string(&hash));
        check(&hash.iter().map(|b| format!("{b:02x}")).collect::<String>());
        check(&multibase::encode_base58btc(
            &[&[0x12, 0x20], &hash[..]].concat(),
        ));
        check(&Base64UrlUnpadded::encode_string(&[hash, hash].concat()));
    }
    for i in 0..250_u8 {
        for key_type in [
            KeyType::Ed25519,
            KeyType::P256,
            KeyType::Secp256k1,
            KeyType::X25519,
        ] {
            let key = SecretKey::from_bytes(key_type, &Sha256::digest([i])).unwrap();
            check(&key.public_key().to_multikey());
            check(&key.public_key().to_base58());
            let jwk = key.public_key().to_jwk();
            assert!(personal_data::check_object(&jwk).is_ok());
        }
    }
    assert_eq!(texts, 62_000);
}

fn check(document: &str) -> Result<(), (String, PersonalData)> {
    let document = DidDocument::parse(document).unwrap();
    personal_data::check_document(&document).map_err(|error| match error {
        Error::PersonalData { place, found } => (place, found),
        other => panic!("{other}"),
    })
}

fn document(more: &str) -> String {
    format!(
        r##"{{"@context":["https://www.w3.org/ns/did/v1"],"id":"did:example:1","verificationMethod":[{{"id":"#key-1","type":"Multikey","controller":"did:example:1","publicKeyMultibase":"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2","expires":"2030-01-01T00:00:00Z"}}],"authentication":["#key-1"]{more}}}"##
    )
}

#[test]
fn a_document_is_checked_in_every_place() {
    let pem = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32])
        .unwrap()
        .public_key()
        .to_pem();
    let pem = json::Value::from(pem).to_json();
    assert_eq!(check(&document("")), Ok(()));
    assert_eq!(
        check(&document(&format!(
            r##","alsoKnownAs":["https://a.kr/"],"assertionMethod":[{{"id":"#2","type":"RsaVerificationKey2018","controller":"did:example:1","publicKeyPem":{pem}}}],"service":[{{"id":"#s","type":["DIDCommMessaging"],"serviceEndpoint":[{{"uri":"https://a.kr/","accept":["didcomm/v2"],"routingKeys":["did:example:1#k"]}}]}}],"proof":{{"created":"2026-11-24T00:00:00Z","proofValue":"z3u2"}}"##
        ))),
        Ok(())
    );
    use PersonalData::{EmailAddress, FreeText, PhoneNumber};
    for (more, place, found) in [
        (
            r##","service":[{"id":"#s","type":"A","serviceEndpoint":"mailto:a@b.kr"}]"##,
            "service[0].serviceEndpoint",
            EmailAddress,
        ),
        (
            r##","service":[{"id":"#010-1234-5678","type":"A","serviceEndpoint":"https://a.kr/"}]"##,
            "service[0].id",
            PhoneNumber,
        ),
        (
            r##","service":[{"id":"#s","type":["A","홍길동"],"serviceEndpoint":"https://a.kr/"}]"##,
            "service[0].type[1]",
            FreeText,
        ),
        (
            r##","service":[{"id":"#s","type":"A","serviceEndpoint":"https://a.kr/","description":"call me"}]"##,
            "service[0].description",
            FreeText,
        ),
        (
            r##","service":[{"id":"#s","type":"A","serviceEndpoint":{"uri":"https://a.kr/","owner":"Hong"}}]"##,
            "service[0].serviceEndpoint.owner",
            FreeText,
        ),
        (
            r##","alsoKnownAs":["acct:hong@a.kr"]"##,
            "alsoKnownAs[0]",
            EmailAddress,
        ),
        (r##","name":"HongGildong""##, "name", FreeText),
        (r##","phone":1012345678901"##, "", FreeText),
        // As a number it has lost its 0.
        (r##","phone":1012345678"##, "phone", PhoneNumber),
        (
            r##","publicKeyHobby":"HongGildong""##,
            "publicKeyHobby",
            FreeText,
        ),
        (
            r##","publicKeyPem":"Hong 010-1234-5678\n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=\n-----END PUBLIC KEY-----\n""##,
            "publicKeyPem",
            PhoneNumber,
        ),
        (
            r##","x":{"y":["https://a.kr/",{"z":"010-1234-5678"}]}"##,
            "x.y[1].z",
            PhoneNumber,
        ),
        // The name of a member is a text too, and is not repeated in the message.
        (
            r##","hong@a.kr":true"##,
            "the name of a member of the document",
            EmailAddress,
        ),
        (
            r##","x":{"메모":1}"##,
            "the name of a member of x",
            FreeText,
        ),
        (
            r##","publicKeyPem":"a key of mine""##,
            "publicKeyPem",
            FreeText,
        ),
        (
            r##","publicKeyMultibase":"010-1234-5678""##,
            "publicKeyMultibase",
            PhoneNumber,
        ),
    ] {
        match check(&document(more)) {
            Ok(()) => assert_eq!(place, "", "{more}"),
            Err(error) => assert_eq!(error, (place.to_owned(), found), "{more}"),
        }
    }
    let error = DidDocument::parse(&document(r##","hong@a.kr":true"##)).unwrap();
    let error = personal_data::check_document(&error)
        .unwrap_err()
        .to_string();
    assert!(!error.contains("hong"), "{error}");
}

proptest! {
    #[test]
    fn any_resident_number_is_found_in_any_url(year in 0..100_u32, month in 1..=12_u32, day in 1..=28_u32, kind in 1..=8_u32, region in 0..100_000_u32, separator in "[-._/ ~]{0,2}") {
        let first = format!("{year:02}{month:02}{day:02}{kind}{region:05}");
        let number = with_check_digit(&first, (5..=8).contains(&kind));
        let text = format!("https://agency.go.kr/p/{}{separator}{}?q=1", &number[..6], &number[6..]);
        let found = find(&text);
        let expected = if (5..=8).contains(&kind) { PersonalData::ForeignerNumber } else { PersonalData::ResidentNumber };
        prop_assert_eq!(found, Some(expected), "{}", text);
    }

    #[test]
    fn any_text_is_looked_at_without_a_panic(text in any::<String>(), escaped in "(%[0-9a-fA-F%]{0,2}|[0-9@.+-]){0,30}") {
        let _ = (find(&text), find(&escaped), personal_data::check_text("x", &text));
    }
}
