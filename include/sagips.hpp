// SPDX-License-Identifier: BSD-3-Clause
/**
 * @file sagips.hpp
 * @brief The C++17 face of sagips.h: owning handles, exceptions, std::function, std::vector.
 *
 * It is thin and header-only: `sagips_noun_verb(noun, ...)` is the member `verb` of the class Noun,
 * with the same arguments in the same order and the same meaning, documented there. What differs:
 * - A status other than success is thrown as sgp::Error, whose text is that of sagips_last_error().
 *   So are vectors whose sizes do not fit together, with SAGIPS_ERROR_SHAPE.
 * - A size is that of a vector, and what C writes into arrays is returned.
 * - Without `member` all members are meant, without `dataset` all data sets, where C has such a
 *   value.
 * - Handles are unique: they move, do not copy, and release themselves. get() gives the C handle;
 *   sagips_options_get() is Options::get_text(), sagips_pipeline_check() Pipeline::check_model().
 * - Callbacks are callables, called as long as the last copy of what they were given to lives. What
 *   they throw is caught by the library and comes back as an Error.
 * - A model and its derivative are set in one call, Stage::set_model().
 * - Texts go in as std::string, which cannot be made from a NULL `const char*`.
 *
 * Everything is inline over the C ABI: a program may be built by another compiler than the library.
 */
#ifndef SAGIPS_HPP
#define SAGIPS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sagips.h"

namespace sgp {

/// Whoever includes another version of this header has other classes: two of them may meet in one
/// program.
inline namespace v1 {

// ------------------------------------------------------------------------------------ status ---

/// Text of this thread's last failed call; "" before the first.
inline std::string last_error() {
  std::string text(sagips_last_error_copy(nullptr, 0), '\0');
  sagips_last_error_copy(&text[0], text.size());
  text.pop_back();
  return text;
}

/// A failed call: what() tells the problem, why it is one and what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(sagips_status status) : std::runtime_error(sagips_last_error()), status_(status) {}
  /// The cause, SAGIPS_ERROR_...
  sagips_status status() const noexcept { return status_; }
  /// Name of the cause, "SAGIPS_ERROR_RANGE"
  const char* name() const noexcept { return sagips_status_name(status_); }
  /// What the cause means, in half a sentence
  const char* meaning() const noexcept { return sagips_status_text(status_); }

 private:
  sagips_status status_;
};

/// Throws the Error of a status that is not success; for calls of sagips.h beside this header.
inline void check(sagips_status status) {
  if (status != SAGIPS_OK) throw Error(status);
}

// ----------------------------------------------------------------------------------- version ---

inline int32_t version() { return sagips_version(); }
inline const char* version_string() { return sagips_version_string(); }
inline const char* build_info() { return sagips_build_info(); }

// ----------------------------------------------------------------------------------- handles ---

namespace detail {

/// Owner of a C handle that `destroy` releases.
template <typename T, sagips_status (*destroy)(T**)>
class Handle {
 public:
  explicit Handle(T* handle) noexcept : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {  // releases what it had
    Handle taken(std::move(other));
    std::swap(handle_, taken.handle_);
    return *this;
  }
  ~Handle() { destroy(&handle_); }

  /// The C handle, for calls of sagips.h; NULL after a move.
  T* get() const noexcept { return handle_; }

 private:
  T* handle_;
};

/// A handle made by `create(T**, args...)`.
template <typename T, typename Create, typename... Args>
T* created(Create create, Args... args) {
  T* handle = nullptr;
  check(create(&handle, args...));
  return handle;
}

/// A text of the library, where `copy(buffer, size, needed)` is one of its calls.
template <typename Copy>
std::string text_of(Copy copy) {
  size_t needed = 0;
  check(copy(nullptr, size_t{0}, &needed));
  std::string text(needed, '\0');
  check(copy(&text[0], text.size(), &needed));
  text.resize(std::min(text.size(), needed) - 1);
  return text;
}

template <typename T>
const T* data_or_null(const std::vector<T>& values) {
  return values.empty() ? nullptr : values.data();
}

/// Releases the owner of events that were lent.
inline void let_go(void* owner) { delete static_cast<std::shared_ptr<const void>*>(owner); }

inline void require_equal(size_t size, size_t expected, const char* what) {
  if (size == expected) return;
  const std::string text = std::string(what) + " has " + std::to_string(size) +
                           " elements (must have " + std::to_string(expected) +
                           "); make it fit the other arguments";
  throw Error(sagips_last_error_set(SAGIPS_ERROR_SHAPE, text.c_str()));
}

}  // namespace detail

// ------------------------------------------------------------------------------------- batch ---

/// The arrays of a ::sagips_batch by row and event, without a check of the indices. An array that
/// the request does not have must not be asked for: see there.
class Batch {
 public:
  explicit Batch(sagips_batch& batch) noexcept : batch_(batch) {}
  /// The C struct, for fields without an accessor, such as ticket and epoch
  sagips_batch& get() const noexcept { return batch_; }

  int64_t n_rows() const noexcept { return batch_.n_rows; }      ///< N
  int64_t n_events() const noexcept { return batch_.n_events; }  ///< E of each row

