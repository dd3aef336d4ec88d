// SPDX-License-Identifier: BSD-3-Clause
// All options, one row each, and what each preset changes. Values of `fast` are those that brought
// the two proxy applications to their closure in seconds; values of `paper` are those of the SAGIPS
// paper (table III and section V-A) where it states them, and otherwise those of its authors'
// public code. Add an option here, and it can be set, read, checked, written, described and
// documented.
#include <limits>

#include "core/options.h"
#include "sagips.h"

namespace sagips {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr OptionRange closed(double lower, double upper, const char* text) {
  return {OptionForm::kNumber, text, lower, upper, false, false};
}
constexpr OptionRange open(double lower, double upper, const char* text) {
  return {OptionForm::kNumber, text, lower, upper, true, true};
}
constexpr OptionRange lower_open(double lower, double upper, const char* text) {
  return {OptionForm::kNumber, text, lower, upper, true, false};
}
constexpr OptionRange upper_open(double lower, double upper, const char* text) {
  return {OptionForm::kNumber, text, lower, upper, false, true};
}
constexpr OptionRange choice(const char* text) {
  return {OptionForm::kChoice, text, 0, 0, false, false};
}

constexpr OptionRange kSwitch{OptionForm::kSwitch, "true | false", 0, 0, false, false};
constexpr OptionRange kText{OptionForm::kText, "any text", 0, 0, false, false};
// Bounds hold for each width.
constexpr OptionRange kWidths{OptionForm::kWidths,
                              "up to 32 widths in [1, 65536], separated by commas",
                              1,
                              65536,
                              false,
                              false};

// Rows have 40 bits in the counter of the random numbers and epochs have 38: see core/philox.h.
constexpr OptionRange kSeeds = closed(0, 9223372036854775807.0, "[0, 9223372036854775807]");
constexpr OptionRange kCounts = closed(1, 1099511627776.0, "[1, 1099511627776]");
constexpr OptionRange kCountsOrNone = closed(0, 1099511627776.0, "[0, 1099511627776]");
constexpr OptionRange kEpochs = closed(1, 274877906943.0, "[1, 274877906943]");
constexpr OptionRange kEpochsOrNone = closed(0, 274877906943.0, "[0, 274877906943]");

constexpr OptionRange kFraction = closed(0, 1, "[0, 1]");
constexpr OptionRange kPositiveFraction = lower_open(0, 1, "(0, 1]");
constexpr OptionRange kBelowOne = upper_open(0, 1, "[0, 1)");
constexpr OptionRange kInsideOne = open(0, 1, "(0, 1)");
constexpr OptionRange kPositive = open(0, kInfinity, "(0, inf)");
constexpr OptionRange kNotNegative = upper_open(0, kInfinity, "[0, inf)");
constexpr OptionRange kFinite = open(-kInfinity, kInfinity, "(-inf, inf)");

constexpr OptionRange kInitialisations =
    choice("kaiming_normal | kaiming_uniform | xavier_normal | xavier_uniform");
constexpr OptionRange kSchedules = choice("constant | cosine | exponential");

constexpr int32_t I = SAGIPS_INTEGER, R = SAGIPS_REAL, B = SAGIPS_BOOLEAN, T = SAGIPS_TEXT;

constexpr OptionRow kOptionRows[] = {
    // ------------------------------------------------------------------------------- the run ---
    {"preset", T, "fast", choice("fast | paper"), "",
     "Preset that all options were set to before single ones were changed."},
    {"seed", I, "1", kSeeds, "",
     "Seed of all random numbers: equal seeds, options and data give equal results."},
    {"epochs", I, "5000", kEpochs, "epochs",
     "Length of the whole training, and the horizon of every schedule, in however many steps it "
     "runs."},
    {"rows", I, "1", kCounts, "rows",
     "Parameter rows that the generator proposes in an epoch, on each rank."},
    {"events", I, "1024", kCounts, "events",
     "Synthetic events that the pipeline makes from each row in an epoch."},
    {"growth.factor", I, "16", closed(1, 1048576, "[1, 1048576]"), "",
     "The events of a row grow by this factor, geometrically, for a quieter end."},
    {"growth.start", R, "0.3", kFraction, "fraction of epochs",
     "Point of the training from which the events of a row grow."},
    {"growth.end", R, "0.8", kFraction, "fraction of epochs",
     "Point of the training from which growth.factor holds in full."},
    {"draws", T, "latin_hypercube", choice("independent | latin_hypercube"), "",
     "Random numbers of a row's events in training: independent, or spread evenly over (0, 1)."},
    {"threads", I, "1", closed(1, 1024, "[1, 1024]"), "threads",
     "Threads that the library's own loops use; results do not depend on it."},
    {"device", T, "cpu", choice("cpu | reference"), "",
     "Engine of the networks: vectorised in single precision, or the plain one in double."},
    {"simd", T, "auto", choice("auto | portable | avx2 | avx512 | neon"), "",
     "Instruction set of the vectorised code; auto = SAGIPS_SIMD of the environment, or the best."},
    // ------------------------------------------------------------------------------ ensemble ---
    {"ensemble.members", I, "1", closed(1, 1000, "[1, 1000]"), "members",
     "Generators, each with discriminators of its own, that are trained side by side."},
    {"ensemble.first", I, "0", closed(0, 64536, "[0, 64536]"), "",
     "Number of the first member; a member is the same in every ensemble that has its number."},
    {"ensemble.bootstrap", B, "true", kSwitch, "",
     "Each of several members draws the data with replacement for itself; false: seeds differ."},
    // ----------------------------------------------------------------------------- generator ---
    {"generator.kind", T, "network", choice("network | direct"), "",
     "A network proposes the parameters, or the parameters are trained themselves (direct)."},
    {"generator.hidden", T, "32,32", kWidths, "neurons",
     "Widths of the generator's hidden layers, from its input on."},
    {"generator.input", T, "point", choice("noise | annealed | point"), "",
     "What the generator sees: fresh noise, noise that shrinks to zero, or always the same point."},
    {"generator.noise_dimension", I, "6", closed(1, 65536, "[1, 65536]"), "",
     "Numbers that the generator takes in for a row, also where they are always the same."},
    {"generator.noise_mean", R, "0", kFinite, "", "Mean of the normal noise."},
    {"generator.noise_sd", R, "1", kNotNegative, "", "Standard deviation of the normal noise."},
    {"generator.anneal", R, "0.5", kPositiveFraction, "fraction of epochs",
     "Point of the training from which annealed noise is zero."},
    {"generator.slope", R, "0.2", kBelowOne, "",
     "Slope of the generator's leaky ReLU for negative numbers."},
    {"generator.initialisation", T, "kaiming_normal", kInitialisations, "",
     "Distribution that the generator's first weights are drawn from; biases start at 0."},
    {"generator.output_scale", R, "0.05", kPositive, "",
     "Factor on the first weights of the output layer: a small one starts all rows near the "
     "start."},
    {"generator.rate", R, "0.001", kPositive, "", "Learning rate of the generator's Adam."},
    {"generator.beta1", R, "0.5", kBelowOne, "", "Decay of Adam's mean gradient."},
    {"generator.beta2", R, "0.99", kBelowOne, "", "Decay of Adam's mean squared gradient."},
    {"generator.epsilon", R, "1e-8", kPositive, "",
     "Number that Adam adds to the root of the mean squared gradient."},
    {"generator.schedule", T, "exponential", kSchedules, "",
     "How the learning rate falls from its full value to the floor at the last epoch."},
    {"generator.rate_floor", R, "0.01", kPositiveFraction, "fraction of the rate",
     "Learning rate at the last epoch of a schedule that falls."},
    {"generator.warmup", I, "50", kEpochsOrNone, "epochs",
     "Epochs at the start in which the learning rate rises linearly to its full value."},
    {"generator.updates", I, "1", closed(1, 1048576, "[1, 1048576]"), "",
     "Updates of the generator in an epoch."},
    {"generator.fresh_events", B, "false", kSwitch, "",
     "Run the pipeline again for the generator, instead of reusing the discriminator's events."},
    // ------------------------------------------------------------------------- discriminator ---
    {"discriminator.hidden", T, "", kWidths, "neurons",
     "Widths of the discriminator's hidden layers, from its input on; none: linear in the lift."},
    {"discriminator.slope", R, "0.2", kBelowOne, "",
     "Slope of the discriminator's leaky ReLU for negative numbers."},
    {"discriminator.initialisation", T, "kaiming_normal", kInitialisations, "",
     "Distribution that the discriminator's first weights are drawn from; biases start at 0."},
    {"discriminator.output_scale", R, "0", kNotNegative, "",
     "Factor on the first weights of the output layer."},
    {"discriminator.rate", R, "0.05", kPositive, "", "Learning rate of the discriminator's Adam."},
    {"discriminator.beta1", R, "0.5", kBelowOne, "", "Decay of Adam's mean gradient."},
    {"discriminator.beta2", R, "0.99", kBelowOne, "", "Decay of Adam's mean squared gradient."},
    {"discriminator.epsilon", R, "1e-8", kPositive, "",
     "Number that Adam adds to the root of the mean squared gradient."},
    {"discriminator.schedule", T, "exponential", kSchedules, "",
     "How the learning rate falls from its full value to the floor at the last epoch."},
    {"discriminator.rate_floor", R, "0.01", kPositiveFraction, "fraction of the rate",
     "Learning rate at the last epoch of a schedule that falls."},
    {"discriminator.warmup", I, "50", kEpochsOrNone, "epochs",
     "Epochs at the start in which the learning rate rises linearly to its full value."},
    {"discriminator.updates", I, "1", closed(1, 1048576, "[1, 1048576]"), "",
     "Updates of the discriminator in an epoch."},
    // ----------------------------------------------------------------------------- objective ---
    {"loss", T, "bce", choice("bce | least_squares"), "",
     "Binary cross entropy of the discriminator's logits, or least squares on their sigmoid."},
    {"standardise", B, "true", kSwitch, "",
     "Shift and scale each observable to mean 0 and standard deviation 1 of the data."},
    {"lift.degree", I, "6", closed(1, 16, "[1, 16]"), "",
     "Polynomials of each observable's normal score that the discriminator sees, whitened on the "
     "data; 1 = the observable alone."},
    {"lift.cross_degree", I, "2", closed(0, 8, "[0, 8]"), "",
     "Products of several observables that it sees beside, up to this total degree; 0 = none."},
    {"lift.clip", R, "4", kPositive, "standard deviations",
     "Normal scores are resolved up to this, as far as there are events; beyond, logarithms."},
    {"metric.kind", T, "none", choice("none | pullback"), "",
     "Precondition the gradient by the parameters with the metric that the events induce, or not."},
    {"metric.decay", R, "0.98", kBelowOne, "", "Decay of the metric's running average, an epoch."},
    {"metric.damping_start", R, "3", kPositive, "",
     "Number on the metric's diagonal at the first epoch."},
    {"metric.damping", R, "0.01", kPositive, "",
     "Number on the metric's diagonal from metric.damping_until on."},
    {"metric.damping_until", R, "0.3", kFraction, "fraction of epochs",
     "Point of the training at which the damping has come down to metric.damping."},
    {"average.decay", R, "0.995", kBelowOne, "",
     "Decay of the running average of the generator's weights, which estimates use; 0 = no "
     "average."},
    {"average.tail", R, "0.3", kFraction, "fraction of epochs",
     "Last part of the training over which the average is uniform instead; 0 = none."},
    {"auxiliary.weighting", T, "likelihood", choice("likelihood | absolute"), "",
     "Penalties weigh as they do beside the events in a likelihood, or are (value - target)^2."},
    {"auxiliary.weight", R, "1", kNotNegative, "",
     "Factor on the penalties of auxiliary outputs; 0 = they are not used."},
    // ---------------------------------------------------------------------------------- data ---
    {"data.bootstrap", B, "false", kSwitch, "",
     "Draw the data with replacement once before the training, also for a single member."},
    {"data.fraction", R, "1", kPositiveFraction, "fraction of the data",
     "Part of the data that this solver trains on, drawn at random."},
    {"data.holdout", R, "0.1", closed(0, 0.5, "[0, 0.5]"), "fraction of the data",
     "Part kept from the training for the assessment, at most assess.events of a data set."},
    {"ask.rows", I, "0", kCountsOrNone, "rows",
     "Rows of a ticket that sagips_solver_ask() hands out; 0: the whole batch."},
    {"ask.age_limit", R, "0", kNotNegative, "seconds",
     "A ticket that is not told for so long becomes void, and its rows are handed out again; 0: "
     "never."},
    {"failure.policy", T, "error", choice("error | skip | resample"), "",
     "What becomes of a row on which the model reports a failure (row_status): the step ends, its "
     "events are lost, or it is drawn again at the same parameters."},
    {"failure.limit", R, "0.1", kFraction, "fraction of rows",
     "A step fails once more than this part of the rows (and more than ten) have failed."},
    {"failure.attempts", I, "3", closed(1, 15, "[1, 15]"), "",
     "How often failure.policy = resample draws a row again before it skips it."},
    {"skip.limit", R, "0.1", kFraction, "fraction of epochs",
     "A step fails once callbacks have skipped more than this part of the epochs."},
    // ------------------------------------------------------------------------------- reports ---
    {"metrics.every", I, "10", kEpochsOrNone, "epochs",
     "Distance of calls to the metrics callback; 0 = none."},
    {"checkpoint.every", I, "0", kEpochsOrNone, "epochs",
     "Distance of checkpoints that a step writes by itself; 0 = none."},
    {"checkpoint.keep", I, "0", kCountsOrNone, "checkpoints",
     "Checkpoints left in their folder, the newest ones; 0 = all."},
    {"checkpoint.folder", T, "", kText, "",
     "Folder of the checkpoints that a step writes by itself."},
    // ---------------------------------------------------------------------------- assessment ---
    {"assess.events", I, "20000", closed(100, 1099511627776.0, "[100, 1099511627776]"), "events",
     "Most held-out events of a data set that an assessment tests, against four times as many "
     "synthetic ones."},
    {"assess.epochs", I, "200", kEpochs, "epochs",
     "Epochs in which an assessment trains its own classifier."},
    {"assess.hidden", T, "64,64", kWidths, "neurons",
     "Widths of the hidden layers of that classifier."},
    {"assess.level", R, "0.01", kInsideOne, "probability",
     "A p value below this says that the model does not fit the data."},
    {"stop.rule", T, "never", choice("never | converged"), "",
     "Whether a step ends by itself once the estimate has stopped drifting."},
    {"stop.window", R, "0.1", lower_open(0, 0.5, "(0, 0.5]"), "fraction of epochs",
     "Last part of the training over which the drift of the estimate is measured."},
    {"stop.drift", R, "0.5", kPositive, "statistical uncertainties",
     "Largest drift of any parameter over the window that still counts as converged."},
    {"uncertainty.events", I, "65536", closed(256, 1099511627776.0, "[256, 1099511627776]"),
     "events",
     "Synthetic events behind each difference that the covariance of an estimate is made from."},
};

constexpr PresetRow kPresetRows[] = {
    {"paper", "epochs", "100000"},
    {"paper", "rows", "1024"},
    {"paper", "events", "100"},
    {"paper", "growth.factor", "1"},
    {"paper", "draws", "independent"},
    {"paper", "generator.hidden", "128,128,128,128"},
    {"paper", "generator.input", "noise"},
    {"paper", "generator.output_scale", "1"},
    {"paper", "generator.rate", "1e-5"},
    {"paper", "generator.beta2", "0.999"},
    {"paper", "generator.schedule", "constant"},
    {"paper", "generator.warmup", "0"},
    {"paper", "discriminator.hidden", "128,128,128,128"},
    {"paper", "discriminator.output_scale", "1"},
    {"paper", "discriminator.rate", "1e-4"},
    {"paper", "discriminator.beta2", "0.999"},
    {"paper", "discriminator.schedule", "constant"},
    {"paper", "discriminator.warmup", "0"},
    {"paper", "loss", "least_squares"},
    {"paper", "standardise", "false"},
    {"paper", "lift.degree", "1"},
    {"paper", "lift.cross_degree", "0"},
    {"paper", "average.tail", "0"},
    {"paper", "average.decay", "0"},
    {"paper", "auxiliary.weighting", "absolute"},
};

}  // namespace

int32_t option_row_count() { return static_cast<int32_t>(sizeof(kOptionRows) / sizeof(OptionRow)); }

const OptionRow& option_row(int32_t index) { return kOptionRows[index]; }

int32_t preset_row_count() { return static_cast<int32_t>(sizeof(kPresetRows) / sizeof(PresetRow)); }

const PresetRow& preset_row(int32_t index) { return kPresetRows[index]; }

}  // namespace sagips
