//! The Python skin: borrow arrays, release the interpreter lock, call a kernel, hand back a new
//! array.
//!
//! Single elements and points cross as canonical bytes (little endian for Fr, big endian for
//! points), vectors as `uint64` arrays of shape (n, 4) or (n, 8). A panic of a kernel becomes a
//! RuntimeError, a shortage of memory a MemoryError, the inverse of zero a ZeroDivisionError, an
//! array of another shape or type a TypeError, all else a ValueError.

use crate::error::Error;
use crate::limbs::{self, flatten, view, Limbs, Point};
use crate::program::Program;
use crate::reserve::{RESERVE, THREAD};
use crate::{group, msm, ntt, pairing, pool, poseidon2, scale, vector, Fr};
use ark_ff::AdditiveGroup;
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::exceptions::{
    PyMemoryError, PyRuntimeError, PyTypeError, PyValueError, PyZeroDivisionError,
};
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::panic::{catch_unwind, AssertUnwindSafe};
use tiny_keccak::{Hasher, Keccak};

/// Bytes whose digest is worth letting others have the interpreter: about 0.1 ms.
const LONG: usize = 1 << 15;

type Array<'py> = Bound<'py, PyArray2<u64>>;
type Borrowed<'py> = PyReadonlyArray2<'py, u64>;
type Bytes<'py> = Bound<'py, PyBytes>;

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        match error {
            Error::Memory { .. } => PyMemoryError::new_err(error.to_string()),
            Error::ZeroDivision { .. } => PyZeroDivisionError::new_err(error.to_string()),
            _ => PyValueError::new_err(error.to_string()),
        }
    }
}

/// Run a kernel without the interpreter lock.
fn work<T: Send>(py: Python<'_>, kernel: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    let checked = || RESERVE.secure(THREAD).and_then(|()| kernel());
    match py.detach(|| catch_unwind(AssertUnwindSafe(checked))) {
        Ok(result) => Ok(result?),
        Err(_) => Err(PyRuntimeError::new_err(
            "native kernel failed inside; please report the call that did it",
        )),
    }
}

/// The same for a kernel that writes so many bytes.
fn bytes(
    py: Python<'_>,
    length: usize,
    kernel: impl FnOnce(&mut [u8]) -> Result<(), Error> + Send,
) -> PyResult<Bytes<'_>> {
    PyBytes::new_with(py, length, |out| work(py, || kernel(out)))
}

/// The same for a kernel that gives a point.
fn single(
    py: Python<'_>,
    kernel: impl FnOnce() -> Result<Point, Error> + Send,
) -> PyResult<Bytes<'_>> {
    bytes(py, 64, |out| limbs::write_points(&[kernel()?], out))
}

/// The elements of an array, in place.
fn elements<'a, T: Limbs>(array: &'a Borrowed<'_>) -> PyResult<&'a [T]> {
    if array.shape()[1] != T::LIMBS {
        let message =
            format!("array of shape (n, {}) wanted, (n, {}) given", T::LIMBS, array.shape()[1]);
        return Err(PyTypeError::new_err(message));
    }
    let flat = array.as_slice().map_err(|_| PyTypeError::new_err("C-contiguous array wanted"))?;
    Ok(view(flat)?)
}

fn all<'a>(arrays: &'a [Borrowed<'_>]) -> PyResult<Vec<&'a [Fr]>> {
    arrays.iter().map(elements).collect()
}

fn array<T: Limbs>(py: Python<'_>, elements: Vec<T>) -> PyResult<Array<'_>> {
    let rows = elements.len();
    PyArray1::from_vec(py, flatten(elements)).reshape([rows, T::LIMBS])
}

#[pyfunction]
fn field_from_bytes<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Array<'py>> {
    let values = work(py, || limbs::scalars("field vector", data))?;
    array(py, values)
}

#[pyfunction]
fn field_to_bytes<'py>(py: Python<'py>, values: Borrowed<'py>) -> PyResult<Bytes<'py>> {
    let values = elements(&values)?;
    bytes(py, 32 * values.len(), |out| limbs::write_scalars(values, out))
}

#[pyfunction]
fn lift<'py>(
    py: Python<'py>,
    narrow: PyReadonlyArray1<'py, u16>,
    rows: PyReadonlyArray1<'py, u64>,
    values: &[u8],
) -> PyResult<Array<'py>> {
    let (narrow, rows) = (contiguous(&narrow)?, contiguous(&rows)?);
    let out = work(py, || vector::lift(narrow, rows, &limbs::scalars("wide values", values)?))?;
    array(py, out)
}

