/* The binding: Python objects in, Python objects out, and nothing else. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "layer.h"
#include "scan.h"
#include "utf8.h"

/* Below this many bytes the interpreter lock costs more to release than it gives. */
enum { WORTH_UNLOCKING = 4096 };

#define PRIOR_LIMIT (1LL << 24)
#define WEIGHT_LIMIT (1LL << 40)

static mf_text view_of(PyObject *text) {
    return (mf_text){PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text),
                     (int)PyUnicode_KIND(text)};
}

static PyObject *offset_or_none_found(size_t offset) {
    return offset == MF_NONE ? PyLong_FromLong(-1) : PyLong_FromSize_t(offset);
}

static PyObject *find_suspect(PyObject *Py_UNUSED(module), PyObject *const *args,
                              Py_ssize_t count) {
    if (count < 1 || count > 2) {
        PyErr_SetString(PyExc_TypeError, "find_suspect(data, start=0) takes one or two arguments");
        return NULL;
    }
    Py_ssize_t start = count == 2 ? PyLong_AsSsize_t(args[1]) : 0;
    if (start == -1 && PyErr_Occurred()) return NULL;
    if (start < 0) {
        PyErr_SetString(PyExc_ValueError, "start must not be negative");
        return NULL;
    }
    size_t found;
    if (PyUnicode_Check(args[0])) {
        if (PyUnicode_IS_ASCII(args[0])) return PyLong_FromLong(-1);
        mf_text text = view_of(args[0]);
        if (text.length * (size_t)text.width < WORTH_UNLOCKING) {
            found = mf_find_suspect(&text, (size_t)start);
        } else {
            Py_BEGIN_ALLOW_THREADS found = mf_find_suspect(&text, (size_t)start);
            Py_END_ALLOW_THREADS
        }
        return offset_or_none_found(found);
    }
    Py_buffer buffer;
    if (PyObject_GetBuffer(args[0], &buffer, PyBUF_SIMPLE) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS found =
        mf_find_suspect_utf8(buffer.buf, (size_t)buffer.len, (size_t)start);
    Py_END_ALLOW_THREADS PyBuffer_Release(&buffer);
    return offset_or_none_found(found);
}

static PyObject *find_invalid_utf8(PyObject *Py_UNUSED(module), PyObject *data) {
    Py_buffer buffer;
    if (PyObject_GetBuffer(data, &buffer, PyBUF_SIMPLE) < 0) return NULL;
    size_t found;
    Py_BEGIN_ALLOW_THREADS found = mf_find_invalid_utf8(buffer.buf, (size_t)buffer.len);
    Py_END_ALLOW_THREADS PyBuffer_Release(&buffer);
    return offset_or_none_found(found);
}

static PyObject *scan_without_vectors(PyObject *Py_UNUSED(module), PyObject *on) {
    int truth = PyObject_IsTrue(on);
    if (truth < 0) return NULL;
    mf_scan_without_vectors(truth);
    Py_RETURN_NONE;
}

/* Read a sequence of `count` figures, cut off at `limit`, which is far beyond any evidence. */
static int read_figures(PyObject *sequence, int64_t *figures, Py_ssize_t count, long long limit,
                        const char *name) {
    PyObject *fast = PySequence_Fast(sequence, "figures must be a sequence of int");
    if (!fast) return 0;
    int ok = PySequence_Fast_GET_SIZE(fast) == count;
    if (!ok) PyErr_Format(PyExc_ValueError, "%s must have %zd figures", name, count);
    for (Py_ssize_t i = 0; ok && i < count; i++) {
        long long figure = PyLong_AsLongLong(PySequence_Fast_GET_ITEM(fast, i));
        if (figure == -1 && PyErr_Occurred()) ok = 0;
        figures[i] = figure > limit ? limit : figure < -limit ? -limit : figure;
    }
    Py_DECREF(fast);
    return ok;
}

/* text, (log_odds, preference, (accept, misfit, most, stranger, favour)): what weigh and undo have
 * in common. */
static int read_arguments(PyObject *const *args, mf_text *text, mf_prior *prior) {
    if (!PyUnicode_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "text must be a str, not %.200s", Py_TYPE(args[0])->tp_name);
        return 0;
    }
    *text = view_of(args[0]);
    if (!PyTuple_Check(args[1]) || PyTuple_GET_SIZE(args[1]) != 3) {
        PyErr_SetString(PyExc_TypeError, "prior must be (log_odds, preference, limits)");
        return 0;
    }
    int64_t figures[2][MF_DECODERS], limits[5];
    if (!read_figures(PyTuple_GET_ITEM(args[1], 0), figures[0], MF_DECODERS, PRIOR_LIMIT,
                      "log_odds") ||
        !read_figures(PyTuple_GET_ITEM(args[1], 1), figures[1], MF_DECODERS, PRIOR_LIMIT,
                      "preference") ||
        !read_figures(PyTuple_GET_ITEM(args[1], 2), limits, 5, PRIOR_LIMIT, "limits")) {
        return 0;
    }
    for (int i = 0; i < MF_DECODERS; i++) {
        prior->log_odds[i] = (int32_t)figures[0][i];
        prior->preference[i] = (int32_t)figures[1][i];
    }
    prior->accept = (int32_t)limits[0];
    prior->misfit = (int32_t)limits[1];
    prior->most = (int32_t)limits[2];
    prior->stranger = (int32_t)limits[3];
    prior->favour = (int32_t)limits[4];
    if (prior->misfit < 0 || prior->most <= prior->misfit) {
        PyErr_SetString(PyExc_ValueError, "limits need 0 <= misfit < most");
        return 0;
    }
    return 1;
}

