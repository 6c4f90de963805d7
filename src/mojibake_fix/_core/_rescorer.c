/* The binding of the rescorer. */
#include "_core.h"
#include "unsure.h"

/* A rescorer over a buffer; it keeps that and its model. */
typedef struct {
    PyObject_HEAD Py_buffer buffer;
    mf_rescorer rescorer;
    PyObject *model;
} rescorer_object;

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
    PyObject *data, *object;
    static char *names[] = {"", "", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OO", names, &data, &object)) return NULL;
    const mf_model *model = mf_model_of(object);
    if (!model) return NULL;
    rescorer_object *self = (rescorer_object *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->model = Py_NewRef(object);
    const char *wrong = NULL;
    if (PyObject_GetBuffer(data, &self->buffer, PyBUF_SIMPLE) == 0) {
        const Py_buffer *of = mf_model_buffer(object);
        wrong = mf_rescorer_open(&self->rescorer, self->buffer.buf, (size_t)self->buffer.len,
                                 of->buf, (size_t)of->len);
        if (!wrong && self->rescorer.ids != model->ids) wrong = "not of the same vocabulary";
        if (wrong) {
            PyErr_SetString(PyExc_ValueError, wrong);
        } else if (!self->rescorer.wide) {
            PyErr_NoMemory();
        }
    }
    if (PyErr_Occurred()) Py_CLEAR(self);
    return (PyObject *)self;
}

/* Read (at, ends, characters, posteriors), of which the buffers are to be released. */
static int read_unsure(PyObject *tuple, Py_buffer buffers[3], size_t length, mf_unsure *unsure) {
    PyObject *characters;
    if (!PyArg_ParseTuple(tuple, "y*y*Uy*", &buffers[0], &buffers[1], &characters, &buffers[2])) {
        return 0;
    }
    size_t count = (size_t)buffers[0].len / sizeof(uint32_t);
    size_t candidates = (size_t)PyUnicode_GET_LENGTH(characters);
    *unsure = (mf_unsure){
        .at = buffers[0].buf, .ends = buffers[1].buf, .posteriors = buffers[2].buf, .count = count};
    int fits = (size_t)buffers[1].len == count * sizeof(uint32_t) &&
               (size_t)buffers[2].len == candidates * sizeof(double) &&
               (count ? unsure->ends[count - 1] : 0) == candidates;
    for (size_t i = 0; fits && i < count; i++) {
        uint32_t first = i ? unsure->ends[i - 1] : 0, end = unsure->ends[i];
        fits = unsure->at[i] < length && (!i || unsure->at[i] > unsure->at[i - 1]) && end > first &&
               end - first <= MF_CANDIDATES;
    }
    unsure->characters = fits ? PyUnicode_AsUCS4Copy(characters) : NULL;
    if (unsure->characters) return 1;
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "places must be in order, and in the text, each with 1 "
                                          "to 16 candidates, and these with posteriors");
    }
    for (int i = 0; i < 3; i++)
        PyBuffer_Release(&buffers[i]);
    return 0;
}

/* text, (at, ends, characters, posteriors), sure, looks */
static PyObject *rescorer_weighed(PyObject *object, PyObject *args) {
    const rescorer_object *self = (rescorer_object *)object;
    PyObject *text, *tuple;
    double sure;
    int looks;
    if (!PyArg_ParseTuple(args, "UO!di", &text, &PyTuple_Type, &tuple, &sure, &looks)) return NULL;
    mf_text view = view_of(text);
    if (view.length > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "the text is too long");
        return NULL;
    }
    Py_buffer buffers[3];
    mf_unsure unsure;
    if (!read_unsure(tuple, buffers, view.length, &unsure)) return NULL;
    const mf_model *model = mf_model_of(self->model);
    size_t candidates = (size_t)buffers[2].len / sizeof(double);
    uint32_t *characters = PyMem_Malloc((candidates + 1) * sizeof *characters);
    PyObject *posteriors = PyBytes_FromStringAndSize(NULL, buffers[2].len), *best = NULL;
    if (!characters) PyErr_NoMemory();
    if (characters && posteriors) {
        int ok;
        double *weighed = (double *)PyBytes_AS_STRING(posteriors);
        Py_BEGIN_ALLOW_THREADS ok = mf_weigh_unsure(&self->rescorer, model, &view, &unsure, sure,
                                                    looks, characters, weighed);
        Py_END_ALLOW_THREADS if (!ok) PyErr_NoMemory();
        else best =
            PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, characters, (Py_ssize_t)candidates);
    }
    PyMem_Free(characters);
    PyMem_Free((void *)unsure.characters);
    for (int i = 0; i < 3; i++)
        PyBuffer_Release(&buffers[i]);
    PyObject *result = best ? PyTuple_Pack(2, best, posteriors) : NULL;
    Py_XDECREF(best);
    Py_XDECREF(posteriors);
    return result;
}

static PyMethodDef rescorer_methods[] = {
    {"weighed", rescorer_weighed, METH_VARARGS,
     "weighed(text, unsure, sure, looks)\n--\n\nWhat may stand at the places of a document that "
     "are not sure, and posteriors, by what\nstands on both sides of them and elsewhere: the best "
     "of each place first."},
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

int mf_add_rescorer_type(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &rescorer_spec, NULL);
    int added = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return added;
}
