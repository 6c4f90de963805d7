/* The binding of legacy codecs: Codec and Ways. */
#include "_core.h"

/* A codec, and the name that its errors give. */
typedef struct {
    PyObject_HEAD mf_codec codec;
    PyObject *name;
} codec_object;

static PyTypeObject *codec_type;

static void codec_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    mf_codec_free(&((codec_object *)self)->codec);
    Py_XDECREF(((codec_object *)self)->name);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *codec_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *name;
    PyObject *lacking = NULL;
    int is_composed = 0, number;
    static char *names[] = {"", "is_composed", "lacking", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "U|pU", names, &name, &is_composed,
                                     &lacking)) {
        return NULL;
    }
    if (lacking && PyUnicode_GET_LENGTH(lacking) > 1) {
        PyErr_SetString(PyExc_ValueError, "lacking must be one character, or none");
        return NULL;
    }
    uint32_t without =
        lacking && PyUnicode_GET_LENGTH(lacking) ? PyUnicode_READ_CHAR(lacking, 0) : 0;
    const char *utf8 = PyUnicode_AsUTF8(name);
    if (!utf8) return NULL;
    if ((number = mf_codec_number(utf8)) < 0) {
        return PyErr_Format(PyExc_LookupError, "no legacy codec %R", name);
    }
    codec_object *self = (codec_object *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->name = Py_NewRef(name);
    if (mf_codec_open(&self->codec, number, is_composed, without)) return (PyObject *)self;
    Py_DECREF(self);
    return PyErr_NoMemory();
}

static PyObject *codec_encode(PyObject *object, PyObject *text) {
    const codec_object *self = (const codec_object *)object;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "text must be a str");
        return NULL;
    }
    mf_text view = view_of(text);
    uint8_t *bytes = PyMem_Malloc(2 * view.length + 1);
    if (!bytes) return PyErr_NoMemory();
    size_t lacks, size = mf_codec_encode(&self->codec, &view, bytes, &lacks);
    PyObject *result = NULL;
    if (size != MF_NONE) {
        result = PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size);
    } else {
        PyObject *error =
            PyObject_CallFunction(PyExc_UnicodeEncodeError, "OOnns", self->name, text,
                                  (Py_ssize_t)lacks, (Py_ssize_t)lacks + 1, "no such character");
        if (error) PyErr_SetObject(PyExc_UnicodeEncodeError, error);
        Py_XDECREF(error);
    }
    PyMem_Free(bytes);
    return result;
}

static void *meaningless(const codec_object *self, const Py_buffer *data, size_t at, size_t size) {
    PyObject *bytes = PyBytes_FromStringAndSize(data->buf, data->len);
    PyObject *error = NULL;
    if (bytes) {
        error = PyObject_CallFunction(PyExc_UnicodeDecodeError, "OOnns", self->name, bytes,
                                      (Py_ssize_t)at, (Py_ssize_t)(at + size), "they mean nothing");
    }
    if (error) PyErr_SetObject(PyExc_UnicodeDecodeError, error);
    Py_XDECREF(error);
    Py_XDECREF(bytes);
    return NULL;
}

/* The code points of bytes; NULL, and an error is set, if some mean nothing and there is nothing to
   stand for them, or memory runs out. */
static uint32_t *decoded(const codec_object *self, const Py_buffer *data, const mf_text *undefined,
                         int takes_ascii, size_t *count) {
    const uint8_t *bytes = data->buf;
    size_t longest = undefined && undefined->length > 1 ? undefined->length : 1, size;
    uint32_t *code_points = PyMem_New(uint32_t, (size_t)data->len *longest + 1);
    if (!code_points) return (void *)PyErr_NoMemory();
    for (size_t at = 0, length = (size_t)data->len; at < length; at += size) {
        size = 1;
        uint32_t character = bytes[at];
        if (character >= 0x80) {
            character = mf_codec_decode(&self->codec, bytes + at, length - at, takes_ascii, &size);
            if (!character && !undefined) {
                PyMem_Free(code_points);
                return meaningless(self, data, at, size);
            }
            for (size_t i = 0; !character && i < undefined->length; i++)
                code_points[(*count)++] = mf_at(undefined, i);
            if (!character) continue;
        }
        code_points[(*count)++] = character;
    }
    return code_points;
}

