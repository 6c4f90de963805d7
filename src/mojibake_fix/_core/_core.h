/* What the files of the binding share: the only ones that know Python. */
#ifndef MF_CORE_H
#define MF_CORE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "layer.h"
#include "ways.h"

static inline mf_text view_of(PyObject *text) {
    return (mf_text){PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text),
                     (int)PyUnicode_KIND(text)};
}

/* Read (log_odds, preference, limits), the limits accept, misfit, most, stranger, favour, loss,
   most_lone, literal and agreed; 0 is failure. */
int mf_read_prior(PyObject *given, mf_prior *prior);

/* text, prior: what weigh, undo and refutes have in common; 0 is failure. */
int mf_read_arguments(PyObject *const *args, mf_text *text, mf_prior *prior);

/* Read what a document tells of each decoder; 0 is failure. */
int mf_read_weights(PyObject *given, int64_t weights[MF_DECODERS]);

/* A tuple of a type that is one, of items whose references it takes; NULL if one of them is. */
PyObject *mf_tuple_of(PyTypeObject *type, PyObject *const *items, Py_ssize_t count);

/* The two offsets that a tuple begins with; 0 is failure. */
int mf_read_bounds(PyObject *item, size_t *start, size_t *end);

/* Is a type one of tuples? If not, an error is set. */
static inline int mf_is_tuple_type(PyObject *type) {
    if (PyType_IsSubtype((PyTypeObject *)type, &PyTuple_Type)) return 1;
    PyErr_SetString(PyExc_TypeError, "the type must be one of tuples");
    return 0;
}

/* The edits of an Edits; NULL, and an error is set, if it is none. */
const mf_edits *mf_edits_of(PyObject *object);

/* The model of a Model; NULL, and an error is set, if it is none. */
const mf_model *mf_model_of(PyObject *object);

/* The codec of a Codec; NULL, and an error is set, if it is none. */
const mf_codec *mf_codec_of(PyObject *object);

/* The ways of a Ways; NULL, and an error is set, if it is none. */
const mf_ways *mf_ways_of(PyObject *object);

/* Add the types Codec and Ways to the module; -1 is failure. */
int mf_add_codec_types(PyObject *module);

/* The file of a Model. */
const Py_buffer *mf_model_buffer(PyObject *model);

/* Functions of the module; see their docstrings. */
PyObject *mf_undo_layer(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *mf_replace_spans(PyObject *module, PyObject *args);
PyObject *mf_join_pieces(PyObject *module, PyObject *args);
PyObject *mf_place_pieces(PyObject *module, PyObject *args);
PyObject *mf_put_pieces(PyObject *module, PyObject *args);
PyObject *mf_judge_pieces(PyObject *module, PyObject *args);
PyObject *mf_judge_stretches(PyObject *module, PyObject *args);
PyObject *mf_restored_stretches(PyObject *module, PyObject *args);

/* Add the type Edits to the module; -1 is failure. */
int mf_add_edits_type(PyObject *module);

/* Add the type Model to the module; -1 is failure. */
int mf_add_model_types(PyObject *module);

/* Add the type Rescorer to the module; -1 is failure. */
int mf_add_rescorer_type(PyObject *module);

/* Add the type Sieve to the module; -1 is failure. */
int mf_add_sieve_type(PyObject *module);
#endif
