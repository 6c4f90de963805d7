/* The binding of edits: Edits, and what makes them. */
#include "_core.h"
#include "broken.h"
#include <math.h>

/* The edits of a layer, which it keeps, and how long the text is. */
typedef struct {
    PyObject_HEAD mf_edits edits;
    size_t length;
} edits_object;

static PyTypeObject *edits_type;

const mf_edits *mf_edits_of(PyObject *object) {
    if (PyObject_TypeCheck(object, edits_type)) return &((edits_object *)object)->edits;
    PyErr_Format(PyExc_TypeError, "edits must be Edits, not %.200s", Py_TYPE(object)->tp_name);
    return NULL;
}

static PyObject *edits_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *text;
    static char *names[] = {"", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "U", names, &text)) return NULL;
    edits_object *self = (edits_object *)type->tp_alloc(type, 0);
    if (self) self->length = (size_t)PyUnicode_GET_LENGTH(text);
    return (PyObject *)self;
}

static void edits_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    mf_edits_free(&((edits_object *)self)->edits);
    type->tp_free(self);
    Py_DECREF(type);
}

static Py_ssize_t edits_count(PyObject *self) {
    return (Py_ssize_t)((edits_object *)self)->edits.count;
}

PyObject *mf_tuple_of(PyTypeObject *type, PyObject *const *items, Py_ssize_t count) {
    int whole = 1;
    for (Py_ssize_t i = 0; i < count; i++)
        whole &= items[i] != NULL;
    PyObject *tuple = NULL;
    if (whole) tuple = type == &PyTuple_Type ? PyTuple_New(count) : type->tp_alloc(type, count);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (tuple) {
            PyTuple_SET_ITEM(tuple, i, items[i]);
        } else {
            Py_XDECREF(items[i]);
        }
    }
    return tuple;
}

static PyObject *original_of(const mf_edits *edits, const mf_edit *edit) {
    if (edit->flags & MF_EDIT_LOSSY) Py_RETURN_NONE;
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, edits->originals + edit->original,
                                     (Py_ssize_t)edit->count);
}

static PyObject *edits_item(PyObject *self, Py_ssize_t i) {
    const mf_edits *edits = &((edits_object *)self)->edits;
    if (i < 0 || (size_t)i >= edits->count) {
        PyErr_SetString(PyExc_IndexError, "no such edit");
        return NULL;
    }
    const mf_edit *edit = &edits->edits[i];
    PyObject *items[] = {
        PyLong_FromSize_t(edit->start),
        PyLong_FromSize_t(edit->end),
        original_of(edits, edit),
        PyLong_FromLong(edit->decoder),
        PyLong_FromLongLong(edit->evidence),
        PyLong_FromLong(edit->odds),
        PyLong_FromLong(edit->rival),
        PyLong_FromLong(edit->flags),
    };
    return mf_tuple_of(&PyTuple_Type, items, sizeof items / sizeof *items);
}

/* The text that edits are of; 0 is failure. */
static int read_text(PyObject *self, PyObject *object, mf_text *text) {
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "text must be a str, not %.200s", Py_TYPE(object)->tp_name);
        return 0;
    }
    *text = view_of(object);
    if (text->length == ((edits_object *)self)->length) return 1;
    PyErr_SetString(PyExc_ValueError, "the edits are of a text of another length");
    return 0;
}

static PyObject *edits_is_lossy(PyObject *self, PyObject *Py_UNUSED(none)) {
    const mf_edits *edits = &((edits_object *)self)->edits;
    size_t i = 0;
    while (i < edits->count && !(edits->edits[i].flags & MF_EDIT_LOSSY))
        i++;
    return PyBool_FromLong(i < edits->count);
}

static PyObject *edits_is_untold(PyObject *self, PyObject *Py_UNUSED(none)) {
    return PyBool_FromLong(((edits_object *)self)->edits.is_untold);
}

static PyObject *edits_alone(PyObject *self, PyObject *Py_UNUSED(none)) {
    return PyLong_FromUnsignedLong(((edits_object *)self)->edits.alone);
}

