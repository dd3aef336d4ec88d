// SPDX-License-Identifier: BSD-3-Clause
// A worker for one shape at a time, "shape WIDTH DEPTH BATCH": the discriminator's step by our
// device and by every library, layer by layer and in tiles. After a first look the two fastest of
// each library stay, and take turns with us and with the peak.

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "device_cases/device_cases.h"
#include "engine/flops.h"
#include "engine/fma_peak.h"
#include "engine/library_step.h"
#include "engine/settings.h"
#include "engine/timed_device.h"
#include "statistics.h"

namespace sagips_bench {
namespace {

constexpr int64_t kTiles[] = {0, 48, 96, 128};  // 0: layer by layer
constexpr int kRounds = 5;
constexpr double kLook = 0.006;  // seconds a turn lasts at least: small batches are repeated

struct Shape {
  sagips::NetworkPlan plan;
  std::vector<float> params;
  sagips::Sample real, synthetic;
};

// 2 - width x depth - 1; half of the batch is measured. No event sits on a kink of the leaky ReLU,
// where single precision may take the other side.
Shape make_shape(int32_t width, int32_t depth, int64_t batch) {
  sagips::DeviceCase c;
  c.widths.assign(static_cast<size_t>(depth) + 2, width);
  c.widths.front() = 2;
  c.widths.back() = 1;
  c.loss = sagips::Loss::kLeastSquares;
  Shape shape{
      sagips::plan_of(c), {}, events_of(c, batch / 2, true), events_of(c, batch / 2, false)};
  shape.params = sagips::parameters_of(shape.plan, 3);
  move_off_kinks(shape.plan, shape.params, &shape.real);
  move_off_kinks(shape.plan, shape.params, &shape.synthetic);
  return shape;
}

std::vector<const GemmLibrary*> all_libraries() {
  std::vector<const GemmLibrary*> all;
  for (const auto* libraries : {&eigen_libraries(), &onednn_libraries()})
    for (const GemmLibrary& library : *libraries) all.push_back(&library);
  return all;
}

using Gradient = std::vector<float>;

struct Runner {
  std::string name, library;
  std::function<void(Gradient*)> run;
  Gradient grad;
  std::vector<double> seconds;

  // Seconds of one step, the mean over a turn.
  double take_turn() {
    int64_t n = 0;
    const Stopwatch watch;
    do {
      run(&grad);
      ++n;
    } while (watch.wall() < kLook);
    seconds.push_back(watch.wall() / static_cast<double>(n));
    return seconds.back();
  }
};

double relative_error(const Gradient& ours, const Gradient& wanted) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double x = wanted[i], d = static_cast<double>(ours[i]) - x;
    difference += d * d;
    size += x * x;
  }
  return std::sqrt(difference / size);
}

Runner by_device(sagips::Device* device, const Shape& shape) {
  const auto run = [device, &shape](Gradient* grad) {
    grad->resize(shape.params.size());
    device->discriminator_step(shape.plan, shape.params, shape.real.source(),
                               shape.synthetic.source(), *grad);
  };
  return {device->name(), "", run, {}, {}};
}

std::vector<Runner> by_libraries(const Shape& shape, int threads) {
  std::vector<Runner> runners;
  for (const GemmLibrary* library : all_libraries()) {
    for (const int64_t tile : kTiles) {
      if (tile > shape.real.size()) continue;
      auto step = std::make_shared<LibraryStep>(library, shape.plan, tile, threads);
      const auto run = [step, &shape](Gradient* grad) {
        step->run(shape.params, shape.real.source(), shape.synthetic.source(), grad);
      };
      const std::string cut = tile == 0 ? ", layers" : ", tile " + std::to_string(tile);
      runners.push_back(
          {std::string(library->name) + library->way + cut, library->name, run, {}, {}});
    }
  }
  return runners;
}

// The two fastest of each library, by a first turn that does not count.
std::vector<Runner> choose(std::vector<Runner> all) {
  for (Runner& one : all) {
    one.run(&one.grad);
    one.take_turn();
  }
  std::sort(all.begin(), all.end(),
            [](const Runner& a, const Runner& b) { return a.seconds[0] < b.seconds[0]; });
  std::vector<Runner> chosen;
  for (Runner& one : all) {
    const auto is_sibling = [&](const Runner& other) { return other.library == one.library; };
    if (std::count_if(chosen.begin(), chosen.end(), is_sibling) == 2) continue;
    one.seconds.clear();
    chosen.push_back(one);
  }
  return chosen;
}

Json measure(const Shape& shape, sagips::Device* device, sagips::Simd simd, int threads) {
  Runner us = by_device(device, shape);
  us.run(&us.grad);
  std::vector<Runner> others = choose(by_libraries(shape, threads));
  std::vector<double> peaks;
  for (int round = 0; round < kRounds; ++round) {
    peaks.push_back(measure_peak(simd, kLook).gflops);
    us.take_turn();
    for (Runner& one : others) one.take_turn();
  }
  const sagips::Parallel serial;
  const auto exact = sagips::make_reference_device(&serial);
  Runner reference = by_device(exact.get(), shape);
  reference.run(&reference.grad);
  const double gflop = 1e-9 * step_flops(shape.plan, shape.real.size() + shape.synthetic.size());
  const double peak = median(peaks) * threads;
  Json json = {{"us", 1e6 * median(us.seconds)},
               {"gflops", gflop / median(us.seconds)},
               {"percent_of_peak", 100 * gflop / median(us.seconds) / peak},
               {"error", relative_error(us.grad, reference.grad)}};
  for (const Runner& one : others) {
    std::vector<double> ratio;
    for (int round = 0; round < kRounds; ++round) {
      ratio.push_back(one.seconds[static_cast<size_t>(round)] /
                      us.seconds[static_cast<size_t>(round)]);
    }
    json["others"].push_back({{"name", one.name},
                              {"us", 1e6 * median(one.seconds)},
                              {"ratio", median(ratio)},
                              {"error", relative_error(one.grad, reference.grad)}});
  }
  return json;
}

}  // namespace

void serve_sweep(const std::vector<std::string>& words) {
  const int threads = std::stoi(words.at(0));
  const sagips::Simd simd = sagips::choose_simd(words.at(2));
  const sagips::Parallel parallel(threads);
  const auto device = make_device(words.at(1), simd, &parallel);
  Json hello = {{"libraries", Json::array()}};
  for (const GemmLibrary* library : all_libraries()) {
    hello["libraries"].push_back(library->name + std::string(library->way) + " " +
                                 library->version);
  }
  serve(hello, [&](const std::vector<std::string>& line) -> Json {
    const Shape shape =
        make_shape(std::stoi(line.at(1)), std::stoi(line.at(2)), std::stoll(line.at(3)));
    return measure(shape, device.get(), simd, threads);
  });
}

}  // namespace sagips_bench
