/* The binding of pieces. */
#include "_core.h"
#include "lattice.h"
#include "pieces.h"

/* Where pieces are, as rows of int64_t: at, end, run_end, begin, stop; see `mf_piece`. */
enum { BOUNDS = 5 };

/* A row of figures that is to be filled. */
static int64_t *row_of(PyObject **bytes, size_t count) {
    *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(int64_t)));
    return *bytes ? (int64_t *)(void *)PyBytes_AS_STRING(*bytes) : NULL;
}

int mf_read_bounds(PyObject *item, size_t *start, size_t *end) {
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) < 2) {
        PyErr_SetString(PyExc_TypeError, "a tuple must begin with two offsets");
        return 0;
    }
    *start = PyLong_AsSize_t(PyTuple_GET_ITEM(item, 0));
    *end = PyLong_AsSize_t(PyTuple_GET_ITEM(item, 1));
    return !PyErr_Occurred();
}

/* Read pieces, and where their runs end; `length` becomes the sum of their lengths. */
static int read_joints(PyObject *list, const mf_known *known, mf_joint *joints, size_t *run_ends,
                       size_t *length) {
    size_t last = *length = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        mf_joint *here = &joints[i];
        PyObject *piece = PyList_GET_ITEM(list, i);
        if (!mf_read_bounds(piece, &here->start, &here->end)) return 0;
        run_ends[i] =
            PyTuple_GET_SIZE(piece) > 2 ? PyLong_AsSize_t(PyTuple_GET_ITEM(piece, 2)) : here->end;
        if (PyErr_Occurred()) return 0;
        if (here->start < last || here->end < here->start || here->end > known->observed.length ||
            run_ends[i] < here->start) {
            PyErr_SetString(PyExc_ValueError, "pieces must be in order, and in the text");
            return 0;
        }
        last = here->end;
        *length += here->end - here->start;
    }
    return 1;
}

static PyObject *joined_tuple(const mf_joint *joints, const size_t *run_ends, size_t count,
                              const uint32_t *text, const uint8_t *given, size_t length) {
    PyObject *begins, *stops, *bounds;
    int64_t *begin = row_of(&begins, count), *stop = row_of(&stops, count);
    int64_t *bound = row_of(&bounds, BOUNDS * count);
    for (size_t i = 0; begin && stop && bound && i < count; i++, bound += BOUNDS) {
        const mf_joint *here = &joints[i];
        begin[i] = (int64_t)here->begin;
        stop[i] = (int64_t)here->stop;
        bound[0] = (int64_t)here->at;
        bound[1] = (int64_t)(here->at + here->end - here->start);
        bound[2] = (int64_t)(here->at + run_ends[i] - here->start);
        bound[3] = bound[4] = 0;
    }
    PyObject *items[] = {
        PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, text, (Py_ssize_t)length),
        PyBytes_FromStringAndSize((const char *)given, (Py_ssize_t)length),
        begins,
        stops,
        bounds,
    };
    return mf_tuple_of(&PyTuple_Type, items, sizeof items / sizeof *items);
}

/* observed, text, edits, pieces, context */
PyObject *mf_join_pieces(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *observed, *text, *object, *list, *result = NULL;
    Py_ssize_t context;
    if (!PyArg_ParseTuple(args, "UUOO!n", &observed, &text, &object, &PyList_Type, &list,
                          &context)) {
        return NULL;
    }
    const mf_known known = {view_of(observed), view_of(text), mf_edits_of(object)};
    if (!known.edits) return NULL;
    size_t count = (size_t)PyList_GET_SIZE(list), length;
    mf_joint *joints = PyMem_Calloc(count + 1, sizeof *joints);
    size_t *run_ends = PyMem_New(size_t, count + 1);
    if (!joints || !run_ends) {
        PyErr_NoMemory();
    } else if (context < 0 || context > UINT16_MAX) {
        PyErr_SetString(PyExc_ValueError, "context must be from 0 to 65535");
    } else if (read_joints(list, &known, joints, run_ends, &length)) {
        length += (count + 1) * (2 * (size_t)context + 1);
        uint32_t *code_points = PyMem_Malloc(length * sizeof *code_points);
        uint8_t *given = PyMem_Malloc(length);
        if (code_points && given) {
            length = mf_join(&known, joints, count, (size_t)context, code_points, given);
            result = joined_tuple(joints, run_ends, count, code_points, given, length);
        } else {
            PyErr_NoMemory();
        }
        PyMem_Free(code_points);
        PyMem_Free(given);
    }
    PyMem_Free(joints);
    PyMem_Free(run_ends);
    return result;
}

