/* The binding of the language model: Model. */
#include "_core.h"
#include "lattice.h"
#include "spelling.h"
#include "transcode.h"

/* A language model over a buffer, which it keeps. */
typedef struct {
    PyObject_HEAD Py_buffer buffer;
    mf_model model;
    uint16_t *small;
} model_object;

static void model_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(((model_object *)self)->small);
    PyBuffer_Release(&((model_object *)self)->buffer);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Make the list of small letters by id, from Python's own table of cases. */
static uint16_t *small_letters(const mf_model *model) {
    enum { ALL = 0x2000 }; /* no script in use that has two cases is beyond */
    uint16_t *small = PyMem_Calloc(model->ids, sizeof *small);
    for (uint32_t i = 0; small && i < ALL; i++) {
        uint32_t id = mf_model_id(model, i);
        uint32_t to = mf_model_id(model, Py_UNICODE_TOLOWER(i));
        if (id == to || id == MF_MODEL_UNKNOWN || to == MF_MODEL_UNKNOWN) continue;
        small[id] = small[to] = (uint16_t)to;
    }
    return small;
}

static PyObject *model_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *data;
    static char *names[] = {"", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O", names, &data)) return NULL;
    model_object *self = (model_object *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    if (PyObject_GetBuffer(data, &self->buffer, PyBUF_SIMPLE) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    const char *wrong = mf_model_open(&self->model, self->buffer.buf, (size_t)self->buffer.len);
    if (wrong) {
        PyErr_SetString(PyExc_ValueError, wrong);
        Py_DECREF(self);
        return NULL;
    }
    self->model.small = self->small = small_letters(&self->model);
    if (!self->small) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return (PyObject *)self;
}

static PyObject *model_cost(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "cost(text, start) takes a str and an int");
        return NULL;
    }
    Py_ssize_t start = PyLong_AsSsize_t(args[1]);
    if (start == -1 && PyErr_Occurred()) return NULL;
    const mf_model *model = &((model_object *)self)->model;
    mf_text text = view_of(args[0]);
    mf_model_state state;
    mf_model_start(model, &state);
    uint64_t cost = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint32_t id = mf_model_id(model, mf_at(&text, i));
        uint32_t here = mf_model_cost(model, &state, id, &state);
        if (i >= (size_t)start) cost += here;
    }
    return PyFloat_FromDouble((double)cost / MF_MODEL_UNITS_PER_NAT);
}

/* One of a list of passages: (text, start, stop). */
static int read_passage(PyObject *item, mf_model_passage *passage) {
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 3 ||
        !PyUnicode_Check(PyTuple_GET_ITEM(item, 0))) {
        PyErr_SetString(PyExc_TypeError, "a passage must be a tuple of a str and two offsets");
        return 0;
    }
    mf_text text = view_of(PyTuple_GET_ITEM(item, 0));
    size_t start = PyLong_AsSize_t(PyTuple_GET_ITEM(item, 1));
    size_t stop = PyLong_AsSize_t(PyTuple_GET_ITEM(item, 2));
    if (PyErr_Occurred()) return 0;
    if (stop > text.length) stop = text.length;
    if (start > stop) start = stop;
    passage->parts[0] = mf_part(&text, 0, start);
    passage->parts[1] = mf_part(&text, start, stop);
    passage->parts[2] = mf_part(&text, stop, text.length);
    return 1;
}

static PyObject *model_costs(PyObject *self, PyObject *list) {
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "costs(passages) takes a list");
        return NULL;
    }
    Py_ssize_t count = PyList_GET_SIZE(list);
    mf_model_passage *passages = PyMem_Calloc((size_t)count + 1, sizeof *passages);
    if (!passages) return PyErr_NoMemory();
    PyObject *costs = NULL;
    Py_ssize_t read = 0;
    while (read < count && read_passage(PyList_GET_ITEM(list, read), &passages[read]))
        read++;
    if (read == count) {
        mf_model_read(&((model_object *)self)->model, passages, (size_t)count);
        costs = PyList_New(count);
    }
    for (Py_ssize_t i = 0; costs && i < count; i++) {
        PyObject *item = Py_BuildValue("dd", (double)passages[i].cost / MF_MODEL_UNITS_PER_NAT,
                                       (double)passages[i].rest / MF_MODEL_UNITS_PER_NAT);
        if (item) {
            PyList_SET_ITEM(costs, i, item);
        } else {
            Py_CLEAR(costs);
        }
    }
    PyMem_Free(passages);
    return costs;
}

