//! Names of chains, accounts and assets on any of them: CAIP-2, CAIP-10 and CAIP-19 of the Chain Agnostic Standards Alliance
//! (AUT-08, NFT-11).
//!
//! ```
//! use kbtf_did::caip::{AssetId, ChainId};
//!
//! let chain: ChainId = "eip155:1".parse()?;
//! let asset: AssetId = "eip155:1/erc721:0x06012c8cf97BEaD5deAe237070F9587f8E7A266d/771769".parse()?;
//! assert_eq!(asset.chain(), &chain);
//! assert_eq!(asset.token(), Some("771769"));
//! // Addresses of eip155 mean the same in capitals and small letters: two texts, one key.
//! let small: AssetId = "eip155:1/erc721:0x06012c8cf97bead5deae237070f9587f8e7a266d/771769".parse()?;
//! assert_ne!(asset, small);
//! assert_eq!(asset.key(), small.key());
//! # Ok::<(), kbtf_did::Error>(())
//! ```

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
};
use core::{fmt, str::FromStr};

use crate::{Error, timestamp::excerpt};

fn invalid(expected: &'static str, got: &str) -> Error {
    Error::InvalidChainName {
        expected,
        got: excerpt(got),
    }
}

fn is_namespace(text: &str) -> bool {
    (3..=8).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_reference(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// An address, the reference of an asset, or a token's number.
fn is_address(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.%".contains(&b))
}

/// A chain (CAIP-2): a namespace and a reference in it, such as `eip155:1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId {
    text: String,
    /// Where the colon is.
    colon: usize,
}

impl ChainId {
    const EXPECTED: &'static str = "a chain (CAIP-2), such as eip155:1";

    /// The namespace, such as `eip155`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }

    /// The reference in it, such as `1`.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.text.get(self.colon + 1..).unwrap_or_default()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for ChainId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.split_once(':');
        match parts.filter(|(space, reference)| is_namespace(space) && is_reference(reference)) {
            Some((space, _)) => Ok(Self {
                colon: space.len(),
                text: text.to_owned(),
            }),
            None => Err(invalid(Self::EXPECTED, text)),
        }
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What two names of a thing on a chain are compared by: on `eip155` capitals say nothing (they check the address, ERC-55).
fn compared(chain: &ChainId, text: &str) -> String {
    match chain.namespace() {
        "eip155" => text.to_ascii_lowercase(),
        _ => text.to_owned(),
    }
}

macro_rules! shown_as_text {
    ($($type:ident),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text)
            }
        }
    )*};
}
shown_as_text!(AccountId, AssetId);

/// An account (CAIP-10): a chain and an address on it. Equal are equal texts; the same account is told by its
/// [key](AccountId::key).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    chain: ChainId,
    text: String,
    key: String,
}

impl AccountId {
    /// The chain.
    #[must_use]
    pub const fn chain(&self) -> &ChainId {
        &self.chain
    }

    /// The address, as it was written.
    #[must_use]
    pub fn address(&self) -> &str {
        self.text
            .get(self.chain.text.len() + 1..)
            .unwrap_or_default()
    }

    /// The text by which accounts are compared: on `eip155` in small letters.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl FromStr for AccountId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let expected =
            "an account (CAIP-10), such as eip155:1:0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb";
        let (chain, address) = text.rsplit_once(':').ok_or(invalid(expected, text))?;
        let chain: ChainId = chain.parse().map_err(|_| invalid(expected, text))?;
        match is_address(address, 128) {
            true => Ok(Self {
                key: compared(&chain, text),
                text: text.to_owned(),
                chain,
            }),
            false => Err(invalid(expected, text)),
        }
    }
}

/// A kind of asset or one of them (CAIP-19): a chain, a namespace and a reference, and for one of a kind its token. Equal are equal
/// texts; the same asset is told by its [key](AssetId::key).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId {
    chain: ChainId,
    namespace: String,
    reference: String,
    token: Option<String>,
    text: String,
    key: String,
}

impl AssetId {
    /// The chain.
    #[must_use]
    pub const fn chain(&self) -> &ChainId {
        &self.chain
    }

