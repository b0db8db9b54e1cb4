#include "objects/decode_template.hpp"

#include <utility>

#include "objects/collector.hpp"
#include "objects/layout.hpp"

namespace brinery {

Ref copy_with_values(PyObject* blank, PyObject** items, std::size_t count) {
  Ref dict = Ref::checked(PyDict_Copy(blank));
  if (!layout::is_unicode_table(dict) || layout::dict_keys(dict)->used != static_cast<Py_ssize_t>(count)) return {};
  layout::Entry* entries = layout::entries(layout::dict_keys(dict));
  bool tracked = PyObject_GC_IsTracked(dict) != 0;
  for (std::size_t i = 0; i < count; ++i) {
    PyObject* value = items[2 * i + 1];
    Ref::steal(std::exchange(entries[i].value, value));  // None
    Ref::steal(items[2 * i]);
    if (!tracked && may_be_tracked(value)) {
      PyObject_GC_Track(dict.get());
      tracked = true;
    }
  }
  return dict;
}

}  // namespace brinery
