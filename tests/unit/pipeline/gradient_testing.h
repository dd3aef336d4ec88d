// SPDX-License-Identifier: BSD-3-Clause
// Three stages whose expected objective is known, by integration, in every detail that a gradient
// may get wrong:
//
//   theory    p0, p1 -> x = p0 + p1 (2u - 1), weight exp(-x/4), a tenth is lost; auxiliary p0 p1
//   counter   x, q, p1 -> k = 1[u < 1/(1 + exp(-2x - q - p1/2))], x' = x + 0.3 z; weight 1 + 0.4 k
//   q;
//             auxiliary q^2; loses events with x < q/2 - 1 if it is to cut
//   detector  k, x', p3, q -> y = (1/2 + p3) x' + k (1 + q), weight exp(-y/6); loses x' < -0.8;
//             auxiliary p3 q
//
//   L = sum w sin(y) / sum w + sum_n (a0^2 + a1^2/2 + sin(a2))
#ifndef SAGIPS_TESTS_UNIT_PIPELINE_GRADIENT_TESTING_H_
#define SAGIPS_TESTS_UNIT_PIPELINE_GRADIENT_TESTING_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "pipeline/gradient.h"

namespace sagips {

constexpr double kSmearing = 0.3, kDetectorCut = -0.8, kLostByTheory = 0.1;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();  // in lost events

inline double click(double x, double q, double p1) {
  return 1 / (1 + std::exp(-2 * x - q - p1 / 2));
}
inline double counter_cut(double q) { return q / 2 - 1; }

constexpr double kHighest = 0.7;

/// Of a failing model: rows whose key is divisible by `every`, in one kind of request. A law, which
/// has no draws, fails where its first parameter is above kHighest.
struct Behaviour {
  bool cuts = false;
  int32_t failing_request = -1;
  uint64_t every = 4;
  bool by_parameter = false;  // as a law does
};
inline void fail_rows(const Behaviour& behaviour, sagips_batch* b) {
  if (b->request != behaviour.failing_request) return;
  for (int64_t n = 0; n < b->n_rows; ++n)
    if (b->row_key == nullptr || behaviour.by_parameter
            ? b->parameters[n * b->n_parameters] > kHighest
            : b->row_key[n] % behaviour.every == 0)
      b->row_status[n] = 3;
}

// ------------------------------------------------------------------------------------- theory

inline int32_t theory_of_x(void* user, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const int64_t n = i / b->n_events;
    const double *p = b->parameters + 2 * n, *u = b->uniforms + 2 * i;
    const bool is_lost = u[1] < kLostByTheory;
    const double x = p[0] + p[1] * (2 * u[0] - 1);
    if (b->request == SAGIPS_FORWARD) {
      b->outputs[i] = is_lost ? kNothing : x;
      b->weight[i] = is_lost ? 0 : std::exp(-x / 4);
      b->auxiliary[n] = p[0] * p[1];
      continue;
    }
    double* g = b->grad_parameters + 2 * n;
    if (i % b->n_events == 0) {
      g[0] += b->grad_auxiliary[n] * p[1];
      g[1] += b->grad_auxiliary[n] * p[0];
    }
    if (is_lost) continue;
    const double by_x = b->grad_outputs[i] - b->grad_weight[i] * b->weight[i] / 4;
    g[0] += by_x;
    g[1] += by_x * (2 * u[0] - 1);
  }
  fail_rows(*static_cast<Behaviour*>(user), b);
  return 0;
}

// ------------------------------------------------------------------------------------ counter

inline double normal(const double* u) {
  return std::sqrt(-2 * std::log(u[0])) * std::cos(6.283185307179586 * u[1]);
}

inline int32_t count_clicks(void* user, sagips_batch* b) {
  const auto& behaviour = *static_cast<Behaviour*>(user);
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const int64_t n = i / b->n_events;
    const double *p = b->parameters + 2 * n, *u = b->uniforms + 3 * i;
    const double x = b->inputs[i], q = p[0];
    b->auxiliary[n] = q * q;
    if (b->weight_in[i] == 0) continue;
    const double k = u[0] < click(x, q, p[1]) ? 1 : 0;
    const bool is_lost = behaviour.cuts && x < counter_cut(q);
    b->outputs[2 * i] = is_lost ? kNothing : k;
    b->outputs[2 * i + 1] = x + kSmearing * normal(u + 1);
    b->weight[i] = is_lost ? 0 : 1 + 0.4 * k * q;
  }
  fail_rows(behaviour, b);
  return 0;
}

