// Text out of the stream: UTF-8 that is nearly always ASCII, and short.
#pragma once

#include <cstdint>

#include "objects/ref.hpp"

namespace brinery {

// The str for these bytes, new reference; null with an exception where they are not UTF-8 (surrogates may pass).
PyObject* new_text(const std::uint8_t* data, std::size_t size);

}  // namespace brinery
