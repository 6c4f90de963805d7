/* The binding: Python objects in, Python objects out, and nothing else. */
#include "_core.h"
#include "escape.h"
#include "foreign.h"
#include "layer.h"
#include "lone.h"
#include "phrase.h"
#include "refute.h"
#include "sample.h"
#include "scan.h"
#include "utf8.h"

/* Below this many bytes the interpreter lock costs more to release than it gives. */
enum { WORTH_UNLOCKING = 4096 };

#define PRIOR_LIMIT (1LL << 24)
#define WEIGHT_LIMIT (1LL << 40)

static PyObject *offset_or_none_found(size_t offset) {
    return offset == MF_NONE ? PyLong_FromLong(-1) : PyLong_FromSize_t(offset);
}

/* data, start=0 */
static int read_start(PyObject *const *args, Py_ssize_t count, size_t *start) {
    if (count < 1 || count > 2) {
        PyErr_SetString(PyExc_TypeError, "the search takes data and start=0");
        return 0;
    }
    Py_ssize_t given = count == 2 ? PyLong_AsSsize_t(args[1]) : 0;
    if (given == -1 && PyErr_Occurred()) return 0;
    if (given < 0) {
        PyErr_SetString(PyExc_ValueError, "start must not be negative");
        return 0;
    }
    *start = (size_t)given;
    return 1;
}

static PyObject *found_in(PyObject *text, size_t (*find)(const mf_text *, size_t), size_t start) {
    mf_text view = view_of(text);
    size_t found;
    if (view.length * (size_t)view.width < WORTH_UNLOCKING) {
        found = find(&view, start);
    } else {
        Py_BEGIN_ALLOW_THREADS found = find(&view, start);
        Py_END_ALLOW_THREADS
    }
    return offset_or_none_found(found);
}