/* texts, change */
static PyObject *model_least_costs(PyObject *self, PyObject *args) {
    PyObject *list;
    double change;
    if (!PyArg_ParseTuple(args, "O!d", &PyList_Type, &list, &change)) return NULL;
    Py_ssize_t count = PyList_GET_SIZE(list);
    mf_text *texts = PyMem_New(mf_text, (size_t)count + 1);
    uint64_t *costs = PyMem_New(uint64_t, (size_t)count + 1);
    PyObject *result = NULL;
    int ok = texts && costs;
    if (!ok) PyErr_NoMemory();
    for (Py_ssize_t i = 0; ok && i < count; i++) {
        PyObject *text = PyList_GET_ITEM(list, i);
        ok = PyUnicode_Check(text);
        if (ok) {
            texts[i] = view_of(text);
        } else {
            PyErr_SetString(PyExc_TypeError, "texts must be str");
        }
    }
    if (ok) {
        ok = mf_least_costs(&((model_object *)self)->model, texts, (size_t)count,
                            (uint32_t)(change * MF_MODEL_UNITS_PER_NAT + 0.5), costs);
        result = ok ? PyList_New(count) : PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; result && i < count; i++) {
        PyObject *cost = PyFloat_FromDouble((double)costs[i] / MF_MODEL_UNITS_PER_NAT);
        if (cost) {
            PyList_SET_ITEM(result, i, cost);
        } else {
            Py_CLEAR(result);
        }
    }
    PyMem_Free(texts);
    PyMem_Free(costs);
    return result;
}

static PyObject *model_alone(PyObject *self, PyObject *text) {
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "text must be a str");
        return NULL;
    }
    const mf_model *model = &((model_object *)self)->model;
    mf_text view = view_of(text);
    uint64_t cost = 0;
    for (size_t i = 0; i < view.length; i++)
        cost += mf_model_alone(model, mf_model_id(model, mf_at(&view, i)));
    return PyFloat_FromDouble((double)cost / MF_MODEL_UNITS_PER_NAT);
}

/* A layer's forms: 128 strings. */
static int read_forms(PyObject *sequence, mf_forms *forms) {
    if (!PyTuple_Check(sequence) || PyTuple_GET_SIZE(sequence) != 128) {
        PyErr_SetString(PyExc_TypeError, "forms must be a tuple of 128 str");
        return 0;
    }
    for (int i = 0; i < 128; i++) {
        PyObject *form = PyTuple_GET_ITEM(sequence, i);
        if (!PyUnicode_Check(form) || PyUnicode_GET_LENGTH(form) > MF_FORM_LENGTH) {
            PyErr_SetString(PyExc_ValueError, "a form must be a str of at most 3 code points");
            return 0;
        }
        mf_text text = view_of(form);
        forms->length[i] = (uint8_t)text.length;
        for (size_t j = 0; j < text.length; j++)
            forms->form[i][j] = mf_at(&text, j);
    }
    return 1;
}

static PyObject *others_of(const mf_restored *restored) {
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < restored->count; i++) {
        const mf_place *place = &restored->places[i];
        if (!place->alternatives) continue;
        PyObject *others = PyTuple_New(place->alternatives);
        for (int j = 0; others && j < place->alternatives; j++) {
            PyObject *other =
                Py_BuildValue("Cd", (int)place->other[j], (double)place->other_posterior[j]);
            if (other) {
                PyTuple_SET_ITEM(others, j, other);
            } else {
                Py_CLEAR(others);
            }
        }
        PyObject *item = others ? Py_BuildValue("nN", (Py_ssize_t)i, others) : NULL;
        if (!item || PyList_Append(list, item) < 0) Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

/* All code points, their starts and flags as three objects. */
static int take_places(const mf_restored *restored, PyObject **text, PyObject **starts,
                       PyObject **flags) {
    Py_ssize_t count = (Py_ssize_t)restored->count;
    uint32_t *originals = PyMem_Malloc((restored->count + 1) * sizeof *originals);
    *starts = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(uint32_t));
    *flags = PyBytes_FromStringAndSize(NULL, count);
    *text = NULL;
    if (!originals) PyErr_NoMemory();
    if (originals && *starts && *flags) {
        uint32_t *start = (uint32_t *)PyBytes_AS_STRING(*starts);
        for (Py_ssize_t i = 0; i < count; i++) {
            const mf_place *place = &restored->places[i];
            originals[i] = place->original;
            start[i] = (uint32_t)place->start;
            PyBytes_AS_STRING(*flags)[i] = (char)place->flags;
        }
        *text = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, originals, count);
    }
    PyMem_Free(originals);
    return *text != NULL;
}

