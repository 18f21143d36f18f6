//! BN254 kernels of Tierproof. Pure Rust; the Python skin is `python.rs`, behind the feature
//! `python`.
//!
//! Vectors of Fr are slices in natural order; whether they are coefficients or values is the
//! caller's to know. Kernels run on all cores (`pool`), in a forked child too, and refuse with
//! `Error::Memory` what the system has no memory for. Nothing here is constant time.

#![deny(missing_docs)]
// The kernels in lanes are written for every machine and stamped on x86-64 alone.
#![cfg_attr(not(target_arch = "x86_64"), allow(unused))]

#[cfg(not(all(target_pointer_width = "64", target_endian = "little")))]
compile_error!("the arrays of elements that this crate shares want a 64-bit little-endian machine");

pub mod batch;
pub mod error;
pub mod group;
#[cfg(target_os = "linux")]
mod huge;
mod kept;
pub mod lanes;
pub mod limbs;
mod memory;
pub mod msm;
pub mod ntt;
mod ntt_eights;
pub mod pairing;
pub mod pool;
pub mod poseidon2;
pub mod program;
mod program_eights;
#[cfg(feature = "python")]
mod python;
mod reserve;
pub mod scale;
pub mod vector;

/// The fields: Fr of scalars, order r; Fq of coordinates, order p. Montgomery form.
pub use ark_bn254::{Fq, Fr};

#[cfg(target_os = "linux")]
use huge::HugePages as Memory;
#[cfg(not(target_os = "linux"))]
use std::alloc::System as Memory;

#[global_allocator]
static ALLOCATOR: reserve::Reserved<Memory> =
    reserve::Reserved { inner: Memory, reserve: &reserve::RESERVE };