  /// (P) parameters of a row
  const double* parameters(int64_t row) const noexcept {
    return batch_.parameters + row * batch_.n_parameters;
  }
  /// (n_inputs) observables from the stage before
  const double* inputs(int64_t row, int64_t event) const noexcept {
    return batch_.inputs + at(row, event) * batch_.n_inputs;
  }
  /// Product of the factors of the stages before; 0 = the event is lost. 1 at the first stage
  double weight_in(int64_t row, int64_t event) const noexcept {
    return batch_.weight_in == nullptr ? 1.0 : batch_.weight_in[at(row, event)];
  }
  /// (U) random numbers of an event in (0, 1)
  const double* uniforms(int64_t row, int64_t event) const noexcept {
    return batch_.uniforms + at(row, event) * batch_.n_uniforms;
  }
  /// Seed of a row
  uint64_t row_key(int64_t row) const noexcept { return batch_.row_key[row]; }

  /// (Y) observables of an event
  double* outputs(int64_t row, int64_t event) const noexcept {
    return batch_.outputs + at(row, event) * batch_.n_outputs;
  }
  /// This stage's factor of an event, 1 on entry; 0 = lost
  double& weight(int64_t row, int64_t event) const noexcept {
    return batch_.weight[at(row, event)];
  }
  /// (A) numbers of a row
  double* auxiliary(int64_t row) const noexcept {
    return batch_.auxiliary + row * batch_.n_auxiliary;
  }
  /// (n_tape) doubles kept from forward to backward
  double* tape(int64_t row) const noexcept { return batch_.tape + row * batch_.n_tape; }
  /// 0 = fine; set > 0 where the model failed on a row
  int32_t& row_status(int64_t row) const noexcept { return batch_.row_status[row]; }

  /// (Y) derivatives of the objective by the observables of an event
  const double* grad_outputs(int64_t row, int64_t event) const noexcept {
    return batch_.grad_outputs + at(row, event) * batch_.n_outputs;
  }
  /// Derivative of the objective by this stage's factor
  double grad_weight(int64_t row, int64_t event) const noexcept {
    return batch_.grad_weight[at(row, event)];
  }
  /// (A) derivatives of the objective by the numbers of a row
  const double* grad_auxiliary(int64_t row) const noexcept {
    return batch_.grad_auxiliary + row * batch_.n_auxiliary;
  }
  /// (n_inputs) to add to, from the second stage on
  double* grad_inputs(int64_t row, int64_t event) const noexcept {
    return batch_.grad_inputs + at(row, event) * batch_.n_inputs;
  }
  /// (P) to add to
  double* grad_parameters(int64_t row) const noexcept {
    return batch_.grad_parameters + row * batch_.n_parameters;
  }
  /// Of the outputs of an event, given its inputs and the parameters; -infinity where forbidden
  double& log_probability(int64_t row, int64_t event) const noexcept {
    return batch_.log_probability[at(row, event)];
  }

 private:
  int64_t at(int64_t row, int64_t event) const noexcept { return row * batch_.n_events + event; }

  sagips_batch& batch_;
};

// ----------------------------------------------------------------------------------- options ---

/// A table of settings; the defaults are the preset "fast".
class Options : public detail::Handle<sagips_options, sagips_options_destroy> {
 public:
  Options() : Handle(detail::created<sagips_options>(sagips_options_create)) {}

  Options& preset(const std::string& name) {
    check(sagips_options_preset(get(), name.c_str()));
    return *this;
  }
  /// Sets an option from a bool, an integer, a real number, or its text as in a file.
  template <typename Value>
  Options& set(const std::string& key, const Value& value) {
    if constexpr (std::is_same_v<Value, bool>)
      check(sagips_options_set_boolean(get(), key.c_str(), value));
    else if constexpr (std::is_unsigned_v<Value> && sizeof(Value) >= sizeof(int64_t))
      check(sagips_options_set(get(), key.c_str(), std::to_string(value).c_str()));
    else if constexpr (std::is_integral_v<Value>)
      check(sagips_options_set_integer(get(), key.c_str(), static_cast<int64_t>(value)));
    else if constexpr (std::is_floating_point_v<Value>)
      check(sagips_options_set_real(get(), key.c_str(), static_cast<double>(value)));
    else if constexpr (std::is_convertible_v<const Value&, const char*>)
      check(sagips_options_set(get(), key.c_str(), value));
    else
      check(sagips_options_set(get(), key.c_str(), std::string(value).c_str()));
    return *this;
  }
  /// Value as text
  std::string get_text(const std::string& key) const {
    return detail::text_of([&](char* buffer, size_t size, size_t* needed) {
      return sagips_options_get(get(), key.c_str(), buffer, size, needed);
    });
  }
  Options& read_toml(const std::string& text) {
    check(sagips_options_read_toml(get(), text.c_str()));
    return *this;
  }
  Options& load_toml(const std::string& path) {
    check(sagips_options_load_toml(get(), path.c_str()));
    return *this;
  }
  std::string write_toml() const {
    return detail::text_of([&](char* buffer, size_t size, size_t* needed) {
      return sagips_options_write_toml(get(), buffer, size, needed);
    });
  }