static PyObject *find_suspect(PyObject *Py_UNUSED(module), PyObject *const *args,
                              Py_ssize_t count) {
    size_t start, found;
    if (!read_start(args, count, &start)) return NULL;
    if (PyUnicode_Check(args[0])) return found_in(args[0], mf_find_any_suspect, start);
    Py_buffer buffer;
    if (PyObject_GetBuffer(args[0], &buffer, PyBUF_SIMPLE) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS found = mf_find_any_suspect_utf8(buffer.buf, (size_t)buffer.len, start);
    Py_END_ALLOW_THREADS PyBuffer_Release(&buffer);
    return offset_or_none_found(found);
}

static PyObject *find_foreign(PyObject *Py_UNUSED(module), PyObject *const *args,
                              Py_ssize_t count) {
    size_t start, found;
    if (!read_start(args, count, &start)) return NULL;
    if (PyUnicode_Check(args[0])) {
        if (PyUnicode_IS_ASCII(args[0])) return PyLong_FromLong(-1);
        return found_in(args[0], mf_find_foreign, start);
    }
    Py_buffer buffer;
    if (PyObject_GetBuffer(args[0], &buffer, PyBUF_SIMPLE) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS found = mf_find_foreign_utf8(buffer.buf, (size_t)buffer.len, start);
    Py_END_ALLOW_THREADS PyBuffer_Release(&buffer);
    return offset_or_none_found(found);
}

/* Whichever comes first of a suspect and a foreign place. */
static PyObject *find_sign(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PyObject *suspect = find_suspect(module, args, count);
    PyObject *foreign = suspect ? find_foreign(module, args, count) : NULL;
    if (!foreign) {
        Py_XDECREF(suspect);
        return NULL;
    }
    Py_ssize_t one = PyLong_AsSsize_t(suspect), other = PyLong_AsSsize_t(foreign);
    Py_DECREF(suspect);
    Py_DECREF(foreign);
    return PyLong_FromSsize_t(one < 0 || (other >= 0 && other < one) ? other : one);
}

static PyObject *find_in_str(PyObject *const *args, Py_ssize_t count,
                             size_t (*find)(const mf_text *, size_t)) {
    size_t start;
    if (!read_start(args, count, &start)) return NULL;
    if (!PyUnicode_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "text must be a str, not %.200s", Py_TYPE(args[0])->tp_name);
        return NULL;
    }
    return found_in(args[0], find, start);
}

static PyObject *find_escape(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    return find_in_str(args, count, mf_find_escape);
}

static PyObject *find_unread(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    return find_in_str(args, count, mf_find_unread);
}

/* text, phrases, start */
static PyObject *find_phrase(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *text, *phrases;
    Py_ssize_t start;
    if (!PyArg_ParseTuple(args, "UO!n", &text, &PyTuple_Type, &phrases, &start)) return NULL;
    const Py_ssize_t count = PyTuple_GET_SIZE(phrases);
    mf_text *views = PyMem_New(mf_text, (size_t)count + 1);
    if (!views) return PyErr_NoMemory();
    int is_wrong = start < 0;
    for (Py_ssize_t i = 0; i < count && !is_wrong; i++) {
        PyObject *phrase = PyTuple_GET_ITEM(phrases, i);
        is_wrong = !PyUnicode_Check(phrase) || PyUnicode_GET_LENGTH(phrase) < 2;
        if (!is_wrong) views[i] = view_of(phrase);
    }
    size_t found = MF_NONE;
    if (is_wrong) {
        PyErr_SetString(
            PyExc_ValueError,
            "the phrases must have two code points at least, and start not be negative");
    } else {
        const mf_text view = view_of(text);
        Py_BEGIN_ALLOW_THREADS found = mf_find_phrase(&view, (size_t)start, views, (size_t)count);
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(views);
    return is_wrong ? NULL : offset_or_none_found(found);
}

/* The text as it reads, and its runs of escapes: where each begins in it and in the text as it is
   spelt, size and count, each as a row of int64_t; and their notations. */
static PyObject *view_tuple(const mf_view *view) {
    enum { FIELDS = 4 };
    Py_ssize_t count = (Py_ssize_t)view->count;
    PyObject *fields[FIELDS], *notations = PyBytes_FromStringAndSize(NULL, count);
    PyObject *text = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, view->code_points,
                                               (Py_ssize_t)view->length);
    int64_t *rows[FIELDS];
    int ok = text && notations;
    for (int field = 0; field < FIELDS; field++) {
        fields[field] = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(int64_t));
        ok = ok && fields[field];
        rows[field] = ok ? (int64_t *)(void *)PyBytes_AS_STRING(fields[field]) : NULL;
    }
    for (size_t i = 0; ok && i < view->count; i++) {
        const mf_escapes *run = &view->runs[i];
        rows[0][i] = (int64_t)run->at;
        rows[1][i] = (int64_t)run->start;
        rows[2][i] = (int64_t)run->size;
        rows[3][i] = (int64_t)run->count;
        PyBytes_AS_STRING(notations)[i] = (char)run->notation;
    }
    PyObject *result =
        ok ? PyTuple_Pack(6, text, fields[0], fields[1], fields[2], fields[3], notations) : NULL;
    for (int field = 0; field < FIELDS; field++)
        Py_XDECREF(fields[field]);
    Py_XDECREF(notations);
    Py_XDECREF(text);
    return result;
}

static PyObject *resolve(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "resolve(text, printable) takes a str and a bool");
        return NULL;
    }
    int printable = PyObject_IsTrue(args[1]), ok;
    if (printable < 0) return NULL;
    mf_text text = view_of(args[0]);
    mf_view view = {0};
    Py_BEGIN_ALLOW_THREADS ok = mf_resolve(&text, printable, &view);
    Py_END_ALLOW_THREADS PyObject *result = NULL;
    if (!ok) {
        PyErr_NoMemory();
    } else if (!view.count) {
        result = Py_NewRef(Py_None);
    } else {
        result = view_tuple(&view);
    }
    mf_view_free(&view);
    return result;
}

