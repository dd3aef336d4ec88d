// SPDX-License-Identifier: 0BSD
// Files of measured events: NAME.raw holds doubles, the observables of one event after those of the
// other; every other file is text, one event a line.
#ifndef EVENTS_H_
#define EVENTS_H_

#include <string>
#include <vector>

// Events (n, width) of a file. Throws std::runtime_error, also where there are none.
std::vector<double> read_events(const std::string& path, int width);

// Writes events (n, width) as text.
void write_events(const std::string& path, const std::vector<double>& events, int width);

#endif  // EVENTS_H_
