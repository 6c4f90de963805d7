/* The binding of pieces. */
#include "_core.h"
#include "lattice.h"
#include "pieces.h"

/* Read [(start, end), ...] of pieces; `length` becomes the sum of their lengths. */
static int read_joints(PyObject *list, const mf_known *known, mf_joint *joints, size_t *length) {
    size_t last = *length = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        mf_joint *here = &joints[i];
        if (!PyArg_ParseTuple(PyList_GET_ITEM(list, i), "nn", &here->start, &here->end)) return 0;
        if (here->start < last || here->end < here->start || here->end > known->observed.length) {
            PyErr_SetString(PyExc_ValueError, "pieces must be in order, and in the text");
            return 0;
        }
        last = here->end;
        *length += here->end - here->start;
    }
    return 1;
}

static PyObject *joined_tuple(const mf_joint *joints, size_t count, const uint32_t *text,
                              const uint8_t *given, size_t length) {
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *item = Py_BuildValue("nnn", (Py_ssize_t)joints[i].begin,
                                       (Py_ssize_t)joints[i].stop, (Py_ssize_t)joints[i].at);
        if (item) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, item);
        } else {
            Py_CLEAR(list);
        }
    }
    PyObject *joined = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, text, (Py_ssize_t)length);
    return Py_BuildValue("Ny#N", joined, (const char *)given, (Py_ssize_t)length, list);
}

PyObject *mf_join_pieces(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *observed, *text, *list, *result = NULL;
    Py_buffer starts, ends, shifts;
    Py_ssize_t context;
    if (!PyArg_ParseTuple(args, "UUy*y*y*O!n", &observed, &text, &starts, &ends, &shifts,
                          &PyList_Type, &list, &context)) {
        return NULL;
    }
    const mf_known known = {view_of(observed), view_of(text), starts.buf,
                            ends.buf,          shifts.buf,    (size_t)starts.len / sizeof(int64_t)};
    size_t count = (size_t)PyList_GET_SIZE(list), length;
    mf_joint *joints = PyMem_Calloc(count + 1, sizeof *joints);
    if (!joints) {
        PyErr_NoMemory();
    } else if (ends.len != starts.len || shifts.len != starts.len || context < 0 ||
               context > UINT16_MAX) {
        PyErr_SetString(PyExc_ValueError, "each span has a start, an end and a shift");
    } else if (read_joints(list, &known, joints, &length)) {
        length += (count + 1) * (2 * (size_t)context + 1);
        uint32_t *code_points = PyMem_Malloc(length * sizeof *code_points);
        uint8_t *given = PyMem_Malloc(length);
        if (code_points && given) {
            length = mf_join(&known, joints, count, (size_t)context, code_points, given);
            result = joined_tuple(joints, count, code_points, given, length);
        } else {
            PyErr_NoMemory();
        }
        PyMem_Free(code_points);
        PyMem_Free(given);
    }
    PyMem_Free(joints);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&ends);
    PyBuffer_Release(&shifts);
    return result;
}

/* Read [(at, end, run_end, begin, stop), ...]. */
static int read_pieces(PyObject *list, const mf_reading *reading, mf_piece *pieces) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        mf_piece *piece = &pieces[i];
        if (!PyArg_ParseTuple(PyList_GET_ITEM(list, i), "nnnnn", &piece->at, &piece->end,
                              &piece->run_end, &piece->begin, &piece->stop)) {
            return 0;
        }
        if (piece->end < piece->at || piece->end > reading->observed.length ||
            piece->stop < piece->begin || piece->stop > reading->original.length) {
            PyErr_SetString(PyExc_ValueError, "pieces must be in both texts");
            return 0;
        }
    }
    return 1;
}

static double nats(uint64_t units) {
    return (double)units / MF_MODEL_UNITS_PER_NAT;
}

PyObject *mf_judge_pieces(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object, *observed, *original, *list, *result = NULL;
    Py_buffer starts, flags;
    if (!PyArg_ParseTuple(args, "OUUy*y*O!", &object, &observed, &original, &starts, &flags,
                          &PyList_Type, &list)) {
        return NULL;
    }
    const mf_model *model = mf_model_of(object);
    const mf_reading reading = {view_of(observed), view_of(original), starts.buf, flags.buf};
    size_t count = (size_t)PyList_GET_SIZE(list), length = reading.original.length;
    mf_piece *pieces = PyMem_Calloc(count + 1, sizeof *pieces);
    if (!pieces) PyErr_NoMemory();
    if (!pieces || !model) {
        /* an error is set */
    } else if ((size_t)starts.len != length * sizeof(uint32_t) || (size_t)flags.len != length) {
        PyErr_SetString(PyExc_ValueError, "each code point has a start, and flags");
    } else if (read_pieces(list, &reading, pieces)) {
        int ok;
        Py_BEGIN_ALLOW_THREADS ok = mf_judge(model, &reading, pieces, count);
        Py_END_ALLOW_THREADS result = ok ? PyList_New((Py_ssize_t)count) : PyErr_NoMemory();
    }
    for (size_t i = 0; result && i < count; i++) {
        const mf_piece *piece = &pieces[i];
        PyObject *item =
            Py_BuildValue("IIddd", piece->restored, piece->strange, nats(piece->written),
                          nats(piece->meant), nats(piece->and_rest));
        if (item) {
            PyList_SET_ITEM(result, (Py_ssize_t)i, item);
        } else {
            Py_CLEAR(result);
        }
    }
    PyMem_Free(pieces);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&flags);
    return result;
}

/* Find the stretches of a reading that do not stand as written; `stretches` takes them unless it is
   NULL. Returns how many there are. */