/* The first place under some decoders: text, start, decoders. */
static PyObject *found_under(PyObject *const *args, Py_ssize_t count,
                             size_t (*find)(const mf_text *, size_t, uint32_t)) {
    if (count != 3 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError,
                        "the search takes a text (a str), a start and decoders (two int)");
        return NULL;
    }
    size_t start;
    if (!read_start(args, 2, &start)) return NULL;
    long long decoders = PyLong_AsLongLong(args[2]);
    if (decoders == -1 && PyErr_Occurred()) return NULL;
    if (decoders >> MF_DECODERS) {
        PyErr_SetString(PyExc_ValueError, "decoders must have a bit for each decoder, and no more");
        return NULL;
    }
    if (PyUnicode_IS_ASCII(args[0])) return PyLong_FromLong(-1);
    mf_text text = view_of(args[0]);
    size_t found;
    if (text.length * (size_t)text.width < WORTH_UNLOCKING) {
        found = find(&text, start, (uint32_t)decoders);
    } else {
        Py_BEGIN_ALLOW_THREADS found = find(&text, start, (uint32_t)decoders);
        Py_END_ALLOW_THREADS
    }
    return offset_or_none_found(found);
}

static PyObject *find_lead(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    return found_under(args, count, mf_find_lead);
}

static PyObject *find_pair(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    return found_under(args, count, mf_find_pair);
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

int mf_read_weights(PyObject *given, int64_t weights[MF_DECODERS]) {
    return read_figures(given, weights, MF_DECODERS, WEIGHT_LIMIT, "weights");
}

int mf_read_prior(PyObject *given, mf_prior *prior) {
    if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) != 3) {
        PyErr_SetString(PyExc_TypeError, "prior must be (log_odds, preference, limits)");
        return 0;
    }
    int64_t figures[2][MF_DECODERS], limits[9];
    if (!read_figures(PyTuple_GET_ITEM(given, 0), figures[0], MF_DECODERS, PRIOR_LIMIT,
                      "log_odds") ||
        !read_figures(PyTuple_GET_ITEM(given, 1), figures[1], MF_DECODERS, PRIOR_LIMIT,
                      "preference") ||
        !read_figures(PyTuple_GET_ITEM(given, 2), limits, 9, PRIOR_LIMIT, "limits")) {
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
    prior->loss = (int32_t)limits[5];
    prior->most_lone = (int32_t)limits[6];
    prior->literal = (int32_t)limits[7];
    prior->agreed = (int32_t)limits[8];
    if (prior->misfit < 0 || prior->most <= prior->misfit || prior->most_lone < 0 ||
        prior->literal < 0) {
        PyErr_SetString(PyExc_ValueError, "limits need 0 <= misfit < most, 0 <= most_lone, and "
                                          "0 <= literal");
        return 0;
    }
    return 1;
}

int mf_read_arguments(PyObject *const *args, mf_text *text, mf_prior *prior) {
    if (!PyUnicode_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "text must be a str, not %.200s", Py_TYPE(args[0])->tp_name);
        return 0;
    }
    *text = view_of(args[0]);
    return mf_read_prior(args[1], prior);
}

/* text, prior, ways=None: a bool, or None if that depends on the ways */
static PyObject *refutes(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    mf_text text;
    mf_prior prior;
    if (count < 2 || count > 3) {
        PyErr_SetString(PyExc_TypeError, "refutes(text, prior, ways=None) takes two or three");
        return NULL;
    }
    const mf_ways *ways = count == 3 ? mf_ways_of(args[2]) : NULL;
    if (PyErr_Occurred() || !mf_read_arguments(args, &text, &prior)) return NULL;
    mf_verdict found;
    Py_BEGIN_ALLOW_THREADS found = mf_refute(&text, &prior, ways);
    Py_END_ALLOW_THREADS if (found == MF_UNSETTLED) Py_RETURN_NONE;
    return PyBool_FromLong(found == MF_CLEAN);
}

static PyObject *part_of(const mf_text *text) {
    return PyUnicode_FromKindAndData(text->width, text->data, (Py_ssize_t)text->length);
}

