/* What the files of the binding share: the only ones that know Python. */
#ifndef MF_CORE_H
#define MF_CORE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "layer.h"

static inline mf_text view_of(PyObject *text) {
    return (mf_text){PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text),
                     (int)PyUnicode_KIND(text)};
}

/* Read (log_odds, preference, (accept, misfit, most, stranger, favour)); 0 is failure. */
int mf_read_prior(PyObject *given, mf_prior *prior);

/* Add the types Model, Rescorer and Codec to the module; -1 is failure. */
int mf_add_model_types(PyObject *module);

/* Add the type Sieve to the module; -1 is failure. */
int mf_add_sieve_type(PyObject *module);
#endif
