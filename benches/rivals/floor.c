/* The floor of CPython: what each row takes where one loop in C does it, on the same objects.

   A slot is loaded as the interpreter's own specialised bytecode does, and no function of Python is called. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

static PyTypeObject *COMMUTATIVE, *CONDITIONAL, *HINT, *SNAPSHOT;
static Py_ssize_t ID, RANK, RESOURCE, RESOURCE_RANK, KEY, CURRENT;

static Py_ssize_t offset_of(PyObject *type, const char *name) {
    PyObject *member = PyObject_GetAttrString(type, name);
    if (member == NULL) return -1;
    if (!Py_IS_TYPE(member, &PyMemberDescr_Type)) {
        PyErr_Format(PyExc_TypeError, "%s is no slot", name);
        return -1;
    }
    Py_ssize_t offset = ((PyMemberDescrObject *)member)->d_member->offset;
    Py_DECREF(member);
    return offset;
}

static inline PyObject *slot(PyObject *object, Py_ssize_t offset) {
    return *(PyObject **)((char *)object + offset);
}

static PyObject *prepare(PyObject *self, PyObject *args) {
    PyObject *cell;
    if (!PyArg_ParseTuple(args, "OOOOO", &COMMUTATIVE, &CONDITIONAL, &HINT, &SNAPSHOT, &cell)) return NULL;
    if ((ID = offset_of((PyObject *)COMMUTATIVE, "id")) < 0 ||
        (RANK = offset_of((PyObject *)COMMUTATIVE, "priority")) < 0 ||
        (RESOURCE = offset_of((PyObject *)CONDITIONAL, "resource")) < 0 ||
        (RESOURCE_RANK = offset_of((PyObject *)CONDITIONAL, "priority")) < 0 ||
        (KEY = offset_of((PyObject *)HINT, "sort_key")) < 0 || (CURRENT = offset_of(cell, "current")) < 0)
        return NULL;
    Py_INCREF(COMMUTATIVE), Py_INCREF(CONDITIONAL), Py_INCREF(HINT), Py_INCREF(SNAPSHOT);
    Py_RETURN_NONE;
}

static int refuse(PyObject *object, PyTypeObject *type) {
    if (Py_IS_TYPE(object, type)) return 0;
    PyErr_SetString(PyExc_TypeError, "an item is of another type");
    return -1;
}

static PyObject *reads(PyObject *self, PyObject *args) {
    PyObject *cell, *seen = NULL;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "On", &cell, &count)) return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *now = *(PyObject *volatile *)((char *)cell + CURRENT);
        Py_INCREF(now);
        Py_XSETREF(seen, now);
    }
    return seen;
}

static PyObject *writes(PyObject *self, PyObject *args) {
    PyObject *cell;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "On", &cell, &count)) return NULL;
    PyObject **place = (PyObject **)((char *)cell + CURRENT);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *base = *place;
        PyObject *next = SNAPSHOT->tp_alloc(SNAPSHOT, 2);
        if (next == NULL) return NULL;
        PyTuple_SET_ITEM(next, 0, PyLong_FromLong(PyLong_AsLong(PyTuple_GET_ITEM(base, 0)) + 1));
        PyTuple_SET_ITEM(next, 1, PyLong_FromSsize_t(i));
        if (*place != base) return NULL;
        Py_SETREF(*place, next);
    }
    return Py_NewRef(*place);
}

static PyObject *commutative(PyObject *self, PyObject *given) {
    Py_ssize_t size = PyList_GET_SIZE(given);
    PyObject *by_id = PyDict_New(), *highest = NULL;
    long most = -1;
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *one = PyList_GET_ITEM(given, i);
        if (refuse(one, COMMUTATIVE) < 0 || PyDict_SetItem(by_id, slot(one, ID), one) < 0) goto failed;
        PyObject *rank = slot(one, RANK);
        long value = PyLong_AsLong(rank);
        if (value > most) most = value, highest = rank;
    }
    if (PyDict_GET_SIZE(by_id) == size) return Py_BuildValue("NO", by_id, highest);
    PyErr_SetString(PyExc_ValueError, "an id is given twice");
failed:
    Py_DECREF(by_id);
    return NULL;
}

static PyObject *conditional(PyObject *self, PyObject *given) {
    PyObject *by_resource = PyDict_New(), *rejected = PyList_New(0), *highest = Py_None;
    long most = -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(given); i++) {
        PyObject *one = PyList_GET_ITEM(given, i);
        if (refuse(one, CONDITIONAL) < 0) goto failed;
        PyObject *first = PyDict_SetDefault(by_resource, slot(one, RESOURCE), one);
        if (first == NULL) goto failed;
        if (first != one) {
            if (PyList_Append(rejected, one) < 0) goto failed;
            continue;
        }
        PyObject *rank = slot(one, RESOURCE_RANK);
        long value = PyLong_AsLong(rank);
        if (value > most) most = value, highest = rank;
    }
    return Py_BuildValue("NNO", by_resource, rejected, highest);
failed:
    Py_DECREF(by_resource), Py_DECREF(rejected);
    return NULL;
}

static PyObject *conflicts(PyObject *self, PyObject *given) {
    PyObject *touching = PyDict_New(), *groups = PyDict_New();
    long pairs = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(given); i++) {
        PyObject *one = PyList_GET_ITEM(given, i), *resource = slot(one, RESOURCE);
        if (refuse(one, CONDITIONAL) < 0) goto failed;
        PyObject *group = PyDict_GetItemWithError(touching, resource);
        if (group == NULL) {
            group = PyList_New(0);
            if (group == NULL || PyDict_SetItem(touching, resource, group) < 0) goto failed;
            Py_DECREF(group);
        }
        if (PyList_Append(group, one) < 0) goto failed;
    }
    PyObject *resource, *group;
    for (Py_ssize_t place = 0; PyDict_Next(touching, &place, &resource, &group);) {
        long members = (long)PyList_GET_SIZE(group);
        if (members < 2) continue;
        PyObject *whole = PyList_AsTuple(group);
        if (whole == NULL || PyDict_SetItem(groups, resource, whole) < 0) goto failed;
        Py_DECREF(whole);
        pairs += members * (members - 1) / 2;
    }
    Py_DECREF(touching);
    return Py_BuildValue("Nl", groups, pairs);
failed:
    Py_DECREF(touching), Py_DECREF(groups);
    return NULL;
}

/* Each merge is a value of its own, as ours are: what was merged before stays as it is. */
static PyObject *merging(PyObject *self, PyObject *given) {
    PyObject *by_id = PyDict_New(), *highest = NULL;
    long most = -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(given); i++) {
        PyObject *one = PyList_GET_ITEM(given, i), *rank = slot(one, RANK);
        if (PyDict_Contains(by_id, slot(one, ID))) goto failed;
        PyObject *next = i ? PyDict_Copy(by_id) : Py_NewRef(by_id);
        if (next == NULL || PyDict_SetItem(next, slot(one, ID), one) < 0) goto failed;
        Py_SETREF(by_id, next);
        long value = PyLong_AsLong(rank);
        if (value > most) most = value, highest = rank;
    }
    return Py_BuildValue("NO", by_id, highest);
