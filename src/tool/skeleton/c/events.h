/* SPDX-License-Identifier: 0BSD */
/* Files of measured events: NAME.raw holds doubles, the observables of one event after those of the
 * other; every other file is text, one event a line. */
#ifndef EVENTS_H_
#define EVENTS_H_

#include <stdint.h>

/* Events (n, width) of a file; the caller frees them. Ends the program if they cannot be read. */
double* read_events(const char* path, int width, int64_t* n);

/* Writes events (n, width) as text. */
void write_events(const char* path, const double* events, int width, int64_t n);

#endif /* EVENTS_H_ */
