// SPDX-License-Identifier: BSD-3-Clause
// Batches in pieces: every event is in one, built-ins give the same bits in any number of threads
// and as a whole, and what one piece does wrong is told of the right row.
#include "pipeline/pieces.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <thread>

#include "pipeline/builtin.h"
#include "pipeline/evaluation.h"
#include "unit/core/core_testing.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

const int64_t kSizes[] = {1, 7, 13, 2047, 2048, 2049, 5000};

TEST(Pieces, HaveEveryEventOnceInOrderAndAreOfOneSize) {
  for (const int64_t n_rows : {1, 3, 200})
    for (const int64_t n_events : kSizes) {
      const Pieces pieces(n_rows, n_events);
      int64_t next = 0;
      for (int64_t i = 0; i < pieces.size(); ++i) {
        const Piece piece = pieces[i];
        EXPECT_EQ(piece.row * n_events + piece.event, next);
        EXPECT_EQ(piece.event % 2, 0) << "a block of random numbers holds two";
        EXPECT_TRUE(piece.n_rows == 1 || (piece.event == 0 && piece.n_events == n_events));
        EXPECT_LE(piece.n_rows * piece.n_events, 2048);
        EXPECT_GT(piece.n_rows * piece.n_events, 0);
        next += piece.n_rows * piece.n_events;
      }
      EXPECT_EQ(next, n_rows * n_events);
      EXPECT_LE(pieces.size(), n_rows * n_events / 1024 + n_rows);
    }
}

// ----------------------------------------------------------------------------------- built-ins

const std::vector<double> kTruth[] = {{1.5, 1.4, 3, 2, 2.2, 4},
                                      {2.1875, -0.5, 3, 1.09375, -0.5, 4}};

Rows rows_of(const char* name, int64_t n_rows, int64_t n_events) {
  Rows rows{n_rows, n_events, 6, {}, {}};
  for (int64_t n = 0; n < n_rows; ++n) {
    for (const double p : kTruth[name[0] == 'k' ? 0 : 1])
      rows.parameters.push_back(p * (1 + 0.01 * static_cast<double>(n / 2)));
    rows.draw.push_back(n == 1 ? 0 : n);  // two rows have equal draws
  }
  return rows;
}

struct Result {
  std::vector<double> events, auxiliary, grad;
  bool operator==(const Result& o) const {
    const auto same = [](const std::vector<double>& a, const std::vector<double>& b) {
      return a.size() == b.size() &&
             (a.empty() || std::memcmp(a.data(), b.data(), 8 * a.size()) == 0);
    };
    return same(events, o.events) && same(auxiliary, o.auxiliary) && same(grad, o.grad);
  }
};

std::vector<double> waves(size_t n) {
  std::vector<double> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = std::sin(static_cast<double>(i));
  return values;
}

Call call_with(bool is_latin) {
  Call call{3};
  call.is_latin = is_latin;
  return call;
}

Result run(const Pipeline& pipeline, const Rows& rows, const Parallel* parallel,
           bool is_latin = false) {
  const Box box{std::vector<double>(6, 0), std::vector<double>(6, 9)};
  CallbackMeter meter;
  Evaluation e(&pipeline, &box, &meter, parallel);
  e.forward(call_with(is_latin), rows);
  Result result{e.events(), e.auxiliary(), {}};
  EXPECT_TRUE(e.has_unit_weights());
  EXPECT_EQ(e.weights(), std::vector<double>(at(e.n_events()), 1));
  result.grad = e.pull_back(waves(result.events.size()), {}, waves(result.auxiliary.size()));
  EXPECT_EQ(meter.tickets, 2U);
  return result;
}

int32_t in_the_hosts_threads(void*, int64_t n, void (*body)(void*, int64_t), void* ctx) {
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < 3; ++t)
    threads.emplace_back([=] {
      for (int64_t i = n - 1 - t; i >= 0; i -= 3) body(ctx, i);
    });
  for (std::thread& thread : threads) thread.join();
  return 0;
}

