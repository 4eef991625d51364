#![doc = include_str!("../README.md")]

pub mod cases;
pub mod emit;
mod error;
pub mod judge;
pub mod protocol;
pub mod report;
pub mod requirements;
pub mod runner;
pub mod suite;
pub mod target;
pub mod vc_api;

pub use error::Error;