    /// The namespace of the asset, such as `erc721`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The reference, such as the address of a contract, as it was written.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Which of the kind.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The text by which assets are compared: on `eip155` in small letters.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl FromStr for AssetId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            invalid(
                "an asset (CAIP-19), such as eip155:1/erc721:0x06012c8cf97bead5deae237070f9587f8e7a266d/771769",
                text,
            )
        };
        let mut parts = text.split('/');
        let (Some(chain), Some(kind)) = (parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let token = parts.next();
        let chain: ChainId = chain.parse().map_err(|_| wrong())?;
        let (namespace, reference) = kind.split_once(':').ok_or_else(wrong)?;
        let fits = is_namespace(namespace)
            && is_address(reference, 128)
            && token.is_none_or(|token| is_address(token, 78))
            && parts.next().is_none();
        match fits {
            true => Ok(Self {
                namespace: namespace.to_owned(),
                reference: reference.to_owned(),
                token: token.map(ToString::to_string),
                key: compared(&chain, text),
                text: text.to_owned(),
                chain,
            }),
            false => Err(wrong()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The test cases of CAIP-2, CAIP-10 and CAIP-19.
    #[test]
    fn names_of_the_standards() {
        for chain in [
            "eip155:1",
            "bip122:000000000019d6689c085ae165831e93",
            "bip122:12a765e31ffd4059bada1e25190f6e98",
            "cosmos:cosmoshub-2",
            "cosmos:Binance-Chain-Tigris",
            "cosmos:iov-mainnet",
            "starknet:SN_GOERLI",
            "lip9:9ee11e9df416b18b",
            "chainstd:8c3444cf8970a9e41a706fab93e7a6c4",
        ] {
            let read: ChainId = chain.parse().unwrap();
            assert_eq!(
                alloc::format!("{}:{}", read.namespace(), read.reference()),
                chain
            );
            let account = alloc::format!("{chain}:128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6");
            assert_eq!(account.parse::<AccountId>().unwrap().chain(), &read);
        }
        for asset in [
            "eip155:1/slip44:60",
            "bip122:000000000019d6689c085ae165831e93/slip44:0",
            "cosmos:cosmoshub-3/slip44:118",
            "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f",
            "eip155:1/erc721:0x06012c8cf97BEaD5deAe237070F9587f8E7A266d",
            "eip155:1/erc721:0x06012c8cf97BEaD5deAe237070F9587f8E7A266d/771769",
            "hedera:mainnet/nft:0.0.55492/12",
        ] {
            assert_eq!(asset.parse::<AssetId>().unwrap().to_string(), asset);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            ":",
            "eip155",
            "eip155:",
            "EIP155:1",
            "ei:1",
            "eip155eip:1",
            "eip155:1 ",
            "eip155:가",
            "eip155:012345678901234567890123456789012",
        ] {
            assert_eq!(
                text.parse::<ChainId>().unwrap_err().code(),
                "did/invalid-chain-name"
            );
            let account = alloc::format!("{text}:0x00");
            assert!(
                account.parse::<AccountId>().is_err() || text.is_empty(),
                "{account}"
            );
            assert!(
                alloc::format!("{text}/slip44:60")
                    .parse::<AssetId>()
                    .is_err()
            );
        }
        for text in [
            "eip155:1/",
            "eip155:1/erc721",
            "eip155:1/erc721:",
            "eip155:1/erc721:0x1/",
            "eip155:1/erc721:0x1/1/2",
            "eip155:1/erc721:0x_1",
            "eip155:1/ERC721:0x1",
        ] {
            assert!(text.parse::<AssetId>().is_err(), "{text}");
        }
    }

    #[test]
    fn capitals_count_where_the_chain_says_so() {
        let account = |text: &str| text.parse::<AccountId>().unwrap();
        let is_same = |one, two| account(one).key() == account(two).key();
        assert!(is_same("eip155:1:0xAB", "eip155:1:0xab"));
        assert!(!is_same("eip155:2:0xAB", "eip155:1:0xab"));
        assert!(!is_same("solana:main:AB", "solana:main:ab"));
        // Two texts in something signed are two things.
        assert_ne!(account("eip155:1:0xAB"), account("eip155:1:0xab"));
        assert_eq!(account("eip155:1:0xAB").address(), "0xAB");
    }
}