static PyObject *codec_decode(PyObject *object, PyObject *args) {
    Py_buffer data;
    PyObject *undefined = Py_None;
    int takes_ascii = 0;
    if (!PyArg_ParseTuple(args, "y*|Op", &data, &undefined, &takes_ascii)) return NULL;
    PyObject *result = NULL;
    if (undefined != Py_None && !PyUnicode_Check(undefined)) {
        PyErr_SetString(PyExc_TypeError, "what stands for bytes that mean nothing must be a str");
    } else {
        mf_text marker = {0};
        if (undefined != Py_None) marker = view_of(undefined);
        size_t count = 0;
        uint32_t *code_points = decoded((const codec_object *)object, &data,
                                        undefined == Py_None ? NULL : &marker, takes_ascii, &count);
        if (code_points) {
            result =
                PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, code_points, (Py_ssize_t)count);
            PyMem_Free(code_points);
        }
    }
    PyBuffer_Release(&data);
    return result;
}

static PyObject *codec_characters(PyObject *object, PyObject *Py_UNUSED(ignored)) {
    const mf_codec *codec = &((const codec_object *)object)->codec;
    PyObject *result = PyDict_New();
    for (unsigned lead = 0; result && lead < MF_BYTES; lead++) {
        unsigned trails = codec->leads[lead] ? MF_BYTES : 1;
        for (unsigned trail = 0; result && trail < trails; trail++) {
            uint8_t code[2] = {(uint8_t)lead, (uint8_t)trail};
            uint32_t character = codec->character[trails > 1 ? lead << 8 | trail : lead];
            if (character < 0x80) continue;
            PyObject *key = PyBytes_FromStringAndSize((const char *)code, trails > 1 ? 2 : 1);
            PyObject *value = PyUnicode_FromOrdinal((int)character);
            if (!key || !value || PyDict_SetItem(result, key, value) < 0) Py_CLEAR(result);
            Py_XDECREF(key);
            Py_XDECREF(value);
        }
    }
    return result;
}

/* Does one codec read a character in bytes that are something else in the other? */
static int is_otherwise(const mf_codec *codec, const mf_codec *other, uint32_t character) {
    unsigned count = character < 0x80 ? 0 : mf_codec_count(codec, character);
    for (unsigned i = 0; i < count; i++) {
        uint16_t code = mf_codec_codes(codec, character)[i];
        int is_known = code < MF_BYTES ? !other->leads[code] : other->leads[code >> 8];
        if (!is_known || other->character[code] != character) return 1;
    }
    return 0;
}

/* other, text */
static PyObject *codec_otherwise(PyObject *object, PyObject *args) {
    const mf_codec *codec = &((const codec_object *)object)->codec, *other;
    PyObject *given, *text;
    if (!PyArg_ParseTuple(args, "OU", &given, &text)) return NULL;
    if (!(other = mf_codec_of(given))) return NULL;
    mf_text view = view_of(text);
    PyObject *result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)view.length);
    for (size_t i = 0; result && i < view.length; i++)
        PyBytes_AS_STRING(result)[i] = (char)is_otherwise(codec, other, mf_at(&view, i));
    return result;
}

