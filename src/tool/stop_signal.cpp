// SPDX-License-Identifier: BSD-3-Clause
// A handler may touch little: an atomic pointer, an atomic flag, and sagips_solver_request_stop(),
// which is made for it.

#include "tool/stop_signal.h"

#include <atomic>

namespace sagips_tool {
namespace {

std::atomic<sagips_solver*> solver_in_training{nullptr};
std::atomic<bool> signal_arrived{false};
static_assert(std::atomic<sagips_solver*>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void ask_to_stop(int) {
  signal_arrived = true;
  sagips_solver* const solver = solver_in_training;
  if (solver != nullptr) sagips_solver_request_stop(solver);
}

}  // namespace

StopSignal::StopSignal(sagips_solver* solver) {
  solver_in_training = solver;
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);  // the second one kills
  sigaction(SIGINT, &action, &before_interrupt_);
  sigaction(SIGTERM, &action, &before_terminate_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &before_interrupt_, nullptr);
  sigaction(SIGTERM, &before_terminate_, nullptr);
  solver_in_training = nullptr;
}

bool StopSignal::arrived() { return signal_arrived; }

}  // namespace sagips_tool
