// Telling which plan fits a type, by what the type inherits and overrides.
#pragma once

#include "objects/plan.hpp"

namespace brinery {

class Recogniser {
 public:
  Recogniser(State& state, PlanTable& table, Plan& plan, PyObject* example)
      : state_(state), table_(table), plan_(plan), type_(plan.type), example_(example) {}
  // Fills the plan. Leaves Shape::general where nothing fits.
  void run();

 private:
  [[nodiscard]] PyObject* lookup(PyObject* name) const { return _PyType_Lookup(type_, name); }
  [[nodiscard]] bool inherits_from_object(PyObject* name) const;
  [[nodiscard]] bool is_method_of(PyObject* found, PyTypeObject* owner) const;
  [[nodiscard]] bool is_stdlib_function(PyObject* found, const char* module, const char* qualified_name) const;
  [[nodiscard]] Ref stdlib_object(const char* module, const char* name) const;
  [[nodiscard]] bool is_stdlib_type(const char* module, const char* name) const;
  [[nodiscard]] bool derives_from_refused() const;
  bool name_class();
  [[nodiscard]] bool plain_attribute_access() const;

  bool recognise_numpy();
  bool recognise_complex();
  bool recognise_enum();
  bool recognise_reduce();
  bool recognise_datetime();
  bool recognise_collection(PyObject* reduce);
  bool recognise_number_or_path(PyObject* reduce);
  bool recognise_trusted(PyObject* reduce);
  bool recognise_value();
  bool recognise_instance();
  bool recognise_field_list(PyObject* getstate);
  bool collect_slots(PyObject* names);
  [[nodiscard]] bool fits_default_state(bool has_arguments) const;

  State& state_;
  PlanTable& table_;
  Plan& plan_;
  PyTypeObject* type_;
  PyObject* example_;
};

}  // namespace brinery
