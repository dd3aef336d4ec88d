// SPDX-License-Identifier: BSD-3-Clause
// A batch in pieces of about 2048 events: some whole rows, or a part of one. The cuts depend on the
// sizes of the batch alone, and sums over pieces are taken in their order, so that no number of
// threads changes a bit.
//
//   row 0 | ####|####|##     E > 2048: each row is cut
//   row 1 | ####|####|##
//
// A built-in stage runs piece by piece, several at once. Each piece draws its own uniforms, which
// takes less time than reading them back from memory would, and no memory. Users' stages get whole
// batches, one at a time; only their uniforms are filled in pieces.
#ifndef SAGIPS_PIPELINE_PIECES_H_
#define SAGIPS_PIPELINE_PIECES_H_

#include <cstdint>

#include "core/parallel.h"
#include "core/simd.h"
#include "pipeline/pipeline.h"
#include "pipeline/stage.h"

namespace sagips {

struct Piece {
  int64_t row, n_rows;      // more than one only with all their events
  int64_t event, n_events;  // of each row; `event` is even
};

class Pieces {
 public:
  Pieces(int64_t n_rows, int64_t n_events);
  int64_t size() const { return n_; }
  Piece operator[](int64_t i) const;
  bool are_parts_of_rows() const { return cuts_ > 1; }

 private:
  int64_t n_rows_, n_events_, cuts_, rows_each_, n_;
};

/// The part of a batch that is a piece.
sagips_batch part_of(const sagips_batch& whole, const Piece& piece);

/// Whose random numbers the rows of a stage use.
struct Draws {
  const Call* call;
  int64_t stage;
  const int64_t* draw;  // (N)
  int64_t n_events;     // of a row
  Simd simd;
};

/// The uniforms of a piece (rows, events, n_uniforms) and, unless nullptr, its rows' keys, which
/// are written by the piece that has their first event.
void draw_piece(const Draws& draws, const Piece& piece, int32_t n_uniforms, double* uniforms,
                uint64_t* row_key);

/// Run a built-in as batch->request says, in `parallel` (nullptr: here). It gets no row_key and no
/// tape, judges a row by its parameters alone, and reads no uniforms of `batch`.
/// Throws what call_stage() does.
void call_builtin(const Stage& stage, const Draws& draws, FailurePolicy failures,
                  const Parallel* parallel, sagips_batch* batch, CallbackMeter* meter);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_PIECES_H_