/// log(density * weight): the weight is a part of the law.
inline int32_t law_of_clicks(void* user, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double* p = b->parameters + 2 * (i / b->n_events);
    const double k = b->outputs[2 * i], s = click(b->inputs[i], p[0], p[1]);
    const double z = (b->outputs[2 * i + 1] - b->inputs[i]) / kSmearing;
    b->log_probability[i] = std::log((k == 1 ? s : 1 - s) * (1 + 0.4 * k * p[0])) - z * z / 2;
  }
  fail_rows(*static_cast<Behaviour*>(user), b);
  return 0;
}

// ----------------------------------------------------------------------------------- detector

inline int32_t detect_clicks(void* user, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const int64_t n = i / b->n_events;
    const double *p = b->parameters + 2 * n, *x = b->inputs + 2 * i;
    const bool was_lost = b->weight_in[i] == 0, is_lost = was_lost || x[1] < kDetectorCut;
    const double y = (0.5 + p[0]) * x[1] + x[0] * (1 + p[1]);
    if (b->request == SAGIPS_FORWARD) {
      b->auxiliary[n] = p[0] * p[1];
      b->outputs[i] = is_lost ? kNothing : y;
      b->weight[i] = was_lost ? 1 : is_lost ? 0 : std::exp(-y / 6);
      continue;
    }
    double* g = b->grad_parameters + 2 * n;
    if (i % b->n_events == 0) {
      g[0] += b->grad_auxiliary[n] * p[1];
      g[1] += b->grad_auxiliary[n] * p[0];
    }
    if (is_lost) continue;
    const double by_y = b->grad_outputs[i] - b->grad_weight[i] * b->weight[i] / 6;
    g[0] += by_y * x[1];
    g[1] += by_y * x[0];
    b->grad_inputs[2 * i] += by_y * (1 + p[1]);
    b->grad_inputs[2 * i + 1] += by_y * (0.5 + p[0]);
  }
  fail_rows(*static_cast<Behaviour*>(user), b);
  return 0;
}

// ----------------------------------------------------------------------------------- pipelines

/// How a stage is written down.
enum class Way { kVjp, kSmooth, kCentral, kOneSided, kSmoothed, kScore };

inline Stage staged(const char* name, sagips_stage_fn forward, Way way, Behaviour behaviour) {
  Stage s;
  s.name = name;
  s.n_auxiliary = 1;
  s.forward = forward;
  s.user = std::make_shared<Behaviour>(behaviour);
  if (way == Way::kVjp) s.backward = forward;
  s.is_smooth = way == Way::kSmooth;
  if (way == Way::kOneSided) s.scheme = SAGIPS_ONE_SIDED;
  if (way == Way::kSmoothed) s.scheme = SAGIPS_SMOOTHED;
  return s;
}

inline Stage theory_stage(Way way, Behaviour behaviour = {}) {
  Stage s = staged("theory", theory_of_x, way, behaviour);
  s.n_outputs = 1, s.n_uniforms = 2;
  s.columns = {0, 1};
  return s;
}
inline Stage counter_stage(Way way, Behaviour behaviour = {}) {
  Stage s = staged("counter", count_clicks, way, behaviour);
  s.n_inputs = 1, s.n_outputs = 2, s.n_uniforms = 3;
  s.columns = {2, 1};
  if (way == Way::kScore) s.log_probability = law_of_clicks;
  return s;
}
inline Stage detector_stage(Way way, Behaviour behaviour = {}) {
  Stage s = staged("detector", detect_clicks, way, behaviour);
  s.n_inputs = 2, s.n_outputs = 1;
  s.columns = {3, 2};
  return s;
}

// ---------------------------------------------------------------------------------- objective

inline double penalty_of_row(const double* a) {
  return a[0] * a[0] + a[1] * a[1] / 2 + std::sin(a[2]);
}

/// What events and rows of a pass are worth, the discriminator being sin(y).
struct Worth {
  double total = 0, mean = 0;
  std::vector<double> by_events, by_weights, by_auxiliary;

  void judge(const Evaluation& e, bool is_base) {
    const auto n = static_cast<size_t>(e.n_events());
    if (is_base) {
      total = mean = 0;
      for (size_t i = 0; i < n; ++i)
        if (e.weights()[i] != 0) {
          total += e.weights()[i];
          mean += e.weights()[i] * std::sin(e.events()[i]);
        }
      mean /= total;
    }
    by_events.assign(n, 0);
    by_weights.assign(n, kNothing);  // of lost events it must not be used
    for (size_t i = 0; i < n; ++i)
      if (e.weights()[i] != 0) {
        by_events[i] = e.weights()[i] * std::cos(e.events()[i]) / total;
        by_weights[i] = (std::sin(e.events()[i]) - mean) / total;
      } else if (is_base) {
        by_weights[i] = 0;
      }
    by_auxiliary.clear();
    for (size_t a = 0; a < e.auxiliary().size(); a += 3) {
      const double* v = e.auxiliary().data() + a;
      for (const double g : {2 * v[0], v[1], std::cos(v[2])}) by_auxiliary.push_back(g);
    }
  }
};

