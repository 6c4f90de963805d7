/* The binding of the language model: Model and Rescorer. */
#include "_core.h"
#include "lattice.h"
#include "rescore.h"
#include "spelling.h"
#include "transcode.h"
#include <math.h>

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
    passage->text = view_of(PyTuple_GET_ITEM(item, 0));
    passage->start = PyLong_AsSize_t(PyTuple_GET_ITEM(item, 1));
    passage->stop = PyLong_AsSize_t(PyTuple_GET_ITEM(item, 2));
    return !PyErr_Occurred();
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

static PyObject *restored_tuple(const mf_restored *restored) {
    Py_ssize_t count = (Py_ssize_t)restored->count;
    uint32_t *originals = PyMem_Malloc((restored->count + 1) * sizeof *originals);
    PyObject *starts = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(uint32_t));
    PyObject *flags = PyBytes_FromStringAndSize(NULL, count);
    PyObject *posteriors = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(float));
    PyObject *others = others_of(restored), *text = NULL, *result = NULL;
    if (originals && starts && flags && posteriors && others) {
        for (Py_ssize_t i = 0; i < count; i++) {
            const mf_place *place = &restored->places[i];
            originals[i] = place->original;
            ((uint32_t *)PyBytes_AS_STRING(starts))[i] = (uint32_t)place->start;
            PyBytes_AS_STRING(flags)[i] = (char)place->flags;
            ((float *)PyBytes_AS_STRING(posteriors))[i] = place->posterior;
        }
        text = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, originals, count);
        if (text) {
            result =
                Py_BuildValue("dOOOOO", restored->cost, text, starts, flags, posteriors, others);
        }
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    PyMem_Free(originals);
    Py_XDECREF(starts);
    Py_XDECREF(flags);
    Py_XDECREF(posteriors);
    Py_XDECREF(others);
    Py_XDECREF(text);
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