class Builtins : public testing::TestWithParam<std::tuple<const char*, Simd>> {
 protected:
  const char* name() const { return std::get<0>(GetParam()); }
  Pipeline pipeline() const {
    Pipeline p;
    p.add(make_builtin(name(), ""));
    p.use_simd(std::get<1>(GetParam()));
    return p;
  }
};

TEST_P(Builtins, GiveTheSameBitsInAnyThreads) {
  for (const int64_t n_rows : {1, 3})
    for (const int64_t n_events : kSizes) {
      const Pipeline model = pipeline();
      const Rows rows = rows_of(name(), n_rows, n_events);
      for (const bool is_latin : {false, true}) {
        const Result expected = run(model, rows, nullptr, is_latin);
        for (const int32_t threads : {1, 2, 3, 4}) {
          const Parallel parallel(threads);
          EXPECT_TRUE(run(model, rows, &parallel, is_latin) == expected)
              << threads << ", " << n_events;
        }
        Parallel hosted;
        hosted.use_host(in_the_hosts_threads, nullptr);
        EXPECT_TRUE(run(model, rows, &hosted, is_latin) == expected) << "host, " << n_events;
      }
    }
}

// The callbacks on the whole batch: events and auxiliaries are the same bits, gradients other sums.
TEST_P(Builtins, AreTheirCallbacksOnTheWholeBatch) {
  for (const int64_t n_rows : {1, 3})
    for (const int64_t n_events : kSizes) {
      const bool is_latin = n_rows == 3;
      Stage stage = pipeline().stages()[0];
      stage.is_builtin = false;
      Pipeline by_callbacks;
      by_callbacks.add(stage);
      by_callbacks.use_simd(std::get<1>(GetParam()));
      const Rows rows = rows_of(name(), n_rows, n_events);
      const Box box{std::vector<double>(6, 0), std::vector<double>(6, 9)};
      CallbackMeter meter;
      Evaluation e(&by_callbacks, &box, &meter);
      e.forward(call_with(is_latin), rows);
      const Result result = run(pipeline(), rows, nullptr, is_latin);
      EXPECT_EQ(result.events, e.events());
      EXPECT_EQ(result.auxiliary, e.auxiliary());
      EXPECT_EQ(n_rows == 1 || std::equal(e.events().begin(), e.events().begin() + 2 * n_events,
                                          e.events().begin() + 2 * n_events),
                true)
          << "equal draws";
      const std::vector<double> grad =
          e.pull_back(waves(result.events.size()), std::vector<double>(at(e.n_events())),
                      waves(result.auxiliary.size()));
      double largest = 0;
      for (const double g : grad) largest = std::max(largest, std::abs(g));
      // Sums of up to 5000 terms of both signs, in another order.
      for (size_t i = 0; i < grad.size(); ++i)
        EXPECT_NEAR(result.grad[i], grad[i], 1e-10 * largest);
    }
}

TEST_P(Builtins, AFailedRowIsToldByItsNumber) {
  const Parallel parallel(3);
  const Box box{std::vector<double>(6, 0), std::vector<double>(6, 9)};
  for (const int64_t n_events : {7, 2049}) {
    Rows rows = rows_of(name(), 400, n_events);
    rows.parameters[6 * 333] = -1;
    const Pipeline model = pipeline();
    CallbackMeter meter;
    Evaluation e(&model, &box, &meter, &parallel);
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "row 333,", e.forward(Call{3}, rows));
    rows.parameters[6 * 333] = 1;
    EXPECT_NO_THROW(e.forward(Call{3}, rows));
    std::vector<double> cotangent(at(2 * e.n_events()));
    cotangent[at(2 * (200 * n_events + n_events - 1))] = std::numeric_limits<double>::quiet_NaN();
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_NONFINITE, "of row 200,",
                        e.pull_back(cotangent, {}, std::vector<double>(e.auxiliary().size())));
  }
}

