#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

pub mod abi;
mod address;
pub mod certificate;
pub mod content;
pub mod erc721;
mod error;
pub mod index;
mod token_id;

pub use address::Address;
pub use error::Error;
pub use token_id::TokenId;
