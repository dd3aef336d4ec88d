// SPDX-License-Identifier: BSD-3-Clause
// Where the time of an epoch goes whose stages a host serves: what passes between its calls is the
// host's, as the time inside of callbacks is.
#ifndef SAGIPS_SOLVER_TICKET_CLOCK_H_
#define SAGIPS_SOLVER_TICKET_CLOCK_H_

#include <chrono>

namespace sagips {

class TicketClock {
 public:
  /// Of an epoch so far.
  struct Seconds {
    double training = 0, callback = 0;
  };

  void begin_epoch(double in_callbacks) {
    epoch_start_ = enter_ = Clock::now();
    callbacks_ = in_callbacks;
    inside_ = own_callbacks_ = 0;
  }
  /// A call of the host begins, ends. @param in_callbacks seconds so far, over the life of all
  void enter(double in_callbacks) {
    enter_ = Clock::now();
    callbacks_ = in_callbacks;
  }
  void leave(double in_callbacks) {
    inside_ += since(enter_);
    own_callbacks_ += in_callbacks - callbacks_;
  }
  /// Within a call.
  Seconds taken(double in_callbacks) const {
    const double training = since(epoch_start_), inside = inside_ + since(enter_);
    return {training, training - inside + own_callbacks_ + in_callbacks - callbacks_};
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  Clock::time_point epoch_start_, enter_;
  double inside_ = 0, callbacks_ = 0, own_callbacks_ = 0;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_TICKET_CLOCK_H_
