// SPDX-License-Identifier: BSD-3-Clause
// sagips_problem_* and sagips_comm_*
#include <cmath>

#include "capi/guard.h"
#include "capi/user_pointer.h"

using sagips::Dataset;
using sagips::EventTable;
using sagips::fail;
using sagips::Parameter;
using namespace sagips::capi;

namespace {

Parameter& find_parameter(sagips_problem* problem, const char* name) {
  auto& p = check_handle(problem).value;
  return p.parameter(text(name, "parameter"));
}

Dataset& find_dataset(sagips_problem* problem, const char* name) {
  auto& p = check_handle(problem).value;
  return p.dataset(text(name, "dataset"));
}

const Dataset& find_dataset(const sagips_problem* problem, const char* name) {
  const auto& p = check_handle(problem).value;
  return p.datasets[static_cast<size_t>(p.dataset_index(text(name, "dataset")))];
}

template <typename Named>
void check_new(const std::vector<Named>& list, std::string_view name, const char* what) {
  for (const Named& item : list)
    if (item.name == name)
      fail(SAGIPS_ERROR_EXISTS, "there is a ", what, " '", name, "' already; choose another name");
}

void check_inside(const Parameter& p, double value, const char* what) {
  if (!(value >= p.lower && value <= p.upper))
    fail(SAGIPS_ERROR_RANGE, what, " of parameter '", p.name, "' is ", value, " (must lie in [",
         p.lower, ", ", p.upper, "])");
}

/// Events handed over, if they fit the data set and into memory.
template <typename T>
EventTable::Handover<T> check_events(const Dataset& dataset, const T* events, const T* weights,
                                     int64_t n, int32_t n_observables, int64_t row_stride) {
  if (n != 0) check_pointer(events, "events");
  const int32_t wanted = dataset.pipeline.n_outputs();
  if (n_observables != wanted)
    fail(SAGIPS_ERROR_SHAPE, "events of data set '", dataset.name, "' have ", n_observables,
         " observables, but its pipeline delivers ", wanted, "; they must be the same");
  if (row_stride == 0) row_stride = n_observables;
  if (row_stride < n_observables)
    fail(SAGIPS_ERROR_SHAPE, "row_stride is ", row_stride, " (must be at least the ", n_observables,
         " observables, or 0)");
  int64_t bytes = 0;  // from the first element to behind the last one
  if (n > 0 && (__builtin_mul_overflow(n - 1, row_stride, &bytes) ||
                __builtin_add_overflow(bytes, n_observables, &bytes) ||
                __builtin_mul_overflow(bytes, static_cast<int64_t>(sizeof(T)), &bytes) ||
                n > INT64_MAX / static_cast<int64_t>(sizeof(double)) / (n_observables + 1)))
    fail(SAGIPS_ERROR_MEMORY, n, " events with a row_stride of ", row_stride,
         " are more than the memory of any machine; check the counts");
  return {events, weights, n, n_observables, row_stride, false};
}

template <typename T>
void set_events(sagips_problem* problem, const char* name, const T* events, const T* weights,
                int64_t n, int32_t n_observables, int64_t row_stride) {
  Dataset& dataset = find_dataset(problem, name);
  check_pointer(events, "events");
  const auto handover = check_events(dataset, events, weights, n, n_observables, row_stride);
  dataset.collector->replace(EventTable::make<T>(handover, dataset.name));
}

/// Events of the host's, and its wish to be told when they are free.
struct LentTable {
  UserPointer lender;
  std::shared_ptr<const EventTable> table;
};

template <typename T>
void borrow_events(sagips_problem* problem, const char* name, const T* events, const T* weights,
                   int64_t n, int32_t n_observables, int64_t row_stride, void* user,
                   sagips_destroy_fn release) {
  Dataset& dataset = find_dataset(problem, name);
  check_pointer(events, "events");
  auto handover = check_events(dataset, events, weights, n, n_observables, row_stride);
  handover.is_borrowed = true;
  auto lent = std::make_shared<LentTable>();
  lent->table = EventTable::make<T>(handover, dataset.name);
  lent->lender.user = user;
  lent->lender.destroy = release;  // from here on nothing fails
  dataset.collector->replace(std::shared_ptr<const EventTable>(lent, lent->table.get()));
}

// From here on down to the collector nothing of the problem is changed: threads may come together.
template <typename T>
void add_events(const sagips_problem* problem, const char* name, const T* events, const T* weights,
                const int64_t* numbers, int64_t n, int32_t n_observables, int64_t row_stride) {
  const Dataset& dataset = find_dataset(problem, name);
  const auto handover = check_events(dataset, events, weights, n, n_observables, row_stride);
  if (n < 0) fail(SAGIPS_ERROR_RANGE, "n is ", n, " (must not be negative)");
  dataset.collector->add(handover, numbers);
}

}  // namespace