static PyObject *list_of(const double *figures, size_t count) {
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *figure = PyFloat_FromDouble(figures[i]);
        if (figure) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, figure);
        } else {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* text, given, forms, flags, literal, most */
static PyObject *model_line_costs(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    observed observed;
    if (count != 6 || !PyList_Check(args[5])) {
        PyErr_SetString(PyExc_TypeError, "line_costs(text, given, forms, flags, literal, most) "
                                         "takes a list of what the lines may cost");
        return NULL;
    }
    if (!read_observed(args, &observed)) return NULL;
    size_t lines = (size_t)PyList_GET_SIZE(args[5]);
    double *most = PyMem_Malloc((2 * lines + 1) * sizeof *most);
    if (!most) return PyErr_NoMemory();
    double *costs = most + lines;
    for (size_t i = 0; i < lines; i++)
        most[i] = PyFloat_AsDouble(PyList_GET_ITEM(args[5], (Py_ssize_t)i));
    PyObject *result = NULL;
    if (!PyErr_Occurred()) {
        int ok;
        Py_BEGIN_ALLOW_THREADS ok =
            mf_line_costs(&((model_object *)self)->model, &observed.forms, &observed.text,
                          observed.given, observed.literal, most, costs, &lines);
        Py_END_ALLOW_THREADS result = ok ? list_of(costs, lines) : PyErr_NoMemory();
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
    Py_END_ALLOW_THREADS PyObject *result = ok ? restored_tuple(&restored) : PyErr_NoMemory();
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
     "line_costs(text, given, forms, flags, literal, most)\n--\n\n-log p, in nats, of the lines of "
     "a "
     "lossy text over all originals,\nup to the one where their sum is more than `most` has for "
     "it."},
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

/* A rescorer over a buffer; it keeps that and its model. */
typedef struct {
    PyObject_HEAD Py_buffer buffer;
    mf_rescorer rescorer;
    PyObject *model;
} rescorer_object;

static PyTypeObject *model_type;

static void rescorer_dealloc(PyObject *object) {
    rescorer_object *self = (rescorer_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    mf_rescorer_free(&self->rescorer);
    Py_XDECREF(self->model);
    PyBuffer_Release(&self->buffer);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyObject *rescorer_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *data, *model;
    static char *names[] = {"", "", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OO!", names, &data, model_type, &model)) {
        return NULL;
    }
    rescorer_object *self = (rescorer_object *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->model = Py_NewRef(model);
    const char *wrong = NULL;
    if (PyObject_GetBuffer(data, &self->buffer, PyBUF_SIMPLE) == 0) {
        const Py_buffer *of = &((model_object *)model)->buffer;
        wrong = mf_rescorer_open(&self->rescorer, self->buffer.buf, (size_t)self->buffer.len,
                                 of->buf, (size_t)of->len);
        if (!wrong && self->rescorer.ids != ((model_object *)model)->model.ids) {
            wrong = "not of the same vocabulary";
        }
        if (wrong) {
            PyErr_SetString(PyExc_ValueError, wrong);
        } else if (!self->rescorer.wide) {
            PyErr_NoMemory();
        }
    }
    if (PyErr_Occurred()) Py_CLEAR(self);
    return (PyObject *)self;
}

/* Ids of a text, with line ends around it. */
static uint16_t *ids_of(const mf_model *model, const mf_text *text) {
    uint16_t *ids = PyMem_Malloc((text->length + 2 * MF_FAR) * sizeof *ids);
    for (size_t i = 0; ids && i < text->length + 2 * MF_FAR; i++) {
        int is_inside = i >= MF_FAR && i < text->length + MF_FAR;
        ids[i] = is_inside ? (uint16_t)mf_model_id(model, mf_at(text, i - MF_FAR)) : MF_MODEL_LINE;
    }
    return ids;
}

/* Candidates of one place, with their posteriors. */
typedef struct {
    uint32_t character[MF_CANDIDATES];
    double posterior[MF_CANDIDATES];
    int8_t place[MF_CANDIDATES]; /* among the candidates of the doubt, or -1 */
    int count;
} odds;

/* Read {character: posterior}; the doubt is about what the model knows of it. */
static int read_odds(const mf_model *model, PyObject *dict, odds *odds, mf_doubt *doubt) {
    PyObject *character, *posterior;
    Py_ssize_t at = 0;
    int8_t known = 0;
    odds->count = 0;
    while (PyDict_Next(dict, &at, &character, &posterior)) {
        if (odds->count == MF_CANDIDATES || !PyUnicode_Check(character) ||
            PyUnicode_GET_LENGTH(character) != 1 || !PyFloat_CheckExact(posterior)) {
            PyErr_SetString(PyExc_ValueError, "a place may hold 16 characters at most, each with "
                                              "a float");
            return 0;
        }
        uint32_t code_point = PyUnicode_READ_CHAR(character, 0);
        uint32_t id = mf_model_id(model, code_point);
        odds->character[odds->count] = code_point;
        odds->posterior[odds->count] = PyFloat_AS_DOUBLE(posterior);
        odds->place[odds->count++] = id == MF_MODEL_UNKNOWN ? -1 : known;
        if (id != MF_MODEL_UNKNOWN) doubt->candidates[known++] = (uint16_t)id;
    }
    return 1;
}

/* Read {offset: odds}, `places` of them, in order. */
static int read_unsure(const mf_model *model, PyObject *dict, size_t length, odds *all,
                       mf_doubt *doubts, size_t places) {
    PyObject *at, *here;
    Py_ssize_t item = 0;
    for (size_t i = 0; i < places && PyDict_Next(dict, &item, &at, &here); i++) {
        size_t offset = PyLong_CheckExact(at) ? PyLong_AsSize_t(at) : SIZE_MAX;
        if (PyErr_Occurred()) return 0;
        if (!PyDict_Check(here) || offset >= length || (i && offset <= doubts[i - 1].at)) {
            PyErr_SetString(PyExc_ValueError, "places must be in order, and in the text");
            return 0;
        }
        if (!read_odds(model, here, &all[i], &doubts[i])) return 0;
        doubts[i].at = (uint32_t)offset;
    }
    return 1;
}

/* The odds, each times what is gained in log probability, with the same sum as before. Of what
   nothing was learnt gains as little as the others do at least. */
static PyObject *weighed(const odds *odds, const int32_t *gains) {
    int32_t gained[MF_CANDIDATES], least = 0, most = MF_NO_WORD;
    for (int i = 0; i < odds->count; i++) {
        gained[i] = odds->place[i] < 0 ? MF_NO_WORD : gains[odds->place[i]];
        if (gained[i] == MF_NO_WORD) continue;
        if (most == MF_NO_WORD || gained[i] < least) least = gained[i];
        if (gained[i] > most) most = gained[i];
    }
    double weights[MF_CANDIDATES], before = 0, behind = 0;
    for (int i = 0; i < odds->count; i++) {
        int32_t units = gained[i] == MF_NO_WORD ? least : gained[i];
        if (most != MF_NO_WORD) units -= most;
        weights[i] = odds->posterior[i] * exp((double)units / MF_MODEL_UNITS_PER_NAT);
        before += odds->posterior[i];
        behind += weights[i];
    }
    PyObject *dict = PyDict_New();
    for (int i = 0; dict && i < odds->count; i++) {
        double share = behind > 0 ? weights[i] * (before / behind) : odds->posterior[i];
        PyObject *character = PyUnicode_FromOrdinal((int)odds->character[i]);
        PyObject *posterior = PyFloat_FromDouble(share);
        if (!character || !posterior || PyDict_SetItem(dict, character, posterior) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(character);
        Py_XDECREF(posterior);
    }
    return dict;
}

/* text, known, unsure */
static PyObject *rescorer_weighed(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    const rescorer_object *self = (rescorer_object *)object;
    if (count != 3 || !PyUnicode_Check(args[0]) || !PyBytes_Check(args[1]) ||
        PyBytes_GET_SIZE(args[1]) != PyUnicode_GET_LENGTH(args[0]) || !PyDict_Check(args[2])) {
        PyErr_SetString(PyExc_TypeError, "weighed(text, known, unsure) takes a str, bytes of its "
                                         "length and a dict");
        return NULL;
    }
    const mf_model *model = &((const model_object *)self->model)->model;
    mf_text text = view_of(args[0]);
    if (text.length > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "the text is too long");
        return NULL;
    }
    size_t places = (size_t)PyDict_GET_SIZE(args[2]);
    uint16_t *ids = ids_of(model, &text);
    mf_doubt *doubts = PyMem_Calloc(places + 1, sizeof *doubts);
    odds *all = PyMem_Calloc(places + 1, sizeof *all);
    int32_t *gains = PyMem_Malloc((places + 1) * MF_CANDIDATES * sizeof *gains);
    PyObject *result = NULL;
    if (!ids || !doubts || !all || !gains) {
        PyErr_NoMemory();
    } else if (read_unsure(model, args[2], text.length, all, doubts, places)) {
        int ok;
        const uint8_t *known = (const uint8_t *)PyBytes_AS_STRING(args[1]);
        Py_BEGIN_ALLOW_THREADS ok =
            mf_rescore(&self->rescorer, ids + MF_FAR, known, text.length, doubts, places, gains);
        Py_END_ALLOW_THREADS result = ok ? PyDict_New() : PyErr_NoMemory();
    }
    for (size_t i = 0; result && i < places; i++) {
        PyObject *at = PyLong_FromSize_t(doubts[i].at);
        PyObject *after = weighed(&all[i], gains + i * MF_CANDIDATES);
        if (!at || !after || PyDict_SetItem(result, at, after) < 0) Py_CLEAR(result);
        Py_XDECREF(at);
        Py_XDECREF(after);
    }
    PyMem_Free(ids);
    PyMem_Free(doubts);
    PyMem_Free(all);
    PyMem_Free(gains);
    return result;
}

static PyMethodDef rescorer_methods[] = {
    {"weighed", (PyCFunction)(void (*)(void))rescorer_weighed, METH_FASTCALL,
     "weighed(text, known, unsure)\n--\n\nWhat may stand at the places of a document that are not "
     "sure, by what\nstands on both sides of them and elsewhere."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot rescorer_slots[] = {
    {Py_tp_new, (void *)rescorer_new},
    {Py_tp_dealloc, (void *)rescorer_dealloc},
    {Py_tp_methods, rescorer_methods},
    {Py_tp_doc, "Rescorer(buffer, model)\n--\n\nA rescorer in a buffer. Raises ValueError."},
    {0, NULL},
};

static PyType_Spec rescorer_spec = {
    .name = "mojibake_fix._core.Rescorer",
    .basicsize = sizeof(rescorer_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = rescorer_slots,
};

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
    PyTypeObject *rescorer_type;
    if (add_type(module, &model_spec, &model_type) < 0) return -1;
    if (add_type(module, &rescorer_spec, &rescorer_type) < 0) return -1;
    Py_DECREF(rescorer_type);
    return 0;
}