static PyObject *edits_breaks_off(PyObject *self, PyObject *object) {
    mf_text text;
    if (!read_text(self, object, &text)) return NULL;
    int broken;
    Py_BEGIN_ALLOW_THREADS broken = mf_breaks_off(&text, &((edits_object *)self)->edits);
    Py_END_ALLOW_THREADS return PyBool_FromLong(broken);
}

/* How many edits there are by decoder and flags. */
static PyObject *edits_kinds(PyObject *self, PyObject *Py_UNUSED(none)) {
    enum { FLAGS = 8 };
    const mf_edits *edits = &((edits_object *)self)->edits;
    size_t counts[MF_DECODERS * FLAGS] = {0};
    for (size_t i = 0; i < edits->count; i++)
        counts[edits->edits[i].decoder * FLAGS + edits->edits[i].flags % FLAGS]++;
    PyObject *kinds = PyDict_New();
    for (int i = 0; kinds && i < MF_DECODERS * FLAGS; i++) {
        if (!counts[i]) continue;
        PyObject *kind = Py_BuildValue("ii", i / FLAGS, i % FLAGS);
        PyObject *count = PyLong_FromSize_t(counts[i]);
        if (!kind || !count || PyDict_SetItem(kinds, kind, count) < 0) Py_CLEAR(kinds);
        Py_XDECREF(kind);
        Py_XDECREF(count);
    }
    return kinds;
}

/* text, most: what is observed and meant of some `most` lossless edits from all over */
static PyObject *edits_lossless(PyObject *self, PyObject *args) {
    PyObject *object;
    Py_ssize_t most;
    mf_text text;
    if (!PyArg_ParseTuple(args, "Un", &object, &most) || !read_text(self, object, &text)) {
        return NULL;
    }
    if (most < 1) {
        PyErr_SetString(PyExc_ValueError, "most must be positive");
        return NULL;
    }
    const mf_edits *edits = &((edits_object *)self)->edits;
    size_t count = 0, at = 0;
    for (size_t i = 0; i < edits->count; i++)
        count += !(edits->edits[i].flags & MF_EDIT_LOSSY);
    size_t step = count / (size_t)most + 1;
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < edits->count; i++) {
        const mf_edit *edit = &edits->edits[i];
        if (edit->flags & MF_EDIT_LOSSY || at++ % step) continue;
        PyObject *items[] = {
            PyUnicode_Substring(object, (Py_ssize_t)edit->start, (Py_ssize_t)edit->end),
            original_of(edits, edit),
        };
        PyObject *item = mf_tuple_of(&PyTuple_Type, items, 2);
        if (!item || PyList_Append(list, item) < 0) Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

/* How many code points beyond ASCII the edits cover. */
static PyObject *edits_beyond_ascii(PyObject *self, PyObject *object) {
    mf_text text;
    if (!read_text(self, object, &text)) return NULL;
    const mf_edits *edits = &((edits_object *)self)->edits;
    size_t count = 0;
    for (size_t i = 0; i < edits->count; i++) {
        for (size_t at = edits->edits[i].start; at < edits->edits[i].end; at++)
            count += mf_at(&text, at) >= 0x80;
    }
    return PyLong_FromSize_t(count);
}

/* text, type, need, most, favour: the lossy runs as tuples */
static PyObject *edits_pieces(PyObject *self, PyObject *args) {
    PyObject *object, *type, *need, *most, *favour;
    mf_text text;
    if (!PyArg_ParseTuple(args, "UO!OOO", &object, &PyType_Type, &type, &need, &most, &favour) ||
        !read_text(self, object, &text) || !mf_is_tuple_type(type)) {
        return NULL;
    }
    const mf_edits *edits = &((edits_object *)self)->edits;
    mf_lossy *pieces = PyMem_New(mf_lossy, edits->count + 1);
    if (!pieces) return PyErr_NoMemory();
    size_t count;
    Py_BEGIN_ALLOW_THREADS count = mf_find_lossy(&text, edits, pieces);
    Py_END_ALLOW_THREADS PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *items[] = {
            PyLong_FromSize_t(pieces[i].start),
            PyLong_FromSize_t(pieces[i].end),
            PyLong_FromSize_t(pieces[i].run_end),
            PyLong_FromLong(pieces[i].decoder),
            Py_NewRef(need),
            Py_NewRef(most),
            Py_NewRef(favour),
        };
        PyObject *piece = mf_tuple_of((PyTypeObject *)type, items, sizeof items / sizeof *items);
        if (piece) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, piece);
        } else {
            Py_CLEAR(list);
        }
    }
    PyMem_Free(pieces);
    return list;
}

