// SPDX-License-Identifier: BSD-3-Clause
// What the tests of the C ABI share: owners of handles, a small model of two stages whose callbacks
// can be told to fail, and the bits of a training. Everything goes through sagips.h.
#ifndef SAGIPS_TESTS_CAPI_TESTING_H_
#define SAGIPS_TESTS_CAPI_TESTING_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sagips.h"

namespace capi {

/// Owner of a handle.
template <typename T, sagips_status (*Destroy)(T**)>
class Handle {
 public:
  Handle() = default;
  Handle(Handle&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  ~Handle() { Destroy(&p_); }
  T** out() { return &p_; }
  operator T*() const { return p_; }

 private:
  T* p_ = nullptr;
};
using Options = Handle<sagips_options, sagips_options_destroy>;
using Stage = Handle<sagips_stage, sagips_stage_destroy>;
using Pipeline = Handle<sagips_pipeline, sagips_pipeline_destroy>;
using Problem = Handle<sagips_problem, sagips_problem_destroy>;
using Comm = Handle<sagips_comm, sagips_comm_destroy>;
using Solver = Handle<sagips_solver, sagips_solver_destroy>;

using Settings = std::vector<std::pair<std::string, std::string>>;

/// Has the call this status, and does the text of the last error hold all these words?
::testing::AssertionResult has(sagips_status got, sagips_status wanted,
                               std::initializer_list<const char*> words = {});
#define EXPECT_OK(call) EXPECT_TRUE(capi::has(call, SAGIPS_OK))
#define ASSERT_OK(call) ASSERT_TRUE(capi::has(call, SAGIPS_OK))
#define EXPECT_FAILS(call, ...) EXPECT_TRUE(capi::has(call, __VA_ARGS__))

// The model: `source` draws y0 = shift + width (u0 - 1/2), y1 = width u1^2, with the auxiliary
// shift * width; `detector` smears, z0 = 1.1 y0 + 0.1 (u - 1/2), z1 = y1 + y0/20.
constexpr int32_t kP = 2, kY = 2;
constexpr int32_t kSource = 0, kDetector = 1;
constexpr double kLower[kP] = {-1, 0.5}, kUpper[kP] = {2, 3}, kTruth[kP] = {0.4, 1.5};

struct Model {
  /// Called after a stage has done its work, in training; what it returns is returned.
  std::function<int32_t(int32_t stage, sagips_batch*)> after;
  bool acts_always = false;      // `after` also outside training
  double lost_above = 2;         // source: an event with u0 above this is lost,
  double lost_output = 0;        // and this stands in its outputs
  bool detector_weighs = false;  // detector: its factor is 1 + 0 * input, NaN where the input is
  int64_t calls = 0;
  int64_t destroyed = 0;
};

enum class Route { kVjp, kSmooth, kPlain };

/// What a callback of a stage does.
int32_t run_stage(Model* model, int32_t stage, sagips_batch* batch);
Stage make_source(Model* model, Route route = Route::kVjp);
Stage make_detector(Model* model, Route route = Route::kVjp);
Pipeline make_pipeline(Model* model, bool has_detector = false, Route route = Route::kVjp);
/// n events at kTruth, always the same for the same model.
std::vector<double> make_events(const Pipeline& pipeline, int64_t n);
/// The problem `shift, width` with the data set "data" of 400 events, without events where n is 0.
Problem make_problem(const Pipeline& pipeline, int64_t n = 400);
Options make_options(const Settings& changes = {});
/// All of it.
Solver make_solver(Model* model, const Settings& changes = {}, bool has_detector = false,
                   Route route = Route::kVjp);

sagips_progress progress_of(sagips_solver* solver);

/// Bytes to compare; printed as their number and a hash.
struct Bits {
  std::string bytes;
  friend bool operator==(const Bits& a, const Bits& b) { return a.bytes == b.bytes; }
  friend bool operator!=(const Bits& a, const Bits& b) { return a.bytes != b.bytes; }
  friend void PrintTo(const Bits& bits, std::ostream* out);
};
/// All networks of all members.
Bits weights_of(sagips_solver* solver);
/// All networks, counts and losses.
Bits bits_of(sagips_solver* solver);
/// Every weight is a finite number.
bool is_finite(sagips_solver* solver);
/// Bits after 0, 1, ... n epochs of make_solver() with a model that never fails.
std::vector<Bits> bits_by_epoch(int64_t n, const Settings& changes = {}, bool has_detector = false,
                                Route route = Route::kVjp);

/// A folder of its own that goes with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};
std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);

}  // namespace capi

#endif  // SAGIPS_TESTS_CAPI_TESTING_H_
