//! Proofs that are not those that were made, and signatures in a second form.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    super::forge::{Person, add_order, attach, attach_text, flip_s, with, without},
    ED, certificate, refusals, verify_input,
};
use crate::suite::Case;

pub(super) fn tampered_proofs() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x21)?;
    let ec = Person::new(KeyType::P256, 0x21)?;
    let good = certificate(&ed.did(), "did:example:student");
    let signed = ed.sign(&good)?;
    let options = ed.options(&good);
    let proof = signed.get("proof").cloned().unwrap_or_default();
    let proof_value = proof
        .get("proofValue")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let changed =
        |name: &str, value: Value| verify_input(&with(&signed, "proof", with(&proof, name, value)));
    let valued = |value: &str| verify_input(&attach_text(&good, options.clone(), value));
    let bytes = ed.signature(&good, &options)?;
    let base64 = kbtf_did::multibase::encode_base64url(&bytes);
    let longer = attach(&good, options.clone(), &[&bytes[..], &[0]].concat());
    let shorter = attach(&good, options.clone(), bytes.get(..63).unwrap_or_default());
    let by_ec = certificate(&ec.did(), "did:example:student");
    let ec_options = ec.options(&by_ec);
    let wrong_suite = ec.sign_with(
        &by_ec,
        with(&ec_options, "cryptosuite", "eddsa-jcs-2022".into()),
    )?;
    let claims_ecdsa = ed.sign_with(
        &good,
        with(&options, "cryptosuite", "ecdsa-jcs-2019".into()),
    )?;
    let unknown_suite = ed.sign_with(
        &good,
        with(&options, "cryptosuite", "eddsa-jcs-2012".into()),
    )?;
    let no_suite = ed.sign_with(&good, without(&options, "cryptosuite"))?;
    let old_type = ed.sign_with(&good, with(&options, "type", "Ed25519Signature2020".into()))?;
    let other_document_proof = ed.sign(&with(&good, "id", "urn:uuid:1".into()))?;
    let borrowed = with(
        &good,
        "proof",
        other_document_proof
            .get("proof")
            .cloned()
            .unwrap_or_default(),
    );
    let expired = ed.sign_with(
        &good,
        with(&options, "expires", "2026-11-10T00:00:00Z".into()),
    )?;
    let prolonged = {
        let proof = expired.get("proof").cloned().unwrap_or_default();
        with(
            &expired,
            "proof",
            with(&proof, "expires", "2099-01-01T00:00:00Z".into()),
        )
    };
    let unexpired = {
        let proof = expired.get("proof").cloned().unwrap_or_default();
        with(&expired, "proof", without(&proof, "expires"))
    };
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let thiefs = thief.sign(&good)?.get("proof").cloned().unwrap_or_default();
    let false_proof = with(&thiefs, "created", "2026-11-02T09:00:00Z".into());
    let chained = ed.sign_with(&good, with(&options, "previousProof", "urn:uuid:2".into()))?;
    Ok(refusals(
        &["VC-02"],
        ED,
        vec![
            (
                "proof-created-changed",
                "The proof's time is changed",
                "증명의 생성 시각을 바꾸었다",
                changed("created", "2026-11-02T09:00:00Z".into()),
                &["signature"],
            ),
            (
                "proof-option-added",
                "An option is added to the proof",
                "증명에 옵션을 추가했다",
                changed("nonce", "1".into()),
                &["signature"],
            ),
            (
                "proof-created-removed",
                "The proof's time is removed",
                "증명의 생성 시각을 지웠다",
                verify_input(&with(&signed, "proof", without(&proof, "created"))),
                &["signature"],
            ),
            (
                "proof-context-removed",
                "The proof's context is removed",
                "증명의 컨텍스트를 지웠다",
                verify_input(&with(&signed, "proof", without(&proof, "@context"))),
                &["signature"],
            ),
            (
                "proof-relabelled",
                "A proof for authentication is relabelled as an assertion",
                "인증용 증명의 목적을 바꾸어 적었다",
                {
                    let auth = ed.sign_with(
                        &good,
                        with(&options, "proofPurpose", "authentication".into()),
                    )?;
                    let proof = auth.get("proof").cloned().unwrap_or_default();
                    verify_input(&with(
                        &auth,
                        "proof",
                        with(&proof, "proofPurpose", "assertionMethod".into()),
                    ))
                },
                &["signature"],
            ),
            (
                "proof-expiry-extended",
                "The proof's expiry is put off",
                "증명의 만료 시각을 늦추었다",
                verify_input(&prolonged),
                &["signature"],
            ),
            (
                "proof-expiry-removed",
                "The proof's expiry is removed",
                "증명의 만료 시각을 지웠다",
                verify_input(&unexpired),
                &["signature"],
            ),
            (
                "proof-of-another-document",
                "The proof of another credential of the same issuer",
                "같은 발급자의 다른 자격증명에서 가져온 증명",
                verify_input(&borrowed),
                &["signature"],
            ),
            (
                "proof-missing",
                "No proof",
                "증명이 없다",
                verify_input(&good),
                &["structure"],
            ),
            (
                "proof-empty",
                "An empty list of proofs",
                "빈 증명 목록",
                verify_input(&with(&good, "proof", json!([]))),
                &["structure"],
            ),
            (
                "proof-null",
                "A proof that is null",
                "null인 증명",
                verify_input(&with(&good, "proof", Value::Null)),
                &["structure"],
            ),
            (
                "proof-text",
                "A proof that is a text",
                "문자열인 증명",
                verify_input(&with(&good, "proof", "ok".into())),
                &["structure"],
            ),
            (
                "proof-without-value",
                "A proof without a value",
                "증명값이 없는 증명",
                verify_input(&with(&good, "proof", options.clone())),
                &["structure"],
            ),
            (
                "proof-without-purpose",
                "A proof without a purpose",
                "목적이 없는 증명",
                verify_input(&with(&signed, "proof", without(&proof, "proofPurpose"))),
                &["structure"],
            ),
            (
                "proof-created-no-zone",
                "A proof whose time has no zone",
                "시간대가 없는 증명 시각",
                verify_input(&ed.sign_with(
                    &good,
                    with(&options, "created", "2026-11-01T09:00:00".into()),
                )?),
                &["structure"],
            ),
            (
                "proofs-two",
                "A false proof beside a true one",
                "참 증명 옆의 거짓 증명",
                verify_input(&with(&signed, "proof", json!([proof, false_proof]))),
                &["structure", "signature"],
            ),
            (
                "proofs-two-false-first",
                "A true proof behind a false one",
                "거짓 증명 뒤의 참 증명",
                verify_input(&with(&signed, "proof", json!([false_proof, proof]))),
                &["structure", "signature"],
            ),
            (
                "proof-chained",
                "A proof that hangs on another that is not there",
                "존재하지 않는 이전 증명에 의존하는 증명",
                verify_input(&chained),
                &["structure"],
            ),
            (
                "proof-type-old",
                "Another type of proof",
                "다른 종류의 증명",
                verify_input(&old_type),
                &["signature"],
            ),
            (
                "cryptosuite-unknown",
                "A cryptosuite that was not used",
                "실제로 쓰지 않은 암호 방식",
                verify_input(&unknown_suite),
                &["signature"],
            ),
            (
                "cryptosuite-missing",
                "No cryptosuite",
                "암호 방식이 없다",
                verify_input(&no_suite),
                &["signature", "structure"],
            ),
            (
                "cryptosuite-of-other-key",
                "An Ed25519 key under the name of ECDSA",
                "ECDSA라고 적힌 Ed25519 키",
                verify_input(&claims_ecdsa),
                &["signature"],
            ),
            (
                "key-of-other-cryptosuite",
                "A P-256 key under the name of EdDSA",
                "EdDSA라고 적힌 P-256 키",
                verify_input(&wrong_suite),
                &["signature"],
            ),
            (
                "value-empty",
                "An empty proof value",
                "빈 증명값",
                valued(""),
                &["signature", "structure"],
            ),
            (
                "value-base64",
                "The proof value in base64url",
                "base64url로 적힌 증명값",
                valued(&base64),
                &["signature"],
            ),
            (
                "value-no-prefix",
                "The proof value without its prefix",
                "접두어가 없는 증명값",
                valued(proof_value.trim_start_matches('z')),
                &["signature"],
            ),
            (
                "value-space",
                "White space behind the proof value",
                "뒤에 공백이 붙은 증명값",
                valued(&format!("{proof_value} ")),
                &["signature"],
            ),
            (
                "value-leading-zero",
                "A zero byte in front of the signature",
                "앞에 0 바이트가 붙은 서명",
                valued(&proof_value.replacen('z', "z1", 1)),
                &["signature"],
            ),
            (
                "value-longer",
                "A byte behind the signature",
                "뒤에 바이트가 붙은 서명",
                verify_input(&longer),
                &["signature"],
            ),
            (
                "value-shorter",
                "A byte missing from the signature",
                "바이트가 모자라는 서명",
                verify_input(&shorter),
                &["signature"],
            ),
            (
                "value-zero",
                "A signature of zeros",
                "0으로만 된 서명",
                verify_input(&attach(&good, options.clone(), &[0; 64])),
                &["signature"],
            ),
            (
                "value-huge",
                "A proof value of a hundred thousand characters",
                "십만 글자짜리 증명값",
                valued(&format!("z{}", "2".repeat(100_000))),
                &["signature"],
            ),
        ],
    ))
}

