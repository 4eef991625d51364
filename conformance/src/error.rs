/// Why a run could not be made. (What a target does wrong is no error but a result.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder.
    #[error("{path}: {reason}")]
    Io {
        /// Which.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// A file of vectors that is not well formed.
    #[error("vectors, {place}: {reason}")]
    Vectors {
        /// Which file or case.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The target cannot be started or does not say hello.
    #[error("target: {reason}")]
    Target {
        /// What happened.
        reason: String,
    },
    /// The command line.
    #[error("{reason} (--help lists the options)")]
    Usage {
        /// What is wrong.
        reason: String,
    },
}

impl Error {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "conformance/io",
            Self::Vectors { .. } => "conformance/vectors",
            Self::Target { .. } => "conformance/target",
            Self::Usage { .. } => "conformance/usage",
        }
    }
}
