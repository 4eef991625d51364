use alloc::string::String;
use core::fmt;

use crate::timestamp::excerpt;

/// A legacy form that was read all the same (프로파일 경고): Korean deployments still use it, today's standards have a
/// better one. It says where it stands, so that whoever wrote the document can mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileWarning {
    place: String,
    form: LegacyForm,
}

/// Which legacy form was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LegacyForm {
    /// No `@context`. Allowed in `application/did+json`; K-BTF asks for one (DID-01).
    MissingContext,
    /// Keys under `publicKey`, as before DID Core 1.0, instead of `verificationMethod`.
    PublicKeyArray,
    /// A relationship names a key by an object with its id alone, as before DID Core 1.0, instead of by a string.
    ReferenceObject,
    /// A verification-method type older than `Multikey` and `JsonWebKey` (Controlled Identifiers 1.0 section 2.2).
    VerificationMethodType,
    /// A key as `publicKeyBase58`.
    Base58Key,
    /// A key as `publicKeyPem`.
    PemKey,
    /// A key as `publicKeyHex`.
    HexKey,
    /// A key in `publicKeyMultibase` without its multicodec header, or in a base that Multikey does not have.
    HeaderlessMultibaseKey,
    /// The id of a verification method has a query before its fragment.
    QueryBeforeFragment,
}

impl LegacyForm {
    /// The stable code, such as `did/legacy-base58-key`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MissingContext => "did/legacy-missing-context",
            Self::PublicKeyArray => "did/legacy-public-key-array",
            Self::ReferenceObject => "did/legacy-reference-object",
            Self::VerificationMethodType => "did/legacy-verification-method-type",
            Self::Base58Key => "did/legacy-base58-key",
            Self::PemKey => "did/legacy-pem-key",
            Self::HexKey => "did/legacy-hex-key",
            Self::HeaderlessMultibaseKey => "did/legacy-headerless-multibase-key",
            Self::QueryBeforeFragment => "did/legacy-query-before-fragment",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::MissingContext => "no @context; K-BTF asks for one",
            Self::PublicKeyArray => {
                "keys under publicKey; they belong under verificationMethod (DID Core section 5.2)"
            }
            Self::ReferenceObject => {
                "an object with an id alone; a reference is a string (DID Core section 5.3)"
            }
            Self::VerificationMethodType => {
                "an old type; Multikey and JsonWebKey are the types of Controlled Identifiers 1.0"
            }
            Self::Base58Key => "publicKeyBase58; today's member is publicKeyMultibase",
            Self::PemKey => "publicKeyPem; today's members are publicKeyJwk and publicKeyMultibase",
            Self::HexKey => "publicKeyHex; today's member is publicKeyMultibase",
            Self::HeaderlessMultibaseKey => {
                "publicKeyMultibase without a multicodec header, or in a base other than z and u"
            }
            Self::QueryBeforeFragment => "an id with a query before its fragment",
        }
    }
}

impl ProfileWarning {
    pub(crate) fn new(place: &str, form: LegacyForm) -> Self {
        Self {
            place: excerpt(place),
            form,
        }
    }

    /// Where in the document, such as `verificationMethod[0]`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What stands there.
    #[must_use]
    pub const fn form(&self) -> LegacyForm {
        self.form
    }

    /// The stable code; see [`LegacyForm::code`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.form.code()
    }
}

impl fmt::Display for ProfileWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.form.advice())
    }
}