/* Read where pieces are; NULL, and an error is set, if they are not in order, and in the texts. */
static mf_piece *read_pieces(const Py_buffer *bounds, size_t observed, size_t original,
                             size_t *count) {
    *count = (size_t)bounds->len / (BOUNDS * sizeof(int64_t));
    mf_piece *pieces = PyMem_Calloc(*count + 1, sizeof *pieces);
    if (!pieces) PyErr_NoMemory();
    const int64_t *bound = bounds->buf;
    size_t last = 0, stop = 0;
    for (size_t i = 0; pieces && i < *count; i++, bound += BOUNDS) {
        mf_piece *piece = &pieces[i];
        piece->at = (size_t)bound[0];
        piece->end = (size_t)bound[1];
        piece->run_end = (size_t)bound[2];
        piece->begin = (size_t)bound[3];
        piece->stop = (size_t)bound[4];
        if (piece->at < last || piece->end < piece->at || piece->end > observed ||
            piece->begin < stop || piece->stop < piece->begin || piece->stop > original) {
            PyErr_SetString(PyExc_ValueError, "pieces must be in order, and in both texts");
            PyMem_Free(pieces);
            return NULL;
        }
        last = piece->end;
        stop = piece->stop;
    }
    return pieces;
}

/* starts, bounds: the same bounds, with begin and stop */
PyObject *mf_place_pieces(PyObject *module, PyObject *args) {
    (void)module;
    Py_buffer starts, bounds;
    if (!PyArg_ParseTuple(args, "y*y*", &starts, &bounds)) return NULL;
    PyObject *result = NULL;
    size_t count, length = (size_t)starts.len / sizeof(uint32_t);
    mf_piece *pieces = read_pieces(&bounds, SIZE_MAX, length, &count);
    if (pieces) {
        mf_place_originals(starts.buf, length, pieces, count);
        result = PyBytes_FromStringAndSize(bounds.buf, bounds.len);
        int64_t *bound = result ? (int64_t *)(void *)PyBytes_AS_STRING(result) : NULL;
        for (size_t i = 0; result && i < count; i++, bound += BOUNDS) {
            bound[3] = (int64_t)pieces[i].begin;
            bound[4] = (int64_t)pieces[i].stop;
        }
    }
    PyMem_Free(pieces);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&bounds);
    return result;
}

/* Read what takes the place of what; 0, and an error is set, if it is not in the texts. */
static int read_parts(const mf_piece *pieces, size_t count, const int64_t *begins,
                      const int64_t *stops, size_t length, mf_exchange *parts) {
    size_t last = 0;
    for (size_t i = 0; i < count; i++) {
        parts[i] =
            (mf_exchange){(size_t)begins[i], (size_t)stops[i], pieces[i].begin, pieces[i].stop};
        if (parts[i].start < last || parts[i].end < parts[i].start || parts[i].end > length) {
            PyErr_SetString(PyExc_ValueError, "parts must be in order, and in the text");
            return 0;
        }
        last = parts[i].end;
    }
    return 1;
}

