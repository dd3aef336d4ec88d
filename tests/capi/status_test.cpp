// SPDX-License-Identifier: BSD-3-Clause
// Every status of SAGIPS_STATUS_LIST is provoked through the ABI, and its text names the problem
// and what to do. The last test compares what came back with the list.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdio>
#include <limits>
#include <set>
#include <stdexcept>

#include "testing.h"

namespace capi {
namespace {

struct Case {
  sagips_status status;
  const char* name;
  std::vector<const char*> words;  // the problem, and what to do
  std::function<sagips_status()> provoke;
};

/// A step of a solver whose callback ends like this.
sagips_status step_with(std::function<int32_t(int32_t, sagips_batch*)> after,
                        const Settings& changes = {}, int64_t n = 12) {
  Model model;
  model.after = std::move(after);
  return sagips_solver_step(make_solver(&model, changes), n, nullptr);
}

sagips_status set_option(const char* key, const char* value) {
  return sagips_options_set(make_options(), key, value);
}

sagips_status create_solver(const Settings& changes, Route route) {
  Model model;
  const Problem problem = make_problem(make_pipeline(&model, false, route));
  Solver solver;
  return sagips_solver_create(solver.out(), problem, make_options(changes), nullptr);
}

/// Save, edit a file of the checkpoint, load again.
sagips_status load_edited(const char* file, const char* from, const char* to) {
  Model model;
  const Folder folder;
  const Solver solver = make_solver(&model);
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  const std::string path = folder / ("epoch-00000000/" + std::string(file));
  std::string text = read_text(path);
  const size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  text.replace(place, std::string(from).size(), to);
  const std::string key = "  \"checksum\": \"";
  const size_t signature = text.find(key);
  if (signature !=
      std::string::npos) {  // a manifest is signed again: only the edit is wrong with it
    char hex[17];
    std::snprintf(hex, sizeof(hex), "%016llx",
                  static_cast<unsigned long long>(XXH3_64bits(text.data(), signature)));
    text.replace(signature + key.size(), 16, hex);
  }
  write_text(path, text);
  return sagips_solver_load(solver, folder.path().c_str());
}

sagips_status load_into_other_networks() {
  Model model;
  const Folder folder;
  const Solver small = make_solver(&model, {{"generator.hidden", "3"}});
  EXPECT_OK(sagips_solver_save(small, folder.path().c_str()));
  return sagips_solver_load(make_solver(&model), folder.path().c_str());
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {SAGIPS_OK, "Ok", {}, [] { return set_option("seed", "3"); }},
      {SAGIPS_ERROR_NULL,
       "Null",
       {"name is NULL", "must point"},
       [] {
         Stage stage;
         return sagips_stage_create(stage.out(), nullptr);
       }},
      {SAGIPS_ERROR_HANDLE,
       "Handle",
       {"no sagips_pipeline", "pass the handle"},
       [] {
         Model model;
         Stage stage = make_source(&model);
         auto* wrong = reinterpret_cast<sagips_pipeline*>(static_cast<sagips_stage*>(stage));
         return sagips_pipeline_shape(wrong, nullptr, nullptr);
       }},
      {SAGIPS_ERROR_STRUCT_SIZE,
       "StructSize",
       {"info.struct_size is 7", "set it to sizeof"},
       [] {
         sagips_option_info info{};
         info.struct_size = 7;
         return sagips_options_describe(0, &info);
       }},
      {SAGIPS_ERROR_OPTION,
       "Option",
       {"genrator.rate", "generator.rate"},
       [] { return set_option("genrator.rate", "1"); }},
      {SAGIPS_ERROR_TYPE,
       "Type",
       {"epochs", "many", "whole number"},
       [] { return set_option("epochs", "many"); }},
      {SAGIPS_ERROR_RANGE,
       "Range",
       {"generator.beta1", "1.5", "[0, 1)"},
       [] { return set_option("generator.beta1", "1.5"); }},
      {SAGIPS_ERROR_SHAPE,
       "Shape",
       {"3", "2", "must be the same"},
       [] {
         Model model;
         const Problem problem = make_problem(make_pipeline(&model), 0);
         const double events[3] = {1, 2, 3};
         return sagips_problem_set_events(problem, "data", events, nullptr, 1, 3, 0);
       }},
      {SAGIPS_ERROR_DATA,
       "Data",
       {"event 1", "nan", "remove or repair"},
       [] {
         Model model;
         const Problem problem = make_problem(make_pipeline(&model), 0);
         const double events[4] = {1, 2, 3, std::numeric_limits<double>::quiet_NaN()};
         return sagips_problem_set_events(problem, "data", events, nullptr, 2, 2, 0);
       }},
      {SAGIPS_ERROR_NOT_FOUND,
       "NotFound",
       {"'widht'", "did you mean 'width'"},
       [] {
         Model model;
         return sagips_problem_set_fixed(make_problem(make_pipeline(&model)), "widht", 1);
       }},
      {SAGIPS_ERROR_STATE,
       "State",
       {"data", "no events", "hand over"},
       [] {
         Model model;
         Solver solver;
         return sagips_solver_create(solver.out(), make_problem(make_pipeline(&model), 0), nullptr,
                                     nullptr);
       }},
      {SAGIPS_ERROR_BUSY,
       "Busy",
       {"inside", "wait"},
       [] {
         Model model;
         const Solver solver = make_solver(&model);
         sagips_status inner = SAGIPS_OK;
         model.after = [&](int32_t, sagips_batch*) {
           inner = sagips_solver_step(solver, 1, nullptr);
           return 0;
         };
         EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
         return inner;
       }},
      {SAGIPS_ERROR_CALLBACK,
       "Callback",
       {"source", "-4", "see what the model reports"},
       [] { return step_with([](int32_t, sagips_batch*) { return -4; }); }},
      {SAGIPS_ERROR_EXCEPTION,
       "Exception",
       {"source", "oh", "catch it there"},
       [] {
         return step_with(
             [](int32_t, sagips_batch*) -> int32_t { throw std::runtime_error("oh"); });
       }},
      {SAGIPS_ERROR_NONFINITE,
       "Nonfinite",
       {"source", "inf", "weight 0"},
       [] {
         return step_with([](int32_t, sagips_batch* b) {
           b->outputs[0] = std::numeric_limits<double>::infinity();
           return 0;
         });
       }},
      {SAGIPS_ERROR_ROW,
       "Row",
       {"source", "row 2", "narrow the bounds"},
       [] {
         return step_with([](int32_t, sagips_batch* b) {
           b->row_status[2] = 1;
           return 0;
         });
       }},
      {SAGIPS_ERROR_SKIPPED,
       "Skipped",
       {"11 of 11", "skip.limit", "mend the model"},
       [] { return step_with([](int32_t, sagips_batch*) { return 1; }); }},
      {SAGIPS_ERROR_LOST,
       "Lost",
       {"39 are lost", "start nearer"},
       [] {
         return step_with([](int32_t, sagips_batch* b) {
           for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) b->weight[i] = 0;
           return 0;
         });
       }},
      {SAGIPS_ERROR_NUMERIC,
       "Numeric",
       {"generator", "epoch", "lower its learning rate"},
       [] {
         return step_with(nullptr, {{"generator.rate", "1e300"}, {"generator.warmup", "0"}});
       }},
      {SAGIPS_ERROR_IO,
       "Io",
       {"/no/such/folder"},
       [] {
         Model model;
         return sagips_solver_load(make_solver(&model), "/no/such/folder");
       }},
      {SAGIPS_ERROR_FORMAT,
       "Format",
       {"checksum", "take another checkpoint"},
       [] { return load_edited("rank-0.safetensors", "sagips", "sagipS"); }},
      {SAGIPS_ERROR_MISMATCH,
       "Mismatch",
       {"generator", "use a checkpoint of this solver"},
       load_into_other_networks},
      {SAGIPS_ERROR_VERSION,
       "Version",
       {"format 9", "use a newer library"},
       [] { return load_edited("manifest", "\"format_version\": 2", "\"format_version\": 9"); }},
      {SAGIPS_ERROR_MEMORY,
       "Memory",
       {"memory", "check the counts"},
       [] {
         Model model;
         const Problem problem = make_problem(make_pipeline(&model), 0);
         const double events[2] = {1, 2};
         constexpr int64_t kHuge = int64_t{1} << 59;
         return sagips_problem_set_events(problem, "data", events, nullptr, kHuge, 2, 0);
       }},
      {SAGIPS_ERROR_UNSUPPORTED,
       "Unsupported",
       {"metric.kind", "'data'", "set metric.kind = none"},
       [] {
         return create_solver({{"metric.kind", "pullback"}}, Route::kPlain);
       }},
      {SAGIPS_ERROR_EXISTS,
       "Exists",
       {"'width'", "already", "choose another name"},
       [] {
         Model model;
         return sagips_problem_add_parameter(make_problem(make_pipeline(&model)), "width", 0, 1);
       }},
  };
  return kCases;
}

