// The memory of an object as a buffer, whatever the object says of its shape.
#pragma once

#include <cstddef>

#include "objects/state.hpp"

namespace brinery {

Ref make_payload_type(PyObject* module);
// `owner` keeps `data` alive; a bytearray cannot change its size as long as the payload is there.
Ref new_payload(State& state, PyObject* owner, const void* data, std::size_t size);

}  // namespace brinery
