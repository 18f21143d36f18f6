//! Everything that can be wrong with an argument. One enum; the Python skin maps it to exceptions.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A length other than the one wanted.
    Length { what: &'static str, expected: usize, got: usize },
    /// A size that is not a power of two, or is past the field's two-adicity.
    Domain { what: &'static str, size: usize },
    /// An integer outside [0, modulus) at this index.
    Range { what: &'static str, index: usize },
    /// A point that does not lie on its curve.
    OffCurve { what: &'static str, index: usize },
    /// A point of the twist outside the subgroup of order r.
    Subgroup { index: usize },
    /// Zero has no inverse.
    ZeroDivision { index: usize },
    /// An instruction or operand that cannot run.
    Program { reason: String },
}

pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Length { what, expected, got } => {
                write!(f, "{what}: length {got}, expected {expected}")
            }
            Error::Domain { what, size } => {
                write!(f, "{what}: size {size} is not a power of two up to 2^28")
            }
            Error::Range { what, index } => {
                write!(f, "{what}: element {index} is outside [0, modulus)")
            }
            Error::OffCurve { what, index } => {
                write!(f, "{what}: point {index} is not on the curve")
            }
            Error::Subgroup { index } => {
                write!(f, "pair {index}: the G2 point is not in the subgroup of order r")
            }
            Error::ZeroDivision { index } => {
                write!(f, "element {index} is zero and has no inverse")
            }
            Error::Program { reason } => write!(f, "program: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

pub fn check_length(what: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::Length { what, expected, got })
    }
}

/// log2 of a legal domain size.
pub fn check_domain(what: &'static str, size: usize) -> Result<u32> {
    if size.is_power_of_two() && size <= 1 << 28 {
        Ok(size.trailing_zeros())
    } else {
        Err(Error::Domain { what, size })
    }
}
