//! The table of everything that can be wrong with a credential or presentation: one row a code.

use crate::Step;

/// The language of a message for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// 한국어
    Korean,
    /// English
    English,
}

macro_rules! failure_codes {
    ($($variant:ident, $code:literal, $step:ident, $problem:literal, $english:literal, $korean:literal;)*) => {
        /// Why a step of verification failed. The code of each is stable; messages may be reworded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FailureCode {
            $(#[doc = $english] $variant,)*
        }

        impl FailureCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code, such as `vc/expired`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => concat!("vc/", $code),)* }
            }

            /// The step it belongs to.
            #[must_use]
            pub const fn step(self) -> Step {
                match self { $(Self::$variant => Step::$step,)* }
            }

            /// The problem type of W3C: VC Data Model 2.0 section 7.3, Data Integrity 1.0 section 4.6,
            /// Controlled Identifiers 1.0 section 3.5.
            #[must_use]
            pub const fn problem_type(self) -> &'static str {
                match self { $(Self::$variant => $problem,)* }
            }

            /// A sentence for people.
            #[must_use]
            pub const fn message(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::English) => $english,
                    (Self::$variant, Language::Korean) => $korean,)*
                }
            }
        }
    };
}

failure_codes! {
    NotJson, "not-json", Structure, "https://www.w3.org/TR/vc-data-model#PARSING_ERROR",
        "The document is not JSON that all readers understand alike.",
        "문서가 모든 판독기가 똑같이 읽는 JSON이 아닙니다.";
    Malformed, "malformed", Structure, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "A member is missing or has the wrong shape.",
        "필수 항목이 없거나 형식이 잘못되었습니다.";
    UnknownContext, "unknown-context", Structure, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "The document uses a context that the verifier does not know.",
        "검증자가 알지 못하는 컨텍스트를 사용합니다.";
    ContextNotCovered, "context-not-covered", Structure, "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
        "The document has contexts that the proof does not cover.",
        "증명이 보호하지 않는 컨텍스트가 문서에 있습니다.";
    UnknownContextList, "unknown-context-list", Structure, "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
        "The document has contexts that the verifier knows one by one, but does not accept together.",
        "검증자가 하나씩은 알지만 함께 쓰도록 허용하지 않은 컨텍스트 목록입니다.";
    UnusableContext, "unusable-context", Structure, "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
        "A context is not one, or says what this implementation does not follow.",
        "컨텍스트의 형식이 잘못되었거나 지원하지 않는 기능을 사용합니다.";
    NotCovered, "not-covered", Structure, "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
        "The document has a member that the proof does not cover.",
        "증명이 보호하지 않는 항목이 문서에 있습니다.";
    NotCompacted, "not-compacted", Structure, "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
        "The document says something under another name or in another place than its contexts give it.",
        "컨텍스트가 정한 것과 다른 이름이나 위치로 적힌 항목이 있습니다.";
    GraphTooComplex, "graph-too-complex", Structure, "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
        "The document's statements cannot be put in order in reasonable time.",
        "문서의 내용을 합리적인 시간 안에 정규화할 수 없습니다.";
    MissingProof, "missing-proof", Structure, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The document is not signed.",
        "문서에 서명(증명)이 없습니다.";
    TooManyProofs, "too-many-proofs", Structure, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The document has more proofs than are read.",
        "문서에 증명이 너무 많습니다.";
    BrokenChain, "broken-chain", Structure, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "A proof is made upon another that is not there before it, or two proofs have one name.",
        "앞선 증명이 없거나 두 증명의 이름이 같아 증명 체인이 끊어졌습니다.";
    FormNotAccepted, "form-not-accepted", Structure, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The policy does not take documents secured in this way.",
        "정책이 이런 방식으로 보호된 문서를 받지 않습니다.";
    MalformedToken, "malformed-token", Structure, "https://www.w3.org/TR/vc-data-model#PARSING_ERROR",
        "The token is not a JWS or SD-JWT in compact form, or its header is not readable.",
        "토큰이 JWS 또는 SD-JWT 형식이 아니거나 헤더를 읽을 수 없습니다.";
    WrongTokenType, "wrong-token-type", Structure, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "The token was made for another use than this one.",
        "다른 용도로 만들어진 토큰입니다.";
    CriticalHeader, "critical-header", Structure, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "The token asks for an extension that must be understood and is not.",
        "반드시 이해해야 하는 확장을 요구하지만 지원하지 않습니다.";
    ClaimsDisagree, "claims-disagree", Structure, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "A claim of the token and a member of the credential say different things.",
        "토큰의 클레임과 자격증명의 항목이 서로 다릅니다.";
    MalformedDisclosure, "malformed-disclosure", Structure, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "A disclosure, or a place for one, has not the form of RFC 9901.",
        "공개 항목(disclosure) 또는 그 자리의 형식이 RFC 9901과 다릅니다.";
    UnknownDisclosure, "unknown-disclosure", Structure, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "A disclosure is shown that the issuer did not sign.",
        "발급자가 서명하지 않은 공개 항목이 제시되었습니다.";
    RepeatedDigest, "repeated-digest", Structure, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "A disclosure or its digest occurs twice.",
        "공개 항목 또는 그 해시가 두 번 나옵니다.";
    ClaimNameTaken, "claim-name-taken", Structure, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "A disclosure has a name that is reserved or there already.",
        "공개 항목의 이름이 예약되었거나 이미 있습니다.";
    UnsupportedHash, "unsupported-hash", Structure, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The hash algorithm of the disclosures is not supported.",
        "공개 항목의 해시 알고리즘을 지원하지 않습니다.";
    QueryNotMet, "query-not-met", Structure, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "What is shown is not what was asked for: another format, kind, issuer or value, or a claim is missing.",
        "요청한 것과 다릅니다(형식, 종류, 발급자 또는 값이 다르거나 항목이 없음).";
    ResourceChanged, "resource-changed", Structure, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "A related resource has not the digest that the document states.",
        "관련 자원의 해시가 문서에 적힌 값과 다릅니다.";
    UnknownVersion, "unknown-version", Version, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "The first context is neither that of VC 1.1 nor of VC 2.0.",
        "첫 번째 컨텍스트가 VC 1.1 또는 VC 2.0이 아닙니다.";
    MixedVersions, "mixed-versions", Version, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "VC 1.1 and VC 2.0 are mixed in one document.",
        "한 문서에 VC 1.1과 VC 2.0이 섞여 있습니다.";
    KeyNotFound, "key-not-found", KeyState, "https://w3id.org/security#INVALID_VERIFICATION_METHOD",
        "The verification method of the proof does not exist.",
        "증명에 적힌 검증 방법(키)이 존재하지 않습니다.";
    KeyUnusable, "key-unusable", KeyState, "https://w3id.org/security#INVALID_VERIFICATION_METHOD",
        "The key of the proof cannot be used.",
        "증명에 사용된 키를 쓸 수 없습니다.";
    KeyExpired, "key-expired", KeyState, "https://w3id.org/security#INVALID_VERIFICATION_METHOD",
        "The key of the proof has expired.",
        "증명에 사용된 키의 유효 기간이 지났습니다.";
    KeyRevoked, "key-revoked", KeyState, "https://w3id.org/security#INVALID_VERIFICATION_METHOD",
        "The key of the proof has been revoked.",
        "증명에 사용된 키가 폐기되었습니다.";
    DidDeactivated, "did-deactivated", KeyState, "https://w3id.org/security#INVALID_VERIFICATION_METHOD",
        "The signer's DID has been deactivated.",
        "서명자의 DID가 비활성화되었습니다.";
    PurposeMismatch, "purpose-mismatch", Relationship, "https://w3id.org/security#INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD",
        "The proof was made for another purpose.",
        "증명의 목적이 요구된 목적과 다릅니다.";
    RelationshipNotListed, "relationship-not-listed", Relationship, "https://w3id.org/security#INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD",
        "The signer does not list the key for this purpose.",
        "서명자가 이 목적으로 등록하지 않은 키입니다.";
    IssuerNotController, "issuer-not-controller", Issuer, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The issuer does not control the key that signed.",
        "서명한 키가 발급자의 것이 아닙니다.";
    UnsupportedAlgorithm, "unsupported-algorithm", Signature, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The signature algorithm of the token is not accepted.",
        "토큰의 서명 알고리즘을 받아들이지 않습니다.";
    UnsupportedProofType, "unsupported-proof-type", Signature, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The type of proof is not supported.",
        "지원하지 않는 종류의 증명입니다.";
    UnsupportedCryptosuite, "unsupported-cryptosuite", Signature, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The cryptosuite of the proof is not supported.",
        "지원하지 않는 암호 방식(cryptosuite)입니다.";
    KeyTypeMismatch, "key-type-mismatch", Signature, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The key is not of the type that the cryptosuite uses.",
        "키의 종류가 암호 방식과 맞지 않습니다.";
    MalformedSignature, "malformed-signature", Signature, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The proof value is not a signature in the form of the cryptosuite.",
        "증명값이 해당 암호 방식의 서명 형식이 아닙니다.";
    HighS, "high-s", Signature, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The ECDSA signature is in its second form (high s), which anyone can make from the first.",
        "ECDSA 서명이 누구나 만들 수 있는 변형(high-s) 형태입니다.";
    InvalidSignature, "invalid-signature", Signature, "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "The signature does not verify: the document or its proof was changed, or another key signed.",
        "서명이 맞지 않습니다. 문서나 증명이 변경되었거나 다른 키로 서명되었습니다.";
    NotYetValid, "not-yet-valid", Validity, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
        "The document is not valid yet.",
        "문서의 유효 기간이 아직 시작되지 않았습니다.";
    Expired, "expired", Validity, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
        "The document has expired.",
        "문서의 유효 기간이 지났습니다.";
    ProofFromFuture, "proof-from-future", Validity, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
        "The proof says it was made in the future.",
        "증명의 생성 시각이 미래입니다.";
    ProofExpired, "proof-expired", Validity, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
        "The proof has expired.",
        "증명의 유효 기간이 지났습니다.";
    Revoked, "revoked", Status, "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        "The credential has been revoked.",
        "자격증명이 폐기되었습니다.";
    Suspended, "suspended", Status, "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        "The credential is suspended.",
        "자격증명의 효력이 정지되었습니다.";
    UnknownStatus, "unknown-status", Status, "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        "The status list holds a value for the credential that is not defined.",
        "상태 목록의 값이 정의되지 않은 값입니다.";
    MalformedStatus, "malformed-status", Status, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "The reference to the status list is not readable.",
        "상태 목록 참조를 읽을 수 없습니다.";
    StatusListInvalid, "status-list-invalid", Status, "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        "The status list itself does not verify.",
        "상태 목록 자체가 검증되지 않습니다.";
    StatusListForeign, "status-list-foreign", Status, "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        "The status list is of another issuer, or not for this kind of status.",
        "다른 발급자의 상태 목록이거나 해당 종류의 상태 목록이 아닙니다.";
    StatusIndexOutOfRange, "status-index-out-of-range", Status, "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR",
        "The status list has no entry of this number.",
        "상태 목록에 해당 번호가 없습니다.";
    SchemaMismatch, "schema-mismatch", Schema, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "The credential does not keep its schema.",
        "자격증명이 스키마와 맞지 않습니다.";
    SchemaChanged, "schema-changed", Schema, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The schema has not the digest that the credential states.",
        "스키마의 해시가 자격증명에 적힌 값과 다릅니다.";
    ChallengeMismatch, "challenge-mismatch", Challenge, "https://w3id.org/security#INVALID_CHALLENGE_ERROR",
        "The proof does not answer this verifier's challenge: missing, old or of another session.",
        "검증자가 낸 챌린지에 대한 응답이 아닙니다(없음, 재사용 또는 다른 세션).";
    DomainMismatch, "domain-mismatch", Domain, "https://w3id.org/security#INVALID_DOMAIN_ERROR",
        "The proof is meant for another verifier.",
        "다른 검증자를 위한 증명입니다.";
    HolderNotController, "holder-not-controller", Holder, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The holder does not control the key that signed the presentation.",
        "제시문에 서명한 키가 소유자의 것이 아닙니다.";
    HolderNotSubject, "holder-not-subject", Holder, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "A credential in the presentation is about somebody else.",
        "제시된 자격증명의 주체가 제시자와 다릅니다.";
    KeyBindingMissing, "key-binding-missing", Holder, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The presenter does not show that the credential is his.",
        "제시자가 자격증명의 소유자임을 보이지 않았습니다.";
    KeyBindingInvalid, "key-binding-invalid", Holder, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The presenter's signature does not verify with the key that the issuer bound the credential to.",
        "발급자가 자격증명에 묶은 키로 제시자의 서명이 확인되지 않습니다.";
    SdHashMismatch, "sd-hash-mismatch", Holder, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The presenter signed another choice of disclosures than the one shown.",
        "제시자가 서명한 공개 항목과 제시된 공개 항목이 다릅니다.";
    IssuerNotTrusted, "issuer-not-trusted", Trust, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The issuer is not one that the verifier trusts.",
        "검증자가 신뢰하는 발급자가 아닙니다.";
    IssuerNotAuthorised, "issuer-not-authorised", Trust, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
        "The issuer may not issue credentials of this type, or not at this time.",
        "발급자가 이 종류의 자격증명을 (이 시점에) 발급할 권한이 없습니다.";
    RegistryExpired, "registry-expired", Trust, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
        "The register of trusted issuers is not valid at this time.",
        "신뢰 발급자 등록부의 유효 기간이 아닙니다.";
    AssuranceUnknown, "assurance-unknown", Assurance, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        "No level of assurance is stated that can be compared with the one asked for.",
        "요구된 보증 수준과 비교할 수 있는 보증 수준이 제시되지 않았습니다.";
    AssuranceTooLow, "assurance-too-low", Assurance, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
        "The level of assurance is not the one asked for.",
        "보증 수준이 요구된 수준에 미치지 않거나 다릅니다.";
}

impl core::fmt::Display for FailureCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}