class Provoked : public ::testing::TestWithParam<size_t> {};

TEST_P(Provoked, ComesBackWithATextThatNamesProblemAndRemedy) {
  const Case& c = cases()[GetParam()];
  const sagips_status status = c.provoke();
  EXPECT_FAILS(status, c.status);
  for (const char* word : c.words) EXPECT_FAILS(status, c.status, {word});
  EXPECT_EQ(std::string(sagips_last_error()).find("SAGIPS_"), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(Status, Provoked, ::testing::Range(size_t{0}, cases().size()),
                         [](const auto& row) { return cases()[row.param].name; });

// ERROR_INTERNAL means a defect of the library: nothing a host can do may provoke it.
TEST(Status, AllOfTheListButInternalAreProvoked) {
  std::set<sagips_status> provoked, wanted;
  for (const Case& c : cases()) provoked.insert(c.provoke());
#define INSERT(name, value, text) wanted.insert(value);
  SAGIPS_STATUS_LIST(INSERT)
#undef INSERT
  wanted.erase(SAGIPS_ERROR_INTERNAL);
  EXPECT_EQ(provoked, wanted);
}

TEST(Status, NamesAndTextsAreThoseOfTheList) {
  int32_t next = 0;
#define CHECK_ROW(name, value, text)                        \
  EXPECT_EQ(value, next++);                                 \
  EXPECT_STREQ(sagips_status_name(value), "SAGIPS_" #name); \
  EXPECT_STREQ(sagips_status_text(value), text);
  SAGIPS_STATUS_LIST(CHECK_ROW)
#undef CHECK_ROW
  for (const sagips_status unknown : {-1, next, INT32_MAX, INT32_MIN}) {
    EXPECT_STREQ(sagips_status_name(unknown), "unknown status");
    EXPECT_STREQ(sagips_status_text(unknown), "unknown status");
  }
}

TEST(Status, TheTextIsThisThreadsLastFailureAndIsCutToFit) {
  EXPECT_FAILS(set_option("epochs", "0"), SAGIPS_ERROR_RANGE);
  const std::string text = sagips_last_error();
  EXPECT_OK(set_option("epochs", "1"));
  EXPECT_EQ(sagips_last_error(), text);  // a success leaves it
  EXPECT_EQ(sagips_last_error_copy(nullptr, 0), text.size() + 1);
  char buffer[6] = "#####";
  EXPECT_EQ(sagips_last_error_copy(buffer, sizeof(buffer)), text.size() + 1);
  EXPECT_EQ(buffer, text.substr(0, 5));
  EXPECT_EQ(sagips_last_error_copy(buffer, 1), text.size() + 1);
  EXPECT_STREQ(buffer, "");
}

TEST(Status, ABindingSetsTheTextOfAFailureOfItsOwn) {
  EXPECT_EQ(sagips_last_error_set(SAGIPS_ERROR_SHAPE, "weights do not fit"), SAGIPS_ERROR_SHAPE);
  EXPECT_STREQ(sagips_last_error(), "weights do not fit");
  EXPECT_EQ(sagips_last_error_set(SAGIPS_ERROR_DATA, sagips_last_error()), SAGIPS_ERROR_DATA);
  EXPECT_STREQ(sagips_last_error(), "weights do not fit");
  EXPECT_FAILS(sagips_last_error_set(SAGIPS_ERROR_SHAPE, nullptr), SAGIPS_ERROR_NULL);
  for (const sagips_status none : {int32_t{SAGIPS_OK}, -1, INT32_MAX})
    EXPECT_FAILS(sagips_last_error_set(none, "nothing failed"), SAGIPS_ERROR_RANGE,
                 {"no failure", "pass the cause"});
  const std::string longest(2047, 'x');
  EXPECT_EQ(sagips_last_error_set(SAGIPS_ERROR_DATA, (longest + "y").c_str()), SAGIPS_ERROR_DATA);
  EXPECT_EQ(sagips_last_error(), longest);
}

}  // namespace
}  // namespace capi