static PyObject *transcoded_tuple(const mf_restored *restored) {
    Py_ssize_t count = (Py_ssize_t)restored->count;
    PyObject *text, *starts, *flags, *result = NULL;
    PyObject *posteriors = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(double));
    PyObject *others = others_of(restored);
    if (take_places(restored, &text, &starts, &flags) && posteriors && others) {
        for (Py_ssize_t i = 0; i < count; i++)
            ((double *)PyBytes_AS_STRING(posteriors))[i] = (double)restored->places[i].posterior;
        result = Py_BuildValue("dOOOOO", restored->cost, text, starts, flags, posteriors, others);
    }
    Py_XDECREF(text);
    Py_XDECREF(starts);
    Py_XDECREF(flags);
    Py_XDECREF(posteriors);
    Py_XDECREF(others);
    return result;
}

/* What may stand at the places that are not sure: at, ends, characters, posteriors; see mf_unsure.
 */
static PyObject *unsure_of(const mf_restored *restored) {
    size_t places = 0, candidates = 0;
    for (size_t i = 0; i < restored->count; i++) {
        if (!restored->places[i].alternatives) continue;
        places++;
        candidates += 1u + restored->places[i].alternatives;
    }
    uint32_t *characters = PyMem_Malloc((candidates + 1) * sizeof *characters);
    if (!characters) return PyErr_NoMemory();
    PyObject *at = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(places * sizeof(uint32_t)));
    PyObject *ends = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(places * sizeof(uint32_t)));
    PyObject *posteriors =
        PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(candidates * sizeof(double)));
    PyObject *text = NULL, *result = NULL;
    if (at && ends && posteriors) {
        double *posterior = (double *)PyBytes_AS_STRING(posteriors);
        size_t place = 0, end = 0;
        for (size_t i = 0; i < restored->count; i++) {
            const mf_place *here = &restored->places[i];
            if (!here->alternatives) continue;
            characters[end] = here->original;
            posterior[end++] = (double)here->posterior;
            for (int j = 0; j < here->alternatives; j++) {
                characters[end] = here->other[j];
                posterior[end++] = (double)here->other_posterior[j];
            }
            ((uint32_t *)PyBytes_AS_STRING(at))[place] = (uint32_t)i;
            ((uint32_t *)PyBytes_AS_STRING(ends))[place++] = (uint32_t)end;
        }
        text = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, characters, (Py_ssize_t)candidates);
        if (text) result = PyTuple_Pack(4, at, ends, text, posteriors);
    }
    PyMem_Free(characters);
    Py_XDECREF(at);
    Py_XDECREF(ends);
    Py_XDECREF(posteriors);
    Py_XDECREF(text);
    return result;
}

static PyObject *restored_tuple(const mf_restored *restored) {
    Py_ssize_t count = (Py_ssize_t)restored->count;
    PyObject *text, *starts, *flags, *result = NULL;
    PyObject *posteriors = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(double));
    PyObject *unsure = unsure_of(restored);
    if (take_places(restored, &text, &starts, &flags) && posteriors && unsure) {
        for (Py_ssize_t i = 0; i < count; i++)
            ((double *)PyBytes_AS_STRING(posteriors))[i] = (double)restored->places[i].posterior;
        result = Py_BuildValue("dOOOOO", restored->cost, text, starts, flags, posteriors, unsure);
    }
    Py_XDECREF(text);
    Py_XDECREF(starts);
    Py_XDECREF(flags);
    Py_XDECREF(posteriors);
    Py_XDECREF(unsure);
    return result;
}

/* What is observed, and the layer: text, given, forms, flags, literal. */
typedef struct {
    mf_text text;
    const uint8_t *given;
    mf_forms forms;
    uint32_t literal;
} observed;

static int read_observed(PyObject *const *args, observed *observed) {
    if (!PyUnicode_Check(args[0]) || !PyBytes_Check(args[1]) ||
        PyBytes_GET_SIZE(args[1]) != PyUnicode_GET_LENGTH(args[0])) {
        PyErr_SetString(PyExc_TypeError, "text and given must be a str, and bytes of its length");
        return 0;
    }
    if (!read_forms(args[2], &observed->forms)) return 0;
    long flags = PyLong_AsLong(args[3]), literal = PyLong_AsLong(args[4]);
    if (PyErr_Occurred()) return 0;
    if (flags < 0 || flags > 15 || literal < 0 || literal > UINT16_MAX) {
        PyErr_SetString(PyExc_ValueError, "flags must be from 0 to 15, literal from 0 to 65535");
        return 0;
    }
    observed->text = view_of(args[0]);
    observed->given = (const uint8_t *)PyBytes_AS_STRING(args[1]);
    observed->forms.flags = (uint8_t)flags;
    observed->literal = (uint32_t)literal;
    return 1;
}