/* text, begins, stops, original, bounds: the document, and where the pieces begin in it */
PyObject *mf_put_pieces(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *text_object, *original_object, *offsets = NULL, *document = NULL;
    Py_buffer begins, stops, bounds;
    if (!PyArg_ParseTuple(args, "Uy*y*Uy*", &text_object, &begins, &stops, &original_object,
                          &bounds)) {
        return NULL;
    }
    const mf_text text = view_of(text_object), original = view_of(original_object);
    size_t count, length;
    mf_piece *pieces = read_pieces(&bounds, SIZE_MAX, original.length, &count);
    mf_exchange *parts = PyMem_New(mf_exchange, count + 1);
    size_t *offset = PyMem_New(size_t, count + 1);
    uint32_t *out = PyMem_New(uint32_t, text.length + original.length + 1);
    if (!pieces) {
        /* an error is set */
    } else if (!parts || !offset || !out) {
        PyErr_NoMemory();
    } else if ((size_t)begins.len != count * sizeof(int64_t) || stops.len != begins.len) {
        PyErr_SetString(PyExc_ValueError, "each piece begins and stops in the text");
    } else if (read_parts(pieces, count, begins.buf, stops.buf, text.length, parts)) {
        length = mf_exchange_parts(&text, &original, parts, count, out, offset);
        document = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, (Py_ssize_t)length);
        int64_t *row = row_of(&offsets, count);
        for (size_t i = 0; row && i < count; i++)
            row[i] = (int64_t)offset[i];
    }
    PyMem_Free(pieces);
    PyMem_Free(parts);
    PyMem_Free(offset);
    PyMem_Free(out);
    PyBuffer_Release(&begins);
    PyBuffer_Release(&stops);
    PyBuffer_Release(&bounds);
    PyObject *items[] = {document, offsets};
    return mf_tuple_of(&PyTuple_Type, items, 2);
}

/* Read what is said of pieces, as `_pieces.Piece` has it. */
static int read_demands(PyObject *piece, double *need, double *most, double *favour) {
    if (!PyTuple_Check(piece) || PyTuple_GET_SIZE(piece) != 7) {
        PyErr_SetString(PyExc_TypeError, "a piece must be a tuple of 7");
        return 0;
    }
    *need = PyFloat_AsDouble(PyTuple_GET_ITEM(piece, 4));
    *most = PyFloat_AsDouble(PyTuple_GET_ITEM(piece, 5));
    *favour = PyFloat_AsDouble(PyTuple_GET_ITEM(piece, 6));
    return !PyErr_Occurred();
}

static int are_alike(const mf_text *one, const mf_text *other, size_t begin, size_t stop) {
    while (begin < stop && mf_at(one, begin) == mf_at(other, begin))
        begin++;
    return begin == stop;
}

static double nats(uint64_t units) {
    return (double)units / MF_MODEL_UNITS_PER_NAT;
}

/* What is asked of pieces. */
typedef struct {
    PyObject *pieces;
    PyTypeObject *type;
    mf_text text;
    double price;
    Py_ssize_t strange;
} demands;

/* Append the reading of a piece to a list if it was understood; see `_restore._Reading`. */
static int append_reading(PyObject *list, const demands *demands, Py_ssize_t i,
                          const mf_reading *reading, const mf_piece *judged) {
    PyObject *piece = PyList_GET_ITEM(demands->pieces, i);
    double need, most, favour;
    size_t start, end;
    if (!mf_read_bounds(piece, &start, &end) || !read_demands(piece, &need, &most, &favour)) {
        return 0;
    }
    if (!judged->restored ||
        (size_t)judged->strange * (size_t)demands->strange > judged->restored) {
        return 1;
    }
    int is_changed = demands->price != 0 &&
                     !are_alike(&demands->text, &reading->original, judged->begin, judged->stop);
    double rarer = is_changed ? demands->price : 0;
    double evidence = nats(judged->written) - nats(judged->and_rest) - rarer + favour;
    if (!(evidence >= need) || !(nats(judged->meant) + rarer <= most * (double)judged->worth)) {
        return 1;
    }
    PyObject *items[] = {
        Py_NewRef(piece),
        PyLong_FromSsize_t((Py_ssize_t)start - (Py_ssize_t)judged->at),
        PyLong_FromSize_t(judged->begin),
        PyLong_FromSize_t(judged->stop),
        PyFloat_FromDouble(evidence),
    };
    PyObject *item = mf_tuple_of(demands->type, items, sizeof items / sizeof *items);
    int put = item ? PyList_Append(list, item) : -1;
    Py_XDECREF(item);
    return put == 0;
}