/// One pass there and back, on draws that `epoch` chooses.
class MixedPassage {
 public:
  MixedPassage(const std::vector<Stage>& stages, Box box, const Parallel* parallel = nullptr)
      : box_(std::move(box)), parallel_(parallel) {
    for (const Stage& stage : stages) pipeline_.add(stage);
  }
  MixedPassage(const MixedPassage&) = delete;
  MixedPassage& operator=(const MixedPassage&) = delete;

  /// @return the gradient (N, P)
  std::vector<double> gradient(const Rows& rows, int64_t epoch,
                               FailurePolicy failures = FailurePolicy::kError) {
    Call call{17};
    call.epoch = epoch;
    call.is_training = true;
    call.failures = failures;
    base_.forward(call, rows);
    Worth worth;
    worth.judge(base_, true);
    Worth other = worth;
    Gradient gradient;
    Gradient::Opinion opinion;
    opinion.by_events = worth.by_events;
    opinion.by_weights = worth.by_weights;
    opinion.by_auxiliary = worth.by_auxiliary;
    gradient.begin(box_, &base_, &shifted_, opinion);
    while (gradient.run() == Gradient::Want::kValues) {
      shifted_rows_ += shifted_.rows().n_rows;
      other.judge(shifted_, false);
      gradient.give_values(other.by_weights);
    }
    return gradient.result();
  }
  const Evaluation& base() const { return base_; }
  int64_t shifted_rows() const { return shifted_rows_; }

 private:
  Pipeline pipeline_;
  const Box box_;
  const Parallel* parallel_;
  CallbackMeter meter_;
  int64_t shifted_rows_ = 0;
  Evaluation base_{&pipeline_, &box_, &meter_, parallel_};
  Evaluation shifted_{&pipeline_, &box_, &meter_, parallel_};
};

// ------------------------------------------------------------------------- what is expected

/// Sums of w sin(y) and w of a row with one event, on average.
struct Expected {
  double loss = 0, weight = 0;
};

inline Expected expect_row(const double* p, bool cuts) {
  constexpr int kX = 160, kY = 160;
  constexpr double kReach = 6 * kSmearing;
  const double p0 = p[0], p1 = p[1], q = p[2], p3 = p[3];
  const double low = cuts ? std::max(p0 - p1, counter_cut(q)) : p0 - p1;
  const double dx = (p0 + p1 - low) / kX;
  Expected sum;
  for (int i = 0; i < kX; ++i) {
    const double x = low + (i + 0.5) * dx;
    const double first = std::max(x - kReach, kDetectorCut), dy = (x + kReach - first) / kY;
    for (int j = 0; j < kY && dy > 0; ++j) {
      const double smeared = first + (j + 0.5) * dy, z = (smeared - x) / kSmearing;
      const double density = (1 - kLostByTheory) * dx / (2 * p1) * std::exp(-x / 4) * dy *
                             std::exp(-z * z / 2) / (kSmearing * std::sqrt(6.283185307179586));
      for (const double k : {0.0, 1.0}) {
        const double s = click(x, q, p1), y = (0.5 + p3) * smeared + k * (1 + q);
        const double w = density * (k == 1 ? s : 1 - s) * (1 + 0.4 * k * q) * std::exp(-y / 6);
        sum.loss += w * std::sin(y);
        sum.weight += w;
      }
    }
  }
  return sum;
}

/// The derivative (N, P) of the expected objective.
inline std::vector<double> expected_gradient(const Rows& rows, bool cuts) {
  const auto objective = [&](const std::vector<double>& p) {
    Expected sum;
    double penalties = 0;
    for (size_t n = 0; n < p.size(); n += 4) {
      const Expected row = expect_row(p.data() + n, cuts);
      sum.loss += row.loss, sum.weight += row.weight;
      const double a[] = {p[n] * p[n + 1], p[n + 2] * p[n + 2], p[n + 3] * p[n + 2]};
      penalties += penalty_of_row(a);
    }
    return sum.loss / sum.weight + penalties;
  };
  std::vector<double> grad, p = rows.parameters;
  for (double& value : p) {
    const double before = value;
    value = before + 1e-3;
    const double above = objective(p);
    value = before - 1e-3;
    grad.push_back((above - objective(p)) / 2e-3);
    value = before;
  }
  return grad;
}

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_PIPELINE_GRADIENT_TESTING_H_
