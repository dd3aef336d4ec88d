// Maximises ln L(p) by damped Newton steps, (I + damping diag I) step = d ln L / dp, inside a box.
// I is the expected information for proxy1d (a multinomial over grid cells: Fisher scoring) and
// the observed one for kuma6, f(y) = (a b / s) x^(a-1) (1 - x^a)^(b-1), x = y/s.

#include "maximum_likelihood.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>

#include "tool/limit.h"

namespace sagips_bench {
namespace {

using Vector = std::vector<double>;

// ln L at one point, up to a constant, with its gradient (P) and the information (P, P).
struct Likelihood {
  double value;
  Vector gradient;
  Vector information;
};
using LikelihoodAt = std::function<Likelihood(const Vector&)>;

struct Box {
  Vector lower, upper;
};

const Box kProxy1dBox = {{0, -1, 0, 0, -1, 0}, {3, 1, 5, 3, 1, 5}};
const Box kKumaBox = {{0.5, 0.5, 1}, {3, 4, 6}};  // (s, a, b), the same for both observables

// Into the box and a little off its faces, where information can vanish.
void move_into(const Box& box, Vector* p) {
  for (size_t j = 0; j < p->size(); ++j) {
    const double margin = 1e-3 * (box.upper[j] - box.lower[j]);
    (*p)[j] = std::min(std::max((*p)[j], box.lower[j] + margin), box.upper[j] - margin);
  }
}

// p + step, but at most nine tenths of the way to a bound: a parameter that lands on one may take
// all information about others with it (p4 and p5 mean nothing at p3 = 0).
Vector step_inside(const Box& box, const Vector& p, const Vector& step) {
  Vector next = p;
  for (size_t j = 0; j < p.size(); ++j) {
    next[j] +=
        std::min(std::max(step[j], 0.9 * (box.lower[j] - p[j])), 0.9 * (box.upper[j] - p[j]));
  }
  return next;
}

// Parameters that can move: all but those at a bound with the likelihood rising outwards.
std::vector<size_t> free_parameters(const Box& box, const Vector& p, const Vector& gradient) {
  std::vector<size_t> movable;
  for (size_t j = 0; j < p.size(); ++j) {
    const double tolerance = 1e-9 * (box.upper[j] - box.lower[j]);
    const bool held =
        gradient[j] < 0 ? p[j] < box.lower[j] + tolerance : p[j] > box.upper[j] - tolerance;
    if (!held) movable.push_back(j);
  }
  return movable;
}

// The damped step of the free parameters, zero for the others; empty if the matrix is indefinite.
Vector damped_step(const Likelihood& here, const std::vector<size_t>& movable, double damping) {
  const size_t n = movable.size();
  const size_t all = here.gradient.size();
  Vector matrix(n * n);
  for (size_t j = 0; j < n; ++j) {
    for (size_t k = 0; k < n; ++k) {
      matrix[j * n + k] =
          here.information[movable[j] * all + movable[k]] * (j == k ? 1 + damping : 1);
    }
  }
  if (!sagips_tool::invert_symmetric(static_cast<int>(n), &matrix)) return {};
  Vector step(all, 0.0);
  for (size_t j = 0; j < n; ++j) {
    double sum = 0;
    for (size_t k = 0; k < n; ++k) sum += matrix[j * n + k] * here.gradient[movable[k]];
    step[movable[j]] = sum;
  }
  return step;
}

// Climbs from p to the maximum of ln L. A step with gradient . step = d^2 is d standard deviations
// long. `iterations` counts evaluations.
Fit climb(const LikelihoodAt& likelihood_at, const Box& box, Vector p) {
  constexpr int kMostIterations = 200;
  constexpr double kSmallStep = 1e-8;  // (1e-4 standard deviations)^2
  constexpr double kRounding = 1e-13;  // of ln L, a sum over many events
  Fit fit{p, 0.0, 1, false};
  Likelihood here = likelihood_at(p);
  double damping = 1e-3;
  while (fit.iterations < kMostIterations && damping < 1e12) {
    // 1. The step, cut at the box.
    const Vector step = damped_step(here, free_parameters(box, p, here.gradient), damping);
    if (step.empty()) {
      damping = std::max(10 * damping, 1e-3);
      continue;
    }
    const Vector next = step_inside(box, p, step);
    double gain = 0;
    for (size_t j = 0; j < p.size(); ++j) gain += here.gradient[j] * step[j];
    // 2. Done when an undamped step leads nowhere new; take it all the same.
    if (damping < 1e-2 && gain < kSmallStep) {
      p = next;
      fit.converged = true;
      break;
    }
    // 3. Go there unless it is downhill. Trust the curvature more where the rise was as large as
    //    it foretold, gain / 2; the expected information can overshoot along a weak direction.
    Likelihood there = likelihood_at(next);
    ++fit.iterations;
    const double rounding = kRounding * std::fabs(here.value);
    const double rise = there.value - here.value;
    if (rise > 0.35 * gain - rounding) {
      damping *= 0.1;
    } else if (!(rise > 0.15 * gain - rounding)) {
      damping = std::max(10 * damping, 1e-3);
    }
    if (rise >= -rounding) {
      p = next;
      here = std::move(there);
    }
  }
  fit.estimate = p;
  return fit;
}

void require(bool condition, const char* text) {
  if (!condition) throw std::invalid_argument(text);
}

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

using Counts = std::array<Vector, 2>;  // events per cell, for each observable

Counts count_cells(const double* events, int64_t n) {
  // Single precision leaves 1e-4 of a cell; an event that near to the last node is the atom.
  constexpr double kTolerance = 1e-3;
  constexpr double kLast = sagips_tool::kProxy1dNodes - 1;
  Counts counts;
  counts.fill(Vector(sagips_tool::kProxy1dNodes, 0.0));
  for (int64_t e = 0; e < 2 * n; ++e) {
    const double cell = (events[e] - sagips_tool::kProxy1dFirstNode) / sagips_tool::kProxy1dSpacing;
    require(cell > -kTolerance && cell < kLast + kTolerance,
            "an event is off the grid of proxy1d; pass events of this proxy");
    const bool is_atom = cell > kLast - kTolerance;
    counts[e % 2 == 0 ? 0 : 1][static_cast<size_t>(is_atom ? kLast : std::max(cell, 0.0))] += 1;
  }
  return counts;
}

// ln L = sum_ki counts_ki ln mass_ki - sum_k (norm_k - target_k)^2 / (2 width_k^2).
Likelihood proxy1d_likelihood(const Counts& counts, double n, const double norm_target[2],
                              const double norm_sigma[2], const Vector& p) {
  Likelihood result{0.0, Vector(6, 0.0), Vector(36, 0.0)};
  const auto add = [&result](double along, double weight, const double* slope) {
    for (size_t j = 0; j < 6; ++j) {
      result.gradient[j] += along * slope[j];
      for (size_t k = 0; k < 6; ++k) result.information[j * 6 + k] += weight * slope[j] * slope[k];
    }
  };
  const auto models = sagips_tool::proxy1d_cells(p);
  for (size_t k = 0; k < 2; ++k) {
    const sagips_tool::CellModel& model = models[k];
    for (size_t i = 0; i < model.mass.size(); ++i) {
      if (counts[k][i] > 0) result.value += counts[k][i] * std::log(model.mass[i]);
      if (model.mass[i] <= 0) continue;
      add(counts[k][i] / model.mass[i], n / model.mass[i], &model.slope[i * 6]);
    }
    const double pull = (model.norm - norm_target[k]) / norm_sigma[k];
    result.value -= 0.5 * pull * pull;
    add(-pull / norm_sigma[k], 1 / (norm_sigma[k] * norm_sigma[k]), model.norm_slope.data());
  }
  return result;
}

// One observable as logarithms, since ln y is all that the density asks for.
struct Logarithms {
  Vector values;
  double largest;  // over all events, also when `values` holds only some of them
};

Logarithms take_logarithms(const double* events, int64_t n, int observable) {
  Logarithms log_y{Vector(static_cast<size_t>(n)), -std::numeric_limits<double>::infinity()};
  for (int64_t e = 0; e < n; ++e) {
    const double y = events[2 * e + observable];
    require(y > 0 && y < kKumaBox.upper[0],
            "an event of kuma6 is outside (0, 3); pass events of this proxy");
    log_y.values[static_cast<size_t>(e)] = std::log(y);
    log_y.largest = std::max(log_y.largest, log_y.values[static_cast<size_t>(e)]);
  }
  return log_y;
}

// With l = ln x, A = x^a, B = 1 - A, m = A/B and d = m (1 + m) = dm / d(a l):
//
//   ln f = ln a + ln b + (a-1) l + (b-1) ln B - ln s
//   s d/ds = -a + (b-1) a m,   d/da = 1/a + l - (b-1) m l,   d/db = 1/b + ln B
//
// so seven sums over the events give value, gradient and all second derivatives. The parameters
// are (ln s, a, b): in ln s the second derivative has one sign wherever b > 1.
Likelihood kuma_likelihood(const Logarithms& log_y, const Vector& p) {
  const double log_s = p[0], a = p[1], b = p[2];
  double sum_l = 0, sum_log_b = 0, sum_m = 0, sum_ml = 0, sum_d = 0, sum_dl = 0, sum_dll = 0;
  for (const double value : log_y.values) {
    const double l = value - log_s;
    const double big_b = -std::expm1(a * l);
    const double m = 1 / big_b - 1;
    const double d = m * (1 + m);
    sum_l += l;
    sum_log_b += std::log(big_b);
    sum_m += m;
    sum_ml += m * l;
    sum_d += d;
    sum_dl += d * l;
    sum_dll += d * l * l;
  }
  const double n = static_cast<double>(log_y.values.size());
  const double c = b - 1;
  Likelihood result;
  result.value = n * (std::log(a) + std::log(b) - log_s) + (a - 1) * sum_l + c * sum_log_b;
  result.gradient = {a * (c * sum_m - n), n / a + sum_l - c * sum_ml, n / b + sum_log_b};
  const double ss = a * a * c * sum_d, sa = n - c * sum_m - a * c * sum_dl, sb = -a * sum_m;
  const double aa = n / (a * a) + c * sum_dll, ab = sum_ml, bb = n / (b * b);
  result.information = {ss, sa, sb, sa, aa, ab, sb, ab, bb};
  return result;
}

// Moves s away from the largest event, where the curvature is so high that steps are tiny. In n
// events ln y comes within about n^(-1/b) / a of ln s.
void leave_room(const Logarithms& log_y, const Box& box, Vector* p) {
  const double n = static_cast<double>(log_y.values.size());
  const double room =
      std::min(std::pow(n, -1 / (*p)[2]) / (*p)[1], 0.5 * (box.upper[0] - log_y.largest));
  (*p)[0] = std::max((*p)[0], log_y.largest + room);
}

Fit fit_kuma(const Logarithms& log_y, const double start[3]) {
  constexpr size_t kFew = 16384;  // a first fit to this many events costs next to nothing
  Vector p(start, start + 3);
  move_into(kKumaBox, &p);
  p[0] = std::log(p[0]);
  // The support is a bound like the others: s lies above the largest event.
  const double least = std::max(std::log(kKumaBox.lower[0]), log_y.largest);
  const Box box = {{least, kKumaBox.lower[1], kKumaBox.lower[2]},
                   {std::log(kKumaBox.upper[0]), kKumaBox.upper[1], kKumaBox.upper[2]}};
  leave_room(log_y, box, &p);
  if (log_y.values.size() > 2 * kFew) {
    Logarithms few{{}, log_y.largest};
    const size_t stride = log_y.values.size() / kFew;
    for (size_t e = 0; e < log_y.values.size(); e += stride) few.values.push_back(log_y.values[e]);
    p = climb([&few](const Vector& at) { return kuma_likelihood(few, at); }, box, p).estimate;
    leave_room(log_y, box, &p);
  }
  Fit fit = climb([&log_y](const Vector& at) { return kuma_likelihood(log_y, at); }, box, p);
  fit.estimate[0] = std::exp(fit.estimate[0]);
  return fit;
}

}  // namespace

Fit fit_proxy1d(const double* events, int64_t n, const double norm_target[2],
                const double norm_sigma[2], const double start[6]) {
  const double begin = seconds();
  require(n > 0, "there are no events to fit; pass at least one");
  require(norm_sigma[0] > 0 && norm_sigma[1] > 0,
          "a norm's width is not positive; leave a norm out by an infinite width");
  const Counts counts = count_cells(events, n);
  Vector p(start, start + 6);
  move_into(kProxy1dBox, &p);
  const auto likelihood_at = [&](const Vector& at) {
    return proxy1d_likelihood(counts, static_cast<double>(n), norm_target, norm_sigma, at);
  };
  Fit fit = climb(likelihood_at, kProxy1dBox, p);
  fit.seconds = seconds() - begin;
  return fit;
}

Fit fit_kuma6(const double* events, int64_t n, const double start[6]) {
  const double begin = seconds();
  require(n > 0, "there are no events to fit; pass at least one");
  Fit fit{{}, 0.0, 0, true};
  for (int observable = 0; observable < 2; ++observable) {
    const Fit one = fit_kuma(take_logarithms(events, n, observable), start + 3 * observable);
    fit.estimate.insert(fit.estimate.end(), one.estimate.begin(), one.estimate.end());
    fit.iterations += one.iterations;
    fit.converged = fit.converged && one.converged;
  }
  fit.seconds = seconds() - begin;
  return fit;
}

}  // namespace sagips_bench