static double least_of(double one, double other) {
    return one < other ? one : other;
}

/* Posterior probability of a reading, given log odds against as written, in units, and those of its
   rival. */
static double confidence(double odds, double rival) {
    const double most_nats = 500; /* that a double can tell apart */
    double best = least_of(odds / MF_UNITS_PER_NAT, most_nats);
    double other = least_of(rival / MF_UNITS_PER_NAT, most_nats);
    double most = best > other ? best : other;
    if (most < 0) most = 0;
    return exp(best - most) / (exp(-most) + exp(best - most) + exp(other - most));
}

/* The span of an edit of a text that begins `before` code points earlier. */
static PyObject *span_of(PyTypeObject *type, PyObject *text, const mf_edits *edits,
                         const mf_edit *edit, Py_ssize_t before, PyObject *channel) {
    Py_ssize_t start = (Py_ssize_t)edit->start - before, end = (Py_ssize_t)edit->end - before;
    PyObject *items[] = {
        PyLong_FromSsize_t(start),
        PyLong_FromSsize_t(end),
        PyUnicode_Substring(text, start, end),
        original_of(edits, edit),
        Py_NewRef(channel),
        PyFloat_FromDouble((double)edit->evidence / MF_UNITS_PER_NAT),
        PyFloat_FromDouble(confidence(edit->odds, edit->rival)),
        PyTuple_New(0),
        Py_NewRef(Py_None),
    };
    return mf_tuple_of(type, items, sizeof items / sizeof *items);
}

/* Spans that take the place of lossy edits they overlap; both are in order. */
typedef struct {
    PyObject *list;
    Py_ssize_t merged; /* that stand in the result */
    Py_ssize_t passed; /* that begin before the end of an edit */
    Py_ssize_t end;    /* of the last of these */
} others;

/* Does one of the spans overlap an edit? -1 is failure. */
static int overlaps(others *others, const mf_edit *edit) {
    size_t start, end;
    while (others->passed < PyList_GET_SIZE(others->list)) {
        if (!mf_read_bounds(PyList_GET_ITEM(others->list, others->passed), &start, &end)) return -1;
        if (start >= edit->end) break;
        others->end = (Py_ssize_t)end;
        others->passed++;
    }
    return others->passed && others->end > (Py_ssize_t)edit->start;
}

/* Append the spans that begin before an offset, or there. */
static int merge(PyObject *list, others *others, size_t until) {
    size_t start, end;
    while (others->merged < PyList_GET_SIZE(others->list)) {
        PyObject *span = PyList_GET_ITEM(others->list, others->merged);
        if (!mf_read_bounds(span, &start, &end)) return 0;
        if (start > until) break;
        if (PyList_Append(list, span) < 0) return 0;
        others->merged++;
    }
    return 1;
}