std::string name_of(const testing::TestParamInfo<std::tuple<const char*, Simd>>& info) {
  return std::string(std::get<0>(info.param)) + simd_name(std::get<1>(info.param));
}
INSTANTIATE_TEST_SUITE_P(Every, Builtins,
                         testing::Combine(testing::Values("kuma6", "proxy1d"),
                                          testing::ValuesIn(supported_simd())),
                         name_of);

// --------------------------------------------------------------------------------- users' stages

/// Hands its uniforms and keys on, and counts its calls in `user`.
int32_t copy_uniforms(void* user, sagips_batch* b) {
  ++*static_cast<int32_t*>(user);
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    b->outputs[2 * i] = b->uniforms[3 * i] + b->uniforms[3 * i + 1];
    b->outputs[2 * i + 1] = b->uniforms[3 * i + 2];
  }
  for (int64_t n = 0; n < b->n_rows; ++n)
    b->auxiliary[n] = static_cast<double>(b->row_key[n] >> 12);
  return 0;
}

TEST(UsersStages, GetOneWholeBatchWithTheUniformsOfTheirSequencesInAnyThreads) {
  for (const int64_t n_rows : {1, 3, 500})
    for (const int64_t n_events : {1, 7, 2049}) {
      auto calls = std::make_shared<int32_t>(0);
      Stage stage;
      stage.name = "copy";
      stage.n_outputs = 2, stage.n_uniforms = 3, stage.n_auxiliary = 1;
      stage.forward = copy_uniforms;
      stage.user = calls;
      Pipeline pipeline;
      pipeline.add(stage);
      const Box box{std::vector<double>(6, 0), std::vector<double>(6, 9)};
      const Rows rows = rows_of("kuma6", n_rows, n_events);
      for (const int32_t threads : {1, 4}) {
        const Parallel parallel(threads);
        CallbackMeter meter;
        Evaluation e(&pipeline, &box, &meter, &parallel);
        e.forward(Call{3}, rows);
        for (int64_t n = 0; n < n_rows; ++n) {
          const int64_t row = pipeline_row(0, 0, rows.draw[at(n)]);
          std::vector<double> u(at(3 * n_events));
          fill_uniform({3, Stream::kUniforms, 0, row, 0}, u);
          for (int64_t i = 0; i < n_events; ++i) {
            const double* event = e.events().data() + 2 * (n * n_events + i);
            ASSERT_EQ(event[0], u[at(3 * i)] + u[at(3 * i + 1)]);
            ASSERT_EQ(event[1], u[at(3 * i + 2)]);
          }
          EXPECT_EQ(e.auxiliary()[at(n)],
                    static_cast<double>(philox_bits({3, Stream::kRowKey, 0, row, 0}) >> 12));
        }
      }
      EXPECT_EQ(*calls, 2);
    }
}

/// x -> x, weight x_0 and no derivative by it.
int32_t weigh(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    for (int k = 0; k < 2; ++k) b->outputs[2 * i + k] = b->inputs[2 * i + k];
    b->weight[i] = b->weight_in[i] * b->inputs[2 * i];
  }
  return 0;
}

TEST(UsersStages, AfterABuiltinSeeWeightsOfOneAndTheirOwnCount) {
  Pipeline pipeline;
  pipeline.add(make_builtin("kuma6", ""));
  Stage second;
  second.name = "weigh";
  second.n_inputs = second.n_outputs = 2;
  second.forward = weigh;
  pipeline.add(second);
  EXPECT_TRUE(pipeline.stages().back().may_weight());
  const Box box{std::vector<double>(6, 0), std::vector<double>(6, 9)};
  CallbackMeter meter;
  Evaluation e(&pipeline, &box, &meter);
  e.forward(Call{3}, rows_of("kuma6", 3, 700));
  EXPECT_FALSE(e.has_unit_weights());
  for (size_t i = 0; i < e.weights().size(); ++i) ASSERT_EQ(e.weights()[i], e.events()[2 * i]);
}

}  // namespace
}  // namespace sagips