  /// The rows of the table of all options
  static std::vector<sagips_option_info> describe() {
    std::vector<sagips_option_info> rows(static_cast<size_t>(sagips_options_count()));
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].struct_size = sizeof(sagips_option_info);
      check(sagips_options_describe(static_cast<int32_t>(i), &rows[i]));
    }
    return rows;
  }
};

// ------------------------------------------------------------------------------------- stage ---

namespace detail {

/// What a stage calls: 0 to go on, > 0 to skip the epoch, < 0 to stop.
using StageFunction = std::function<int32_t(const Batch&)>;

/// Whether a callable holds no function.
template <typename Function>
bool is_empty(const Function& function) {
  if constexpr (std::is_pointer_v<Function>)
    return function == nullptr;
  else
    return false;
}
template <typename Result, typename... Args>
bool is_empty(const std::function<Result(Args...)>& function) {
  return !function;
}
inline bool is_empty(std::nullptr_t) { return true; }

/// Keeps a callable, which need not copy; none for nullptr. One that returns nothing goes on.
template <typename Function>
std::shared_ptr<StageFunction> stage_function(Function function) {
  if (is_empty(function)) return nullptr;
  if constexpr (!std::is_same_v<Function, std::nullptr_t>) {
    using Answer = std::invoke_result_t<Function&, const Batch&>;
    static_assert(
        std::is_void_v<Answer> || (std::is_integral_v<Answer> && !std::is_same_v<Answer, bool>),
        "a stage returns nothing, or what a sagips_stage_fn returns: 0 to go on");
    const auto kept = std::make_shared<Function>(std::move(function));
    if constexpr (std::is_void_v<Answer>)
      return std::make_shared<StageFunction>([kept](const Batch& batch) {
        (*kept)(batch);
        return 0;
      });
    else
      return std::make_shared<StageFunction>(
          [kept](const Batch& batch) { return static_cast<int32_t>((*kept)(batch)); });
  }
  return nullptr;
}

/// The user pointer of a stage. Callables are shared with those that a later call sets anew, so
/// that a copy of the stage in a pipeline keeps what it was added with.
struct StageCallbacks {
  std::shared_ptr<StageFunction> forward, backward, log_probability;
  std::shared_ptr<std::function<std::string()>> save;
  std::shared_ptr<std::function<void(const std::string&)>> restore;

  template <std::shared_ptr<StageFunction> StageCallbacks::*function>
  static int32_t call(void* user, sagips_batch* batch) {
    return (*(static_cast<StageCallbacks*>(user)->*function))(Batch(*batch));
  }
  static int32_t call_save(void* user, void* buffer, size_t size, size_t* needed) {
    const std::string bytes = (*static_cast<StageCallbacks*>(user)->save)();
    *needed = bytes.size();
    if (buffer != nullptr) std::memcpy(buffer, bytes.data(), size < *needed ? size : *needed);
    return 0;
  }
  static int32_t call_restore(void* user, const void* bytes, size_t size) {
    (*static_cast<StageCallbacks*>(user)->restore)(
        size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size));
    return 0;
  }
  static void destroy(void* user) { delete static_cast<StageCallbacks*>(user); }
};

}  // namespace detail

/// One step of a forward model.
class Stage : public detail::Handle<sagips_stage, sagips_stage_destroy> {
 public:
  explicit Stage(const std::string& name)
      : Handle(detail::created<sagips_stage>(sagips_stage_create, name.c_str())) {}