fn contiguous<'a, T: numpy::Element>(array: &'a PyReadonlyArray1<'_, T>) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| PyTypeError::new_err("contiguous array wanted"))
}

#[pyfunction]
fn powers<'py>(py: Python<'py>, base: &[u8], start: &[u8], length: usize) -> PyResult<Array<'py>> {
    let out = work(py, || {
        vector::powers(limbs::scalar("base", base)?, limbs::scalar("start", start)?, length)
    })?;
    array(py, out)
}

#[pyfunction]
fn multiply<'py>(
    py: Python<'py>,
    left: Borrowed<'py>,
    right: Borrowed<'py>,
) -> PyResult<Array<'py>> {
    let (left, right) = (elements(&left)?, elements(&right)?);
    let out = work(py, || vector::multiply(left, right))?;
    array(py, out)
}

#[pyfunction]
fn inverse<'py>(py: Python<'py>, values: Borrowed<'py>) -> PyResult<Array<'py>> {
    let values = elements(&values)?;
    let out = work(py, || vector::inverse(values))?;
    array(py, out)
}

#[pyfunction]
fn prefix_sum<'py>(py: Python<'py>, values: Borrowed<'py>) -> PyResult<Array<'py>> {
    let values = elements(&values)?;
    let out = work(py, || vector::prefix_sum(values))?;
    array(py, out)
}

#[pyfunction]
fn linear_combination<'py>(
    py: Python<'py>,
    scalars: &[u8],
    vectors: Vec<Borrowed<'py>>,
) -> PyResult<Array<'py>> {
    let vectors = all(&vectors)?;
    let out =
        work(py, || vector::linear_combination(&limbs::scalars("scalars", scalars)?, &vectors))?;
    array(py, out)
}

#[pyfunction]
#[allow(clippy::too_many_arguments)] // one argument per field of `Program`
fn run<'py>(
    py: Python<'py>,
    instructions: PyReadonlyArray2<'py, i32>,
    registers: usize,
    queries: Vec<(i64, i64)>,
    outputs: Vec<i64>,
    columns: Vec<Borrowed<'py>>,
    scalars: &[u8],
) -> PyResult<Vec<Array<'py>>> {
    let columns = all(&columns)?;
    let instructions = instructions
        .as_slice()
        .map_err(|_| PyTypeError::new_err("C-contiguous instructions wanted"))?;
    let results = work(py, || {
        let scalars = limbs::scalars("scalars", scalars)?;
        let program = Program::parse(
            instructions,
            registers,
            &queries,
            &outputs,
            columns.len(),
            scalars.len(),
        )?;
        program.run(&columns, &scalars)
    })?;
    results.into_iter().map(|result| array(py, result)).collect()
}

#[pyfunction]
fn run_once<'py>(
    py: Python<'py>,
    instructions: PyReadonlyArray2<'py, i32>,
    registers: usize,
    outputs: Vec<i64>,
    scalars: &[u8],
) -> PyResult<Bytes<'py>> {
    let instructions = instructions
        .as_slice()
        .map_err(|_| PyTypeError::new_err("C-contiguous instructions wanted"))?;
    bytes(py, 32 * outputs.len(), |out| {
        let scalars = limbs::scalars("scalars", scalars)?;
        let program = Program::parse(instructions, registers, &[], &outputs, 0, scalars.len())?;
        limbs::write_scalars(&program.run_once(&scalars)?, out)
    })
}

