// The parts that module.cpp puts together. Each adds its types to the state and its names to the module.
#pragma once

#include "objects/state.hpp"

namespace brinery {

void add_pickler(PyObject* module, State& state);    // Pickler, dump, dumps: module/pickler.cpp
void add_encode(PyObject* module, State& state);     // encode, encode_pieces: module/encode.cpp
void add_unpickler(PyObject* module, State& state);  // Unpickler, load, loads: module/unpickler.cpp
void add_trace(PyObject* module, State& state);      // trace: module/trace.cpp
void add_checker(PyObject* module, State& state);    // Rules, check: module/checker.cpp
void add_outline(PyObject* module);                  // outline: module/outline.cpp
void add_numpy(PyObject* module);                    // restored_array and its kin: module/numpy.cpp

}  // namespace brinery