  Stage& set_shape(int32_t n_inputs, int32_t n_outputs, int32_t n_auxiliary, int32_t n_uniforms) {
    check(sagips_stage_set_shape(get(), n_inputs, n_outputs, n_auxiliary, n_uniforms));
    return *this;
  }
  Stage& set_parameters(const std::vector<int32_t>& columns) {
    check(sagips_stage_set_parameters(get(), static_cast<int32_t>(columns.size()),
                                      detail::data_or_null(columns)));
    return *this;
  }
  /// Sets the forward model without its vector-Jacobian product: differences take its place.
  /// @param forward called as forward(const sgp::Batch&), returning nothing or what a
  ///        ::sagips_stage_fn returns; kept until the last copy of the stage is gone, and called
  ///        from several threads at once if the stage is ::SAGIPS_CONCURRENT
  template <typename Forward>
  Stage& set_model(Forward forward) {
    return set_model(std::move(forward), nullptr);
  }
  /// Sets the forward model and its vector-Jacobian product, or nullptr. What else was set, before
  /// or after, stays.
  template <typename Forward, typename Backward>
  Stage& set_model(Forward forward, Backward backward) {
    detail::StageCallbacks changed = callbacks_;
    changed.forward = detail::stage_function(std::move(forward));
    changed.backward = detail::stage_function(std::move(backward));
    if (changed.forward == nullptr)  // refused
      check(sagips_stage_set_forward(get(), nullptr, nullptr, nullptr));
    return install(std::move(changed));
  }
  /// Tells the log-probability of the outputs, called as the forward model is; nullptr takes it
  /// away.
  template <typename LogProbability>
  Stage& set_log_probability(LogProbability log_probability) {
    detail::StageCallbacks changed = callbacks_;
    changed.log_probability = detail::stage_function(std::move(log_probability));
    return install(std::move(changed));
  }
  /// Lets a model that remembers something take part in checkpoints; nullptr for both takes it
  /// away. A stage that is added with a state needs a forward model too.
  /// @param save returns its bytes as std::string; called twice for a checkpoint
  /// @param restore takes them back; throws to refuse them
  Stage& set_state(std::function<std::string()> save,
                   std::function<void(const std::string&)> restore) {
    using Callbacks = detail::StageCallbacks;
    if (!save != !restore)  // refused
      check(sagips_stage_set_state(get(), save ? Callbacks::call_save : nullptr,
                                   restore ? Callbacks::call_restore : nullptr));
    Callbacks changed = callbacks_;
    changed.save = save ? std::make_shared<decltype(save)>(std::move(save)) : nullptr;
    changed.restore = restore ? std::make_shared<decltype(restore)>(std::move(restore)) : nullptr;
    return install(std::move(changed));
  }
  /// Lets the host serve this stage in training, instead of callbacks: see Solver::ask().
  /// @param has_backward, has_log_probability which requests it serves beside SAGIPS_FORWARD
  Stage& set_external(bool external = true, bool has_backward = false,
                      bool has_log_probability = false) {
    check(sagips_stage_set_external(get(), external, has_backward, has_log_probability));
    return *this;
  }
  Stage& set_flag(int32_t flag, bool value = true) {
    check(sagips_stage_set_flag(get(), flag, value));
    return *this;
  }
  Stage& set_tape(int32_t n) {
    check(sagips_stage_set_tape(get(), n));
    return *this;
  }
  Stage& set_step(int32_t scheme, double step) {
    check(sagips_stage_set_step(get(), scheme, step));
    return *this;
  }
  Stage& set_directions(int32_t n) {
    check(sagips_stage_set_directions(get(), n));
    return *this;
  }

 private:
  friend class Pipeline;

  /// Hands all callbacks over, in whatever order they were set. They travel with the user pointer
  /// of the forward model, and wait for it: see require_complete().
  Stage& install(detail::StageCallbacks changed) {
    using Callbacks = detail::StageCallbacks;
    if (changed.forward != nullptr) {
      auto user = std::make_unique<Callbacks>(changed);
      check(sagips_stage_set_forward(get(), Callbacks::call<&Callbacks::forward>, user.get(),
                                     Callbacks::destroy));
      user.release();  // the stage owns it now, and nothing below can fail
      check(sagips_stage_set_backward(
          get(), changed.backward ? Callbacks::call<&Callbacks::backward> : nullptr));
      check(sagips_stage_set_log_probability(
          get(), changed.log_probability ? Callbacks::call<&Callbacks::log_probability> : nullptr));
      check(sagips_stage_set_state(get(), changed.save ? Callbacks::call_save : nullptr,
                                   changed.restore ? Callbacks::call_restore : nullptr));
    }
    callbacks_ = std::move(changed);
    return *this;
  }
  /// Only a stage that the host serves can be added without a model; what waits for one would be
  /// lost then.
  void require_complete() const {
    if (callbacks_.forward != nullptr) return;
    if (callbacks_.save == nullptr && callbacks_.log_probability == nullptr) return;
    throw Error(
        sagips_last_error_set(SAGIPS_ERROR_STATE,
                              "a stage has a state or a log-probability but no forward model, with "
                              "which they travel; set one, which may throw where the host serves "
                              "every call, or take them away"));
  }

  detail::StageCallbacks callbacks_;
};

// ---------------------------------------------------------------------------------- pipeline ---

/// Stages in a row: parameters -> events.
class Pipeline : public detail::Handle<sagips_pipeline, sagips_pipeline_destroy> {
 public:
  /// Events at one parameter point
  struct Events {
    std::vector<double> values;     ///< (n_events, Y)
    std::vector<double> weights;    ///< (n_events); 0 = lost
    std::vector<double> auxiliary;  ///< (A)
  };
  struct Shape {
    int32_t n_outputs;
    int32_t n_auxiliary;
  };

  Pipeline() : Handle(detail::created<sagips_pipeline>(sagips_pipeline_create)) {}