/// A coset shift: a single element that is not zero.
fn nonzero(what: &'static str, bytes: &[u8]) -> Result<Fr, Error> {
    let value = limbs::scalar(what, bytes)?;
    if value == Fr::ZERO {
        return Err(Error::Range { what, index: 0 });
    }
    Ok(value)
}

#[pyfunction]
fn interpolate<'py>(py: Python<'py>, values: Borrowed<'py>, shift: &[u8]) -> PyResult<Array<'py>> {
    let values = elements(&values)?;
    let out = work(py, || ntt::interpolate(values, nonzero("coset shift (not zero)", shift)?))?;
    array(py, out)
}

#[pyfunction]
fn evaluate_on_coset<'py>(
    py: Python<'py>,
    values: Borrowed<'py>,
    shift: &[u8],
) -> PyResult<Array<'py>> {
    let values = elements(&values)?;
    let out =
        work(py, || ntt::evaluate_on_coset(values, nonzero("coset shift (not zero)", shift)?))?;
    array(py, out)
}

#[pyfunction]
fn evaluate<'py>(
    py: Python<'py>,
    polynomials: Vec<Borrowed<'py>>,
    point: &[u8],
) -> PyResult<Bytes<'py>> {
    let polynomials = all(&polynomials)?;
    bytes(py, 32 * polynomials.len(), |out| {
        limbs::write_scalars(&vector::evaluate(&polynomials, limbs::scalar("point", point)?)?, out)
    })
}

#[pyfunction]
fn interleave<'py>(
    py: Python<'py>,
    polynomials: Vec<Option<Borrowed<'py>>>,
    length: usize,
) -> PyResult<Array<'py>> {
    let polynomials: Vec<Option<&[Fr]>> = polynomials
        .iter()
        .map(|polynomial| polynomial.as_ref().map(elements).transpose())
        .collect::<PyResult<_>>()?;
    let out = work(py, || vector::interleave(&polynomials, length))?;
    array(py, out)
}

#[pyfunction]
fn divide_by_binomial<'py>(
    py: Python<'py>,
    dividend: Borrowed<'py>,
    step: usize,
    root: &[u8],
) -> PyResult<Array<'py>> {
    let dividend = elements(&dividend)?;
    let out =
        work(py, || vector::divide_by_binomial(dividend, step, limbs::scalar("root", root)?))?;
    array(py, out)
}

#[pyfunction]
fn points_from_bytes<'py>(py: Python<'py>, data: &[u8], check: bool) -> PyResult<Array<'py>> {
    let out = work(py, || limbs::points(data, check))?;
    array(py, out)
}

#[pyfunction]
fn points_from_x<'py>(py: Python<'py>, data: &[u8], greater: &[u8]) -> PyResult<Array<'py>> {
    let out = work(py, || limbs::points_from_x(data, greater))?;
    array(py, out)
}

#[pyfunction]
fn points_to_bytes<'py>(py: Python<'py>, points: Borrowed<'py>) -> PyResult<Bytes<'py>> {
    let points = elements(&points)?;
    bytes(py, 64 * points.len(), |out| limbs::write_points(points, out))
}

#[pyfunction]
fn msm_full<'py>(
    py: Python<'py>,
    bases: Borrowed<'py>,
    scalars: Borrowed<'py>,
) -> PyResult<Bytes<'py>> {
    let (bases, scalars) = (elements(&bases)?, elements(&scalars)?);
    single(py, || msm::msm(bases, scalars))
}

