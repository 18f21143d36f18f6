//! The Python skin: borrow arrays, release the interpreter lock, call a kernel, hand back a new
//! array.
//!
//! Single elements and points cross as canonical bytes (little endian for Fr, big endian for
//! points), vectors as `uint64` arrays of shape (n, 4) or (n, 8). No panic reaches Python: it is
//! caught and becomes a RuntimeError.

use crate::error::Error;
use crate::limbs::{self, flatten, view, Limbs, Point};
use crate::program::Program;
use crate::{group, msm, ntt, pairing, poseidon2, scale, vector, Fr};
use ark_ff::AdditiveGroup;
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError, PyZeroDivisionError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::panic::{catch_unwind, AssertUnwindSafe};
use tiny_keccak::{Hasher, Keccak};

type Array<'py> = Bound<'py, PyArray2<u64>>;
type Borrowed<'py> = PyReadonlyArray2<'py, u64>;
type Bytes<'py> = Bound<'py, PyBytes>;

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        match error {
            Error::ZeroDivision { .. } => PyZeroDivisionError::new_err(error.to_string()),
            _ => PyValueError::new_err(error.to_string()),
        }
    }
}

/// Run a kernel without the interpreter lock.
fn work<T: Send>(py: Python<'_>, kernel: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(kernel))) {
        Ok(result) => Ok(result?),
        Err(_) => Err(PyRuntimeError::new_err(
            "native kernel failed inside; please report the call that did it",
        )),
    }
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
    Ok(PyBytes::new(py, &work(py, || Ok(limbs::scalar_bytes(values)))?))
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
        Ok(vector::powers(limbs::scalar("base", base)?, limbs::scalar("start", start)?, length))
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
    let out = work(py, || Ok(vector::prefix_sum(values)))?;
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
    let results = work(py, || {
        let scalars = limbs::scalars("scalars", scalars)?;
        let program = Program::parse(instructions, registers, &[], &outputs, 0, scalars.len())?;
        Ok(limbs::scalar_bytes(&program.run_once(&scalars)?))
    })?;
    Ok(PyBytes::new(py, &results))
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
    let out = work(py, || {
        Ok(limbs::scalar_bytes(&vector::evaluate(&polynomials, limbs::scalar("point", point)?)))
    })?;
    Ok(PyBytes::new(py, &out))
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
fn points_to_bytes<'py>(py: Python<'py>, points: Borrowed<'py>) -> PyResult<Bytes<'py>> {
    let points = elements(&points)?;
    Ok(PyBytes::new(py, &work(py, || Ok(limbs::point_bytes(points)))?))
}

fn single(py: Python<'_>, point: Point) -> Bytes<'_> {
    PyBytes::new(py, &limbs::point_bytes(&[point]))
}

#[pyfunction]
fn msm_full<'py>(
    py: Python<'py>,
    bases: Borrowed<'py>,
    scalars: Borrowed<'py>,
) -> PyResult<Bytes<'py>> {
    let (bases, scalars) = (elements(&bases)?, elements(&scalars)?);
    Ok(single(py, work(py, || msm::msm(bases, scalars))?))
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
    let sum =
        work(py, || msm::msm_column(bases, narrow, rows, &limbs::scalars("wide values", values)?))?;
    Ok(single(py, sum))
}

#[pyfunction]
fn fixed_base<'py>(py: Python<'py>, scalars: Borrowed<'py>) -> PyResult<Array<'py>> {
    let scalars = elements(&scalars)?;
    let out = work(py, || Ok(group::fixed_base(scalars)))?;
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
    Ok(single(py, work(py, || Ok(pairing::sum(&limbs::points(points, true)?)))?))
}

#[pyfunction]
fn scale_points<'py>(py: Python<'py>, points: &[u8], scalars: &[u8]) -> PyResult<Bytes<'py>> {
    let sum = work(py, || {
        scale::scaled_sum(&limbs::points(points, true)?, &limbs::scalars("scalars", scalars)?)
    })?;
    Ok(single(py, sum))
}

#[pyfunction]
fn pairing_check(py: Python<'_>, left: &[u8], right: &[u8]) -> PyResult<bool> {
    work(py, || pairing::check(&limbs::points(left, true)?, right))
}

#[pyfunction]
fn poseidon2_many<'py>(py: Python<'py>, states: &[u8]) -> PyResult<Bytes<'py>> {
    let out = work(py, || {
        let mut words = limbs::scalars("states", states)?;
        crate::error::check_length("state words", words.len() / 3 * 3, words.len())?;
        poseidon2::permute_many(&mut words);
        Ok(limbs::scalar_bytes(&words))
    })?;
    Ok(PyBytes::new(py, &out))
}

#[pyfunction]
fn keccak256<'py>(py: Python<'py>, data: &[u8]) -> Bytes<'py> {
    let mut digest = [0u8; 32];
    let mut hasher = Keccak::v256();
    hasher.update(data);
    hasher.finalize(&mut digest);
    PyBytes::new(py, &digest)
}

/// What this build is and what it runs on.
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
    info.set_item("threads", rayon::current_num_threads())?;
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
    Ok(())
}