  Pipeline& add(const Stage& stage) {
    stage.require_complete();
    check(sagips_pipeline_add(get(), stage.get()));
    return *this;
  }
  Pipeline& add_builtin(const std::string& name, const std::string& settings = "") {
    check(sagips_pipeline_add_builtin(get(), name.c_str(), settings.c_str()));
    return *this;
  }
  /// @param events (n, n_observables) @param weights (n), or empty for equal ones
  Pipeline& add_background(const std::string& settings, const std::vector<double>& events,
                           int32_t n_observables, const std::vector<double>& weights = {}) {
    const size_t width = n_observables > 0 ? static_cast<size_t>(n_observables) : 1;
    const size_t n = events.size() / width;
    detail::require_equal(events.size(), n * width, "events");
    if (!weights.empty()) detail::require_equal(weights.size(), n, "weights");
    check(sagips_pipeline_add_background(get(), settings.c_str(), events.data(),
                                         detail::data_or_null(weights), static_cast<int64_t>(n),
                                         n_observables));
    return *this;
  }
  Shape shape() const {
    Shape shape{};
    check(sagips_pipeline_shape(get(), &shape.n_outputs, &shape.n_auxiliary));
    return shape;
  }
  Events generate(const std::vector<double>& parameters, int64_t n_events, uint64_t seed) const {
    const Shape sizes = shape();
    const size_t n = n_events > 0 ? static_cast<size_t>(n_events) : 0;
    Events events{std::vector<double>(n * static_cast<size_t>(sizes.n_outputs)),
                  std::vector<double>(n),
                  std::vector<double>(static_cast<size_t>(sizes.n_auxiliary))};
    check(sagips_pipeline_generate(get(), static_cast<int32_t>(parameters.size()),
                                   parameters.data(), n_events, seed, sizes.n_outputs,
                                   events.values.data(), events.weights.data(), sizes.n_auxiliary,
                                   events.auxiliary.data()));
    return events;
  }
  /// sagips_pipeline_check()
  sagips_check_report check_model(const std::vector<double>& lower,
                                  const std::vector<double>& upper, uint64_t seed) const {
    detail::require_equal(upper.size(), lower.size(), "upper");
    sagips_check_report report{};
    report.struct_size = sizeof report;
    check(sagips_pipeline_check(get(), static_cast<int32_t>(lower.size()), lower.data(),
                                upper.data(), seed, &report));
    return report;
  }
};

// ----------------------------------------------------------------------------------- problem ---

/// Parameters, data sets, measured numbers.
class Problem : public detail::Handle<sagips_problem, sagips_problem_destroy> {
 public:
  Problem() : Handle(detail::created<sagips_problem>(sagips_problem_create)) {}

  Problem& add_parameter(const std::string& name, double lower, double upper) {
    check(sagips_problem_add_parameter(get(), name.c_str(), lower, upper));
    return *this;
  }
  Problem& set_unit(const std::string& parameter, const std::string& unit) {
    check(sagips_problem_set_unit(get(), parameter.c_str(), unit.c_str()));
    return *this;
  }
  Problem& set_scale(const std::string& parameter, int32_t scale) {
    check(sagips_problem_set_scale(get(), parameter.c_str(), scale));
    return *this;
  }
  Problem& set_fixed(const std::string& parameter, double value) {
    check(sagips_problem_set_fixed(get(), parameter.c_str(), value));
    return *this;
  }
  Problem& set_start(const std::string& parameter, double value) {
    check(sagips_problem_set_start(get(), parameter.c_str(), value));
    return *this;
  }
  Problem& set_prior(const std::string& parameter, double mean, double sigma) {
    check(sagips_problem_set_prior(get(), parameter.c_str(), mean, sigma));
    return *this;
  }
  Problem& add_dataset(const std::string& name, const Pipeline& pipeline) {
    check(sagips_problem_add_dataset(get(), name.c_str(), pipeline.get()));
    return *this;
  }
  /// Copies events (n, n_observables), double or float, with weights (n) or none.
  template <typename Real>
  Problem& set_events(const std::string& dataset, const std::vector<Real>& events,
                      int32_t n_observables, const std::vector<Real>& weights = {}) {
    const size_t width = n_observables > 0 ? static_cast<size_t>(n_observables) : 1;
    const size_t n = events.size() / width;
    detail::require_equal(events.size(), n * width, "events");
    if (!weights.empty()) detail::require_equal(weights.size(), n, "weights");
    return set_events(dataset, events.data(), detail::data_or_null(weights),
                      static_cast<int64_t>(n), n_observables, 0);
  }
  Problem& set_events(const std::string& dataset, const double* events, const double* weights,
                      int64_t n, int32_t n_observables, int64_t row_stride) {
    check(sagips_problem_set_events(get(), dataset.c_str(), events, weights, n, n_observables,
                                    row_stride));
    return *this;
  }
  /// Lends events without a copy. They must not change or move until the last problem and solver
  /// that use them are gone or have other events. @param owner is kept until then; may be nullptr
  Problem& borrow_events(const std::string& dataset, const double* events, const double* weights,
                         int64_t n, int32_t n_observables, int64_t row_stride = 0,
                         std::shared_ptr<const void> owner = nullptr) {
    auto kept = std::make_unique<std::shared_ptr<const void>>(std::move(owner));
    check(sagips_problem_borrow_events(get(), dataset.c_str(), events, weights, n, n_observables,
                                       row_stride, kept.get(), detail::let_go));
    kept.release();  // the library owns it now
    return *this;
  }
  Problem& set_events(const std::string& dataset, const float* events, const float* weights,
                      int64_t n, int32_t n_observables, int64_t row_stride) {
    check(sagips_problem_set_events_float(get(), dataset.c_str(), events, weights, n, n_observables,
                                          row_stride));
    return *this;
  }
  Problem& borrow_events(const std::string& dataset, const float* events, const float* weights,
                         int64_t n, int32_t n_observables, int64_t row_stride = 0,
                         std::shared_ptr<const void> owner = nullptr) {
    auto kept = std::make_unique<std::shared_ptr<const void>>(std::move(owner));
    check(sagips_problem_borrow_events_float(get(), dataset.c_str(), events, weights, n,
                                             n_observables, row_stride, kept.get(),
                                             detail::let_go));
    kept.release();  // the library owns it now
    return *this;
  }
  /// Appends events (n, n_observables), from any thread and from several at once; weights (n) or
  /// none, numbers (n) in every call or in none.
  template <typename Real>
  Problem& add_events(const std::string& dataset, const std::vector<Real>& events,
                      int32_t n_observables, const std::vector<Real>& weights = {},
                      const std::vector<int64_t>& numbers = {}) {
    const size_t width = n_observables > 0 ? static_cast<size_t>(n_observables) : 1;
    const size_t n = events.size() / width;
    detail::require_equal(events.size(), n * width, "events");
    if (!weights.empty()) detail::require_equal(weights.size(), n, "weights");
    if (!numbers.empty()) detail::require_equal(numbers.size(), n, "numbers");
    return add_events(dataset, events.data(), detail::data_or_null(weights),
                      detail::data_or_null(numbers), static_cast<int64_t>(n), n_observables, 0);
  }
  Problem& add_events(const std::string& dataset, const double* events, const double* weights,
                      const int64_t* numbers, int64_t n, int32_t n_observables,
                      int64_t row_stride) {
    check(sagips_problem_add_events(get(), dataset.c_str(), events, weights, numbers, n,
                                    n_observables, row_stride));
    return *this;
  }
  Problem& add_events(const std::string& dataset, const float* events, const float* weights,
                      const int64_t* numbers, int64_t n, int32_t n_observables,
                      int64_t row_stride) {
    check(sagips_problem_add_events_float(get(), dataset.c_str(), events, weights, numbers, n,
                                          n_observables, row_stride));
    return *this;
  }
  int64_t event_count(const std::string& dataset) const {
    int64_t n = 0;
    check(sagips_problem_event_count(get(), dataset.c_str(), &n));
    return n;
  }
  Problem& set_auxiliary(const std::string& dataset, int32_t index, double target, double sigma,
                         int32_t penalty = SAGIPS_GAUSSIAN) {
    check(sagips_problem_set_auxiliary(get(), dataset.c_str(), index, target, sigma, penalty));
    return *this;
  }
  Problem& set_dataset_weight(const std::string& dataset, double weight) {
    check(sagips_problem_set_dataset_weight(get(), dataset.c_str(), weight));
    return *this;
  }
};

