// restored_array() and its kin: the plain cases of what guards do for NumPy, and tree_shape(), what they ask of trees.
#include "module/boundary.hpp"
#include "module/parts.hpp"
#include "objects/numpy_states.hpp"
#include "objects/tree_nodes.hpp"

namespace brinery {

namespace {

void expect(const char* function, Py_ssize_t expected, Py_ssize_t given) {
  if (given != expected) raise(PyExc_TypeError, "%s() takes %zd arguments (%zd given)", function, expected, given);
}

Ref or_none(Ref object) { return object ? std::move(object) : Ref::borrow(Py_None); }

PyObject* restored_array(PyObject* module, PyObject* const* args, Py_ssize_t nargs) {
  return guard([&] {
    expect("restored_array", 2, nargs);
    return Ref::borrow(restore_array(state_of_module(module), args[0], args[1]) ? Py_True : Py_False);
  });
}

PyObject* restored_dtype(PyObject* module, PyObject* const* args, Py_ssize_t nargs) {
  return guard([&] {
    expect("restored_dtype", 2, nargs);
    return Ref::borrow(restore_dtype(state_of_module(module), args[0], args[1]) ? Py_True : Py_False);
  });
}

PyObject* empty_array(PyObject* module, PyObject* const* args, Py_ssize_t nargs) {
  return guard([&] {
    expect("empty_array", 3, nargs);
    return or_none(make_empty_array(state_of_module(module), args[0], args[1], args[2]));
  });
}

PyObject* array_scalar(PyObject* module, PyObject* const* args, Py_ssize_t nargs) {
  return guard([&] {
    expect("array_scalar", 2, nargs);
    return or_none(make_scalar(state_of_module(module), args[0], args[1]));
  });
}

const char* fault_name(TreeShape::Fault fault) {
  switch (fault) {
    case TreeShape::Fault::none: return nullptr;
    case TreeShape::Fault::children: return "children";
    case TreeShape::Fault::feature: return "feature";
  }
  return nullptr;
}

PyObject* tree_shape(PyObject* /*module*/, PyObject* const* args, Py_ssize_t nargs) {
  return guard([&] {
    expect("tree_shape", 5, nargs);
    const Py_ssize_t features = check_status(PyLong_AsSsize_t(args[4]));
    const TreeShape shape = shape_of_tree(args[0], args[1], args[2], args[3], features);
    return Ref::checked(Py_BuildValue("(zn)", fault_name(shape.fault), shape.height));
  });
}

PyDoc_STRVAR(
    restored_array_doc,
    "restored_array($module, array, state, /)\n--\n\n"
    "Restore an array without items, if its state is of the usual kind and holds as many bytes, or objects, as\n"
    "its shape has room for. False, and nothing done, where it is not.");
PyDoc_STRVAR(restored_dtype_doc,
             "restored_dtype($module, dtype, state, /)\n--\n\n"
             "Restore a dtype of numbers or times, if its state says nothing but the order of the bytes. False, and\n"
             "nothing done, where it says more.");
PyDoc_STRVAR(empty_array_doc,
             "empty_array($module, cls, shape, kind, /)\n--\n\n"
             "The array without items that pickles begin with; None for arguments of another kind.");
PyDoc_STRVAR(array_scalar_doc,
             "array_scalar($module, dtype, data, /)\n--\n\n"
             "NumPy's number of a dtype, from its bytes; None where they are not as many, or it is none of numbers.");

PyDoc_STRVAR(tree_shape_doc,
             "tree_shape($module, left, right, feature, leaf, features, /)\n--\n\n"
             "What is wrong with the nodes of a tree, 'children' or 'feature', or None; and its height.\n\n"
             "The arrays have an item for each node. `leaf` is one, too, true where there are no children; or None,\n"
             "where such nodes have -1 for their left child.");

template <class Function>
PyCFunction as_function(Function function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef functions[] = {
    {"restored_array", as_function(restored_array), METH_FASTCALL, restored_array_doc},
    {"restored_dtype", as_function(restored_dtype), METH_FASTCALL, restored_dtype_doc},
    {"empty_array", as_function(empty_array), METH_FASTCALL, empty_array_doc},
    {"array_scalar", as_function(array_scalar), METH_FASTCALL, array_scalar_doc},
    {"tree_shape", as_function(tree_shape), METH_FASTCALL, tree_shape_doc},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void add_numpy(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace brinery
