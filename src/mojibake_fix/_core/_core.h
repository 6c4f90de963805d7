/* What the two files of the binding share: the only ones that know Python. */
#ifndef MF_CORE_H
#define MF_CORE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "text.h"

static inline mf_text view_of(PyObject *text) {
    return (mf_text){PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text),
                     (int)PyUnicode_KIND(text)};
}

/* Add the types Model, Rescorer and Codec to the module; -1 is failure. */
int mf_add_model_types(PyObject *module);
#endif