/* model, observed, text, small, price, starts, flags, bounds, pieces, type, strange */
PyObject *mf_judge_pieces(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object, *observed, *text, *small, *type, *result = NULL;
    Py_buffer starts, flags, bounds;
    demands demands;
    if (!PyArg_ParseTuple(args, "OUUUdy*y*y*O!O!n", &object, &observed, &text, &small,
                          &demands.price, &starts, &flags, &bounds, &PyList_Type, &demands.pieces,
                          &PyType_Type, &type, &demands.strange)) {
        return NULL;
    }
    demands.type = (PyTypeObject *)type;
    demands.text = view_of(text);
    const mf_model *model = mf_model_of(object);
    const mf_reading reading = {view_of(observed), view_of(small), starts.buf, flags.buf};
    size_t count = 0, length = reading.original.length;
    mf_piece *pieces = model && mf_is_tuple_type(type)
                           ? read_pieces(&bounds, reading.observed.length, length, &count)
                           : NULL;
    if (!pieces) {
        /* an error is set */
    } else if ((size_t)starts.len != length * sizeof(uint32_t) || (size_t)flags.len != length ||
               demands.text.length != length) {
        PyErr_SetString(PyExc_ValueError, "each code point has a start, and flags");
    } else if ((size_t)PyList_GET_SIZE(demands.pieces) != count) {
        PyErr_SetString(PyExc_ValueError, "each piece has bounds");
    } else {
        int ok;
        Py_BEGIN_ALLOW_THREADS ok = mf_judge(model, &reading, pieces, count);
        Py_END_ALLOW_THREADS result = ok ? PyList_New(0) : PyErr_NoMemory();
    }
    for (size_t i = 0; result && i < count; i++) {
        if (!append_reading(result, &demands, (Py_ssize_t)i, &reading, &pieces[i])) {
            Py_CLEAR(result);
        }
    }
    PyMem_Free(pieces);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&flags);
    PyBuffer_Release(&bounds);
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

/* A piece that was understood; see `_restore._Reading`. */
typedef struct {
    Py_ssize_t end, shift;  /* of the piece; from what was decoded to what is observed */
    Py_ssize_t begin, stop; /* of its original in what was decoded */
    PyObject *evidence;
} reading;

static int read_reading(PyObject *item, Py_ssize_t length, reading *reading) {
    size_t start, end;
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 5) {
        PyErr_SetString(PyExc_TypeError, "a reading must be a tuple of 5");
        return 0;
    }
    if (!mf_read_bounds(PyTuple_GET_ITEM(item, 0), &start, &end)) return 0;
    reading->end = (Py_ssize_t)end;
    reading->shift = PyLong_AsSsize_t(PyTuple_GET_ITEM(item, 1));
    reading->begin = PyLong_AsSsize_t(PyTuple_GET_ITEM(item, 2));
    reading->stop = PyLong_AsSsize_t(PyTuple_GET_ITEM(item, 3));
    reading->evidence = PyTuple_GET_ITEM(item, 4);
    if (PyErr_Occurred()) return 0;
    if (reading->begin >= 0 && reading->stop >= reading->begin && reading->stop <= length) return 1;
    PyErr_SetString(PyExc_ValueError, "readings must be in the text");
    return 0;
}

/* What was decoded, and how what was restored of it is told. */
typedef struct {
    PyObject *text, *channel;
    Py_buffer starts, flags, posteriors;
    PyTypeObject *type;
} decoded;