static size_t find_stretches(const mf_reading *reading, mf_piece *stretches) {
    size_t length = reading->original.length, count = 0;
    for (size_t begin = 0, at; begin < length; begin = at) {
        for (at = begin; at < length && !(reading->flags[at] & MF_LITERAL); at++) {
        }
        if (at > begin) {
            size_t end = at < length ? reading->starts[at] : reading->observed.length;
            mf_piece found = {.at = reading->starts[begin], .begin = begin, .stop = at};
            found.end = found.run_end = end;
            if (stretches) stretches[count] = found;
            count++;
        }
        for (; at < length && reading->flags[at] & MF_LITERAL; at++) {
        }
    }
    return count;
}

/* Are the starts of a reading in order, and in what is observed? */
static int are_in_order(const mf_reading *reading) {
    uint32_t last = 0;
    for (size_t i = 0; i < reading->original.length; i++) {
        if (reading->starts[i] < last || reading->starts[i] > reading->observed.length) return 0;
        last = reading->starts[i];
    }
    return 1;
}

/* A stretch as a tuple; see the docstring. */
static PyObject *stretch_tuple(const mf_piece *piece, PyObject *observed, PyObject *original,
                               const double *posteriors) {
    double least = 1;
    for (size_t i = piece->begin; i < piece->stop; i++) {
        if (posteriors[i] < least) least = posteriors[i];
    }
    PyObject *there = PyUnicode_Substring(observed, (Py_ssize_t)piece->at, (Py_ssize_t)piece->end);
    PyObject *meant =
        PyUnicode_Substring(original, (Py_ssize_t)piece->begin, (Py_ssize_t)piece->stop);
    PyObject *item = NULL;
    if (there && meant) {
        item = Py_BuildValue("nnnnOOddd", piece->at, piece->end, piece->begin, piece->stop, there,
                             meant, nats(piece->written), nats(piece->and_rest), least);
    }
    Py_XDECREF(there);
    Py_XDECREF(meant);
    return item;
}

PyObject *mf_judge_stretches(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object, *observed, *original, *result = NULL;
    Py_buffer starts, flags, posteriors;
    if (!PyArg_ParseTuple(args, "OUUy*y*y*", &object, &observed, &original, &starts, &flags,
                          &posteriors)) {
        return NULL;
    }
    const mf_model *model = mf_model_of(object);
    const mf_reading reading = {view_of(observed), view_of(original), starts.buf, flags.buf};
    size_t length = reading.original.length, count = 0;
    mf_piece *pieces = NULL;
    if ((size_t)starts.len != length * sizeof(uint32_t) || (size_t)flags.len != length ||
        (size_t)posteriors.len != length * sizeof(double) || !are_in_order(&reading)) {
        PyErr_SetString(PyExc_ValueError,
                        "each code point has a start, in order, flags and a posterior");
    } else if (model) {
        count = find_stretches(&reading, NULL);
        pieces = PyMem_Calloc(count + 1, sizeof *pieces);
        int ok = pieces != NULL;
        if (ok) {
            find_stretches(&reading, pieces);
            Py_BEGIN_ALLOW_THREADS ok = mf_judge(model, &reading, pieces, count);
            Py_END_ALLOW_THREADS
        }
        result = ok ? PyList_New((Py_ssize_t)count) : PyErr_NoMemory();
    }
    for (size_t i = 0; result && i < count; i++) {
        PyObject *item = stretch_tuple(&pieces[i], observed, original, posteriors.buf);
        if (item) {
            PyList_SET_ITEM(result, (Py_ssize_t)i, item);
        } else {
            Py_CLEAR(result);
        }
    }
    PyMem_Free(pieces);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&flags);
    PyBuffer_Release(&posteriors);
    return result;
}

/* Put one stretch of a piece into a list. */
static int put_stretch(PyObject *list, Py_ssize_t piece, Py_ssize_t start, Py_ssize_t stop,
                       const double *posteriors) {
    double least = posteriors[start];
    for (Py_ssize_t i = start + 1; i < stop; i++) {
        if (posteriors[i] < least) least = posteriors[i];
    }
    PyObject *item = Py_BuildValue("nnnd", piece, start, stop, least);
    int put = item ? PyList_Append(list, item) : -1;
    Py_XDECREF(item);
    return put == 0;
}

PyObject *mf_restored_stretches(PyObject *module, PyObject *args) {
    (void)module;
    Py_buffer flags, posteriors;
    PyObject *pieces;
    if (!PyArg_ParseTuple(args, "y*y*O!", &flags, &posteriors, &PyList_Type, &pieces)) return NULL;
    const uint8_t *flag = flags.buf;
    PyObject *list = PyList_New(0);
    if ((size_t)posteriors.len != (size_t)flags.len * sizeof(double)) {
        PyErr_SetString(PyExc_ValueError, "each code point has flags and a posterior");
        Py_CLEAR(list);
    }
    for (Py_ssize_t i = 0; list && i < PyList_GET_SIZE(pieces); i++) {
        Py_ssize_t at, end, start;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(pieces, i), "nn", &at, &end)) Py_CLEAR(list);
        if (list && (at < 0 || end < at || end > flags.len)) {
            PyErr_SetString(PyExc_ValueError, "pieces must be in the text");
            Py_CLEAR(list);
        }
        while (list && at < end) {
            for (; at < end && flag[at] & MF_LITERAL; at++) {
            }
            for (start = at; at < end && !(flag[at] & MF_LITERAL); at++) {
            }
            if (start < at && !put_stretch(list, i, start, at, posteriors.buf)) Py_CLEAR(list);
        }
    }
    PyBuffer_Release(&flags);
    PyBuffer_Release(&posteriors);
    return list;
}