static PyObject *sampled(const mf_sample *sample) {
    PyObject *lines = PyList_New((Py_ssize_t)sample->line_count);
    for (size_t i = 0; lines && i < sample->line_count; i++) {
        PyObject *line = Py_BuildValue("nn", (Py_ssize_t)sample->lines[i].start,
                                       (Py_ssize_t)sample->lines[i].end);
        if (!line) Py_CLEAR(lines);
        if (line) PyList_SET_ITEM(lines, (Py_ssize_t)i, line);
    }
    PyObject *words = lines ? PyList_New((Py_ssize_t)sample->word_count) : NULL;
    for (size_t i = 0; words && i < sample->word_count; i++) {
        PyObject *word = part_of(&sample->words[i]);
        if (!word) Py_CLEAR(words);
        if (word) PyList_SET_ITEM(words, (Py_ssize_t)i, word);
    }
    PyObject *passage = words ? part_of(&sample->passage) : NULL;
    PyObject *result = passage ? PyTuple_Pack(3, lines, passage, words) : NULL;
    Py_XDECREF(lines);
    Py_XDECREF(words);
    Py_XDECREF(passage);
    return result;
}

/* text, places */
static PyObject *take_sample(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyUnicode_Check(args[0]) || !PyList_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "sample(text, places) takes a str and a list");
        return NULL;
    }
    const mf_text text = view_of(args[0]);
    size_t number = (size_t)PyList_GET_SIZE(args[1]);
    size_t *places = PyMem_New(size_t, number + 1);
    if (!places) return PyErr_NoMemory();
    for (size_t i = 0; i < number && !PyErr_Occurred(); i++) {
        places[i] = PyLong_AsSize_t(PyList_GET_ITEM(args[1], (Py_ssize_t)i));
        if (!PyErr_Occurred() && (places[i] >= text.length || (i && places[i] < places[i - 1]))) {
            PyErr_SetString(PyExc_ValueError, "places must be in the text, and in order");
        }
    }
    PyObject *result = NULL;
    mf_sample sample = {0};
    if (!PyErr_Occurred()) {
        int ok = mf_sample_take(&text, places, number, &sample);
        result = ok ? sampled(&sample) : PyErr_NoMemory();
    }
    mf_sample_free(&sample);
    PyMem_Free(places);
    return result;
}

static PyObject *weigh(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    mf_text text;
    mf_prior prior;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "weigh(text, prior) takes two arguments");
        return NULL;
    }
    if (!mf_read_arguments(args, &text, &prior)) return NULL;
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

/* text, decoder, edits: a list of runs outside of the edits */
static PyObject *broken_runs(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "broken_runs(text, decoder, edits) takes a str");
        return NULL;
    }
    mf_text text = view_of(args[0]);
    long decoder = PyLong_AsLong(args[1]);
    const mf_edits *edits = PyErr_Occurred() ? NULL : mf_edits_of(args[2]);
    if (!edits) return NULL;
    if (decoder < 0 || decoder >= MF_DECODERS) {
        PyErr_SetString(PyExc_ValueError, "no such decoder");
        return NULL;
    }
    PyObject *list = PyList_New(0);
    size_t at = 0;
    for (size_t i = 0; list && i <= edits->count; i++) {
        const mf_edit *edit = i < edits->count ? &edits->edits[i] : NULL;
        size_t until = edit && edit->start < text.length ? edit->start : text.length;
        mf_broken run;
        while (list && mf_find_broken(&text, (int)decoder, at, until, &run)) {
            PyObject *item = Py_BuildValue("nnn", (Py_ssize_t)run.start, (Py_ssize_t)run.end,
                                           (Py_ssize_t)run.rest);
            if (!item || PyList_Append(list, item) < 0) Py_CLEAR(list);
            Py_XDECREF(item);
            at = run.end;
        }
        if (edit) at = edit->end;
    }
    return list;
}

