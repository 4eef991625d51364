use core::fmt;

/// How a credential is secured. All forms are verified by the same steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Form {
    /// A proof inside the document (Data Integrity 1.0).
    DataIntegrity,
    /// The document inside a token: VC-JOSE-COSE for VC 2.0, section 6.3.1 of VC Data Model 1.1.
    Jwt,
    /// A token whose claims are shown one by one: SD-JWT (RFC 9901).
    SdJwt,
    /// One signature for each claim, beside the one over all: OpenDID, a Korean open-source stack. Verified only.
    OpenDid,
    /// One signature over many claims, of which a proof shows some: BBS. Experimental.
    Bbs,
}

/// Whether two showings of one credential can be told to be of one credential, by the verifiers or the issuer that see
/// both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unlinkability {
    /// Every showing has the issuer's signature, which no two credentials share.
    None,
    /// Only if the issuer gives out many copies and each is shown once; the issuer can link them even so.
    PerCopy,
    /// Showings share nothing: what is shown is a zero-knowledge proof of the signature. What the shown claims give away
    /// by themselves, and a status list entry, links all the same.
    Cryptographic,
}

impl Form {
    /// All forms.
    pub const ALL: &'static [Self] = &[
        Self::DataIntegrity,
        Self::Jwt,
        Self::SdJwt,
        Self::OpenDid,
        Self::Bbs,
    ];

    /// The name in reports and policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DataIntegrity => "dataIntegrity",
            Self::Jwt => "jwt",
            Self::SdJwt => "sdJwt",
            Self::OpenDid => "openDid",
            Self::Bbs => "bbs",
        }
    }

    /// What the form gives against linking (VC-05). Only BBS proofs are zero-knowledge proofs; to hide claims is not yet
    /// to be unlinkable.
    #[must_use]
    pub const fn unlinkability(self) -> Unlinkability {
        match self {
            Self::DataIntegrity | Self::Jwt | Self::OpenDid => Unlinkability::None,
            Self::SdJwt => Unlinkability::PerCopy,
            Self::Bbs => Unlinkability::Cryptographic,
        }
    }

    /// Whether the holder can show some claims and hide others (VC-04).
    #[must_use]
    pub const fn has_selective_disclosure(self) -> bool {
        matches!(self, Self::SdJwt | Self::OpenDid | Self::Bbs)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
