// SPDX-License-Identifier: BSD-3-Clause
// For tests of stages behind others: a source of events with a closed law, a cut whose derivative
// is wrong, and one forward and backward pass of a pipeline.
#ifndef SAGIPS_TESTS_UNIT_PIPELINE_TRANSFORM_TESTING_H_
#define SAGIPS_TESTS_UNIT_PIPELINE_TRANSFORM_TESTING_H_

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "naive_cut.h"
#include "pipeline/builtin.h"
#include "pipeline/gradient.h"

namespace sagips {

/// Y exponentials, y_j = -p_j ln(1 - u_j), with their derivative; P = Y parameters.
inline int32_t exponentials_forward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events * b->n_outputs; ++i) {
    const int64_t row = i / (b->n_events * b->n_outputs), y = i % b->n_outputs;
    b->outputs[i] = -b->parameters[row * b->n_parameters + y] * std::log1p(-b->uniforms[i]);
  }
  return 0;
}
inline int32_t exponentials_backward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events * b->n_outputs; ++i) {
    const int64_t row = i / (b->n_events * b->n_outputs), y = i % b->n_outputs;
    b->grad_parameters[row * b->n_parameters + y] -=
        b->grad_outputs[i] * std::log1p(-b->uniforms[i]);
  }
  return 0;
}
inline Stage exponentials(int32_t n) {
  Stage stage;
  stage.name = "exponentials";
  stage.n_outputs = stage.n_uniforms = n;
  for (int32_t y = 0; y < n; ++y) stage.columns.push_back(y);
  stage.forward = exponentials_forward;
  stage.backward = exponentials_backward;
  return stage;
}

inline void add_builtin(const std::string& name, const std::string& settings, Pipeline* pipeline) {
  pipeline->add(make_builtin(name, settings, pipeline->n_outputs()));
}

inline void add_naive_cut(const NaiveCut& cut, Pipeline* pipeline) {
  Stage stage;
  stage.name = "naive cut";
  stage.n_inputs = stage.n_outputs = pipeline->n_outputs();
  stage.has_no_parameters = true;
  stage.forward = [](void* user, sagips_batch* b) {
    return static_cast<const NaiveCut*>(user)->forward(b);
  };
  stage.backward = [](void* user, sagips_batch* b) {
    return static_cast<const NaiveCut*>(user)->backward(b);
  };
  stage.user = std::make_shared<NaiveCut>(cut);
  pipeline->add(stage);
}

/// Rows that are all at `point`, each with draws of its own.
inline Rows rows_at(const std::vector<double>& point, int64_t n_rows, int64_t n_events) {
  Rows rows{n_rows, n_events, static_cast<int32_t>(point.size()), {}, {}};
  for (int64_t n = 0; n < n_rows; ++n) {
    rows.parameters.insert(rows.parameters.end(), point.begin(), point.end());
    rows.draw.push_back(n);
  }
  return rows;
}

struct Passed {
  std::vector<double> events, weights, grad;
};

class Passage {
 public:
  explicit Passage(const Pipeline& pipeline, bool is_training = true,
                   const Parallel* parallel = nullptr)
      : box_{std::vector<double>(16, 0), std::vector<double>(16, 9)},
        evaluation_(&pipeline, &box_, &meter_, parallel),
        shifted_(&pipeline, &box_, &meter_, parallel) {
    call_.seed = 3;
    call_.is_training = is_training;
  }
  const Evaluation& forward(const Rows& rows) {
    evaluation_.forward(call_, rows);
    return evaluation_;
  }
  std::vector<double> pull_back(const std::vector<double>& by_events,
                                const std::vector<double>& by_weights) {
    const std::vector<double> by_auxiliary(evaluation_.auxiliary().size());
    return evaluation_.pull_back(by_events, by_weights, by_auxiliary);
  }
  /// The gradient of an objective on every route.
  /// @param values_of the objective's derivatives by the weights (B') of a shifted pass
  std::vector<double> gradient(
      const std::vector<double>& by_events, const std::vector<double>& by_weights,
      const std::function<std::vector<double>(const Evaluation&)>& values_of) {
    const std::vector<double> by_auxiliary(evaluation_.auxiliary().size());
    Gradient gradient;
    gradient.begin(box_, &evaluation_, &shifted_, {by_events, by_weights, by_auxiliary});
    while (gradient.run() == Gradient::Want::kValues) gradient.give_values(values_of(shifted_));
    return gradient.result();
  }

 private:
  Box box_;
  CallbackMeter meter_;
  Call call_;
  Evaluation evaluation_, shifted_;
};

/// d/dp of the mean over survivors of observable `y`, per row, and that mean.
struct MeanAndSlope {
  std::vector<double> mean;   // (N)
  std::vector<double> slope;  // (N, P)
};
inline MeanAndSlope mean_of(int64_t y, const Rows& rows, Passage* passage) {
  const Evaluation& e = passage->forward(rows);
  const auto at = [](int64_t i) { return static_cast<size_t>(i); };
  const int64_t width = static_cast<int64_t>(e.events().size()) / e.n_events();
  std::vector<double> by_events(e.events().size()), by_weights(e.weights().size());
  std::vector<double> totals;
  MeanAndSlope result;
  for (int64_t n = 0; n < rows.n_rows; ++n) {
    double sum = 0, total = 0;
    for (int64_t i = n * rows.n_events; i < (n + 1) * rows.n_events; ++i) {
      if (e.weights()[at(i)] == 0) continue;
      sum += e.weights()[at(i)] * e.events()[at(i * width + y)];
      total += e.weights()[at(i)];
    }
    result.mean.push_back(sum / total);
    totals.push_back(total);
    for (int64_t i = n * rows.n_events; i < (n + 1) * rows.n_events; ++i) {
      if (e.weights()[at(i)] == 0) continue;
      by_events[at(i * width + y)] = e.weights()[at(i)] / total;
      by_weights[at(i)] = (e.events()[at(i * width + y)] - sum / total) / total;
    }
  }
  result.slope = passage->gradient(by_events, by_weights, [&](const Evaluation& shifted) {
    std::vector<double> values(shifted.weights().size());
    for (int64_t i = 0; i < shifted.n_events(); ++i) {
      const size_t n = at(i * rows.n_rows / shifted.n_events());  // as many for each row, in order
      if (shifted.weights()[at(i)] != 0)
        values[at(i)] = (shifted.events()[at(i * width + y)] - result.mean[n]) / totals[n];
    }
    return values;
  });
  return result;
}

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_PIPELINE_TRANSFORM_TESTING_H_