/* text, before, type, name, others */
static PyObject *edits_spans(PyObject *self, PyObject *args) {
    PyObject *text, *type, *name, *channel = NULL;
    Py_ssize_t before;
    others others = {0};
    if (!PyArg_ParseTuple(args, "UnO!OO!", &text, &before, &PyType_Type, &type, &name, &PyList_Type,
                          &others.list) ||
        !mf_is_tuple_type(type)) {
        return NULL;
    }
    const mf_edits *edits = &((edits_object *)self)->edits;
    const mf_edit *last = NULL; /* that the channel is of */
    /* The collector would look at so many tuples again and again, in vain. */
    const int collects = PyGC_Disable();
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < edits->count; i++) {
        const mf_edit *edit = &edits->edits[i];
        int is_taken = edit->flags & MF_EDIT_LOSSY ? overlaps(&others, edit) : 0;
        if (is_taken > 0) continue;
        if (!channel || edit->decoder != last->decoder || edit->flags != last->flags) {
            Py_XDECREF(channel);
            channel = PyObject_CallFunction(name, "ii", edit->decoder, edit->flags);
            last = edit;
        }
        PyObject *span = NULL;
        if (is_taken == 0 && channel && merge(list, &others, edit->start)) {
            span = span_of((PyTypeObject *)type, text, edits, edit, before, channel);
        }
        if (!span || PyList_Append(list, span) < 0) Py_CLEAR(list);
        Py_XDECREF(span);
    }
    Py_XDECREF(channel);
    if (list && !merge(list, &others, SIZE_MAX)) Py_CLEAR(list);
    if (collects) PyGC_Enable();
    return list;
}

static PyMethodDef edits_methods[] = {
    {"is_lossy", edits_is_lossy, METH_NOARGS, "is_lossy()\n--\n\nWhether some lost bytes."},
    {"is_untold", edits_is_untold, METH_NOARGS,
     "is_untold()\n--\n\nWhether there may be more of them with a language model."},
    {"alone", edits_alone, METH_NOARGS,
     "alone()\n--\n\nDecoders that were accepted by a run alone, a bit for each."},
    {"breaks_off", edits_breaks_off, METH_O,
     "breaks_off(text)\n--\n\nWhether sequences of their decoders break off outside of them."},
    {"kinds", edits_kinds, METH_NOARGS, "kinds()\n--\n\nHow many there are by decoder and flags."},
    {"lossless", edits_lossless, METH_VARARGS,
     "lossless(text, most)\n--\n\nWhat is observed and what was meant, of at most `most` "
     "lossless ones from all\nover the text."},
    {"beyond_ascii", edits_beyond_ascii, METH_O,
     "beyond_ascii(text)\n--\n\nHow many code points beyond ASCII they cover."},
    {"pieces", edits_pieces, METH_VARARGS,
     "pieces(text, piece, need, most, favour)\n--\n\nThe lossy runs, those that touch as one, as "
     "tuples of a type with the fields of\n`_pieces.Piece`."},
    {"spans", edits_spans, METH_VARARGS,
     "spans(text, before, span, channel, others)\n--\n\nThe edits as tuples of a type with the "
     "fields of `_spans.Span`, `before` code points\nearlier; `channel` names the channel of a "
     "decoder and flags. Among them, in order,\nother spans, in place of the lossy edits that "
     "they overlap."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot edits_slots[] = {
    {Py_tp_new, (void *)edits_new},
    {Py_tp_dealloc, (void *)edits_dealloc},
    {Py_sq_length, (void *)edits_count},
    {Py_sq_item, (void *)edits_item},
    {Py_tp_methods, edits_methods},
    {Py_tp_doc, "Edits(text)\n--\n\nWhat undoes a layer of a text, none at first: a sequence of "
                "(start, end, original,\ndecoder, evidence, odds, rival, flags); see `mf_edit`."},
    {0, NULL},
};

static PyType_Spec edits_spec = {
    .name = "mojibake_fix._core.Edits",
    .basicsize = sizeof(edits_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = edits_slots,
};

int mf_add_edits_type(PyObject *module) {
    edits_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &edits_spec, NULL);
    return edits_type ? PyModule_AddType(module, edits_type) : -1;
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

/* What stands in place of a span: its replacement, a mask, or NULL for what is observed. */
static int read_span(PyObject *span, PyObject *mask, size_t last, const mf_text *text,
                     size_t *start, size_t *end, PyObject **instead) {
    if (!mf_read_bounds(span, start, end)) return 0;
    *instead = mask;
    if (mask == Py_None) *instead = PyTuple_GET_SIZE(span) > 3 ? PyTuple_GET_ITEM(span, 3) : NULL;
    if (!*instead || *start < last || *end < *start || *end > text->length ||
        (*instead != Py_None && !PyUnicode_Check(*instead))) {
        PyErr_SetString(PyExc_ValueError,
                        "spans must be in order, in the text and replaced by str");
        return 0;
    }
    return 1;
}

/* text, spans, mask=None: the text with the replacements of spans made, or with spans masked */
PyObject *mf_replace_spans(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object, *spans, *mask = Py_None, *instead;
    if (!PyArg_ParseTuple(args, "UO!|O", &object, &PyList_Type, &spans, &mask)) return NULL;
    if (mask != Py_None && (!PyUnicode_Check(mask) || PyUnicode_GET_LENGTH(mask) != 1)) {
        PyErr_SetString(PyExc_ValueError, "the mask must be one character");
        return NULL;
    }
    const mf_text text = view_of(object);
    size_t last = 0, length = text.length, count = 0, start, end;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(spans); i++, last = end) {
        PyObject *span = PyList_GET_ITEM(spans, i);
        if (!read_span(span, mask, last, &text, &start, &end, &instead)) return NULL;
        if (instead == Py_None) continue;
        if (mask == Py_None) length += (size_t)PyUnicode_GET_LENGTH(instead);
        count++;
    }
    if (!count) return Py_NewRef(object);
    uint32_t *out = PyMem_New(uint32_t, length + 1);
    if (!out) return PyErr_NoMemory();
    length = last = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(spans); i++, last = end) {
        read_span(PyList_GET_ITEM(spans, i), mask, last, &text, &start, &end, &instead);
        copy(&text, last, start, out + length);
        length += start - last;
        const mf_text put = instead == Py_None ? mf_part(&text, start, end) : view_of(instead);
        if (mask == Py_None) {
            copy(&put, 0, put.length, out + length);
            length += put.length;
        } else {
            for (; start < end; start++)
                out[length++] = mf_at(&put, 0);
        }
    }
    copy(&text, last, text.length, out + length);
    length += text.length - last;
    PyObject *replaced = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, (Py_ssize_t)length);
    PyMem_Free(out);
    return replaced;
}