#[pyfunction]
fn msm_column<'py>(
    py: Python<'py>,
    bases: Borrowed<'py>,
    narrow: PyReadonlyArray1<'py, u16>,
    rows: PyReadonlyArray1<'py, u64>,
    values: &[u8],
) -> PyResult<Bytes<'py>> {
    let (bases, narrow, rows) = (elements(&bases)?, contiguous(&narrow)?, contiguous(&rows)?);
    single(py, || msm::msm_column(bases, narrow, rows, &limbs::scalars("wide values", values)?))
}

#[pyfunction]
fn fixed_base<'py>(py: Python<'py>, scalars: Borrowed<'py>) -> PyResult<Array<'py>> {
    let scalars = elements(&scalars)?;
    let out = work(py, || group::fixed_base(scalars))?;
    array(py, out)
}

#[pyfunction]
fn group_interpolate<'py>(py: Python<'py>, points: Borrowed<'py>) -> PyResult<Array<'py>> {
    let points = elements(&points)?;
    let out = work(py, || group::group_interpolate(points))?;
    array(py, out)
}

#[pyfunction]
fn add_points<'py>(py: Python<'py>, points: &[u8]) -> PyResult<Bytes<'py>> {
    single(py, || Ok(pairing::sum(&limbs::points(points, true)?)))
}

#[pyfunction]
fn scale_points<'py>(py: Python<'py>, points: &[u8], scalars: &[u8]) -> PyResult<Bytes<'py>> {
    single(py, || {
        scale::scaled_sum(&limbs::points(points, true)?, &limbs::scalars("scalars", scalars)?)
    })
}

#[pyfunction]
fn pairing_check(py: Python<'_>, left: &[u8], right: &[u8]) -> PyResult<bool> {
    work(py, || pairing::check(&limbs::points(left, true)?, right))
}

#[pyfunction]
fn poseidon2_many<'py>(py: Python<'py>, states: &[u8]) -> PyResult<Bytes<'py>> {
    bytes(py, states.len(), |out| {
        let mut words = limbs::scalars("states", states)?;
        poseidon2::permute_many(&mut words)?;
        limbs::write_scalars(&words, out)
    })
}

#[pyfunction]
fn keccak256<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Bytes<'py>> {
    let digest = |out: &mut [u8]| {
        let mut hasher = Keccak::v256();
        hasher.update(data);
        hasher.finalize(out);
    };
    PyBytes::new_with(py, 32, |out| {
        if data.len() < LONG {
            digest(out);
        } else {
            py.detach(|| digest(out));
        }
        Ok(())
    })
}

/// What this build is and what it runs on; `threads` are those that kernels have, which are fewer
/// than cores where the system gave no more.
#[pyfunction]
fn kernel_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("field", "arkworks 0.6")?;
    info.set_item(
        "assembly",
        cfg!(all(target_arch = "x86_64", target_feature = "bmi2", target_feature = "adx")),
    )?;
    info.set_item("vectors", crate::lanes::instructions().name())?;
    info.set_item("vectors_present", crate::lanes::present().name())?;
    info.set_item("threads", py.detach(pool::available))?;
    info.set_item("msm", "signed-digit Pippenger, batch-affine buckets")?;
    info.set_item("ntt", "radix 2, cached twiddles")?;
    Ok(info)
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! export {
        ($($name:ident),* $(,)?) => { $(module.add_function(wrap_pyfunction!($name, module)?)?;)* };
    }
    export!(
        field_from_bytes,
        field_to_bytes,
        lift,
        powers,
        multiply,
        inverse,
        prefix_sum,
        linear_combination,
        run,
        run_once,
        interpolate,
        evaluate_on_coset,
        evaluate,
        interleave,
        divide_by_binomial,
        points_from_bytes,
        points_from_x,
        points_to_bytes,
        msm_full,
        msm_column,
        fixed_base,
        group_interpolate,
        add_points,
        scale_points,
        pairing_check,
        poseidon2_many,
        keccak256,
        kernel_info,
    );
    // What an argument's conversion or the making of an array panics with, before a kernel or after
    // it.
    module.add("PanicException", module.py().get_type::<PanicException>())
}
