/* The binding of the sieve: paths in, verdicts out, in the same order. */
#include "_core.h"
#include "sieve.h"
#include <limits.h>

/* A batch, and what it points to. */
typedef struct pending {
    mf_batch batch;
    struct pending *next;
    PyObject *names, *verdicts; /* a tuple of bytes and None, and bytes */
    const char *paths[];
} pending;

/* Batches in the order in which they are asked for. The sieve points into `page` and
   `ways`. */
typedef struct {
    PyObject_HEAD mf_sieve *sieve;
    pending *first, *last;
    PyObject *page, *ways;
} sieve_object;

static void forget(pending *batch) {
    Py_XDECREF(batch->names);
    Py_XDECREF(batch->verdicts);
    PyMem_Free(batch);
}

static PyObject *sieve_close(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    sieve_object *object = (sieve_object *)self;
    mf_sieve *sieve = object->sieve;
    object->sieve = NULL;
    if (sieve) {
        Py_BEGIN_ALLOW_THREADS mf_sieve_free(sieve);
        Py_END_ALLOW_THREADS
    }
    while (object->first) {
        pending *batch = object->first;
        object->first = batch->next;
        forget(batch);
    }
    Py_RETURN_NONE;
}

static void sieve_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Py_DECREF(sieve_close(self, NULL));
    Py_XDECREF(((sieve_object *)self)->page);
    Py_XDECREF(((sieve_object *)self)->ways);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *sieve_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *page, *given;
    Py_ssize_t head, threads;
    mf_prior prior;
    if (kwargs && PyDict_GET_SIZE(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Sieve takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "SnOn:Sieve", &page, &head, &given, &threads)) return NULL;
    if (!mf_read_prior(given, &prior)) return NULL;
    if (head < 0 || threads < 0) {
        PyErr_SetString(PyExc_ValueError, "head and threads must not be negative");
        return NULL;
    }
    sieve_object *self = (sieve_object *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->page = Py_NewRef(page);
    const mf_looks looks = {(const uint8_t *)PyBytes_AS_STRING(page),
                            (size_t)PyBytes_GET_SIZE(page), (size_t)head, prior};
    self->sieve = mf_sieve_new(&looks, threads < INT_MAX ? (unsigned)threads : INT_MAX);
    if (self->sieve) return (PyObject *)self;
    Py_DECREF(self);
    return PyErr_NoMemory();
}

/* A tuple of paths as the system has them, with None where there is none. */
static PyObject *encoded(PyObject *paths) {
    Py_ssize_t count = PyList_GET_SIZE(paths);
    PyObject *names = PyTuple_New(count);
    for (Py_ssize_t i = 0; names && i < count; i++) {
        PyObject *path = PyList_GET_ITEM(paths, i), *name;
        if (path == Py_None) {
            name = Py_NewRef(path);
        } else if (!PyUnicode_FSConverter(path, &name)) {
            Py_CLEAR(names);
            break;
        }
        PyTuple_SET_ITEM(names, i, name);
    }
    return names;
}

static PyObject *sieve_add(PyObject *self, PyObject *paths) {
    sieve_object *object = (sieve_object *)self;
    if (!PyList_Check(paths) || !object->sieve) {
        PyErr_SetString(PyExc_TypeError, "add(paths) takes a list, until the sieve is closed");
        return NULL;
    }
    PyObject *names = encoded(paths);
    if (!names) return NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    pending *batch = PyMem_Malloc(sizeof *batch + (size_t)count * sizeof *batch->paths);
    PyObject *verdicts = PyBytes_FromStringAndSize(NULL, count);
    if (!batch || !verdicts) {
        PyMem_Free(batch);
        Py_XDECREF(verdicts);
        Py_DECREF(names);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        batch->paths[i] = name == Py_None ? NULL : PyBytes_AS_STRING(name);
    }
    batch->names = names;
    batch->verdicts = verdicts;
    batch->next = NULL;
    batch->batch = (mf_batch){
        .paths = batch->paths, .verdicts = PyBytes_AS_STRING(verdicts), .count = (size_t)count};
    if (object->first) {
        object->last->next = batch;
    } else {
        object->first = batch;
    }
    object->last = batch;
    mf_sieve_add(object->sieve, &batch->batch);
    Py_RETURN_NONE;
}

static PyObject *sieve_verdicts(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    sieve_object *object = (sieve_object *)self;
    pending *batch = object->first;
    if (!batch) {
        PyErr_SetString(PyExc_LookupError, "no batch is left");
        return NULL;
    }
    object->first = batch->next;
    Py_BEGIN_ALLOW_THREADS mf_sieve_wait(object->sieve, &batch->batch);
    Py_END_ALLOW_THREADS PyObject *verdicts = Py_NewRef(batch->verdicts);
    forget(batch);
    return verdicts;
}

/* path, ways */
static PyObject *sieve_judge(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    sieve_object *object = (sieve_object *)self;
    if (count != 2 || !object->sieve) {
        PyErr_SetString(PyExc_TypeError, "judge(path, ways) takes two, until the sieve is closed");
        return NULL;
    }
    const mf_ways *ways = mf_ways_of(args[1]);
    PyObject *path;
    if (!ways) return NULL;
    if (object->ways && object->ways != args[1]) {
        PyErr_SetString(PyExc_ValueError, "a sieve has the same ways for all");
        return NULL;
    }
    if (!PyUnicode_FSConverter(args[0], &path)) return NULL;
    mf_verdict verdict;
    Py_BEGIN_ALLOW_THREADS mf_sieve_use(object->sieve, ways);
    verdict = mf_sieve_judge(object->sieve, PyBytes_AS_STRING(path));
    Py_END_ALLOW_THREADS Py_DECREF(path);
    Py_XSETREF(object->ways, Py_NewRef(args[1]));
    return PyLong_FromLong(verdict);
}

static PyMethodDef sieve_methods[] = {
    {"add", sieve_add, METH_O,
     "add(paths)\n--\n\nHave a batch of files judged; None stands for none."},
    {"verdicts", sieve_verdicts, METH_NOARGS,
     "verdicts()\n--\n\nWait for the oldest batch. Of each file, a byte: 1 if it is clean beyond "
     "doubt,\n2 if the ways, which have a model, could tell."},
    {"judge", (PyCFunction)(void (*)(void))sieve_judge, METH_FASTCALL,
     "judge(path, ways)\n--\n\nThe verdict on one file. The ways serve for those that follow, "
     "too."},
    {"close", sieve_close, METH_NOARGS, "close()\n--\n\nEnd the threads."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot sieve_slots[] = {
    {Py_tp_new, (void *)sieve_new},
    {Py_tp_dealloc, (void *)sieve_dealloc},
    {Py_tp_methods, sieve_methods},
    {Py_tp_doc, "Sieve(page, head, prior, threads)\n--\n\nThreads that find out which files are "
                "clean. One that begins\nwith page or holds a NUL in its first head bytes is "
                "not."},
    {0, NULL},
};

static PyType_Spec sieve_spec = {
    .name = "mojibake_fix._core.Sieve",
    .basicsize = sizeof(sieve_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = sieve_slots,
};

int mf_add_sieve_type(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &sieve_spec, NULL);
    int failed = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return failed;
}
