//! Everything that can be wrong with a call. One enum; the Python skin maps it to exceptions.

use std::fmt;

/// Why a kernel gave no result. `what` names the argument, `index` the first element that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A length other than the one wanted.
    Length {
        /// The argument.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        got: usize,
    },
    /// A size that is not a power of two, or is past the field's two-adicity of 28.
    Domain {
        /// The argument.
        what: &'static str,
        /// Its length.
        size: usize,
    },
    /// An integer outside [0, modulus), or a row outside a column.
    Range {
        /// The argument.
        what: &'static str,
        /// The element.
        index: usize,
    },
    /// A point that does not lie on its curve.
    OffCurve {
        /// The argument.
        what: &'static str,
        /// The point.
        index: usize,
    },
    /// A point of the twist outside the subgroup of order r.
    Subgroup {
        /// The pair it belongs to.
        index: usize,
    },
    /// Zero has no inverse.
    ZeroDivision {
        /// The first zero.
        index: usize,
    },
    /// An instruction or operand that cannot run.
    Program {
        /// Which, and why.
        reason: String,
    },
    /// The system gave no memory for an array; nothing is wrong with the arguments.
    Memory {
        /// The size of the array in bytes, `usize::MAX` if it is larger than any address.
        bytes: usize,
    },
}

/// What a kernel gives.
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
            Error::Memory { bytes } => write!(f, "no memory for {bytes} bytes more"),
        }
    }
}

impl std::error::Error for Error {}

/// `Error::Length` unless both are equal.
pub fn check_length(what: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::Length { what, expected, got })
    }
}

/// log2 of a legal domain size; `Error::Domain` unless it is a power of two up to 2^28.
pub fn check_domain(what: &'static str, size: usize) -> Result<u32> {
    if size.is_power_of_two() && size <= 1 << 28 {
        Ok(size.trailing_zeros())
    } else {
        Err(Error::Domain { what, size })
    }
}