static PyObject *weigh(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    mf_text text;
    mf_prior prior;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "weigh(text, prior) takes two arguments");
        return NULL;
    }
    if (!read_arguments(args, &text, &prior)) return NULL;
    int64_t weights[MF_DECODERS];
    Py_BEGIN_ALLOW_THREADS mf_weigh(&text, &prior, weights);
    Py_END_ALLOW_THREADS PyObject *list = PyList_New(MF_DECODERS);
    for (int i = 0; list && i < MF_DECODERS; i++) {
        PyObject *weight = PyLong_FromLongLong(weights[i]);
        if (weight) {
            PyList_SET_ITEM(list, i, weight);
        } else {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *originals_of(const mf_edits *edits, const mf_edit *edit) {
    if (edit->flags & MF_EDIT_LOSSY) Py_RETURN_NONE;
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, edits->originals + edit->original,
                                     (Py_ssize_t)edit->count);
}

static PyObject *edit_list(const mf_edits *edits) {
    PyObject *list = PyList_New((Py_ssize_t)edits->count);
    for (size_t i = 0; list && i < edits->count; i++) {
        const mf_edit *edit = &edits->edits[i];
        PyObject *item =
            Py_BuildValue("nnNiLiii", (Py_ssize_t)edit->start, (Py_ssize_t)edit->end,
                          originals_of(edits, edit), (int)edit->decoder, (long long)edit->evidence,
                          (int)edit->odds, (int)edit->rival, (int)edit->flags);
        if (item) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, item);
        } else {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* Copy [start, end) as code points. */
static void copy(const mf_text *text, size_t start, size_t end, uint32_t *out) {
    const uint8_t *narrow = text->data;
    const uint16_t *wide = text->data;
    const uint32_t *full = text->data;
    switch (text->width) {
    case 1:
        for (size_t i = start; i < end; i++)
            *out++ = narrow[i];
        break;
    case 2:
        for (size_t i = start; i < end; i++)
            *out++ = wide[i];
        break;
    default:
        memcpy(out, full + start, (end - start) * sizeof *out);
    }
}

/* The text with its edits made, as code points; NULL when memory runs out. */
static uint32_t *edited(const mf_text *text, const mf_edits *edits, size_t *length) {
    uint32_t *out = malloc((text->length + 1) * sizeof *out); /* an original is never longer */
    if (!out) return NULL;
    size_t at = 0, to = 0;
    for (size_t i = 0; i <= edits->count; i++) {
        const mf_edit *edit = i < edits->count ? &edits->edits[i] : NULL;
        if (edit && edit->flags & MF_EDIT_LOSSY) continue;
        size_t until = edit ? edit->start : text->length;
        copy(text, at, until, out + to);
        to += until - at;
        if (!edit) break;
        memcpy(out + to, edits->originals + edit->original, edit->count * sizeof *out);
        to += edit->count;
        at = edit->end;
    }
    *length = to;
    return out;
}

static int repairs(const mf_edits *edits) {
    for (size_t i = 0; i < edits->count; i++) {
        if (!(edits->edits[i].flags & MF_EDIT_LOSSY)) return 1;
    }
    return 0;
}

static PyObject *undo(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    mf_text text;
    mf_prior prior;
    int64_t weights[MF_DECODERS];
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "undo(text, prior, weights, listed) takes four arguments");
        return NULL;
    }
    if (!read_arguments(args, &text, &prior)) return NULL;
    if (!read_figures(args[2], weights, MF_DECODERS, WEIGHT_LIMIT, "weights")) return NULL;
    int listed = PyObject_IsTrue(args[3]);
    if (listed < 0) return NULL;
    mf_edits edits = {0};
    uint32_t *out = NULL;
    size_t length = 0;
    int ok;
    Py_BEGIN_ALLOW_THREADS ok = mf_undo(&text, &prior, weights, &edits);
    if (ok && repairs(&edits)) {
        out = edited(&text, &edits, &length);
        ok = out != NULL;
    }
    Py_END_ALLOW_THREADS PyObject *result = NULL;
    if (!ok) {
        PyErr_NoMemory();
    } else {
        PyObject *repaired =
            out ? PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, (Py_ssize_t)length)
                : Py_NewRef(args[0]);
        PyObject *list = listed ? edit_list(&edits) : PyList_New(0);
        if (repaired && list) {
            result = PyTuple_Pack(2, repaired, list);
        }
        Py_XDECREF(repaired);
        Py_XDECREF(list);
    }
    free(out);
    mf_edits_free(&edits);
    return result;
}