/* One stretch of a reading that was restored, sure as its least posterior says. */
static PyObject *stretch_of(const decoded *decoded, const reading *reading, Py_ssize_t start,
                            Py_ssize_t stop, double least) {
    const uint32_t *starts = decoded->starts.buf;
    Py_ssize_t end =
        stop < reading->stop ? (Py_ssize_t)starts[stop] + reading->shift : reading->end;
    PyObject *items[] = {
        PyLong_FromSsize_t((Py_ssize_t)starts[start] + reading->shift),
        PyLong_FromSsize_t(end),
        PyUnicode_Substring(decoded->text, start, stop),
        Py_NewRef(decoded->channel),
        PyTuple_New(0),
        PyFloat_FromDouble(least),
        Py_NewRef(reading->evidence),
        Py_NewRef(Py_False),
    };
    return mf_tuple_of(decoded->type, items, sizeof items / sizeof *items);
}

/* Append a stretch, and what tells of it: number of its reading, start and stop. */
static int append(PyObject *stretches, PyObject *places, PyObject *stretch, Py_ssize_t number,
                  Py_ssize_t start, Py_ssize_t stop) {
    PyObject *items[] = {PyLong_FromSsize_t(number), PyLong_FromSsize_t(start),
                         PyLong_FromSsize_t(stop)};
    PyObject *place = mf_tuple_of(&PyTuple_Type, items, 3);
    int ok = stretch && place && PyList_Append(stretches, stretch) == 0 &&
             PyList_Append(places, place) == 0;
    Py_XDECREF(place);
    Py_XDECREF(stretch);
    return ok;
}

static int append_stretches(PyObject *stretches, PyObject *places, const decoded *decoded,
                            const reading *reading, Py_ssize_t number) {
    const uint8_t *flags = decoded->flags.buf;
    const double *posteriors = decoded->posteriors.buf;
    for (Py_ssize_t at = reading->begin, start; at < reading->stop;) {
        for (; at < reading->stop && flags[at] & MF_LITERAL; at++) {
        }
        double least = 1;
        for (start = at; at < reading->stop && !(flags[at] & MF_LITERAL); at++) {
            if (at == start || posteriors[at] < least) least = posteriors[at];
        }
        if (start == at) continue;
        PyObject *stretch = stretch_of(decoded, reading, start, at, least);
        if (!append(stretches, places, stretch, number, start, at)) return 0;
    }
    return 1;
}

/* text, starts, flags, posteriors, readings, type, channel */
PyObject *mf_restored_stretches(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *type, *readings;
    decoded decoded;
    if (!PyArg_ParseTuple(args, "Uy*y*y*O!O!O", &decoded.text, &decoded.starts, &decoded.flags,
                          &decoded.posteriors, &PyList_Type, &readings, &PyType_Type, &type,
                          &decoded.channel)) {
        return NULL;
    }
    decoded.type = (PyTypeObject *)type;
    Py_ssize_t length = PyUnicode_GET_LENGTH(decoded.text);
    PyObject *stretches = PyList_New(0), *places = PyList_New(0);
    int ok = stretches && places && mf_is_tuple_type(type);
    if (ok && (decoded.flags.len != length ||
               decoded.starts.len != length * (Py_ssize_t)sizeof(uint32_t) ||
               decoded.posteriors.len != length * (Py_ssize_t)sizeof(double))) {
        PyErr_SetString(PyExc_ValueError, "each code point has a start, flags and a posterior");
        ok = 0;
    }
    for (Py_ssize_t i = 0; ok && i < PyList_GET_SIZE(readings); i++) {
        reading reading;
        ok = read_reading(PyList_GET_ITEM(readings, i), length, &reading) &&
             append_stretches(stretches, places, &decoded, &reading, i);
    }
    PyBuffer_Release(&decoded.starts);
    PyBuffer_Release(&decoded.flags);
    PyBuffer_Release(&decoded.posteriors);
    if (!ok) Py_CLEAR(stretches);
    PyObject *items[] = {stretches, places};
    return mf_tuple_of(&PyTuple_Type, items, 2);
}
