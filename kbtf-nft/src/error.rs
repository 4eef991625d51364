/// What is wrong with a name, a number or what is made of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An identifier or name failed.
    #[error(transparent)]
    Did(#[from] kbtf_did::Error),

    /// Something has the wrong shape.
    #[error("{place}: expected {expected}")]
    Malformed {
        /// Where, such as `token`.
        place: &'static str,
        /// What was expected there.
        expected: &'static str,
    },

    /// A file that is not what its CID says.
    #[error("the file is not what its content identifier says")]
    OtherContent,
}

impl Error {
    /// The stable code, such as `nft/malformed`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Did(error) => error.code(),
            Self::Malformed { .. } => "nft/malformed",
            Self::OtherContent => "nft/other-content",
        }
    }
}

pub(crate) const fn malformed(place: &'static str, expected: &'static str) -> Error {
    Error::Malformed { place, expected }
}