/* text, at: the lone run of each decoder that has one; prior and model: if it may be restored */
static PyObject *lone_runs(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    size_t at;
    if (!read_start(args, count < 2 ? count : 2, &at)) return NULL;
    if (!PyUnicode_Check(args[0]) || (count != 2 && count != 4)) {
        PyErr_SetString(PyExc_TypeError, "lone_runs takes a str, an int, and a prior and a Model");
        return NULL;
    }
    mf_text text = view_of(args[0]);
    mf_prior prior;
    const mf_model *model = count == 4 ? mf_model_of(args[3]) : NULL;
    if (PyErr_Occurred() || (model && !mf_read_prior(args[2], &prior))) return NULL;
    if (at >= text.length) {
        PyErr_SetString(PyExc_ValueError, "at must be in the text");
        return NULL;
    }
    size_t lookups = 0;
    PyObject *list = PyList_New(0);
    for (int decoder = 0; list && decoder < MF_DECODERS; decoder++) {
        mf_broken run;
        if (!mf_find_lone(&text, decoder, at, &run)) continue;
        if (model && !mf_may_restore(&text, decoder, &run, &prior, model, &lookups)) continue;
        PyObject *item = Py_BuildValue("innn", decoder, (Py_ssize_t)run.start, (Py_ssize_t)run.end,
                                       (Py_ssize_t)run.rest);
        if (!item || PyList_Append(list, item) < 0) Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

static PyMethodDef methods[] = {
    {"find_suspect", (PyCFunction)(void (*)(void))find_suspect, METH_FASTCALL,
     "find_suspect(data, start=0)\n--\n\nOffset of the first suspect at or after start, or -1."},
    {"find_unread", (PyCFunction)(void (*)(void))find_unread, METH_FASTCALL,
     "find_unread(text, start=0)\n--\n\nOffset of the first text of which nobody read the encoding "
     "at or\nafter start, or -1."},
    {"find_escape", (PyCFunction)(void (*)(void))find_escape, METH_FASTCALL,
     "find_escape(text, start=0)\n--\n\nOffset of the first escape at or after start, or -1."},
    {"find_phrase", find_phrase, METH_VARARGS,
     "find_phrase(text, phrases, start)\n--\n\nOffset of the first of some phrases, in small "
     "letters, at or after start, or -1;\ncapitals of ASCII are as good."},
    {"resolve", (PyCFunction)(void (*)(void))resolve, METH_FASTCALL,
     "resolve(text, printable)\n--\n\nThe text as it reads with its escapes resolved, and where "
     "they are;\nNone if there is none."},
    {"find_lead", (PyCFunction)(void (*)(void))find_lead, METH_FASTCALL,
     "find_lead(text, start, decoders)\n--\n\nOffset of the first image of a lead byte under one "
     "of these decoders,\na bit for each, or -1."},
    {"find_pair", (PyCFunction)(void (*)(void))find_pair, METH_FASTCALL,
     "find_pair(text, start, decoders)\n--\n\nOffset of the first images of a lead byte and a "
     "continuation behind it under one\nof these decoders, a bit for each, or -1."},
    {"find_foreign", (PyCFunction)(void (*)(void))find_foreign, METH_FASTCALL,
     "find_foreign(data, start=0)\n--\n\nOffset of the first foreign place at or after start, or "
     "-1."},
    {"find_sign", (PyCFunction)(void (*)(void))find_sign, METH_FASTCALL,
     "find_sign(data, start=0)\n--\n\nOffset of the first suspect or foreign place at or after "
     "start, or -1."},
    {"find_invalid_utf8", find_invalid_utf8, METH_O,
     "find_invalid_utf8(data)\n--\n\nOffset of the first byte that is not UTF-8, or -1."},
    {"scan_without_vectors", scan_without_vectors, METH_O,
     "scan_without_vectors(on)\n--\n\nScan with plain loops only: for tests."},
    {"refutes", (PyCFunction)(void (*)(void))refutes, METH_FASTCALL,
     "refutes(text, prior, ways=None)\n--\n\nWhether a document with signs of damage stays as it "
     "is, as far as the core\ncan tell by itself. None if it could with the ways, which have a "
     "model."},
    {"sample", (PyCFunction)(void (*)(void))take_sample, METH_FASTCALL,
     "sample(text, places)\n--\n\nWhat is read of a text around foreign places: lines, (start, "
     "end), a passage of some\nof them from all over the text, and words."},
    {"weigh", (PyCFunction)(void (*)(void))weigh, METH_FASTCALL,
     "weigh(text, prior)\n--\n\nWhat the whole text tells of each decoder."},
    {"undo", (PyCFunction)(void (*)(void))mf_undo_layer, METH_FASTCALL,
     "undo(text, prior, weights, model=None)\n--\n\nThe text less one layer, and its edits."},
    {"broken_runs", (PyCFunction)(void (*)(void))broken_runs, METH_FASTCALL,
     "broken_runs(text, decoder, edits)\n--\n\nRuns outside of the edits in which a sequence "
     "breaks off: start, end,\nand the end of what may be folded images behind it."},
    {"lone_runs", (PyCFunction)(void (*)(void))lone_runs, METH_FASTCALL,
     "lone_runs(text, at, prior=None, model=None)\n--\n\nThe run of each decoder that holds an "
     "offset and in which a sequence breaks off,\nunless it is probably chance, or none that has "
     "enough evidence under the model:\ndecoder, and the rest as in broken_runs."},
    {"replace_spans", mf_replace_spans, METH_VARARGS,
     "replace_spans(text, spans, mask=None)\n--\n\nA text with the replacements of spans made, or "
     "with every code point of them\nmasked; the same object if nothing is replaced."},
    {"join_pieces", mf_join_pieces, METH_VARARGS,
     "join_pieces(observed, text, edits, pieces, context)\n--\n\nPieces of what is observed with "
     "what is known around them: a text, what of it is\ngiven, where each piece begins and stops "
     "in what is known, and its bounds."},
    {"place_pieces", mf_place_pieces, METH_VARARGS,
     "place_pieces(starts, bounds)\n--\n\nThe bounds of pieces with where their originals begin "
     "and stop."},
    {"put_pieces", mf_put_pieces, METH_VARARGS,
     "put_pieces(text, begins, stops, original, bounds)\n--\n\nA text with the originals of "
     "pieces in it, and where each begins there."},
    {"judge_pieces", mf_judge_pieces, METH_VARARGS,
     "judge_pieces(model, observed, text, small, price, starts, flags, bounds, pieces, reading, "
     "strange)\n--\n\nThe pieces that were understood, as tuples of a type with the fields of\n"
     "`_restore._Reading`: their evidence is as much as they need, and they cost no more than\n"
     "they may. `small` is what was made of them, in small letters, at a price where that is\n"
     "another one; of so many `strange` code points that were restored one may be strange."},
    {"judge_stretches", mf_judge_stretches, METH_VARARGS,
     "judge_stretches(model, observed, original, starts, flags, posteriors)\n--\n\nThe stretches "
     "of "
     "a reading that do not stand as written, (start, end, begin,\nstop, observed, original, "
     "written, meant, least): where each is in what is observed\nand in the original, both, what "
     "they cost with what stands behind them, nats, and\nthe least posterior."},
    {"restored_stretches", mf_restored_stretches, METH_VARARGS,
     "restored_stretches(text, starts, flags, posteriors, readings, restored, channel)\n--\n\n"
     "Stretches of readings that do not stay as observed, as tuples of a type with the "
     "fields\nof `_restore.Restored`, and of each the number of its reading, and where it is in "
     "the text."},
    {NULL, NULL, 0, NULL},
};

/* Each codec of several bytes to its marker. */
static int add_markers(PyObject *module) {
    PyObject *markers = PyDict_New();
    int failed = markers ? 0 : -1;
    for (int i = 0; !failed && i < MF_MULTIBYTE; i++) {
        PyObject *marker = PyUnicode_FromOrdinal(mf_multibyte_marker[i]);
        failed = marker ? PyDict_SetItemString(markers, mf_multibyte_name[i], marker) : -1;
        Py_XDECREF(marker);
    }
    if (!failed) failed = PyModule_AddObjectRef(module, "MARKERS", markers);
    Py_XDECREF(markers);
    return failed;
}

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
    if (failed < 0 || add_markers(module) < 0) return -1;
    if (mf_add_codec_types(module) < 0) return -1;
    if (mf_add_edits_type(module) < 0) return -1;
    if (mf_add_model_types(module) < 0) return -1;
    if (mf_add_rescorer_type(module) < 0) return -1;
    if (mf_add_sieve_type(module) < 0) return -1;
    if (PyModule_AddIntConstant(module, "UNITS_PER_NAT", MF_UNITS_PER_NAT) < 0) return -1;
    if (PyModule_AddIntConstant(module, "NEAR", MF_SAMPLE_NEAR) < 0) return -1;
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
    .m_doc = "The C core: scan, runs, evidence, language model.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__core(void) {
    return PyModuleDef_Init(&definition);
}