/* Read what lesser layers keep: a tuple of bytes. */
static int read_lesser(PyObject *tuple, mf_lesser *lesser) {
    *lesser = (mf_lesser){0};
    if (!PyTuple_Check(tuple) || PyTuple_GET_SIZE(tuple) > MF_LESSER) {
        PyErr_SetString(PyExc_ValueError, "lesser layers must be a tuple of 8 at most");
        return 0;
    }
    for (; lesser->count < (size_t)PyTuple_GET_SIZE(tuple); lesser->count++) {
        char *bytes;
        Py_ssize_t size;
        PyObject *kept = PyTuple_GET_ITEM(tuple, (Py_ssize_t)lesser->count);
        if (PyBytes_AsStringAndSize(kept, &bytes, &size) < 0) return 0;
        for (Py_ssize_t i = 0; i < size; i++) {
            uint8_t byte = (uint8_t)bytes[i];
            if (byte > MF_SQUEEZED - MF_TRIMMED && byte < 0x80) {
                PyErr_SetString(PyExc_ValueError, "a layer keeps bytes of 80 to FF, 0 and 1");
                return 0;
            }
            lesser->keeps[byte < 0x80 ? MF_TRIMMED + byte : byte - 0x80] |=
                (uint8_t)(1u << lesser->count);
        }
    }
    return 1;
}

/* Every `step`-th of some figures. */
static PyObject *list_of(const double *figures, size_t count, size_t step) {
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *figure = PyFloat_FromDouble(figures[i * step]);
        if (figure) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, figure);
        } else {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* text, given, forms, flags, literal, lesser, most */
static PyObject *model_line_costs(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    observed observed;
    mf_lesser lesser;
    if (count != 7 || !PyList_Check(args[6])) {
        PyErr_SetString(PyExc_TypeError, "line_costs(text, given, forms, flags, literal, lesser, "
                                         "most) takes a list of what the lines may cost");
        return NULL;
    }
    if (!read_observed(args, &observed) || !read_lesser(args[5], &lesser)) return NULL;
    size_t lines = (size_t)PyList_GET_SIZE(args[6]), layers = 1 + lesser.count;
    double *most = PyMem_Malloc(((1 + layers) * lines + 1) * sizeof *most);
    if (!most) return PyErr_NoMemory();
    double *costs = most + lines;
    for (size_t i = 0; i < lines; i++)
        most[i] = PyFloat_AsDouble(PyList_GET_ITEM(args[6], (Py_ssize_t)i));
    PyObject *result = NULL;
    if (!PyErr_Occurred()) {
        int ok;
        Py_BEGIN_ALLOW_THREADS ok =
            mf_line_costs(&((model_object *)self)->model, &observed.forms, &observed.text,
                          observed.given, observed.literal, &lesser, most, costs, &lines);
        Py_END_ALLOW_THREADS result = ok ? PyList_New((Py_ssize_t)layers) : PyErr_NoMemory();
    }
    for (size_t i = 0; result && i < layers; i++) {
        PyObject *list = list_of(costs + i, lines, layers);
        if (list) {
            PyList_SET_ITEM(result, (Py_ssize_t)i, list);
        } else {
            Py_CLEAR(result);
        }
    }
    PyMem_Free(most);
    return result;
}

/* text, given, forms, flags, literal */
static PyObject *model_restore(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    observed observed;
    if (count != 5) {
        PyErr_SetString(PyExc_TypeError, "restore() takes text, given, forms, flags and literal");
        return NULL;
    }
    if (!read_observed(args, &observed)) return NULL;
    mf_restored restored = {0};
    int ok;
    Py_BEGIN_ALLOW_THREADS ok =
        mf_restore(&((model_object *)self)->model, &observed.forms, &observed.text, observed.given,
                   observed.literal, &restored);
    Py_END_ALLOW_THREADS PyObject *result = ok ? restored_tuple(&restored) : PyErr_NoMemory();
    mf_restored_free(&restored);
    return result;
}

/* text, wrong, source, marker, takes_ascii, returns, drops_80, enter, leave, literal */
static PyObject *model_transcode(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 10 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "transcode(text, wrong, source, marker, takes_ascii, "
                                         "returns, drops_80, enter, leave, literal) takes ten");
        return NULL;
    }
    const mf_codec *wrong = mf_codec_of(args[1]), *source = NULL;
    if (!wrong || (args[2] != Py_None && !(source = mf_codec_of(args[2])))) return NULL;
    long figures[7];
    for (int i = 0; i < 7; i++) {
        figures[i] = PyLong_AsLong(args[3 + i]);
        if (figures[i] == -1 && PyErr_Occurred()) return NULL;
        if (figures[i] < 0 || figures[i] > UINT16_MAX) {
            PyErr_SetString(PyExc_ValueError, "figures must be from 0 to 65535");
            return NULL;
        }
    }
    const mf_transcoding how = {
        .wrong = wrong,
        .source = source,
        .marker = (uint32_t)figures[0],
        .takes_ascii = figures[1] != 0,
        .returns = figures[2] != 0,
        .drops_80 = figures[3] != 0,
        .enter = (uint32_t)figures[4],
        .leave = (uint32_t)figures[5],
        .literal = (uint32_t)figures[6],
    };
    mf_text text = view_of(args[0]);
    mf_restored restored = {0};
    int ok;
    Py_BEGIN_ALLOW_THREADS ok =
        mf_transcode(&((model_object *)self)->model, &how, &text, &restored);
    Py_END_ALLOW_THREADS PyObject *result = ok ? transcoded_tuple(&restored) : PyErr_NoMemory();
    mf_restored_free(&restored);
    return result;
}