static PyMethodDef codec_methods[] = {
    {"encode", codec_encode, METH_O,
     "encode(text)\n--\n\nThe bytes of a text. Raises UnicodeEncodeError."},
    {"decode", codec_decode, METH_VARARGS,
     "decode(data, undefined=None, takes_ascii=False)\n--\n\nWhat bytes mean; `undefined` stands "
     "for "
     "two bytes, or one that leads none, that mean\nnothing, of which the second may be ASCII if "
     "it "
     "takes that, too. Raises\nUnicodeDecodeError if it is None and there are such bytes."},
    {"characters", codec_characters, METH_NOARGS,
     "characters()\n--\n\nEach code beyond ASCII to its character."},
    {"otherwise", codec_otherwise, METH_VARARGS,
     "otherwise(other, text)\n--\n\nOf each character of a text 1 if it stands for bytes that are "
     "something else in\nthe other codec, else 0."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot codec_slots[] = {
    {Py_tp_new, (void *)codec_new},
    {Py_tp_dealloc, (void *)codec_dealloc},
    {Py_tp_methods, codec_methods},
    {Py_tp_doc,
     "Codec(name, is_composed=False, lacking='')\n--\n\nA legacy codec, as what it reads "
     "is after NFC, and without a\ncharacter. Raises LookupError."},
    {0, NULL},
};

static PyType_Spec codec_spec = {
    .name = "mojibake_fix._core.Codec",
    .basicsize = sizeof(codec_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = codec_slots,
};

const mf_codec *mf_codec_of(PyObject *object) {
    if (PyObject_TypeCheck(object, codec_type)) return &((codec_object *)object)->codec;
    PyErr_Format(PyExc_TypeError, "codec must be a Codec, not %.200s", Py_TYPE(object)->tp_name);
    return NULL;
}

/* The ways in which text may have become foreign; they keep their model. */
typedef struct {
    PyObject_HEAD mf_ways ways;
    PyObject *model;
} ways_object;

static PyTypeObject *ways_type;

static void ways_dealloc(PyObject *object) {
    ways_object *self = (ways_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    for (int i = 0; i < MF_CODECS; i++)
        mf_codec_free(&self->ways.codecs[i]);
    for (int i = 0; i < MF_MULTIBYTE; i++)
        mf_codec_free(&self->ways.composed[i]);
    Py_XDECREF(self->model);
    type->tp_free(object);
    Py_DECREF(type);
}

/* A cost in units; returns 0, and an error is set, if it is none. */
static int read_units(double nats, uint32_t *units) {
    enum { MOST = 1000 };
    if (!(nats >= 0 && nats <= MOST)) { /* NaN is neither */
        PyErr_SetString(PyExc_ValueError, "costs must be from 0 to 1000 nats");
        return 0;
    }
    *units = (uint32_t)(nats * MF_MODEL_UNITS_PER_NAT + 0.5);
    return 1;
}

/* Read {codec: (nats as a source, nats as a decoder)}. */
static int read_costs(PyObject *costs, mf_ways *ways) {
    for (int i = 0; i < MF_CODECS; i++) {
        PyObject *pair = PyDict_GetItemString(costs, mf_codec_name(i));
        double source, decoder;
        if (!pair || !PyTuple_Check(pair)) {
            PyErr_Format(PyExc_ValueError, "costs must have a tuple for %s", mf_codec_name(i));
            return 0;
        }
        if (!PyArg_ParseTuple(pair, "dd", &source, &decoder) ||
            !read_units(source, &ways->as_source[i]) ||
            !read_units(decoder, &ways->as_decoder[i])) {
            return 0;
        }
    }
    return 1;
}

/* Read the names of codecs of several bytes that drop bytes 80. */
static int read_droppers(PyObject *names, mf_ways *ways) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        const char *name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));
        int number = name ? mf_codec_number(name) - MF_DECODERS : -1;
        if (number < 0) {
            if (name) PyErr_Format(PyExc_ValueError, "no codec of several bytes %s", name);
            return 0;
        }
        ways->drops_80[number] = 1;
    }
    return 1;
}

static int open_codecs(mf_ways *ways) {
    int ok = 1;
    for (int i = 0; ok && i < MF_CODECS; i++)
        ok = mf_codec_open(&ways->codecs[i], i, 0, 0);
    for (int i = 0; ok && i < MF_MULTIBYTE; i++)
        ok = mf_codec_open(&ways->composed[i], MF_DECODERS + i, 1, 0);
    if (!ok) PyErr_NoMemory();
    return ok;
}

