//! BN254 kernels of Tierproof. Pure Rust; the Python skin is `python.rs`, behind the feature
//! `python`.
//!
//! Nothing here is constant time.

pub mod batch;
pub mod error;
pub mod group;
#[cfg(target_os = "linux")]
mod huge;
pub mod lanes;
pub mod limbs;
pub mod msm;
pub mod ntt;
mod ntt_eights;
pub mod pairing;
pub mod poseidon2;
pub mod program;
mod program_eights;
#[cfg(feature = "python")]
mod python;
pub mod scale;
pub mod vector;

pub use ark_bn254::{Fq, Fr};

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: huge::HugePages = huge::HugePages;
