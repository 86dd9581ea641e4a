//! Values of the wire and objects of Python, both ways. Other types than Koji's clients send are refused.

use koji_core::wire::{MAX_DEPTH, Map, Value};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

/// A Python object as it is sent.
pub(crate) fn to_value(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    value_at(object, 0)
}

/// The positional arguments of a call.
pub(crate) fn to_args(objects: &Bound<'_, PyAny>) -> PyResult<Vec<Value>> {
    objects.try_iter()?.map(|item| value_at(&item?, 1)).collect()
}

/// The keyword arguments of a call, or a struct.
pub(crate) fn to_map(dict: &Bound<'_, PyDict>) -> PyResult<Map> {
    map_at(dict, 0)
}

/// An answer as Python has it: times are `xmlrpc.client.DateTime`, base64 is `bytes`.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Nil => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Double(value) => PyFloat::new(py, *value).into_any(),
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
        Value::DateTime(text) => date_time(py)?.call1((text,))?,
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| to_python(py, item)).collect::<PyResult<_>>()?;
            PyList::new(py, items)?.into_any()
        }
        Value::Struct(members) => {
            let dict = PyDict::new(py);
            for (name, member) in members {
                dict.set_item(name, to_python(py, member)?)?;
            }
            dict.into_any()
        }
    })
}

fn value_at(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > MAX_DEPTH {
        return Err(PyValueError::new_err(format!("a value nests more than {MAX_DEPTH} levels")));
    }
    if object.is_none() {
        Ok(Value::Nil)
    } else if let Ok(value) = object.cast::<PyBool>() {
        Ok(Value::Bool(value.is_true()))
    } else if let Ok(value) = object.cast::<PyInt>() {
        let told = |_| PyOverflowError::new_err(format!("{value} does not fit into 64 bits"));
        value.extract().map(Value::Int).map_err(told)
    } else if let Ok(value) = object.cast::<PyString>() {
        Ok(Value::String(value.to_cow()?.into_owned()))
    } else if let Ok(value) = object.cast::<PyDict>() {
        Ok(Value::Struct(map_at(value, depth)?))
    } else if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        items(object, depth)
    } else if let Ok(value) = object.cast::<PyFloat>() {
        Ok(Value::Double(value.value()))
    } else if let Ok(value) = object.cast::<PyBytes>() {
        Ok(Value::Bytes(value.as_bytes().to_vec()))
    } else if let Ok(value) = object.cast::<PyByteArray>() {
        Ok(Value::Bytes(value.to_vec()))
    } else {
        rare(object, depth)
    }
}

/// The types of the standard library that XML-RPC has a form for.
fn rare(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let py = object.py();
    if object.is_instance(date_time(py)?)? {
        Ok(Value::DateTime(object.getattr("value")?.extract()?))
    } else if object.is_instance(binary(py)?)? {
        Ok(Value::Bytes(object.getattr("data")?.extract()?))
    } else if object.is_instance(python_datetime(py)?)? {
        Ok(Value::DateTime(object.call_method1("strftime", ("%Y%m%dT%H:%M:%S",))?.extract()?))
    } else if object.is_instance(generator(py)?)? {
        items(object, depth)
    } else {
        let kind = object.get_type();
        Err(PyTypeError::new_err(format!("{} can't be sent to a hub", kind.fully_qualified_name()?)))
    }
}

fn items(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let items = object.try_iter()?.map(|item| value_at(&item?, depth + 1));
    items.collect::<PyResult<_>>().map(Value::Array)
}

fn map_at(dict: &Bound<'_, PyDict>, depth: usize) -> PyResult<Map> {
    let mut members = Map::with_capacity(dict.len());
    for (name, member) in dict {
        let Ok(name) = name.cast::<PyString>() else {
            return Err(PyTypeError::new_err(format!("the key {} is no string", name.repr()?)));
        };
        members.push((name.to_cow()?.into_owned(), value_at(&member, depth + 1)?));
    }
    Ok(members)
}

fn date_time(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    TYPE.import(py, "xmlrpc.client", "DateTime")
}

fn binary(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    TYPE.import(py, "xmlrpc.client", "Binary")
}

fn python_datetime(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    TYPE.import(py, "datetime", "datetime")
}

fn generator(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    TYPE.import(py, "types", "GeneratorType")
}