static PyObject *ways_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    static char *names[] = {"", "", "", "", NULL};
    PyObject *model, *costs, *droppers;
    double utf8, lost, less, change, enter, leave, accept;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OO!O!(ddddddd)", names, &model, &PyDict_Type,
                                     &costs, &PyTuple_Type, &droppers, &utf8, &lost, &less, &change,
                                     &enter, &leave, &accept)) {
        return NULL;
    }
    const mf_model *opened = mf_model_of(model);
    ways_object *self = opened ? (ways_object *)type->tp_alloc(type, 0) : NULL;
    if (!self) return NULL;
    self->model = Py_NewRef(model);
    mf_ways *ways = &self->ways;
    *ways = (mf_ways){.model = opened};
    int ok = read_units(utf8, &ways->utf8) && read_units(lost, &ways->lost) &&
             read_units(less, &ways->less) && read_units(change, &ways->change) &&
             read_units(enter, &ways->enter) && read_units(leave, &ways->leave) &&
             read_units(accept, &ways->accept) && read_costs(costs, ways) &&
             read_droppers(droppers, ways) && open_codecs(ways);
    if (!ok) Py_CLEAR(self);
    return (PyObject *)self;
}

static PyObject *ways_explain(PyObject *object, PyObject *list) {
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "explain(words) takes a list");
        return NULL;
    }
    size_t count = 0, found;
    mf_text *words = PyMem_New(mf_text, (size_t)PyList_GET_SIZE(list) + 1);
    mf_way *ways = PyMem_New(mf_way, MF_CODECS * MF_CODECS);
    PyObject *result = NULL;
    int ok = words && ways;
    if (!ok) PyErr_NoMemory();
    for (Py_ssize_t i = 0; ok && i < PyList_GET_SIZE(list); i++) {
        PyObject *word = PyList_GET_ITEM(list, i);
        ok = PyUnicode_Check(word);
        if (!ok) PyErr_SetString(PyExc_TypeError, "words must be str");
        if (ok && PyUnicode_GET_LENGTH(word)) words[count++] = view_of(word);
    }
    if (ok) {
        ok = mf_explain(&((ways_object *)object)->ways, words, count, MF_CODECS, ways, &found);
        result = ok ? PyList_New((Py_ssize_t)found) : PyErr_NoMemory();
    }
    for (size_t i = 0; result && i < found; i++) {
        PyObject *way =
            Py_BuildValue("ssd", mf_codec_name(ways[i].source), mf_codec_name(ways[i].decoder),
                          (double)ways[i].gain / MF_MODEL_UNITS_PER_NAT);
        if (!way) {
            Py_CLEAR(result);
            break;
        }
        PyList_SET_ITEM(result, (Py_ssize_t)i, way);
    }
    PyMem_Free(words);
    PyMem_Free(ways);
    return result;
}

static PyMethodDef ways_methods[] = {
    {"explain", ways_explain, METH_O,
     "explain(words)\n--\n\nWays that explain words, the best first: (source, decoder, gain), "
     "nats."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot ways_slots[] = {
    {Py_tp_new, (void *)ways_new},
    {Py_tp_dealloc, (void *)ways_dealloc},
    {Py_tp_methods, ways_methods},
    {Py_tp_doc,
     "Ways(model, costs, drops_80, (utf8, lost, less, change, enter, leave, "
     "accept))\n--\n\nThe "
     "ways in which text may have become foreign. Costs are nats, of each\nlegacy codec "
     "as a source and as a decoder, that text was UTF-8, that bytes are\ngone, that a "
     "word is spelt in another way, that damage begins and ends; and the\nevidence from "
     "which a way is taken. drops_80 names codecs of several bytes that drop bytes\n80."},
    {0, NULL},
};

static PyType_Spec ways_spec = {
    .name = "mojibake_fix._core.Ways",
    .basicsize = sizeof(ways_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = ways_slots,
};

const mf_ways *mf_ways_of(PyObject *object) {
    if (PyObject_TypeCheck(object, ways_type)) return &((ways_object *)object)->ways;
    PyErr_Format(PyExc_TypeError, "ways must be a Ways, not %.200s", Py_TYPE(object)->tp_name);
    return NULL;
}

int mf_add_codec_types(PyObject *module) {
    codec_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &codec_spec, NULL);
    if (!codec_type || PyModule_AddType(module, codec_type) < 0) return -1;
    ways_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &ways_spec, NULL);
    return ways_type ? PyModule_AddType(module, ways_type) : -1;
}