pub(super) fn malleable_signatures() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x21)?;
    let ec = Person::new(KeyType::P256, 0x21)?;
    let good = certificate(&ed.did(), "did:example:student");
    let good_ec = certificate(&ec.did(), "did:example:student");
    let (options, options_ec) = (ed.options(&good), ec.options(&good_ec));
    let larger = attach(
        &good,
        options.clone(),
        &add_order(&ed.signature(&good, &options)?)?,
    );
    let flipped = attach(
        &good_ec,
        options_ec.clone(),
        &flip_s(&ec.signature(&good_ec, &options_ec)?)?,
    );
    let small_r = attach(&good, options.clone(), &ed.small_order_r(&good, &options)?);
    let zero_r = {
        let mut signature = ec.signature(&good_ec, &options_ec)?;
        signature.iter_mut().take(32).for_each(|b| *b = 0);
        attach(&good_ec, options_ec, &signature)
    };
    let mut cases = refusals(
        &["VC-02"],
        ED,
        vec![
            (
                "ed25519-s-plus-order",
                "An Ed25519 signature with S + L: the same number, another text",
                "S에 군의 위수를 더한 Ed25519 서명",
                verify_input(&larger),
                &["signature"],
            ),
            (
                "ed25519-small-order-r",
                "An Ed25519 signature whose R is of small order",
                "R의 위수가 작은 Ed25519 서명",
                verify_input(&small_r),
                &["signature"],
            ),
        ],
    );
    cases.extend(refusals(
        &["VC-02"],
        ec.feature(),
        vec![(
            "p256-zero-r",
            "A P-256 signature with r = 0",
            "r이 0인 P-256 서명",
            verify_input(&zero_r),
            &["signature"],
        )],
    ));
    cases.extend(
        refusals(
            &["VC-02"],
            ec.feature(),
            vec![(
                "p256-high-s",
                "A P-256 signature in its second form (high s)",
                "변형(high-s) P-256 서명",
                verify_input(&flipped),
                &["signature"],
            )],
        )
        .into_iter()
        .map(|case| case.flag("profile")),
    );
    Ok(cases)
}
