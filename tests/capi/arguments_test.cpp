// SPDX-License-Identifier: BSD-3-Clause
// Arguments that are wrong in themselves: a table of {call, status, words of the text}. After each
// the objects are as they were.
#include <cmath>
#include <cstddef>
#include <limits>

#include "world.h"

namespace capi {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kMax = std::numeric_limits<double>::max();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

struct Row {
  const char* name;
  sagips_status status;
  std::vector<const char*> words;
  sagips_status (*run)(World*);
};

template <typename Struct, typename Run>
sagips_status with_size(Struct* s, size_t size, const Run& run) {
  s->struct_size = size;
  const sagips_status status = run();
  s->struct_size = sizeof(Struct);
  return status;
}

sagips_status set_data(World* w, std::vector<double> events, std::vector<double> weights, int64_t n,
                       int32_t n_observables = kY, int64_t stride = 0) {
  return sagips_problem_set_events(w->problem, "data", events.data(),
                                   weights.empty() ? nullptr : weights.data(), n, n_observables,
                                   stride);
}

double number[64];
float weight[8];
int64_t count64;
using W = World*;

const std::vector<Row> kRows{
    // -------------------------------------------------------------------------- struct sizes
    {"info too small",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"info.struct_size is 8", "sizeof"},
     [](W w) {
       return with_size(&w->info, 8, [&] { return sagips_options_describe(0, &w->info); });
     }},
    {"info 0",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"info.struct_size is 0", "sizeof"},
     [](W w) {
       return with_size(&w->info, 0, [&] { return sagips_options_describe(0, &w->info); });
     }},
    {"report",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"report.struct_size is 99", "sizeof"},
     [](W w) {
       return with_size(&w->report, 99, [&] {
         return sagips_pipeline_check(w->pipeline, kP, kLower, kUpper, 1, &w->report);
       });
     }},
    {"progress of step",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"progress.struct_size is 1", "sizeof"},
     [](W w) {
       return with_size(&w->progress, 1,
                        [&] { return sagips_solver_step(w->solver, 1, &w->progress); });
     }},
    {"progress",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"progress.struct_size is", "sizeof"},
     [](W w) {
       return with_size(&w->progress, offsetof(sagips_progress, rows_run) - 8,
                        [&] { return sagips_solver_progress(w->solver, &w->progress); });
     }},
    {"batch of ask",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"batch.struct_size is 0", "sizeof"},
     [](W w) {
       return with_size(&w->batch, 0, [&] { return sagips_solver_ask(w->asked, &w->batch); });
     }},
    {"batch of a ticket",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"batch.struct_size is 200", "sizeof"},
     [](W w) {
       return with_size(&w->batch, 200,
                        [&] { return sagips_solver_ticket(w->asked, 1, &w->batch); });
     }},
    {"progress of tell",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"progress.struct_size is 1", "sizeof"},
     [](W w) {
       return with_size(&w->progress, 1,
                        [&] { return sagips_solver_tell(w->asked, 1, 0, &w->progress); });
     }},
    {"a negative number of tickets",
     SAGIPS_ERROR_RANGE,
     {"size is -1", "negative"},
     [](W w) { return sagips_solver_tickets(w->asked, -1, nullptr, &count64); }},
    {"assessment",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"assessment.struct_size is 0", "sizeof"},
     [](W w) {
       return with_size(&w->assessment, 0, [&] {
         return sagips_solver_assess(w->solver, 0, nullptr, &w->assessment);
       });
     }},
    {"estimate",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"estimate.struct_size is 64", "sizeof"},
     [](W w) {
       return with_size(&w->estimate, 64, [&] {
         return sagips_solver_describe_estimate(w->solver, 0, kP, &w->estimate);
       });
     }},
    {"a size that was never set",
     SAGIPS_ERROR_STRUCT_SIZE,
     {"progress.struct_size is", "sizeof"},
     [](W w) {
       return with_size(&w->progress, static_cast<size_t>(-1),
                        [&] { return sagips_solver_progress(w->solver, &w->progress); });
     }},
    // ------------------------------------------------------------------------------- options
    {"near name",
     SAGIPS_ERROR_OPTION,
     {"'epoch'", "'epochs'"},
     [](W w) { return sagips_options_set(w->options, "epoch", "5"); }},
    {"near name in a table",
     SAGIPS_ERROR_OPTION,
     {"discriminator.rate"},
     [](W w) { return sagips_options_set_real(w->options, "discriminator.rat", 1); }},
    {"near name to read",
     SAGIPS_ERROR_OPTION,
     {"'lift.degree'"},
     [](W w) { return sagips_options_get(w->options, "lift.degre", nullptr, 0, nullptr); }},
    {"near name in TOML",
     SAGIPS_ERROR_OPTION,
     {"line 2", "'threads'"},
     [](W w) { return sagips_options_read_toml(w->options, "rows = 9\nthread = 2\n"); }},
    {"preset",
     SAGIPS_ERROR_NOT_FOUND,
     {"'slow'", "'fast'", "'paper'"},
     [](W w) { return sagips_options_preset(w->options, "slow"); }},
    {"integer below",
     SAGIPS_ERROR_RANGE,
     {"epochs", "-1", "[1, "},
     [](W w) { return sagips_options_set_integer(w->options, "epochs", -1); }},
    {"integer huge",
     SAGIPS_ERROR_RANGE,
     {"threads", "[1, 1024]"},
     [](W w) { return sagips_options_set_integer(w->options, "threads", kMost); }},
    {"real open bound",
     SAGIPS_ERROR_RANGE,
     {"stop.window", "0", "(0, 0.5]"},
     [](W w) { return sagips_options_set_real(w->options, "stop.window", 0); }},
    {"real NaN",
     SAGIPS_ERROR_RANGE,
     {"generator.rate", "nan"},
     [](W w) { return sagips_options_set_real(w->options, "generator.rate", kNan); }},
    {"real Inf",
     SAGIPS_ERROR_RANGE,
     {"generator.rate", "(0, inf)"},
     [](W w) { return sagips_options_set_real(w->options, "generator.rate", kInf); }},
    {"choice",
     SAGIPS_ERROR_RANGE,
     {"loss", "bce | least_squares"},
     [](W w) { return sagips_options_set(w->options, "loss", "hinge"); }},
    {"wrong type",
     SAGIPS_ERROR_TYPE,
     {"standardise"},
     [](W w) { return sagips_options_set_integer(w->options, "standardise", 1); }},
    {"TOML broken",
     SAGIPS_ERROR_FORMAT,
     {"line 2"},
     [](W w) { return sagips_options_read_toml(w->options, "rows = 9\nevents = = 2\n"); }},
    {"TOML file",
     SAGIPS_ERROR_IO,
     {"/no/such.toml"},
     [](W w) { return sagips_options_load_toml(w->options, "/no/such.toml"); }},
    {"describe past the end",
     SAGIPS_ERROR_RANGE,
     {"no option", "only 0 to"},
     [](W w) { return sagips_options_describe(sagips_options_count(), &w->info); }},
    {"describe -1",
     SAGIPS_ERROR_RANGE,
     {"no option -1"},
     [](W w) { return sagips_options_describe(-1, &w->info); }},
    // -------------------------------------------------------------------- stages and pipelines
    {"no outputs",
     SAGIPS_ERROR_RANGE,
     {"n_outputs is 0", "[1, "},
     [](W w) { return sagips_stage_set_shape(w->stage, 0, 0, 0, 0); }},
    {"huge uniforms",
     SAGIPS_ERROR_RANGE,
     {"n_uniforms is 2147483647"},
     [](W w) { return sagips_stage_set_shape(w->stage, 0, 2, 0, INT32_MAX); }},
    {"negative auxiliary",
     SAGIPS_ERROR_RANGE,
     {"n_auxiliary is -1"},
     [](W w) { return sagips_stage_set_shape(w->stage, 0, 2, -1, 0); }},
    {"repeated columns",
     SAGIPS_ERROR_RANGE,
     {"repeats", "different"},
     [](W w) {
       const int32_t columns[2] = {1, 1};
       return sagips_stage_set_parameters(w->stage, 2, columns);
     }},
    {"negative column",
     SAGIPS_ERROR_RANGE,
     {"negative"},
     [](W w) {
       const int32_t columns[2] = {0, -1};
       return sagips_stage_set_parameters(w->stage, 2, columns);
     }},
    {"fewer than no columns",
     SAGIPS_ERROR_RANGE,
     {"n is -1"},
     [](W w) {
       const int32_t column = 0;
       return sagips_stage_set_parameters(w->stage, -1, &column);
     }},
    {"flag",
     SAGIPS_ERROR_RANGE,
     {"flag 77"},
     [](W w) { return sagips_stage_set_flag(w->stage, 77, 1); }},
    {"tape",
     SAGIPS_ERROR_RANGE,
     {"n is -1"},
     [](W w) { return sagips_stage_set_tape(w->stage, -1); }},
    {"scheme",
     SAGIPS_ERROR_RANGE,
     {"scheme 5"},
     [](W w) { return sagips_stage_set_step(w->stage, 5, 0.1); }},
    {"step",
     SAGIPS_ERROR_RANGE,
     {"step is 0.3", "(0, 0.25]"},
     [](W w) { return sagips_stage_set_step(w->stage, SAGIPS_CENTRAL, 0.3); }},
    {"step NaN",
     SAGIPS_ERROR_RANGE,
     {"step is nan"},
     [](W w) { return sagips_stage_set_step(w->stage, SAGIPS_CENTRAL, kNan); }},
    {"scheme below 0",
     SAGIPS_ERROR_RANGE,
     {"scheme -1", "SAGIPS_SMOOTHED"},
     [](W w) { return sagips_stage_set_step(w->stage, -1, 0.1); }},
    {"no directions",
     SAGIPS_ERROR_RANGE,
     {"0 directions", "[1, 16]"},
     [](W w) { return sagips_stage_set_directions(w->stage, 0); }},
    {"too many directions",
     SAGIPS_ERROR_RANGE,
     {"17 directions", "[1, 16]"},
     [](W w) { return sagips_stage_set_directions(w->stage, 17); }},
    {"both flags in one",
     SAGIPS_ERROR_RANGE,
     {"flag 48", "SAGIPS_CONCURRENT"},
     [](W w) { return sagips_stage_set_flag(w->stage, SAGIPS_SMOOTH | SAGIPS_CONCURRENT, 1); }},
    {"state that cannot be restored",
     SAGIPS_ERROR_NULL,
     {"restore is NULL", "both"},
     [](W w) {
       return sagips_stage_set_state(
           w->stage, [](void*, void*, size_t, size_t*) -> int32_t { return 0; }, nullptr);
     }},
    {"policy of failures",
     SAGIPS_ERROR_RANGE,
     {"failure.policy", "ignore", "skip"},
     [](W w) { return sagips_options_set(w->options, "failure.policy", "ignore"); }},
    {"limit of failures",
     SAGIPS_ERROR_RANGE,
     {"failure.limit"},
     [](W w) { return sagips_options_set_real(w->options, "failure.limit", 1.5); }},
    {"attempts after a failure",
     SAGIPS_ERROR_RANGE,
     {"failure.attempts"},
     [](W w) { return sagips_options_set_integer(w->options, "failure.attempts", -1); }},
    {"stage without forward",
     SAGIPS_ERROR_STATE,
     {"bare", "forward"},
     [](W w) {
       Stage stage;
       EXPECT_OK(sagips_stage_create(stage.out(), "bare"));
       return sagips_pipeline_add(w->pipeline, stage);
     }},
    {"stage that does not fit",
     SAGIPS_ERROR_SHAPE,
     {"source", "takes 0", "deliver 2"},
     [](W w) { return sagips_pipeline_add(w->pipeline, w->stage); }},
    {"built-in",
     SAGIPS_ERROR_NOT_FOUND,
     {"proxy2d", "proxy1d"},
     [](W w) { return sagips_pipeline_add_builtin(w->pipeline, "proxy2d", nullptr); }},
    {"built-in's setting",
     SAGIPS_ERROR_OPTION,
     {"paramters", "parameters"},
     [](W w) { return sagips_pipeline_add_builtin(w->pipeline, "kuma6", "paramters=0,1"); }},
    {"built-in that is no first stage",
     SAGIPS_ERROR_SHAPE,
     {"'smear'", "the first"},
     [](W) {
       Pipeline pipeline;
       EXPECT_OK(sagips_pipeline_create(pipeline.out()));
       return sagips_pipeline_add_builtin(pipeline, "smear", "sigma=0.1");
     }},
    {"built-in without what it needs",
     SAGIPS_ERROR_STATE,
     {"'cut'", "lower=", "upper="},
     [](W w) { return sagips_pipeline_add_builtin(w->pipeline, "cut", "observable=0"); }},
    {"background without events",
     SAGIPS_ERROR_DATA,
     {"0 background events"},
     [](W w) {
       return sagips_pipeline_add_background(w->pipeline, "fraction=0.1", number, nullptr, 0, 2);
     }},
    {"background of no observables",
     SAGIPS_ERROR_RANGE,
     {"n_observables is 0"},
     [](W w) {
       return sagips_pipeline_add_background(w->pipeline, "fraction=0.1", number, nullptr, 1, 0);
     }},
    {"background of other observables",
     SAGIPS_ERROR_SHAPE,
     {"1 observables", "deliver 2"},
     [](W w) {
       return sagips_pipeline_add_background(w->pipeline, "fraction=0.1", number, nullptr, 1, 1);
     }},
    {"background of more than any memory",
     SAGIPS_ERROR_MEMORY,
     {"memory"},
     [](W w) {
       return sagips_pipeline_add_background(w->pipeline, "fraction=0.1", number, nullptr,
                                             INT64_MAX / 2, 2);
     }},
    {"fraction of background",
     SAGIPS_ERROR_RANGE,
     {"'fraction'", "1.5"},
     [](W w) {
       return sagips_pipeline_add_background(w->pipeline, "fraction=1.5", number, nullptr, 1, 2);
     }},
    {"empty pipeline",
     SAGIPS_ERROR_STATE,
     {"no stage", "add"},
     [](W) {
       Pipeline pipeline;
       EXPECT_OK(sagips_pipeline_create(pipeline.out()));
       return sagips_pipeline_shape(pipeline, nullptr, nullptr);
     }},
    {"no events wanted",
     SAGIPS_ERROR_RANGE,
     {"n_events is 0"},
     [](W w) {
       return sagips_pipeline_generate(w->pipeline, kP, kTruth, 0, 1, kY, number, nullptr, 0,
                                       nullptr);
     }},
    {"NaN parameter",
     SAGIPS_ERROR_RANGE,
     {"parameter 1 is nan"},
     [](W w) {
       const double at[kP] = {0, kNan};
       return sagips_pipeline_generate(w->pipeline, kP, at, 3, 1, kY, number, nullptr, 0, nullptr);
     }},
    {"check box reversed",
     SAGIPS_ERROR_RANGE,
     {"parameter 0", "[2, -1]", "below"},
     [](W w) { return sagips_pipeline_check(w->pipeline, kP, kUpper, kLower, 1, &w->report); }},
    // ------------------------------------------------------------------------------- problem
    {"bounds reversed",
     SAGIPS_ERROR_RANGE,
     {"'x'", "[2, 1]", "lower below upper"},
     [](W w) { return sagips_problem_add_parameter(w->problem, "x", 2, 1); }},
    {"bounds equal",
     SAGIPS_ERROR_RANGE,
     {"'x'", "[1, 1]"},
     [](W w) { return sagips_problem_add_parameter(w->problem, "x", 1, 1); }},
    {"bound NaN",
     SAGIPS_ERROR_RANGE,
     {"'x'", "nan"},
     [](W w) { return sagips_problem_add_parameter(w->problem, "x", kNan, 1); }},
    {"bound Inf",
     SAGIPS_ERROR_RANGE,
     {"'x'", "inf"},
     [](W w) { return sagips_problem_add_parameter(w->problem, "x", 0, kInf); }},
    {"range not finite",
     SAGIPS_ERROR_RANGE,
     {"'x'", "finite"},
     [](W w) { return sagips_problem_add_parameter(w->problem, "x", -kMax, kMax); }},
    {"parameter twice",
     SAGIPS_ERROR_EXISTS,
     {"'shift'", "already"},
     [](W w) { return sagips_problem_add_parameter(w->problem, "shift", 0, 1); }},
    {"data set twice",
     SAGIPS_ERROR_EXISTS,
     {"'data'", "already"},
     [](W w) { return sagips_problem_add_dataset(w->problem, "data", w->pipeline); }},
    {"log of 0",
     SAGIPS_ERROR_RANGE,
     {"'shift'", "starts at -1", "above 0"},
     [](W w) { return sagips_problem_set_scale(w->problem, "shift", SAGIPS_LOGARITHMIC); }},
    {"scale",
     SAGIPS_ERROR_RANGE,
     {"scale 2"},
     [](W w) { return sagips_problem_set_scale(w->problem, "width", 2); }},
    {"fixed outside",
     SAGIPS_ERROR_RANGE,
     {"'shift'", "2.5", "[-1, 2]"},
     [](W w) { return sagips_problem_set_fixed(w->problem, "shift", 2.5); }},
    {"start on the bound",
     SAGIPS_ERROR_RANGE,
     {"'shift'", "(-1, 2)"},
     [](W w) { return sagips_problem_set_start(w->problem, "shift", 2); }},
    {"prior sigma",
     SAGIPS_ERROR_RANGE,
     {"'shift'", "sigma > 0"},
     [](W w) { return sagips_problem_set_prior(w->problem, "shift", 0, 0); }},
    {"unit of nobody",
     SAGIPS_ERROR_NOT_FOUND,
     {"'shiff'", "'shift'"},
     [](W w) { return sagips_problem_set_unit(w->problem, "shiff", "m"); }},
    {"events of nobody",
     SAGIPS_ERROR_NOT_FOUND,
     {"'dada'", "'data'"},
     [](W w) { return sagips_problem_set_events(w->problem, "dada", number, nullptr, 2, kY, 0); }},
    {"no events",
     SAGIPS_ERROR_DATA,
     {"0 events", "hand over"},
     [](W w) {
       return set_data(w, {1, 2}, {}, 0);
     }},
    {"negative count",
     SAGIPS_ERROR_DATA,
     {"-5 events"},
     [](W w) {
       return set_data(w, {1, 2}, {}, -5);
     }},
    {"NaN event",
     SAGIPS_ERROR_DATA,
     {"observable 1 of event 1", "nan"},
     [](W w) {
       return set_data(w, {1, 2, 3, kNan}, {}, 2);
     }},
    {"Inf event",
     SAGIPS_ERROR_DATA,
     {"observable 0 of event 0", "-inf"},
     [](W w) {
       return set_data(w, {-kInf, 2, 3, 4}, {}, 2);
     }},
    {"NaN weight",
     SAGIPS_ERROR_DATA,
     {"weight of event 1", "nan"},
     [](W w) {
       return set_data(w, {1, 2, 3, 4}, {1, kNan}, 2);
     }},
    {"weights of sum 0",
     SAGIPS_ERROR_DATA,
     {"sum to 0", "positive"},
     [](W w) {
       return set_data(w, {1, 2, 3, 4}, {1, -1}, 2);
     }},
    {"weights of negative sum",
     SAGIPS_ERROR_DATA,
     {"sum to -1", "positive"},
     [](W w) {
       return set_data(w, {1, 2, 3, 4}, {1, -2}, 2);
     }},
    {"weights of infinite sum",
     SAGIPS_ERROR_DATA,
     {"sum", "inf"},
     [](W w) {
       return set_data(w, {1, 2, 3, 4}, {kMax, kMax}, 2);
     }},
    {"NaN float event",
     SAGIPS_ERROR_DATA,
     {"event 0", "nan"},
     [](W w) {
       const float event[2] = {0, std::nanf("")};
       return sagips_problem_borrow_events_float(w->problem, "data", event, nullptr, 1, kY, 0,
                                                 nullptr, nullptr);
     }},
    {"observables",
     SAGIPS_ERROR_SHAPE,
     {"1 observables", "delivers 2"},
     [](W w) {
       return set_data(w, {1, 2}, {}, 2, 1);
     }},
    {"stride",
     SAGIPS_ERROR_SHAPE,
     {"row_stride is 1"},
     [](W w) {
       return set_data(w, {1, 2, 3, 4}, {}, 2, kY, 1);
     }},
    {"lent stride",
     SAGIPS_ERROR_SHAPE,
     {"row_stride is 1"},
     [](W w) {
       return sagips_problem_borrow_events(w->problem, "data", number, nullptr, 2, kY, 1, nullptr,
                                           nullptr);
     }},
    {"generated observables",
     SAGIPS_ERROR_SHAPE,
     {"n_outputs is 3", "delivers 2"},
     [](W w) {
       return sagips_pipeline_generate(w->pipeline, kP, kTruth, 3, 1, 3, number, nullptr, 0,
                                       nullptr);
     }},
    {"generated auxiliaries",
     SAGIPS_ERROR_SHAPE,
     {"n_auxiliary is 7", "delivers 1"},
     [](W w) {
       return sagips_pipeline_generate(w->pipeline, kP, kTruth, 3, 1, kY, number, nullptr, 7,
                                       number);
     }},
    {"a scheme as flag",
     SAGIPS_ERROR_RANGE,
     {"flag 2 is unknown"},
     [](W w) { return sagips_stage_set_flag(w->stage, SAGIPS_SMOOTHED, 1); }},
    {"a flag as scheme",
     SAGIPS_ERROR_RANGE,
     {"scheme 16 is unknown"},
     [](W w) { return sagips_stage_set_step(w->stage, SAGIPS_SMOOTH, 0); }},
    {"room for members",
     SAGIPS_ERROR_SHAPE,
     {"room for 0 members", "must be 1"},
     [](W w) {
       sagips_estimate estimate{};
       estimate.struct_size = sizeof(estimate);
       estimate.members = number;
       return sagips_solver_describe_estimate(w->solver, 0, kP, &estimate);
     }},
    {"auxiliary index",
     SAGIPS_ERROR_RANGE,
     {"1 auxiliary", "no output 1"},
     [](W w) {
       return sagips_problem_set_auxiliary(w->problem, "data", 1, 1, 1, SAGIPS_GAUSSIAN);
     }},
    {"auxiliary sigma",
     SAGIPS_ERROR_RANGE,
     {"sigma > 0"},
     [](W w) {
       return sagips_problem_set_auxiliary(w->problem, "data", 0, 1, -1, SAGIPS_GAUSSIAN);
     }},
    {"penalty",
     SAGIPS_ERROR_RANGE,
     {"penalty 3"},
     [](W w) { return sagips_problem_set_auxiliary(w->problem, "data", 0, 1, 1, 3); }},
    {"data set weight",
     SAGIPS_ERROR_RANGE,
     {"'data'", "positive"},
     [](W w) { return sagips_problem_set_dataset_weight(w->problem, "data", 0); }},
    // -------------------------------------------------------------------------------- solver
    {"negative epochs",
     SAGIPS_ERROR_RANGE,
     {"n_epochs is -1"},
     [](W w) { return sagips_solver_step(w->solver, -1, nullptr); }},
    {"member",
     SAGIPS_ERROR_RANGE,
     {"member 1", "has 1"},
     [](W w) { return sagips_solver_predict(w->solver, 1, 1, kP, number); }},
    {"member of predict",
     SAGIPS_ERROR_RANGE,
     {"member -2"},
     [](W w) { return sagips_solver_predict(w->solver, -2, 1, kP, number); }},
    {"member of estimate",
     SAGIPS_ERROR_RANGE,
     {"member 1", "has 1"},
     [](W w) { return sagips_solver_estimate(w->solver, 1, kP, number, nullptr); }},
    {"member of describe_estimate",
     SAGIPS_ERROR_RANGE,
     {"member 1", "has 1"},
     [](W w) { return sagips_solver_describe_estimate(w->solver, 1, kP, &w->estimate); }},
    {"member of assess",
     SAGIPS_ERROR_RANGE,
     {"member 1", "has 1"},
     [](W w) { return sagips_solver_assess(w->solver, 1, nullptr, &w->assessment); }},
    {"networks of all members",
     SAGIPS_ERROR_RANGE,
     {"SAGIPS_ALL_MEMBERS", "one member"},
     [](W w) {
       return sagips_solver_get_weights(w->solver, SAGIPS_ALL_MEMBERS, SAGIPS_GENERATOR, nullptr, 1,
                                        weight);
     }},
    {"one network for all members",
     SAGIPS_ERROR_RANGE,
     {"SAGIPS_ALL_MEMBERS", "one member"},
     [](W w) {
       return sagips_solver_set_weights(w->solver, SAGIPS_ALL_MEMBERS, SAGIPS_GENERATOR, nullptr, 1,
                                        weight);
     }},
    {"parameter's index",
     SAGIPS_ERROR_RANGE,
     {"no parameter 2", "has 2"},
     [](W w) { return sagips_solver_parameter_name(w->solver, 2, nullptr, 0, nullptr); }},
    {"parameter's index below 0",
     SAGIPS_ERROR_RANGE,
     {"no parameter -1"},
     [](W w) { return sagips_solver_parameter_name(w->solver, -1, nullptr, 0, nullptr); }},
    {"data set's index",
     SAGIPS_ERROR_RANGE,
     {"no data set 1", "has 1"},
     [](W w) { return sagips_solver_dataset_name(w->solver, 1, nullptr, 0, nullptr); }},
    {"width of describe_estimate",
     SAGIPS_ERROR_SHAPE,
     {"n_parameters is 1", "has 2"},
     [](W w) { return sagips_solver_describe_estimate(w->solver, 0, 1, &w->estimate); }},
    {"no rows",
     SAGIPS_ERROR_RANGE,
     {"n is 0"},
     [](W w) { return sagips_solver_predict(w->solver, 0, 0, kP, number); }},
    {"width of predict",
     SAGIPS_ERROR_SHAPE,
     {"n_parameters is 3", "has 2"},
     [](W w) { return sagips_solver_predict(w->solver, 0, 1, 3, number); }},
    {"width of estimate",
     SAGIPS_ERROR_SHAPE,
     {"n_parameters is 1", "has 2"},
     [](W w) { return sagips_solver_estimate(w->solver, 0, 1, number, nullptr); }},
    {"network",
     SAGIPS_ERROR_RANGE,
     {"network 3"},
     [](W w) { return sagips_solver_weight_count(w->solver, 3, nullptr, &count64); }},
    {"discriminator of nobody",
     SAGIPS_ERROR_NOT_FOUND,
     {"'dat'", "'data'"},
     [](W w) {
       return sagips_solver_weight_count(w->solver, SAGIPS_DISCRIMINATOR, "dat", &count64);
     }},
    {"count of weights",
     SAGIPS_ERROR_SHAPE,
     {"n is 3", "weights and biases"},
     [](W w) {
       return sagips_solver_get_weights(w->solver, 0, SAGIPS_GENERATOR, nullptr, 3, weight);
     }},
    {"NaN weights",
     SAGIPS_ERROR_NONFINITE,
     {"weight 2", "nan"},
     [](W w) {
       EXPECT_OK(sagips_solver_weight_count(w->solver, SAGIPS_GENERATOR, nullptr, &count64));
       std::vector<float> weights(static_cast<size_t>(count64), 0.5F);
       weights[2] = std::nanf("");
       return sagips_solver_set_weights(w->solver, 0, SAGIPS_GENERATOR, nullptr, count64,
                                        weights.data());
     }},
    {"save below a file",
     SAGIPS_ERROR_IO,
     {"/dev/null"},
     [](W w) { return sagips_solver_save(w->solver, "/dev/null/folder"); }},
    {"load an empty folder",
     SAGIPS_ERROR_IO,
     {"manifest"},
     [](W w) { return sagips_solver_load(w->solver, w->folder.path().c_str()); }},
};

class Arguments : public ::testing::Test {
 protected:
  /// Everything that a refused call may not change.
  static std::string describe(World* w) {
    std::string all = weights_of(w->solver).bytes;
    size_t needed = 0;
    EXPECT_OK(sagips_options_write_toml(w->options, nullptr, 0, &needed));
    std::string toml(needed, ' ');
    EXPECT_OK(sagips_options_write_toml(w->options, toml.data(), needed, nullptr));
    Solver solver;
    EXPECT_OK(sagips_solver_create(solver.out(), w->problem, w->options, nullptr));
    EXPECT_OK(sagips_solver_step(solver, 2, nullptr));
    return all + toml + bits_of(solver).bytes;
  }
};

TEST_F(Arguments, ThatAreWrongAreNamedAndChangeNothing) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    World world;
    const std::string before = describe(&world);
    const sagips_status status = row.run(&world);
    EXPECT_FAILS(status, row.status);
    for (const char* word : row.words) EXPECT_FAILS(status, row.status, {word});
    if (status != row.status) continue;  // taken: it may have changed something
    EXPECT_TRUE(describe(&world) == before);
    world.expect_works();
  }
}

}  // namespace
}  // namespace capi