// -------------------------------------------------------------------------------------- comm ---

/// The ranks that train together. Solvers made with it go on without it.
class Comm : public detail::Handle<sagips_comm, sagips_comm_destroy> {
 public:
  struct Shape {
    int32_t rank;
    int32_t size;
  };

  /// Takes over a communicator made elsewhere.
  explicit Comm(sagips_comm* comm) noexcept : Handle(comm) {}
  /// Rank 0 of 1
  static Comm serial() { return Comm(detail::created<sagips_comm>(sagips_comm_create_serial)); }

  Shape shape() const {
    Shape shape{};
    check(sagips_comm_shape(get(), &shape.rank, &shape.size));
    return shape;
  }
};

// ------------------------------------------------------------------------------------ solver ---

/// Called after every committed epoch; false stops after it.
using ProgressFunction = std::function<bool(const sagips_progress&)>;
using MetricsFunction = std::function<void(const sagips_metrics&)>;
using LogFunction = std::function<void(int32_t level, const char* text)>;
/// Runs body(i) for i in [0, n), each once, in any thread, and returns when all are done.
using ParallelFunction = std::function<void(int64_t n, const std::function<void(int64_t i)>& body)>;

namespace detail {

struct SolverCallbacks {
  ProgressFunction progress;
  MetricsFunction metrics;
  LogFunction log;
  ParallelFunction parallel;

  static int32_t call_progress(void* user, const sagips_progress* progress) {
    return static_cast<SolverCallbacks*>(user)->progress(*progress) ? 0 : 1;
  }
  static void call_metrics(void* user, const sagips_metrics* metrics) {
    static_cast<SolverCallbacks*>(user)->metrics(*metrics);
  }
  static void call_log(void* user, int32_t level, const char* text) {
    static_cast<SolverCallbacks*>(user)->log(level, text);
  }
  static int32_t call_parallel(void* user, int64_t n, void (*body)(void*, int64_t), void* ctx) {
    static_cast<SolverCallbacks*>(user)->parallel(n, [=](int64_t i) { body(ctx, i); });
    return 0;
  }
};

}  // namespace detail