extern "C" {

sagips_status sagips_problem_create(sagips_problem** problem) {
  return guard([&] { create(problem); });
}

sagips_status sagips_problem_destroy(sagips_problem** problem) { return destroy(problem); }

sagips_status sagips_problem_add_parameter(sagips_problem* problem, const char* name, double lower,
                                           double upper) {
  return guard([&] {
    auto& p = check_handle(problem).value;
    Parameter parameter;
    parameter.name = text(name, "name");
    check_new(p.parameters, parameter.name, "parameter");
    if (!std::isfinite(lower) || !std::isfinite(upper) || !(lower < upper) ||
        !std::isfinite(upper - lower))
      fail(SAGIPS_ERROR_RANGE, "bounds of parameter '", name, "' are [", lower, ", ", upper,
           "] (must be finite, lower below upper, and so must be their distance)");
    parameter.lower = lower;
    parameter.upper = upper;
    p.parameters.push_back(parameter);
  });
}

sagips_status sagips_problem_set_unit(sagips_problem* problem, const char* parameter,
                                      const char* unit) {
  return guard([&] { find_parameter(problem, parameter).unit = text(unit, "unit"); });
}

sagips_status sagips_problem_set_scale(sagips_problem* problem, const char* parameter,
                                       int32_t scale) {
  return guard([&] {
    Parameter& p = find_parameter(problem, parameter);
    if (scale != SAGIPS_LINEAR && scale != SAGIPS_LOGARITHMIC)
      fail(SAGIPS_ERROR_RANGE, "scale ", scale,
           " is unknown (SAGIPS_LINEAR is 0, SAGIPS_LOGARITHMIC is 1)");
    if (scale == SAGIPS_LOGARITHMIC && !(p.lower > 0))
      fail(SAGIPS_ERROR_RANGE, "parameter '", p.name, "' starts at ", p.lower,
           " (a logarithmic scale needs a lower bound above 0)");
    p.scale = scale;
  });
}

sagips_status sagips_problem_set_fixed(sagips_problem* problem, const char* parameter,
                                       double value) {
  return guard([&] {
    Parameter& p = find_parameter(problem, parameter);
    check_inside(p, value, "the fixed value");
    p.is_fixed = true;
    p.fixed_value = value;
  });
}

sagips_status sagips_problem_set_start(sagips_problem* problem, const char* parameter,
                                       double value) {
  return guard([&] {
    Parameter& p = find_parameter(problem, parameter);
    if (!(value > p.lower && value < p.upper))
      fail(SAGIPS_ERROR_RANGE, "the start of parameter '", p.name, "' is ", value,
           " (must lie inside (", p.lower, ", ", p.upper, "), not on a bound)");
    p.start = value;
  });
}

sagips_status sagips_problem_set_prior(sagips_problem* problem, const char* parameter, double mean,
                                       double sigma) {
  return guard([&] {
    Parameter& p = find_parameter(problem, parameter);
    if (!std::isfinite(mean) || !std::isfinite(sigma) || !(sigma > 0))
      fail(SAGIPS_ERROR_RANGE, "the prior of parameter '", p.name, "' is ", mean, " +- ", sigma,
           " (must be finite with sigma > 0)");
    p.prior_mean = mean;
    p.prior_sigma = sigma;
  });
}

sagips_status sagips_problem_add_dataset(sagips_problem* problem, const char* name,
                                         const sagips_pipeline* pipeline) {
  return guard([&] {
    auto& p = check_handle(problem).value;
    const auto& model = check_handle(pipeline).value;
    check_new(p.datasets, text(name, "name"), "data set");
    if (model.is_empty())
      fail(SAGIPS_ERROR_STATE, "the pipeline of data set '", name,
           "' has no stage yet; add its stages first");
    Dataset dataset;
    dataset.name = name;
    dataset.pipeline = model;
    dataset.collector = std::make_shared<sagips::EventCollector>(dataset.name);
    p.datasets.push_back(std::move(dataset));
  });
}

sagips_status sagips_problem_set_events(sagips_problem* problem, const char* dataset,
                                        const double* events, const double* weights, int64_t n,
                                        int32_t n_observables, int64_t row_stride) {
  return guard(
      [&] { set_events(problem, dataset, events, weights, n, n_observables, row_stride); });
}

sagips_status sagips_problem_set_events_float(sagips_problem* problem, const char* dataset,
                                              const float* events, const float* weights, int64_t n,
                                              int32_t n_observables, int64_t row_stride) {
  return guard(
      [&] { set_events(problem, dataset, events, weights, n, n_observables, row_stride); });
}

sagips_status sagips_problem_borrow_events(sagips_problem* problem, const char* dataset,
                                           const double* events, const double* weights, int64_t n,
                                           int32_t n_observables, int64_t row_stride, void* user,
                                           sagips_destroy_fn release) {
  return guard([&] {
    borrow_events(problem, dataset, events, weights, n, n_observables, row_stride, user, release);
  });
}

sagips_status sagips_problem_borrow_events_float(sagips_problem* problem, const char* dataset,
                                                 const float* events, const float* weights,
                                                 int64_t n, int32_t n_observables,
                                                 int64_t row_stride, void* user,
                                                 sagips_destroy_fn release) {
  return guard([&] {
    borrow_events(problem, dataset, events, weights, n, n_observables, row_stride, user, release);
  });
}

sagips_status sagips_problem_add_events(sagips_problem* problem, const char* dataset,
                                        const double* events, const double* weights,
                                        const int64_t* numbers, int64_t n, int32_t n_observables,
                                        int64_t row_stride) {
  return guard([&] {
    add_events(problem, dataset, events, weights, numbers, n, n_observables, row_stride);
  });
}

sagips_status sagips_problem_add_events_float(sagips_problem* problem, const char* dataset,
                                              const float* events, const float* weights,
                                              const int64_t* numbers, int64_t n,
                                              int32_t n_observables, int64_t row_stride) {
  return guard([&] {
    add_events(problem, dataset, events, weights, numbers, n, n_observables, row_stride);
  });
}

sagips_status sagips_problem_event_count(const sagips_problem* problem, const char* dataset,
                                         int64_t* n) {
  return guard([&] {
    const Dataset& d = find_dataset(problem, dataset);
    check_pointer(n, "n");
    *n = d.collector->size();
  });
}

sagips_status sagips_problem_set_auxiliary(sagips_problem* problem, const char* dataset,
                                           int32_t index, double target, double sigma,
                                           int32_t penalty) {
  return guard([&] {
    Dataset& d = find_dataset(problem, dataset);
    const int32_t n = d.pipeline.n_auxiliary();
    if (index < 0 || index >= n)
      fail(SAGIPS_ERROR_RANGE, "the pipeline of data set '", dataset, "' has ", n,
           " auxiliary outputs; there is no output ", index);
    if (!std::isfinite(target) || !std::isfinite(sigma) || !(sigma > 0))
      fail(SAGIPS_ERROR_RANGE, "the measured auxiliary ", index, " is ", target, " +- ", sigma,
           " (must be finite with sigma > 0)");
    if (penalty < SAGIPS_GAUSSIAN || penalty > SAGIPS_LOWER_LIMIT)
      fail(SAGIPS_ERROR_RANGE, "penalty ", penalty,
           " is unknown (SAGIPS_GAUSSIAN is 0, "
           "SAGIPS_UPPER_LIMIT is 1, SAGIPS_LOWER_LIMIT is 2)");
    auto& list = d.measurements;
    for (size_t i = 0; i < list.size(); ++i)
      if (list[i].index == index) list.erase(list.begin() + static_cast<std::ptrdiff_t>(i--));
    list.push_back({index, target, sigma, penalty});
  });
}

sagips_status sagips_problem_set_dataset_weight(sagips_problem* problem, const char* dataset,
                                                double weight) {
  return guard([&] {
    Dataset& d = find_dataset(problem, dataset);
    if (!std::isfinite(weight) || !(weight > 0))
      fail(SAGIPS_ERROR_RANGE, "the weight of data set '", dataset, "' is ", weight,
           " (must be positive)");
    d.weight = weight;
  });
}

sagips_status sagips_comm_create_serial(sagips_comm** comm) {
  return guard([&] { create(comm); });
}

sagips_status sagips_comm_destroy(sagips_comm** comm) { return destroy(comm); }

sagips_status sagips_comm_shape(const sagips_comm* comm, int32_t* rank, int32_t* size) {
  return guard([&] {
    const auto& c = check_handle(comm).value;
    if (rank != nullptr) *rank = c.rank;
    if (size != nullptr) *size = c.size;
  });
}

}  // extern "C"