static PyMethodDef model_methods[] = {
    {"cost", (PyCFunction)(void (*)(void))model_cost, METH_FASTCALL,
     "cost(text, start)\n--\n\n-log p, in nats, of a text from an offset on."},
    {"costs", model_costs, METH_O,
     "costs(passages)\n--\n\n-log p, in nats, of texts, each by itself: (text, start, stop) to the "
     "cost\nfrom start to stop, and from there on."},
    {"least_costs", model_least_costs, METH_VARARGS,
     "least_costs(texts, change)\n--\n\n-log p, in nats, of texts, each by itself, in the spelling "
     "that costs\nleast; change is what it costs that a word is spelt in another way."},
    {"alone", model_alone, METH_O,
     "alone(text)\n--\n\n-log p, in nats, of the characters of a text without their context."},
    {"restore", (PyCFunction)(void (*)(void))model_restore, METH_FASTCALL,
     "restore(text, given, forms, flags, literal)\n--\n\nThe originals of a lossy text."},
    {"line_costs", (PyCFunction)(void (*)(void))model_line_costs, METH_FASTCALL,
     "line_costs(text, given, forms, flags, literal, lesser, most)\n--\n\n-log p, in nats, of the "
     "lines of a lossy text over all originals, up to where\ntheir sum is more than `most` "
     "has for it; and the same under layers that\ndo not lose some of the bytes."},
    {"transcode", (PyCFunction)(void (*)(void))model_transcode, METH_FASTCALL,
     "transcode(text, wrong, source, marker, takes_ascii, returns, drops_80, enter, leave, "
     "literal)\n--\n\n"
     "The most probable reading of a text that parts of were read with a wrong codec."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot model_slots[] = {
    {Py_tp_new, (void *)model_new},
    {Py_tp_dealloc, (void *)model_dealloc},
    {Py_tp_methods, model_methods},
    {Py_tp_doc, "Model(buffer)\n--\n\nA language model in a buffer. Raises ValueError."},
    {0, NULL},
};

static PyType_Spec model_spec = {
    .name = "mojibake_fix._core.Model",
    .basicsize = sizeof(model_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = model_slots,
};

static PyTypeObject *model_type;

const Py_buffer *mf_model_buffer(PyObject *model) {
    return &((model_object *)model)->buffer;
}

const mf_model *mf_model_of(PyObject *object) {
    if (PyObject_TypeCheck(object, model_type)) return &((model_object *)object)->model;
    PyErr_Format(PyExc_TypeError, "model must be a Model, not %.200s", Py_TYPE(object)->tp_name);
    return NULL;
}

/* Add a type to the module; it keeps the type alive for whoever checks objects against it. */
static int add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **type) {
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *type ? PyModule_AddType(module, *type) : -1;
}

int mf_add_model_types(PyObject *module) {
    if (add_type(module, &model_spec, &model_type) < 0) return -1;
    return 0;
}