static PyMethodDef methods[] = {
    {"find_suspect", (PyCFunction)(void (*)(void))find_suspect, METH_FASTCALL,
     "find_suspect(data, start=0)\n--\n\nOffset of the first suspect at or after start, or -1."},
    {"find_invalid_utf8", find_invalid_utf8, METH_O,
     "find_invalid_utf8(data)\n--\n\nOffset of the first byte that is not UTF-8, or -1."},
    {"scan_without_vectors", scan_without_vectors, METH_O,
     "scan_without_vectors(on)\n--\n\nScan with plain loops only: for tests."},
    {"weigh", (PyCFunction)(void (*)(void))weigh, METH_FASTCALL,
     "weigh(text, prior)\n--\n\nWhat the whole text tells of each decoder."},
    {"undo", (PyCFunction)(void (*)(void))undo, METH_FASTCALL,
     "undo(text, prior, weights, listed)\n--\n\nThe text less one layer, and its edits."},
    {NULL, NULL, 0, NULL},
};

static int add_constants(PyObject *module) {
    PyObject *names = PyTuple_New(MF_DECODERS);
    if (!names) return -1;
    for (int i = 0; i < MF_DECODERS; i++) {
        PyObject *name = PyUnicode_FromString(mf_decoder_name[i]);
        if (!name) {
            Py_DECREF(names);
            return -1;
        }
        PyTuple_SET_ITEM(names, i, name);
    }
    int failed = PyModule_AddObjectRef(module, "DECODERS", names);
    Py_DECREF(names);
    if (failed < 0) return -1;
    if (PyModule_AddIntConstant(module, "UNITS_PER_NAT", MF_UNITS_PER_NAT) < 0) return -1;
    if (PyModule_AddIntConstant(module, "LOSSY", MF_EDIT_LOSSY) < 0) return -1;
    if (PyModule_AddIntConstant(module, "SURROGATES", MF_EDIT_SURROGATES) < 0) return -1;
    return PyModule_AddIntConstant(module, "NULLS", MF_EDIT_NULLS);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)add_constants},
#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_MOD_GIL_NOT_USED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "mojibake_fix._core",
    .m_doc = "The C core: scan, runs, evidence.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__core(void) {
    return PyModuleDef_Init(&definition);
}
