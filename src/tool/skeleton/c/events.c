/* SPDX-License-Identifier: 0BSD */
/* Reads and writes files of events. In text, observables are separated by commas or blanks; empty
 * lines, those that begin with #, and a first line that is no number (a header) are passed over. */
#include "events.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

typedef struct {
  double* values;
  size_t size, room;
} Numbers;

/* Room for `more` numbers behind those there are. */
static double* space(Numbers* numbers, size_t more) {
  if (numbers->size + more > numbers->room) {
    numbers->room = 2 * (numbers->size + more);
    numbers->values = realloc(numbers->values, numbers->room * sizeof(double));
    if (numbers->values == NULL) fail("no memory for %zu numbers", numbers->room);
  }
  return numbers->values + numbers->size;
}

static const char* skip_blanks(const char* text) {
  while (isspace((unsigned char)*text)) ++text;
  return text;
}

/* Appends the numbers of a line; 0 if these are not `width` numbers and no more. */
static int append_line(const char* text, int width, Numbers* numbers) {
  double* values = space(numbers, (size_t)width);
  for (int i = 0; i < width; ++i) {
    char* end;
    values[i] = strtod(text, &end);
    if (end == text) return 0;
    text = skip_blanks(end);
    if (*text == ',' && i + 1 < width) ++text;
  }
  if (*text != '\0') return 0;
  numbers->size += (size_t)width;
  return 1;
}

static void read_text(FILE* file, const char* path, int width, Numbers* numbers) {
  char line[4096];
  for (long number = 1; fgets(line, sizeof line, file) != NULL; ++number) {
    const char* text = skip_blanks(line);
    if (strlen(line) + 1 == sizeof line) fail("%s:%ld is too long a line", path, number);
    if (*text == '\0' || *text == '#') continue;
    if (append_line(text, width, numbers)) continue;
    const int is_header = numbers->size == 0 && isalpha((unsigned char)*text);
    if (!is_header) {
      fail("%s:%ld holds no event (must be numbers, %d a line); correct or remove it", path, number,
           width);
    }
  }
}

static void read_raw(FILE* file, const char* path, int width, Numbers* numbers) {
  const long bytes = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  if (bytes < 0 || (size_t)bytes % ((size_t)width * sizeof(double)) != 0) {
    fail("%s has %ld bytes (must be events of %d doubles); write whole events", path, bytes, width);
  }
  rewind(file);
  double* values = space(numbers, (size_t)bytes / sizeof(double));
  numbers->size = fread(values, sizeof(double), (size_t)bytes / sizeof(double), file);
}

double* read_events(const char* path, int width, int64_t* n) {
  Numbers numbers = {NULL, 0, 0};
  const char* ending = strrchr(path, '.');
  FILE* file = fopen(path, "rb");
  if (file == NULL) fail("%s cannot be opened; check its name", path);
  if (ending != NULL && strcmp(ending, ".raw") == 0) {
    read_raw(file, path, width, &numbers);
  } else {
    read_text(file, path, width, &numbers);
  }
  if (ferror(file)) fail("%s cannot be read to its end", path);
  fclose(file);
  if (numbers.size == 0) fail("%s holds no events", path);
  *n = (int64_t)(numbers.size / (size_t)width);
  return numbers.values;
}

void write_events(const char* path, const double* events, int width, int64_t n) {
  FILE* file = fopen(path, "w");
  if (file == NULL) fail("%s cannot be written; check the folder", path);
  for (int64_t i = 0; i < n * width; ++i) {
    fprintf(file, "%.17g%c", events[i], (i + 1) % width == 0 ? '\n' : ',');
  }
  if (fclose(file) != 0) fail("%s cannot be written to its end", path);
}