failed:
    Py_DECREF(by_id);
    return NULL;
}

/* Four lanes, and every sixteenth turn is the next lower lane's: the order of PriorityScheduler. */
static PyObject *scheduling(PyObject *self, PyObject *tasks) {
    Py_ssize_t size = PyList_GET_SIZE(tasks), ends[4] = {0}, begins[4] = {0};
    PyObject **lanes = malloc(4 * size * sizeof(PyObject *)), *order = PyList_New(size);
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *task = PyList_GET_ITEM(tasks, i);
        long rank = PyLong_AsLong(PyTuple_GET_ITEM(task, 1));
        lanes[rank * size + ends[rank]++] = Py_NewRef(PyTuple_GET_ITEM(task, 0));
    }
    for (Py_ssize_t turn = 0; turn < size; turn++) {
        long lane = turn % 16 == 15 ? turn / 16 % 3 : 3;
        if (begins[lane] == ends[lane])
            for (lane = 3; begins[lane] == ends[lane]; lane--) {}
        PyList_SET_ITEM(order, turn, lanes[lane * size + begins[lane]++]);
    }
    free(lanes);
    return order;
}

typedef struct {
    long key;
    PyObject *hint;
} Keyed;

static PyObject *sorting(PyObject *self, PyObject *given) {
    Py_ssize_t size = PyList_GET_SIZE(given);
    Keyed *from = malloc(size * sizeof(Keyed)), *to = malloc(size * sizeof(Keyed));
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *hint = PyList_GET_ITEM(given, i);
        from[i] = (Keyed){PyLong_AsLong(slot(hint, KEY)), hint};
    }
    for (Py_ssize_t width = 1; width < size; width *= 2) { /* stable, as sorted() is */
        for (Py_ssize_t start = 0; start < size; start += 2 * width) {
            Py_ssize_t left = start, middle = start + width < size ? start + width : size;
            Py_ssize_t right = middle, end = start + 2 * width < size ? start + 2 * width : size;
            for (Py_ssize_t i = start; i < end; i++)
                to[i] = left < middle && (right >= end || from[left].key <= from[right].key) ? from[left++]
                                                                                            : from[right++];
        }
        Keyed *swap = from;
        from = to, to = swap;
    }
    PyObject *sorted = PyList_New(size);
    for (Py_ssize_t i = 0; i < size; i++) PyList_SET_ITEM(sorted, i, Py_NewRef(from[i].hint));
    free(from), free(to);
    return sorted;
}

static PyMethodDef METHODS[] = {
    {"prepare", prepare, METH_VARARGS, NULL},     {"reads", reads, METH_VARARGS, NULL},
    {"writes", writes, METH_VARARGS, NULL},       {"commutative", commutative, METH_O, NULL},
    {"conditional", conditional, METH_O, NULL},   {"conflicts", conflicts, METH_O, NULL},
    {"merging", merging, METH_O, NULL},           {"scheduling", scheduling, METH_O, NULL},
    {"sorting", sorting, METH_O, NULL},           {NULL},
};
static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "floor", NULL, -1, METHODS};

PyMODINIT_FUNC PyInit_floor(void) { return PyModule_Create(&MODULE); }