/// Networks in training.
class Solver {
 public:
  struct Estimate {
    std::vector<double> mean;        ///< (P)
    std::vector<double> covariance;  ///< (P, P)
  };
  /// The parts of a ::sagips_estimate
  struct EstimateParts {
    std::vector<double> mean;               ///< (P)
    std::vector<double> covariance;         ///< (P, P) the sum of the next three
    std::vector<double> statistical;        ///< (P, P)
    std::vector<double> ensemble;           ///< (P, P)
    std::vector<double> training;           ///< (P, P)
    std::vector<double> member_sigma;       ///< (P)
    std::vector<double> member_covariance;  ///< (P, P)
    std::vector<double> members;            ///< (M, P); (P) for one
  };
  struct Shape {
    int32_t n_parameters;
    int32_t n_members;
    int32_t n_datasets;
  };

  explicit Solver(const Problem& problem) : Solver(problem.get(), nullptr, nullptr) {}
  Solver(Solver&&) = default;
  Solver& operator=(Solver&& other) noexcept {  // releases what it had
    Solver taken(std::move(other));
    std::swap(callbacks_, taken.callbacks_);
    std::swap(handle_, taken.handle_);
    return *this;
  }
  Solver(const Problem& problem, const Options& options)
      : Solver(problem.get(), options.get(), nullptr) {}
  Solver(const Problem& problem, const Options& options, const Comm& comm)
      : Solver(problem.get(), options.get(), comm.get()) {}

  /// The C handle, for calls of sagips.h; NULL after a move.
  sagips_solver* get() const noexcept { return handle_.get(); }

  /// Trains; what was reached by a step that throws is told by progress().
  sagips_progress step(int64_t n_epochs) {
    sagips_progress progress{};
    progress.struct_size = sizeof progress;
    check(sagips_solver_step(get(), n_epochs, &progress));
    return progress;
  }
  /// The next rows that the host has to serve; Batch gives the arrays. `ticket` is 0 where there is
  /// nothing to do now, and `request` ::SAGIPS_WAIT or ::SAGIPS_DONE.
  sagips_batch ask() {
    sagips_batch batch{};
    batch.struct_size = sizeof batch;
    check(sagips_solver_ask(get(), &batch));
    return batch;
  }
  /// Hands in a ticket.
  sagips_progress tell(uint64_t ticket, int32_t answer = 0) {
    sagips_progress progress{};
    progress.struct_size = sizeof progress;
    check(sagips_solver_tell(get(), ticket, answer, &progress));
    return progress;
  }
  /// A ticket that is out.
  sagips_batch ticket(uint64_t number) {
    sagips_batch batch{};
    batch.struct_size = sizeof batch;
    check(sagips_solver_ticket(get(), number, &batch));
    return batch;
  }
  /// Numbers of the tickets that are out, the oldest first.
  std::vector<uint64_t> tickets() {
    int64_t n = 0;
    check(sagips_solver_tickets(get(), 0, nullptr, &n));
    std::vector<uint64_t> numbers(static_cast<size_t>(n));
    check(sagips_solver_tickets(get(), n, numbers.data(), &n));
    return numbers;
  }
  sagips_progress progress() const {
    sagips_progress progress{};
    progress.struct_size = sizeof progress;
    check(sagips_solver_progress(get(), &progress));
    return progress;
  }
  void request_stop() { check(sagips_solver_request_stop(get())); }
  int32_t condition() const {
    int32_t condition = SAGIPS_READY;
    check(sagips_solver_condition(get(), &condition));
    return condition;
  }
  Shape shape() const {
    Shape shape{};
    check(sagips_solver_shape(get(), &shape.n_parameters, &shape.n_members, &shape.n_datasets));
    return shape;
  }
  std::string parameter_name(int32_t index) const {
    return detail::text_of([&](char* buffer, size_t size, size_t* needed) {
      return sagips_solver_parameter_name(get(), index, buffer, size, needed);
    });
  }
  std::string dataset_name(int32_t index) const {
    return detail::text_of([&](char* buffer, size_t size, size_t* needed) {
      return sagips_solver_dataset_name(get(), index, buffer, size, needed);
    });
  }
  /// (n, P) proposals of the averaged generators, the mean of all members'
  std::vector<double> predict(int64_t n) { return predict(SAGIPS_ALL_MEMBERS, n); }
  /// (n, P) proposals of a member
  std::vector<double> predict(int32_t member, int64_t n) {
    const int32_t n_parameters = shape().n_parameters;
    std::vector<double> parameters(static_cast<size_t>(n > 0 ? n : 0) *
                                   static_cast<size_t>(n_parameters));
    check(sagips_solver_predict(get(), member, n, n_parameters, parameters.data()));
    return parameters;
  }
  /// The estimate without its covariance, which calls no stage: for a host that serves them itself
  std::vector<double> estimate_mean(int32_t member = SAGIPS_ALL_MEMBERS) {
    const int32_t n_parameters = shape().n_parameters;
    std::vector<double> mean(static_cast<size_t>(n_parameters));
    check(sagips_solver_estimate(get(), member, n_parameters, mean.data(), nullptr));
    return mean;
  }
  /// The estimate with its covariance, which calls the pipelines
  Estimate estimate(int32_t member = SAGIPS_ALL_MEMBERS) {
    const int32_t n_parameters = shape().n_parameters;
    const auto n = static_cast<size_t>(n_parameters);
    Estimate estimate{std::vector<double>(n), std::vector<double>(n * n)};
    check(sagips_solver_estimate(get(), member, n_parameters, estimate.mean.data(),
                                 estimate.covariance.data()));
    return estimate;
  }
  EstimateParts describe_estimate(int32_t member = SAGIPS_ALL_MEMBERS) {
    const Shape sizes = shape();
    const auto p = static_cast<size_t>(sizes.n_parameters);
    const auto m = member == SAGIPS_ALL_MEMBERS ? static_cast<size_t>(sizes.n_members) : 1;
    const std::vector<double> vector(p), matrix(p * p), table(m * p);
    EstimateParts parts{vector, matrix, matrix, matrix, matrix, vector, matrix, table};
    sagips_estimate c{sizeof c,
                      parts.mean.data(),
                      parts.covariance.data(),
                      parts.statistical.data(),
                      parts.ensemble.data(),
                      parts.training.data(),
                      parts.member_sigma.data(),
                      parts.member_covariance.data(),
                      parts.members.data(),
                      static_cast<int32_t>(m),
                      0};
    check(sagips_solver_describe_estimate(get(), member, sizes.n_parameters, &c));
    return parts;
  }
  /// Without `dataset`, or with "": all, and the worst is told.
  sagips_assessment assess(const std::string& dataset) {
    return assess(SAGIPS_ALL_MEMBERS, dataset);
  }
  sagips_assessment assess(int32_t member = SAGIPS_ALL_MEMBERS, const std::string& dataset = "") {
    sagips_assessment assessment{};
    assessment.struct_size = sizeof assessment;
    check(sagips_solver_assess(get(), member, dataset.c_str(), &assessment));
    return assessment;
  }
  /// Number of weights and biases; `dataset` names a discriminator, here and below.
  int64_t weight_count(int32_t network, const std::string& dataset = "") const {
    int64_t count = 0;
    check(sagips_solver_weight_count(get(), network, dataset.c_str(), &count));
    return count;
  }
  /// A network's weights and biases
  std::vector<float> get_weights(int32_t member, int32_t network,
                                 const std::string& dataset = "") const {
    const int64_t count = weight_count(network, dataset);
    std::vector<float> weights(static_cast<size_t>(count));
    check(
        sagips_solver_get_weights(get(), member, network, dataset.c_str(), count, weights.data()));
    return weights;
  }
  /// Sets those of a generator.
  void set_weights(int32_t member, int32_t network, const std::vector<float>& weights) {
    set_weights(member, network, "", weights);
  }
  void set_weights(int32_t member, int32_t network, const std::string& dataset,
                   const std::vector<float>& weights) {
    check(sagips_solver_set_weights(get(), member, network, dataset.c_str(),
                                    static_cast<int64_t>(weights.size()), weights.data()));
  }
  void update_events(const Problem& problem) {
    check(sagips_solver_update_events(get(), problem.get()));
  }
  void save(const std::string& folder) { check(sagips_solver_save(get(), folder.c_str())); }
  void load(const std::string& folder) { check(sagips_solver_load(get(), folder.c_str())); }