static int repairs(const mf_edits *edits) {
    for (size_t i = 0; i < edits->count; i++) {
        if (!(edits->edits[i].flags & MF_EDIT_LOSSY)) return 1;
    }
    return 0;
}

PyObject *mf_undo_layer(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    mf_text text;
    mf_prior prior;
    int64_t weights[MF_DECODERS];
    if (count != 3 && count != 4) {
        PyErr_SetString(PyExc_TypeError, "undo(text, prior, weights, model=None) takes 3 or 4");
        return NULL;
    }
    if (!mf_read_arguments(args, &text, &prior) || !mf_read_weights(args[2], weights)) return NULL;
    const mf_model *model = count == 4 ? mf_model_of(args[3]) : NULL;
    if (PyErr_Occurred()) return NULL;
    edits_object *object = (edits_object *)edits_type->tp_alloc(edits_type, 0);
    if (!object) return NULL;
    mf_edits *edits = &object->edits;
    object->length = text.length;
    uint32_t *out = NULL;
    size_t length = 0;
    int ok;
    Py_BEGIN_ALLOW_THREADS ok = mf_undo(&text, &prior, weights, model, edits);
    if (ok && repairs(edits)) {
        out = edited(&text, edits, &length);
        ok = out != NULL;
    }
    Py_END_ALLOW_THREADS PyObject *repaired = NULL;
    if (!ok) {
        PyErr_NoMemory();
    } else if (out) {
        repaired = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, (Py_ssize_t)length);
    } else {
        repaired = Py_NewRef(args[0]);
    }
    free(out);
    PyObject *items[] = {repaired, (PyObject *)object};
    return mf_tuple_of(&PyTuple_Type, items, 2);
}
