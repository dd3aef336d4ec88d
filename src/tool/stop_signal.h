// SPDX-License-Identifier: BSD-3-Clause
// Ctrl-C and SIGTERM end a training after its epoch. The library installs no handler; the command
// does, for the time of a StopSignal, and a second signal kills as usual.

#ifndef SAGIPS_TOOL_STOP_SIGNAL_H_
#define SAGIPS_TOOL_STOP_SIGNAL_H_

#include <csignal>

#include "sagips.h"

namespace sagips_tool {

class StopSignal {
 public:
  explicit StopSignal(sagips_solver* solver);
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  static bool arrived();

 private:
  struct sigaction before_interrupt_ {};
  struct sigaction before_terminate_ {};
};

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_STOP_SIGNAL_H_