  /// The options in effect as TOML text
  std::string options() const {
    return detail::text_of([&](char* buffer, size_t size, size_t* needed) {
      return sagips_solver_options(get(), buffer, size, needed);
    });
  }
  std::string gradient_route(const std::string& dataset) const {
    return detail::text_of([&](char* buffer, size_t size, size_t* needed) {
      return sagips_solver_gradient_route(get(), dataset.c_str(), buffer, size, needed);
    });
  }

  /// nullptr takes a callback away, here and below.
  void set_progress_callback(ProgressFunction function) {
    const auto fn = function ? detail::SolverCallbacks::call_progress : nullptr;
    check(sagips_solver_set_progress_callback(get(), fn, callbacks_.get()));
    callbacks_->progress = std::move(function);
  }
  void set_metrics_callback(MetricsFunction function) {
    const auto fn = function ? detail::SolverCallbacks::call_metrics : nullptr;
    check(sagips_solver_set_metrics_callback(get(), fn, callbacks_.get()));
    callbacks_->metrics = std::move(function);
  }
  void set_log_callback(LogFunction function) {
    const auto fn = function ? detail::SolverCallbacks::call_log : nullptr;
    check(sagips_solver_set_log_callback(get(), fn, callbacks_.get()));
    callbacks_->log = std::move(function);
  }
  void set_parallel_for(ParallelFunction function) {
    const auto fn = function ? detail::SolverCallbacks::call_parallel : nullptr;
    check(sagips_solver_set_parallel_for(get(), fn, callbacks_.get()));
    callbacks_->parallel = std::move(function);
  }

 private:
  Solver(const sagips_problem* problem, const sagips_options* options, const sagips_comm* comm)
      : callbacks_(std::make_unique<detail::SolverCallbacks>()),
        handle_(detail::created<sagips_solver>(sagips_solver_create, problem, options, comm)) {}

  std::unique_ptr<detail::SolverCallbacks> callbacks_;  // outlives the handle that calls them
  detail::Handle<sagips_solver, sagips_solver_destroy> handle_;
};

}  // namespace v1
}  // namespace sgp

#endif  // SAGIPS_HPP
