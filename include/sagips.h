/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file sagips.h
 * @brief The C ABI of SAGIPS, a Scalable Asynchronous Generative Inverse Problem Solver.
 *
 * SAGIPS finds the parameters of a theory from measured events. A generator proposes parameters, a
 * pipeline that you write turns them into synthetic events, a discriminator compares those with the
 * measured ones, and the gradient flows back through the pipeline into the generator.
 *
 *     options ----.                 stage -> pipeline -> problem (parameters, data sets)
 *                  `-> solver <-------------------------------'
 *
 * One legend of letters holds everywhere: N rows of parameters, E events a row, P parameters,
 * U uniforms an event, Y observables an event, A auxiliary outputs a row, M members of an ensemble.
 * Arrays are row-major; Fortran sees the indices in reverse order, without a copy.
 *
 * Rules that hold for every function:
 * - It returns a ::sagips_status, 0 for success. After another sagips_last_error() tells the problem,
 *   why it is one and what to do; but for sagips_solver_request_stop(), which a signal handler may call.
 *   A call that fails changes nothing, unless its text says otherwise.
 * - A NULL handle is ERROR_NULL, another handle's type ERROR_HANDLE. An array or text that must be
 *   given and is NULL is ERROR_NULL. These, ERROR_MEMORY and ERROR_INTERNAL may come from any function,
 *   whether its text names them or not. "Those of callbacks" are ERROR_CALLBACK, ERROR_EXCEPTION,
 *   ERROR_NONFINITE, ERROR_ROW, and ERROR_STATE where a stage has no forward model.
 * - Handles are created by `_create`, and released by `_destroy`, which takes the address of the
 *   handle and sets it to NULL. A handle that is NULL already is fine. A create that fails leaves the
 *   handle as it was. Using a kept copy of a destroyed handle is undefined. Adding a stage to a
 *   pipeline, a pipeline to a problem, or making a solver from a problem takes a copy: the original may
 *   be changed or destroyed right after, in any order.
 * - Different handles may be used from different threads at the same time. One handle may not; a
 *   solver notices and answers ::SAGIPS_ERROR_BUSY, but sagips_solver_destroy() does not. Its
 *   condition, request_stop, shape, options, parameter_name, dataset_name, weight_count and
 *   gradient_route may be called at any time. Of a problem, sagips_problem_add_events(), its float form
 *   and sagips_problem_event_count() may be called from any number of threads at once, also while
 *   solvers are made from the problem or updated from it, but not beside its other functions.
 * - Nothing of the host is touched: no signal handler, no output, no locale, no rounding mode, no
 *   exit. The library runs in the calling thread unless the option `threads` asks for more. Callbacks
 *   run in the thread that called, one at a time; only those of ::SAGIPS_CONCURRENT stages run in others.
 *   What releases a user pointer runs in the thread whose call gave up the last copy.
 * - A struct that is filled begins with `struct_size`, which the caller sets to its sizeof. Later
 *   versions append fields: min(the caller's size, the library's) bytes are filled, and struct_size
 *   says how many. A field beyond was not written.
 * - Programs and libraries of different versions go together. Later versions add functions, fields,
 *   options, statuses and values of enums; none changes its meaning. Take every status but 0 for a
 *   failure, also one that is not in a function's list, and a stop_reason that you do not know for a
 *   stop. A callback is called with requests that it was set for, and a stage that the host serves asked
 *   for what it was declared to serve. Defaults and presets may change, and bits with them: equal bits
 *   are promised for one version.
 * - A text comes back in a `buffer` of `size` bytes, cut to fit and terminated; `needed`, if not NULL,
 *   receives the bytes of the whole text with its terminator. `buffer` may be NULL if size is 0.
 * - Functions marked Collective must be called by every rank of the solver's communicator, with equal
 *   arguments but for paths, events and callbacks. They succeed or fail on all ranks, where the status may
 *   differ. A stop that one rank asks for stops all after the same epoch. Where a rank is alone they are
 *   as others.
 */
#ifndef SAGIPS_H
#define SAGIPS_H

#include <stddef.h>
#include <stdint.h>

#define SAGIPS_VERSION_MAJOR 0
#define SAGIPS_VERSION_MINOR 1
#define SAGIPS_VERSION_PATCH 0

#if defined(__GNUC__)
#define SAGIPS_API __attribute__((visibility("default")))
#else
#define SAGIPS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------ status --- */

/** The one list of status codes: X(name, value, text). A status names the cause. */
#define SAGIPS_STATUS_LIST(X)                                                             \
  X(OK, 0, "success")                                                                     \
  X(ERROR_NULL, 1, "a pointer that must not be NULL is NULL")                             \
  X(ERROR_HANDLE, 2, "a handle of the wrong type, or not a handle")                       \
  X(ERROR_STRUCT_SIZE, 3, "struct_size does not name a known version of the struct")      \
  X(ERROR_OPTION, 4, "no option or setting has this name")                                \
  X(ERROR_TYPE, 5, "the value has the wrong type or cannot be read")                      \
  X(ERROR_RANGE, 6, "the value lies outside its range")                                   \
  X(ERROR_SHAPE, 7, "sizes do not fit together")                                          \
  X(ERROR_DATA, 8, "the events cannot be used")                                           \
  X(ERROR_NOT_FOUND, 9, "nothing has this name")                                          \
  X(ERROR_STATE, 10, "something needed for this call is not set yet")                     \
  X(ERROR_BUSY, 11, "the solver is already inside a call")                                \
  X(ERROR_CALLBACK, 12, "a callback asked to stop with an error")                         \
  X(ERROR_EXCEPTION, 13, "an exception left a callback")                                  \
  X(ERROR_NONFINITE, 14, "a callback delivered NaN or infinity")                          \
  X(ERROR_ROW, 15, "a callback reported a failed row")                                    \
  X(ERROR_SKIPPED, 16, "callbacks skipped too many batches")                              \
  X(ERROR_LOST, 17, "no event of a batch survived")                                       \
  X(ERROR_NUMERIC, 18, "the training left the range of finite numbers")                   \
  X(ERROR_IO, 19, "a file or folder cannot be read or written")                           \
  X(ERROR_FORMAT, 20, "a file is damaged or not of this format")                          \
  X(ERROR_MISMATCH, 21, "a checkpoint belongs to another problem or to other networks")   \
  X(ERROR_VERSION, 22, "a file was written by a newer version")                           \
  X(ERROR_MEMORY, 23, "out of memory")                                                    \
  X(ERROR_UNSUPPORTED, 24, "this build or version cannot do that")                        \
  X(ERROR_INTERNAL, 25, "a defect of the library")                                        \
  X(ERROR_EXISTS, 26, "the name is taken")

/** Cause of a failure; 0 is success. */
typedef int32_t sagips_status;

#define SAGIPS_STATUS_ENUM(name, value, text) SAGIPS_##name = value,
enum { SAGIPS_STATUS_LIST(SAGIPS_STATUS_ENUM) };
#undef SAGIPS_STATUS_ENUM

/** Name of a status, "SAGIPS_ERROR_RANGE"; "unknown status" for another number. Static text. */
SAGIPS_API const char *sagips_status_name(sagips_status status);

/** What a status means, in half a sentence. Static text. */
SAGIPS_API const char *sagips_status_text(sagips_status status);

/** Text of this thread's last failed call: the problem, why, and what to do. "" before the first.
 *  Owned by the library, valid until this thread's next call that fails. */
SAGIPS_API const char *sagips_last_error(void);

/** Copy the text of sagips_last_error() into `buffer` of `size` bytes, cut and terminated.
 *  @return the bytes the whole text needs, with its terminator. `buffer` may be NULL if size is 0. */
SAGIPS_API size_t sagips_last_error_copy(char *buffer, size_t size);

/** Set that text, in bindings and wrappers that check by themselves what the library cannot see, such as
 *  the size of an array. @param status the cause, not success @param text copied; beyond 2047 bytes cut
 *  @return status, so that a check can end in this call; ERROR_NULL, ERROR_RANGE (no failure has this
 *  number) */
SAGIPS_API sagips_status sagips_last_error_set(sagips_status status, const char *text);

/* ----------------------------------------------------------------------------------- version --- */

/** Version of the library that is loaded: 10000 major + 100 minor + patch. */
SAGIPS_API int32_t sagips_version(void);

/** The same as "major.minor.patch". Static text. */
SAGIPS_API const char *sagips_version_string(void);

/** One line on how the library was built: compiler, build type, devices, exchange. Static text. */
SAGIPS_API const char *sagips_build_info(void);

/* ----------------------------------------------------------------------------------- handles --- */

typedef struct sagips_options sagips_options;   /**< a table of settings */
typedef struct sagips_stage sagips_stage;       /**< one step of a forward model */
typedef struct sagips_pipeline sagips_pipeline; /**< stages in a row: parameters -> events */
typedef struct sagips_problem sagips_problem;   /**< parameters, data sets, measured numbers */
typedef struct sagips_comm sagips_comm;         /**< the ranks that train together */
typedef struct sagips_solver sagips_solver;     /**< networks in training */

/* ------------------------------------------------------------------------------------- batch --- */

/** What a stage is asked for in sagips_batch::request. */
enum { SAGIPS_FORWARD = 0, SAGIPS_BACKWARD = 1, SAGIPS_LOG_PROBABILITY = 2 };

/** Where arrays are, in sagips_batch::memory. */
enum { SAGIPS_HOST = 0 };

/**
 * @brief N rows of parameters with E events each, handed to a stage callback.
 *
 * The library owns every array, for the time of the call. Fields are only ever appended; a callback
 * that needs a late field compares struct_size first.
 *
 * FORWARD reads parameters, inputs, uniforms, row_key and writes outputs, auxiliary, and, where it
 * has reason to, weight, tape and row_status. BACKWARD, a vector-Jacobian product, reads the same
 * and what FORWARD wrote, with the cotangents grad_outputs, grad_weight, grad_auxiliary (the
 * derivative of the objective by each of those), and ADDS to grad_parameters and, from the second
 * stage on, to grad_inputs; both are zero on entry. LOG_PROBABILITY reads parameters, inputs and
 * outputs, and writes log_probability; its rows are those of FORWARD, each several times, with parameters
 * or inputs shifted a little. All may read weight_in. Write into the arrays; do not change the fields.
 *
 * Arrays that a request has no use for are NULL: log_probability in the first two, the grad_ arrays
 * outside of BACKWARD, uniforms and row_key in LOG_PROBABILITY, where weight, auxiliary and tape may be
 * NULL or not and are not read.
 *
 * A callback is a pure function of what it reads: all its randomness comes from `uniforms`, or from
 * an engine of its own seeded by `row_key` at the start of each row. See also the option `draws`.
 */
typedef struct sagips_batch {
  size_t struct_size;        /**< sizeof(sagips_batch) of the library */
  uint64_t ticket;           /**< of sagips_solver_ask(): its number, from 1 in each solver, going on
                                  after a checkpoint. In a callback: for messages; it may come again */
  int32_t request;           /**< ::SAGIPS_FORWARD, ::SAGIPS_BACKWARD or ::SAGIPS_LOG_PROBABILITY */
  int32_t member;            /**< number of the member: its index, which the functions below take, plus
                                  the option `ensemble.first` */
  int32_t training;          /**< 1 in a training epoch, and in sagips_pipeline_check(), which asks
                                  whether training can be trusted; 0 in all else */
  int32_t dataset;           /**< data set served, counted from 0 in the order they were added */
  int64_t epoch;             /**< epoch in progress, from 0 */
  int64_t n_rows;            /**< N */
  int64_t n_events;          /**< E */
  int32_t n_parameters;      /**< P of this stage */
  int32_t n_inputs;          /**< observables of the stage before; 0 at the first stage */
  int32_t n_outputs;         /**< Y */
  int32_t n_auxiliary;       /**< A */
  int32_t n_uniforms;        /**< U */
  int32_t n_tape;            /**< doubles a row kept from FORWARD to BACKWARD */
  const double *parameters;  /**< (N, P), physical units */
  const double *inputs;      /**< (N, E, n_inputs); NULL at the first stage */
  const double *weight_in;   /**< (N, E) product of the factors of the stages before; 0 = the event is
                                  lost and its inputs mean nothing; NULL at the first stage */
  const double *uniforms;    /**< (N, E, U) in the open interval (0, 1); NULL if U is 0 */
  const uint64_t *row_key;   /**< (N) seed of a row; equal keys mean equal draws. Other in each data set,
                                  stage, member and epoch */
  double *outputs;           /**< (N, E, Y) observables */
  double *weight;            /**< (N, E) this stage's factor, 1 on entry; 0 = event lost, its
                                  outputs are then never read. Factors of stages multiply. */
  double *auxiliary;         /**< (N, A) numbers of a row, such as cross sections; NULL if A is 0 */
  double *tape;              /**< (N, n_tape) yours; NULL if n_tape is 0 */
  int32_t *row_status; /**< (N) 0 = fine, as on entry; set > 0 where the model failed on a row: see the
                            option `failure.policy`. Nothing of such a row is read. In BACKWARD what
                            FORWARD set. */
  const double *grad_outputs;   /**< (N, E, Y) */
  const double *grad_weight;    /**< (N, E) by the factor that this stage wrote */
  const double *grad_auxiliary; /**< (N, A) */
  double *grad_inputs;          /**< (N, E, n_inputs); NULL at the first stage */
  double *grad_parameters;      /**< (N, P) */
  void *device_stream;          /**< where `memory` is not the host's: the queue on which work on these
                                     arrays has to be put, and after which the library goes on */
  double *log_probability;      /**< (N, E) of the outputs, given inputs and parameters, up to a
                                     constant; -infinity where the law forbids an event */
  int32_t stage;                /**< which of the pipeline's stages is asked, counted from 0 */
  int32_t memory;               /**< where the arrays are: ::SAGIPS_HOST, always so for a stage that has
                                     not asked for other, which no version can be asked for yet */
} sagips_batch;

/**
 * @brief A stage's forward model or its vector-Jacobian product.
 * @param user the pointer given with the callback
 * @return 0 to go on; > 0 to skip this epoch (counted; nothing is learned from it; outside training,
 *         where there is no epoch, the same as < 0); < 0 to stop with ::SAGIPS_ERROR_CALLBACK. A C++
 *         exception is caught: ::SAGIPS_ERROR_EXCEPTION.
 */
typedef int32_t (*sagips_stage_fn)(void *user, sagips_batch *batch);

/** Releases a user pointer when nothing needs it any more. */
typedef void (*sagips_destroy_fn)(void *user);

/** Writes what a model remembers between calls, for a checkpoint. Called twice, the second time with
 *  as many bytes as it asked for, or only once where that is 0; `needed` is the same both times.
 *  @param buffer `size` bytes, or NULL to ask for the size alone @param needed bytes in all, out
 *  @return 0, or another number to fail with ::SAGIPS_ERROR_CALLBACK */
typedef int32_t (*sagips_save_fn)(void *user, void *buffer, size_t size, size_t *needed);

/** Takes back what a ::sagips_save_fn wrote.
 *  @return 0, or another number to refuse it with ::SAGIPS_ERROR_CALLBACK */
typedef int32_t (*sagips_restore_fn)(void *user, const void *bytes, size_t size);

/* ----------------------------------------------------------------------------------- options --- */

/** Kinds of option values. */
enum { SAGIPS_INTEGER = 0, SAGIPS_REAL = 1, SAGIPS_BOOLEAN = 2, SAGIPS_TEXT = 3 };

/** One row of the option table, filled by sagips_options_describe(). Texts are static. */
typedef struct sagips_option_info {
  size_t struct_size;        /**< set to sizeof(sagips_option_info) before the call */
  const char *key;           /**< "generator.rate" */
  int32_t type;              /**< ::SAGIPS_INTEGER, ::SAGIPS_REAL, ::SAGIPS_BOOLEAN, ::SAGIPS_TEXT */
  int32_t reserved;          /**< 0 */
  const char *default_value; /**< as text */
  const char *range;         /**< "(0, 1]", or the choices "bce | least_squares" */
  const char *unit;          /**< "" where it has none */
  const char *sentence;      /**< what it does */
} sagips_option_info;

/** Create a table with the defaults, which are the preset `fast`.
 *  @return ERROR_NULL, ERROR_MEMORY */
SAGIPS_API sagips_status sagips_options_create(sagips_options **options);

/** Release a table. @param options address of the handle, set to NULL */
SAGIPS_API sagips_status sagips_options_destroy(sagips_options **options);

/** Set every option to a preset: "fast" (found on the two proxy applications, which it closes in
 *  seconds) or "paper" (the settings of the SAGIPS paper, table III and section V-A).
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND */
SAGIPS_API sagips_status sagips_options_preset(sagips_options *options, const char *name);

/** Set one option from its text, as in a file: "5e-4", "true", "64,64,64".
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_OPTION (the nearest name is told), ERROR_TYPE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_options_set(sagips_options *options, const char *key,
                                            const char *text);
/** Set an option of type integer or real. Same statuses as sagips_options_set(). */
SAGIPS_API sagips_status sagips_options_set_integer(sagips_options *options, const char *key,
                                                    int64_t value);
/** Set an option of type real. Same statuses as sagips_options_set(). */
SAGIPS_API sagips_status sagips_options_set_real(sagips_options *options, const char *key,
                                                 double value);
/** Set an option of type boolean; 0 is false. Same statuses as sagips_options_set(). */
SAGIPS_API sagips_status sagips_options_set_boolean(sagips_options *options, const char *key,
                                                    int32_t value);

/** Copy an option's value as text. @param needed bytes with the terminator; may be NULL.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_OPTION */
SAGIPS_API sagips_status sagips_options_get(const sagips_options *options, const char *key,
                                            char *buffer, size_t size, size_t *needed);

/** Set options from TOML text: `[generator]` with `rate = 5e-4` sets "generator.rate"; the top-level
 *  key `preset` is applied first. All or nothing.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_FORMAT, ERROR_OPTION, ERROR_TYPE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_options_read_toml(sagips_options *options, const char *text);

/** The same from a file. @return also ERROR_IO */
SAGIPS_API sagips_status sagips_options_load_toml(sagips_options *options, const char *path);

/** Copy the whole table as TOML text. @return ERROR_NULL, ERROR_HANDLE */
SAGIPS_API sagips_status sagips_options_write_toml(const sagips_options *options, char *buffer,
                                                   size_t size, size_t *needed);

/** Number of options. */
SAGIPS_API int32_t sagips_options_count(void);

/** Describe option `index`. @return ERROR_NULL, ERROR_STRUCT_SIZE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_options_describe(int32_t index, sagips_option_info *info);

/* ------------------------------------------------------------------------------------- stage --- */

/** Flags of sagips_stage_set_flag(). No scheme below has the value of one. */
enum {
  SAGIPS_SMOOTH = 16,   /**< events move smoothly with parameters and inputs: none jumps, is cut, or
                            changes its weight by a step. Differences then use the events' own motion.
                            What they assume: an event's outputs follow from its own inputs, and
                            auxiliaries from the parameters alone. */
  SAGIPS_CONCURRENT = 32 /**< callbacks of this stage may run in several threads at once, each with
                           some rows of a batch. Without it those of one solver never do; solvers that
                            share a stage and run in different threads of yours do. A row is never cut, since
                           its auxiliaries, tape, status and key are one: for n threads ask for n
                           rows or more (option `rows`) of fewer events. */
};

/** Schemes of sagips_stage_set_step(). */
enum {
  SAGIPS_CENTRAL = 0,   /**< two evaluations a parameter, at p + h and p - h */
  SAGIPS_ONE_SIDED = 1, /**< one, at p + h */
  SAGIPS_SMOOTHED = 2   /**< two in all, whatever the number of parameters: at p + h s and p - h s,
                           where s are random signs (simultaneous perturbation) */
};

/** Create a stage. @param name for messages; copied. @return ERROR_NULL, ERROR_MEMORY */
SAGIPS_API sagips_status sagips_stage_create(sagips_stage **stage, const char *name);

/** Release a stage; pipelines keep their copies. */
SAGIPS_API sagips_status sagips_stage_destroy(sagips_stage **stage);

/** Set the sizes of an event.
 *  @param n_inputs observables taken from the stage before; 0 for a first stage
 *  @param n_outputs Y >= 1
 *  @param n_auxiliary A >= 0 numbers a row
 *  @param n_uniforms U >= 0 random numbers an event; each of the four is at most 4096
 *  @return ERROR_HANDLE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_stage_set_shape(sagips_stage *stage, int32_t n_inputs,
                                                int32_t n_outputs, int32_t n_auxiliary,
                                                int32_t n_uniforms);

/** Choose which parameters of the problem this stage sees, in which order. Without it: all.
 *  @param n how many; 0: none @param columns (n) indices from 0, all different; copied
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_stage_set_parameters(sagips_stage *stage, int32_t n,
                                                     const int32_t *columns);

/** Set the forward model. A second call replaces it, lets go of the earlier `user`, which is released
 *  with its last copy, and takes away what was written for that: backward, log-probability and the
 *  hooks of sagips_stage_set_state().
 *  @param forward the callback @param user handed to every call, may be NULL
 *  @param destroy called once with `user` when the last copy of the stage is gone; may be NULL. If the
 *         call fails, `user` is still yours. Without it `user` must outlive all copies: those in
 *         pipelines, problems and solvers
 *  @return ERROR_NULL, ERROR_HANDLE */
SAGIPS_API sagips_status sagips_stage_set_forward(sagips_stage *stage, sagips_stage_fn forward,
                                                  void *user, sagips_destroy_fn destroy);

/** Set the vector-Jacobian product; `user` is that of the forward model. NULL takes it away again:
 *  the gradient then comes from differences with common random numbers. @return ERROR_HANDLE */
SAGIPS_API sagips_status sagips_stage_set_backward(sagips_stage *stage, sagips_stage_fn backward);

/** Tell the log-probability of the stage's outputs given its inputs and parameters, up to a constant;
 *  NULL takes it away. The gradient then is its score: the value of events times the derivative of
 *  log p, which is differenced, while the events stand still. They may jump, be whole numbers, and be
 *  lost further on; the support of the law should not move with a parameter. A weight that this stage
 *  writes belongs to its law: tell log(density * weight). It goes before a VJP.
 *  `user` is that of the forward model. @return ERROR_HANDLE */
SAGIPS_API sagips_status sagips_stage_set_log_probability(sagips_stage *stage,
                                                          sagips_stage_fn log_probability);

/** Let a model that remembers something between calls take part in checkpoints. Both or neither
 *  (NULL); `user` is that of the forward model. An epoch that fails is not undone in the model.
 *  @return ERROR_HANDLE, ERROR_NULL (one without the other) */
SAGIPS_API sagips_status sagips_stage_set_state(sagips_stage *stage, sagips_save_fn save,
                                                sagips_restore_fn restore);

/** Serve this stage in training by sagips_solver_ask() and sagips_solver_tell() instead of
 *  callbacks. It may have callbacks as well, for what happens outside training: estimates with a
 *  covariance, assessments, sagips_pipeline_generate() and sagips_pipeline_check() need its forward.
 *  What the host serves decides the route of the gradient in training, whatever callbacks there are: its
 *  log-probability goes before its VJP, and without both the gradient comes from differences.
 *  @param external 1, or 0 to take it back, whatever the others are
 *  @param has_backward 1 if the host serves ::SAGIPS_BACKWARD requests too
 *  @param has_log_probability 1 if it serves ::SAGIPS_LOG_PROBABILITY requests too: see
 *         sagips_stage_set_log_probability() for what is asked
 *  @return ERROR_HANDLE */
SAGIPS_API sagips_status sagips_stage_set_external(sagips_stage *stage, int32_t external,
                                                   int32_t has_backward,
                                                   int32_t has_log_probability);

/** Set a flag (value 1) or clear it (0). @return ERROR_HANDLE, ERROR_RANGE (no such flag) */
SAGIPS_API sagips_status sagips_stage_set_flag(sagips_stage *stage, int32_t flag, int32_t value);

/** Keep `n` doubles a row from FORWARD to BACKWARD, at most 2^24. @return ERROR_HANDLE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_stage_set_tape(sagips_stage *stage, int32_t n);

/** How to difference a stage that has no backward.
 *  @param scheme ::SAGIPS_CENTRAL, ::SAGIPS_ONE_SIDED or ::SAGIPS_SMOOTHED
 *  @param step fraction of a parameter's range in (0, 0.25], or 0 for the default: 1e-4 where the
 *         stage is smooth or has a log-probability, 1e-2 elsewhere
 *  @return ERROR_HANDLE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_stage_set_step(sagips_stage *stage, int32_t scheme, double step);

/** In how many random directions ::SAGIPS_SMOOTHED shares out the events of a row; 8 without it.
 *  The cost in events stays the same. @param n in [1, 16] @return ERROR_HANDLE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_stage_set_directions(sagips_stage *stage, int32_t n);

/* ---------------------------------------------------------------------------------- pipeline --- */

/** Create an empty pipeline. @return ERROR_NULL, ERROR_MEMORY */
SAGIPS_API sagips_status sagips_pipeline_create(sagips_pipeline **pipeline);

/** Release a pipeline; problems keep their copies. */
SAGIPS_API sagips_status sagips_pipeline_destroy(sagips_pipeline **pipeline);

/** Append a copy of a stage.
 *  @return ERROR_HANDLE, ERROR_STATE (no shape yet, or neither a forward model nor a host that serves
 *  it: sagips_stage_set_external()), ERROR_SHAPE (its inputs are not the
 *  outputs of the stage before) */
SAGIPS_API sagips_status sagips_pipeline_add(sagips_pipeline *pipeline, const sagips_stage *stage);

/** Append a stage that the library brings, with its vector-Jacobian product.
 *
 *  Proxies make events, and are the first stage. Key `parameters`: the problem's parameters that
 *  they see, as in sagips_stage_set_parameters(); without it the first ones.
 *
 *      proxy1d    the paper's 1D proxy app: 6 parameters, 2 observables, 2 norms
 *      kuma6      two Kumaraswamy laws: 6 parameters, 2 observables
 *
 *  The others work on the observables x that the stages before them deliver, whichever these are:
 *
 *      smear      y = x + s z, z normal, s^2 = sigma^2 + (relative x)^2
 *                 sigma, relative          one number for each observable or one for all; 0 without
 *                 parameters               the problem's parameters that sigma is, in its place
 *                 relative_parameters      the same for relative
 *      cut        keeps lower <= x < upper of one observable
 *                 observable               its index; may be left out if there is but one
 *                 lower, upper             both or one of them
 *                 width                    > 0: logistic edges of this width in training
 *      response   y = A x + b
 *                 matrix                   rows of A, separated by semicolons
 *                 offset                   b; 0 without
 *      select     some of the observables, in a new order
 *                 observables              their indices
 *      background see sagips_pipeline_add_background()
 *
 *  A cut without a `width` is hard, and has no such product: it is differenced, by what events are
 *  worth when they are shifted across its edges. Outside of training every cut is hard.
 *
 *  A row fails, as by sagips_batch::row_status, where its parameters have no meaning: kuma6 with one
 *  that is not positive, proxy1d with a negative norm or a table that is not finite, smear with a
 *  negative resolution. The option `failure.policy` tells what becomes of it.
 *  @param name of the stage
 *  @param settings "key=value" pairs separated by spaces, or NULL: "sigma=0.1,0.2 relative=0.05".
 *  Lists are separated by commas; there are no blanks around = , ;
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND (no such stage), ERROR_OPTION (no such key, or
 *  given twice; the nearest name is told), ERROR_STATE (a key is missing), ERROR_TYPE, ERROR_RANGE,
 *  ERROR_SHAPE (a wrong count; a proxy that is not the first stage, or another stage that is) */
SAGIPS_API sagips_status sagips_pipeline_add_builtin(sagips_pipeline *pipeline, const char *name,
                                                     const char *settings);

/** Append the built-in stage `background`: each event that is delivered becomes, with probability
 *  f, one of a sample, drawn with replacement. f is the expected fraction of background among the
 *  events that stages before it have not lost, by their weights. The gradient by f needs no
 *  derivative of events: see docs/plug-in-your-model.md.
 *  @param settings "fraction=0.1", or "parameters=4": the problem's parameter that is f; in [0, 1)
 *  @param events (n, n_observables) the sample; copied once, shared by copies of the pipeline
 *  @param weights (n) >= 0: events are drawn in proportion; NULL for equal ones
 *  @param n events > 0
 *  @param n_observables what the stages before it deliver
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_STATE (no fraction, or two), ERROR_OPTION, ERROR_TYPE,
 *  ERROR_RANGE, ERROR_SHAPE (other observables, or it would be the first stage), ERROR_DATA (no
 *  events, a value that is not finite, weights that are negative or sum to nothing), ERROR_MEMORY.
 *  A row whose fraction lies outside of [0, 1) fails: see the option `failure.policy` */
SAGIPS_API sagips_status sagips_pipeline_add_background(sagips_pipeline *pipeline,
                                                        const char *settings, const double *events,
                                                        const double *weights, int64_t n,
                                                        int32_t n_observables);

/** Sizes of what a pipeline delivers; any pointer may be NULL.
 *  @return ERROR_HANDLE, ERROR_STATE (no stage yet) */
SAGIPS_API sagips_status sagips_pipeline_shape(const sagips_pipeline *pipeline, int32_t *n_outputs,
                                               int32_t *n_auxiliary);

/** Generate events at one parameter point, to close the loop on your own model.
 *  @param n_parameters P @param parameters (P) physical units
 *  @param n_events events @param seed of the draws
 *  @param n_outputs must be Y, as sagips_pipeline_shape() tells @param events (n_events, Y) out
 *  @param weights (n_events) out; an event of weight 0 is lost. NULL: none may be lost
 *  @param n_auxiliary must be A where `auxiliary` is given @param auxiliary (A) out, of the first row
 *         of events, which are made in rows of 4096; or NULL
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_STATE, ERROR_SHAPE, ERROR_RANGE, ERROR_LOST, ERROR_MEMORY, and
 *  those of callbacks; after a failure the arrays hold part of the events */
SAGIPS_API sagips_status sagips_pipeline_generate(const sagips_pipeline *pipeline,
                                                  int32_t n_parameters, const double *parameters,
                                                  int64_t n_events, uint64_t seed,
                                                  int32_t n_outputs, double *events,
                                                  double *weights, int32_t n_auxiliary,
                                                  double *auxiliary);

/** What sagips_pipeline_check() found. */
typedef struct sagips_check_report {
  size_t struct_size;       /**< set to sizeof(sagips_check_report) before the call */
  int32_t passed;           /**< 1 if every check below passed */
  int32_t deterministic;    /**< equal inputs gave equal bytes, also row by row */
  int32_t finite;           /**< all outputs, weights, auxiliaries and gradients were finite */
  int32_t has_backward;     /**< every stage has a VJP */
  int32_t gradient_correct; /**< VJPs, log-probabilities and differences of smooth stages agree with
                                 differences of the mean objective; 0 if not, -1 where there is none of
                                 them to check */
  int32_t worst_parameter;  /**< index with the largest disagreement; -1 without one */
  double worst_error;       /**< that disagreement, relative to the largest derivative seen */
  double worst_sigma;       /**< that disagreement in standard errors of the difference */
  double lost_fraction;     /**< events of weight 0, in rows that did not fail */
  double seconds_per_row;   /**< cost of a row with one event, forward */
  double seconds_per_event; /**< cost of one more event in a row, forward */
  char text[4096];          /**< the same in sentences, a line each, cut to fit and terminated */
  double failed_fraction;   /**< rows on which a stage reported a failure */
} sagips_check_report;

/**
 * @brief Check a forward model before trusting it: determinism, finiteness, the gradient, cost.
 *
 * At points drawn in the box, the derivative of the mean over surviving events of a smooth test
 * function, computed as in a training, is compared with its difference quotient under common random
 * numbers, so that a wrong derivative, a wrong log-probability and a hard cut whose boundary term a VJP
 * leaves out are found. Stages run as in training, but rows that fail are left out and counted, and
 * stages that you serve in training are called back.
 * @param n_parameters P @param lower,upper (P) the box @param seed of points and draws
 * @return ERROR_NULL, ERROR_HANDLE, ERROR_STRUCT_SIZE, ERROR_STATE (no stage, or one without a forward
 *         model), ERROR_RANGE, ERROR_ROW (every row failed), and those of callbacks. A model that fails a
 *         check is no failure of the call: see `passed`.
 */
SAGIPS_API sagips_status sagips_pipeline_check(const sagips_pipeline *pipeline, int32_t n_parameters,
                                               const double *lower, const double *upper,
                                               uint64_t seed, sagips_check_report *report);

/* ----------------------------------------------------------------------------------- problem --- */

/** Scales of sagips_problem_set_scale(). */
enum { SAGIPS_LINEAR = 0, SAGIPS_LOGARITHMIC = 1 };

/** Penalties of sagips_problem_set_auxiliary(), with z = (value - target)/sigma. */
enum {
  SAGIPS_GAUSSIAN = 0,    /**< z^2/2 */
  SAGIPS_UPPER_LIMIT = 1, /**< z^2/2 above the target, nothing below */
  SAGIPS_LOWER_LIMIT = 2  /**< z^2/2 below the target, nothing above */
};

/** Create an empty problem. @return ERROR_NULL, ERROR_MEMORY */
SAGIPS_API sagips_status sagips_problem_create(sagips_problem **problem);

/** Release a problem; solvers keep their copies. */
SAGIPS_API sagips_status sagips_problem_destroy(sagips_problem **problem);

/** Append a parameter with its bounds; its index is the number of calls before.
 *  @param name unique; copied @return ERROR_NULL, ERROR_HANDLE, ERROR_EXISTS (the name is taken),
 *  ERROR_RANGE (bounds not finite or not lower < upper) */
SAGIPS_API sagips_status sagips_problem_add_parameter(sagips_problem *problem, const char *name,
                                                      double lower, double upper);
/** Name the unit, for tables. @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND */
SAGIPS_API sagips_status sagips_problem_set_unit(sagips_problem *problem, const char *parameter,
                                                 const char *unit);
/** Propose a parameter uniformly in itself or in its logarithm (needs lower > 0).
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_RANGE */
SAGIPS_API sagips_status sagips_problem_set_scale(sagips_problem *problem, const char *parameter,
                                                  int32_t scale);
/** Hold a parameter at a value. @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_RANGE */
SAGIPS_API sagips_status sagips_problem_set_fixed(sagips_problem *problem, const char *parameter,
                                                  double value);
/** Where the generator's proposals start; the middle of the range without it.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_RANGE (outside or on the bounds) */
SAGIPS_API sagips_status sagips_problem_set_start(sagips_problem *problem, const char *parameter,
                                                  double value);
/** Knowledge from elsewhere: a Gaussian of this mean and sigma > 0.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_RANGE */
SAGIPS_API sagips_status sagips_problem_set_prior(sagips_problem *problem, const char *parameter,
                                                  double mean, double sigma);

/** Append a data set: measured events and the pipeline that imitates them.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_EXISTS (the name is taken), ERROR_STATE (the
 *  pipeline is empty) */
SAGIPS_API sagips_status sagips_problem_add_dataset(sagips_problem *problem, const char *name,
                                                    const sagips_pipeline *pipeline);

/** Hand over the measured events of a data set, replacing all earlier ones. The library copies them.
 *  @param events (n, n_observables) @param weights (n), dense, or NULL for 1; may be negative, their
 *         sum not @param n_observables must be Y of the data set's pipeline
 *  @param row_stride elements from one event to the next; 0 for n_observables
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_SHAPE, ERROR_DATA (no events, a value that
 *  is not finite, weights that sum to nothing), ERROR_MEMORY */
SAGIPS_API sagips_status sagips_problem_set_events(sagips_problem *problem, const char *dataset,
                                                   const double *events, const double *weights,
                                                   int64_t n, int32_t n_observables,
                                                   int64_t row_stride);
/** The same for events in single precision. */
SAGIPS_API sagips_status sagips_problem_set_events_float(sagips_problem *problem,
                                                         const char *dataset, const float *events,
                                                         const float *weights, int64_t n,
                                                         int32_t n_observables, int64_t row_stride);

/** The same without a copy: events and weights stay yours, and must not change or move until the last
 *  problem and solver that use them is destroyed or has other events.
 *  @param user,release release(user) is called once when that is so, in whatever thread; may be NULL. If
 *         the call fails, nothing was lent, and it is not called
 *  @return as sagips_problem_set_events() */
SAGIPS_API sagips_status sagips_problem_borrow_events(sagips_problem *problem, const char *dataset,
                                                      const double *events, const double *weights,
                                                      int64_t n, int32_t n_observables,
                                                      int64_t row_stride, void *user,
                                                      sagips_destroy_fn release);
/** The same for events in single precision. */
SAGIPS_API sagips_status sagips_problem_borrow_events_float(
    sagips_problem *problem, const char *dataset, const float *events, const float *weights,
    int64_t n, int32_t n_observables, int64_t row_stride, void *user, sagips_destroy_fn release);

/**
 * @brief Append measured events to a data set. From any thread, and from several at once.
 *
 * For a framework that reads its files in parallel: each thread brings what it has. All of a call or
 * nothing is appended. With `numbers` the training sees the events in the order of these, whatever
 * thread brought them when, so that equal events give equal bits. Without, the order is that of
 * arrival, and equal bits are promised for one thread only. Solvers work on what was there when they
 * were made; sagips_solver_update_events() takes over what has come since.
 *
 * The library copies the events. Memory: an event's observables and weight, 8 bytes for its number
 * and 11 to 21 to find double ones; twice the former while the next solver is made.
 * @param events (n, n_observables), NULL only if n is 0 @param weights (n), dense, or NULL for 1; of all
 *        events, the sum must be positive when a solver is made
 * @param numbers (n) different over the whole data set, in any order, such as run and event in one
 *        number; NULL for none, in every call for the data set or in no call
 * @param n events; 0 is fine @param row_stride elements from one event to the next; 0 for n_observables
 * @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_SHAPE, ERROR_DATA (a value that is not
 *  finite, or a number that is taken; the text tells the event's index in this call), ERROR_RANGE
 *  (n < 0), ERROR_STATE (numbers here but not in the calls before, or the reverse, or the events were
 *  handed over by sagips_problem_set_events() or lent), ERROR_MEMORY
 */
SAGIPS_API sagips_status sagips_problem_add_events(sagips_problem *problem, const char *dataset,
                                                   const double *events, const double *weights,
                                                   const int64_t *numbers, int64_t n,
                                                   int32_t n_observables, int64_t row_stride);
/** The same for events in single precision. Both may be mixed. */
SAGIPS_API sagips_status sagips_problem_add_events_float(sagips_problem *problem,
                                                         const char *dataset, const float *events,
                                                         const float *weights,
                                                         const int64_t *numbers, int64_t n,
                                                         int32_t n_observables,
                                                         int64_t row_stride);

/** Number of events that a data set has by now. From any thread, as sagips_problem_add_events().
 *  @param n out @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND */
SAGIPS_API sagips_status sagips_problem_event_count(const sagips_problem *problem,
                                                    const char *dataset, int64_t *n);

/** A measured number that auxiliary output `index` of the data set's pipeline must reproduce. The index
 *  runs over those of all stages; a second call for it replaces the first.
 *  @param target the measurement @param sigma its uncertainty > 0
 *  @param penalty ::SAGIPS_GAUSSIAN, ::SAGIPS_UPPER_LIMIT or ::SAGIPS_LOWER_LIMIT
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_RANGE */
SAGIPS_API sagips_status sagips_problem_set_auxiliary(sagips_problem *problem, const char *dataset,
                                                      int32_t index, double target, double sigma,
                                                      int32_t penalty);

/** Weight > 0 of a data set, times its number of events, in the generator's loss; 1 without it, which
 *  is the joint likelihood and gives the smallest error. The stated uncertainty counts it.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND, ERROR_RANGE */
SAGIPS_API sagips_status sagips_problem_set_dataset_weight(sagips_problem *problem,
                                                           const char *dataset, double weight);

/* -------------------------------------------------------------------------------------- comm --- */

/** Create the communicator of a program that runs alone: rank 0 of 1. Passing NULL to
 *  sagips_solver_create() means the same. @return ERROR_NULL, ERROR_MEMORY */
SAGIPS_API sagips_status sagips_comm_create_serial(sagips_comm **comm);

/** Release a communicator. Solvers made with it go on: what lies behind it is released with the last of
 *  them. Collective. */
SAGIPS_API sagips_status sagips_comm_destroy(sagips_comm **comm);

/** Rank and size; any pointer may be NULL. @return ERROR_HANDLE */
SAGIPS_API sagips_status sagips_comm_shape(const sagips_comm *comm, int32_t *rank, int32_t *size);

/* ------------------------------------------------------------------------------------ solver --- */

/** Why sagips_solver_step() came back, in sagips_progress::stop_reason. */
enum {
  SAGIPS_STOP_NONE = 0,      /**< all epochs asked for are done */
  SAGIPS_STOP_REQUESTED = 1, /**< sagips_solver_request_stop(), or the progress callback */
  SAGIPS_STOP_CONVERGED = 2, /**< the rule of the option `stop.rule` */
  SAGIPS_STOP_HORIZON = 3    /**< the option `epochs` is reached: the schedules have ended */
};

/** Conditions of sagips_solver_condition(). */
enum {
  SAGIPS_READY = 0,  /**< between calls */
  SAGIPS_INSIDE = 1  /**< inside a call; for ever, if a callback left by longjmp: destroy it then */
};

/** Networks of sagips_solver_get_weights(). */
enum {
  SAGIPS_GENERATOR = 0,         /**< the generator in training */
  SAGIPS_GENERATOR_AVERAGE = 1, /**< its running average, which estimates use */
  SAGIPS_DISCRIMINATOR = 2      /**< the discriminator of a data set */
};

/** Instead of the index of a member: all members of the ensemble together. */
enum { SAGIPS_ALL_MEMBERS = -1 };

/** State of a training, filled by sagips_solver_step() and sagips_solver_progress(). */
typedef struct sagips_progress {
  size_t struct_size;        /**< set to sizeof(sagips_progress) before the call */
  int64_t epoch;             /**< committed epochs, of every member */
  int64_t epochs;            /**< horizon: the option `epochs` */
  int64_t skipped;           /**< epochs that a callback skipped, added up over the members */
  int64_t synthetic_events;  /**< events generated in training, of all members */
  int32_t stop_reason;       /**< SAGIPS_STOP_... of the last step */
  int32_t converged;         /**< what the last look found (option `stop.rule`, or
                                  sagips_solver_assess()); 0 before one, and after further epochs */
  double loss_discriminator; /**< of the last epoch, mean over data sets and members, as those below */
  double loss_generator;     /**< of the last epoch, without penalties */
  double loss_auxiliary;     /**< penalties of auxiliary outputs and priors, on the scale of loss_generator */
  double drift;              /**< largest movement of the estimate (of the members' mean) over the last
                                  window, in fractions of a parameter's range; NaN before one is full */
  double seconds_training;   /**< wall time in epochs, over restarts */
  double seconds_callback;   /**< of that, inside stages, and between the calls of a host that owns the loop;
                                  skipped and failed epochs count in neither */
  int64_t rows_run;          /**< rows that pipelines ran in training, those of differences too */
  int64_t rows_failed;       /**< of those, rows on which a stage reported a failure */
  int64_t rows_resampled;    /**< of those that ran, rows drawn anew since they had failed */
} sagips_progress;

/** One report of a training, handed to the metrics callback every `metrics.every` epochs. */
typedef struct sagips_metrics {
  size_t struct_size;        /**< sizeof(sagips_metrics) of the library */
  int32_t n_members;         /**< M */
  int32_t n_parameters;      /**< P */
  const double *estimate;    /**< (P) mean proposal of the averaged generators, eq. 7; library's, for
                                  the call */
  const double *spread;      /**< (P) standard deviation of all their proposals; of members that
                                  propose points, eq. 8 */
  double grad_norm;          /**< of a generator's weights, last epoch; mean over members */
  double events_per_second;  /**< synthetic events, since the last report */
  double lost_fraction;      /**< synthetic events of weight 0, last epoch */
  const sagips_progress *progress; /**< the rest; library's, for the call */
  const double *members;     /**< (M, P) mean proposal of each member; library's, for the call */
  double failed_fraction;    /**< rows on which a stage reported a failure, since the last report */
} sagips_metrics;

/** An estimate in its parts, filled by sagips_solver_describe_estimate(): where you have put the
 *  address of an array of yours, numbers are written to it; NULL is passed over. Set the whole struct
 *  to zero first. */
typedef struct sagips_estimate {
  size_t struct_size;        /**< set to sizeof(sagips_estimate) before the call */
  double *mean;              /**< (P) the estimate: of all members, their mean (eq. 7) */
  double *covariance;        /**< (P, P) of its error: the sum of the next three */
  double *statistical;       /**< (P, P) from the size of the data */
  double *ensemble;          /**< (P, P) of all members: `member_covariance`/M; of one member: what its
                                  own draw of the data adds (bootstrap), or 0 */
  double *training;          /**< (P, P) scatter of the estimate over the last window, and, of one
                                  member, noise of the synthetic events behind its average */
  double *member_sigma;      /**< (P) standard deviation of the members with 1/M (eq. 8); 0 for one */
  double *member_covariance; /**< (P, P) covariance of the members with 1/(M - 1); 0 for one */
  double *members;           /**< (n_members, P) estimate of each member */
  int32_t n_members;         /**< in: rows that `members` has room for, M, or 1 if one member is asked
                                  for; not read where `members` is NULL */
  int32_t reserved;          /**< 0 */
} sagips_estimate;

/** What sagips_solver_assess() found without knowing a truth. */
typedef struct sagips_assessment {
  size_t struct_size;   /**< set to sizeof(sagips_assessment) before the call */
  int32_t fits;         /**< 1 if p_value is at least the option `assess.level` */
  int32_t converged;    /**< 1 if the drift is below the option `stop.drift` */
  double auc;           /**< a fresh classifier's area under the curve, held-out data against
                             synthetic events; 0.5 = it cannot tell them apart; the worst data set */
  double p_value;       /**< of an AUC at least as large if the model were right; the smallest of the
                             data sets, times their number, at most 1 */
  double drift_sigma;   /**< largest movement of a parameter over the last window, in its statistical
                             uncertainty; NaN before the first full window */
  int64_t n_held_out;   /**< held-out events used */
} sagips_assessment;

/** Called after every committed epoch. @return 0 to go on, other to stop after this epoch. An exception
 *  that leaves this or another reporting callback ends the step with ::SAGIPS_ERROR_EXCEPTION; the epoch
 *  stays committed. */
typedef int32_t (*sagips_progress_fn)(void *user, const sagips_progress *progress);
/** Called every `metrics.every` epochs. */
typedef void (*sagips_metrics_fn)(void *user, const sagips_metrics *metrics);
/** Receives what the library has to say. At a solver's first step it is told for each data set by which
 *  route the gradient comes, and of differences the scheme and the step of each parameter.
 *  @param level 0 = warning, 1 = information; later versions may have more, less important ones */
typedef void (*sagips_log_fn)(void *user, int32_t level, const char *text);
/** Runs body(ctx, i) for i in [0, n), each once, in any thread, and returns 0 when all are done. Another
 *  value, or a piece left out, fails the call with ::SAGIPS_ERROR_CALLBACK. */
typedef int32_t (*sagips_parallel_fn)(void *host, int64_t n, void (*body)(void *ctx, int64_t i),
                                      void *ctx);

/** Create a solver from copies of a problem and of options. Collective.
 *  @param options NULL for the defaults @param comm NULL to run alone
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_STATE (no parameter, no data set, no events, or checkpoints
 *  without a folder, or `stop.rule` converged and a stage without a forward callback), ERROR_SHAPE,
 *  ERROR_DATA (an observable is constant, or weights sum to nothing), ERROR_UNSUPPORTED (more than 64 data
 *  sets or stages, or more rows or numbers an epoch than there are random numbers), ERROR_MEMORY (also for
 *  sizes that no memory holds) */
SAGIPS_API sagips_status sagips_solver_create(sagips_solver **solver,
                                              const sagips_problem *problem,
                                              const sagips_options *options,
                                              const sagips_comm *comm);

/** Release a solver. Not from inside its own callbacks. Collective. */
SAGIPS_API sagips_status sagips_solver_destroy(sagips_solver **solver);

/** Train for `n_epochs` more epochs, or until the option `epochs` is reached. Collective.
 *
 *  An epoch commits as a whole or never happened: after any failure the solver holds the last
 *  committed epoch and can go on; after ERROR_IO, and what a reporting callback or the look of
 *  `stop.rule` fails with, that is the epoch it happened in. Steps of 1 give the same bits as one long
 *  step.
 *  @param progress filled also if the training fails; may be NULL
 *  @return ERROR_HANDLE, ERROR_RANGE, ERROR_BUSY, ERROR_STRUCT_SIZE, ERROR_STATE (a stage is served by
 *  the host: see sagips_solver_ask()), ERROR_CALLBACK, ERROR_EXCEPTION,
 *  ERROR_NONFINITE, ERROR_ROW, ERROR_SKIPPED, ERROR_LOST, ERROR_NUMERIC, ERROR_IO (a checkpoint) */
SAGIPS_API sagips_status sagips_solver_step(sagips_solver *solver, int64_t n_epochs,
                                            sagips_progress *progress);

/** What sagips_batch::request says where sagips_solver_ask() has nothing to hand out. */
enum {
  SAGIPS_WAIT = 3, /**< all rows are out: tell some first */
  SAGIPS_DONE = 4  /**< no epoch begins: see sagips_progress::stop_reason */
};

/** Train with a host that owns the loop: ask for rows that stages made by sagips_stage_set_external()
 *  have to serve, and tell the answers, in any order. A batch is cut into tickets of `ask.rows` rows;
 *  those of all members are out at the same time. Bits are those that callbacks would give.
 *
 *  Every array of a ticket is the library's and its own, and lasts until the ticket is told or the
 *  solver destroyed; write the answer there. A ticket that is not told within `ask.age_limit` is void
 *  once its rows are handed out again, under another number, which they are when there are no others. A
 *  checkpoint that is saved in between holds the
 *  answers of the epoch so far; after sagips_solver_load() the tickets that were out are out again, in
 *  new arrays: see sagips_solver_ticket(). Each rank asks for its own tickets; with several ranks this
 *  and the next three may wait for the others, so that all have to go on until ::SAGIPS_DONE.
 *  @param batch struct_size set; filled: `ticket` counts from 1, and 0 means that there is nothing to
 *         do now, with `request` ::SAGIPS_WAIT or ::SAGIPS_DONE
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_STRUCT_SIZE, ERROR_BUSY, ERROR_STATE (no stage is external),
 *  ERROR_MISMATCH (a checkpoint was made with other sizes; the next call begins the epoch anew), and
 *  those of sagips_solver_step() */
SAGIPS_API sagips_status sagips_solver_ask(sagips_solver *solver, sagips_batch *batch);

/** Hand in a ticket. The last one of a batch lets the training go on, up to the end of the epoch.
 *  @param answer 0: its arrays are written; > 0: skip this member's epoch; < 0: the work failed as a
 *         whole, which is a failure of every row of the ticket (option `failure.policy`)
 *  @param progress filled also if the training fails; may be NULL
 *  @return ERROR_HANDLE, ERROR_STRUCT_SIZE, ERROR_BUSY, ERROR_NOT_FOUND (this ticket is not out: it was
 *  told, or is void; the arrays of a void one are released by this call, so tell it too), and those of
 *  sagips_solver_step(), after which all tickets are void and the next sagips_solver_ask() begins the
 *  epoch again, or the next one where this one stands */
SAGIPS_API sagips_status sagips_solver_tell(sagips_solver *solver, uint64_t ticket, int32_t answer,
                                            sagips_progress *progress);

/** Find a ticket that is out, such as one from before a restart. The first call after a load begins
 *  its epoch again. @param batch as above
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_STRUCT_SIZE, ERROR_BUSY, ERROR_NOT_FOUND, and those of
 *  sagips_solver_ask() */
SAGIPS_API sagips_status sagips_solver_ticket(sagips_solver *solver, uint64_t ticket,
                                              sagips_batch *batch);

/** Numbers of the tickets that are out. @param size of `tickets` @param tickets (size) out, the oldest
 *  first; may be NULL if size is 0 @param n how many there are
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_RANGE, ERROR_BUSY, and those of sagips_solver_ask() */
SAGIPS_API sagips_status sagips_solver_tickets(sagips_solver *solver, int64_t size,
                                               uint64_t *tickets, int64_t *n);

/** Read the state of the training. @return ERROR_NULL, ERROR_HANDLE, ERROR_STRUCT_SIZE, ERROR_BUSY */
SAGIPS_API sagips_status sagips_solver_progress(const sagips_solver *solver,
                                                sagips_progress *progress);

/** Ask a running step to return after its epoch. Safe from another thread and from a signal handler.
 *  A request outside a step ends the next step before its first epoch. */
SAGIPS_API sagips_status sagips_solver_request_stop(sagips_solver *solver);

/** ::SAGIPS_READY or ::SAGIPS_INSIDE. @return ERROR_NULL, ERROR_HANDLE */
SAGIPS_API sagips_status sagips_solver_condition(const sagips_solver *solver, int32_t *condition);

/** Sizes of a solver: P parameters, M members, data sets; any pointer may be NULL.
 *  @return ERROR_HANDLE */
SAGIPS_API sagips_status sagips_solver_shape(const sagips_solver *solver, int32_t *n_parameters,
                                             int32_t *n_members, int32_t *n_datasets);

/** Copy the name of parameter `index`, from 0 in the order they were added.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_RANGE */
SAGIPS_API sagips_status sagips_solver_parameter_name(const sagips_solver *solver, int32_t index,
                                                      char *buffer, size_t size, size_t *needed);
/** The same for data set `index`. */
SAGIPS_API sagips_status sagips_solver_dataset_name(const sagips_solver *solver, int32_t index,
                                                    char *buffer, size_t size, size_t *needed);

/** Draw proposals of the averaged generator. Every member sees the same noise, so that row i of
 *  ::SAGIPS_ALL_MEMBERS is the mean of the members' rows i, the ensemble's answer (eq. 7). Collective.
 *  @param member from 0, or ::SAGIPS_ALL_MEMBERS @param n rows @param n_parameters must be P
 *  @param parameters (n, P) out, physical units
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_RANGE, ERROR_SHAPE, ERROR_BUSY */
SAGIPS_API sagips_status sagips_solver_predict(sagips_solver *solver, int32_t member, int64_t n,
                                               int32_t n_parameters, double *parameters);

/** The estimate, and what is known of its error. Collective.
 *
 *  The covariance is that of the estimate around the truth, a sum of three.
 *  - From the size of the data: (J^T C^-1 J)^-1, where J is the derivative of the mean of the
 *    discriminator's input features by the parameters, taken by differences through the pipeline at
 *    the estimate, and C the covariance of such means for as many events as were measured; measured
 *    auxiliaries and priors add their information. A direction that nothing measures comes out as
 *    infinity.
 *  - From the ensemble: of the mean of M members, their covariance over M; of one member that drew its
 *    data with replacement, what that draw adds.
 *  - From the training: the scatter of the estimate over the last window (option `stop.window`). Until
 *    it is full, the way from the start is taken instead: a young estimate knows little. Of one member
 *    whose generator is averaged uniformly (option `average.tail`) also what the finite number of
 *    synthetic events behind the average adds; in the members' covariance that is contained.
 *
 *  sagips_solver_describe_estimate() tells them apart. Both call the pipeline, unless none of
 *  covariance, statistical, ensemble and training is asked for.
 *  @param member from 0, or ::SAGIPS_ALL_MEMBERS for the mean over all (eq. 7)
 *  @param n_parameters must be P @param mean (P) out @param covariance (P, P) out, or NULL
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_RANGE, ERROR_SHAPE, ERROR_BUSY, and those of callbacks */
SAGIPS_API sagips_status sagips_solver_estimate(sagips_solver *solver, int32_t member,
                                                int32_t n_parameters, double *mean,
                                                double *covariance);

/** The estimate in its parts: see ::sagips_estimate. Collective.
 *  @return as above, ERROR_STRUCT_SIZE, ERROR_SHAPE also for another number of members */
SAGIPS_API sagips_status sagips_solver_describe_estimate(sagips_solver *solver, int32_t member,
                                                         int32_t n_parameters,
                                                         sagips_estimate *estimate);

/** Ask, without a truth, whether the fit is done and good: see ::sagips_assessment. It calls the
 *  pipeline and trains a classifier of its own; what is trained is not touched. Collective.
 *  @param member from 0, or ::SAGIPS_ALL_MEMBERS for their mean
 *  @param dataset name of a data set; NULL or "": all, and the worst is told
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_STRUCT_SIZE, ERROR_RANGE, ERROR_NOT_FOUND, ERROR_STATE (no
 *  held-out events: option `data.holdout`), ERROR_LOST, ERROR_DATA, ERROR_NUMERIC, ERROR_BUSY, and those
 *  of callbacks */
SAGIPS_API sagips_status sagips_solver_assess(sagips_solver *solver, int32_t member,
                                              const char *dataset, sagips_assessment *assessment);

/** Number of weights and biases of a network.
 *  @param dataset names the discriminator; ignored for generators, where it may be NULL
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_RANGE, ERROR_NOT_FOUND */
SAGIPS_API sagips_status sagips_solver_weight_count(const sagips_solver *solver, int32_t network,
                                                    const char *dataset, int64_t *count);

/** Copy a network out: all weights layer by layer, each (outputs, inputs), then all biases. With
 *  `generator.kind` direct there are biases alone, one for each free parameter.
 *  @param member from 0; one at a time @param n must be the count
 *  @return as above, ERROR_SHAPE, ERROR_BUSY */
SAGIPS_API sagips_status sagips_solver_get_weights(const sagips_solver *solver, int32_t member,
                                                   int32_t network, const char *dataset, int64_t n,
                                                   float *weights);

/** Copy a network in; optimiser moments stay. An epoch by tickets that is under way begins anew.
 *  Collective.
 *  @return as above, ERROR_NONFINITE */
SAGIPS_API sagips_status sagips_solver_set_weights(sagips_solver *solver, int32_t member,
                                                   int32_t network, const char *dataset, int64_t n,
                                                   const float *weights);

/**
 * @brief Train on from here with the events that the problem's data sets have by now. Collective.
 *
 * They must be those that the solver has, unchanged, and any number more: added by
 * sagips_problem_add_events(), or at the end of a larger array by sagips_problem_set_events(). Of the
 * problem only the events are taken. Networks, moments, epoch, and the standardisation and lift of
 * the discriminators stay; shares of data sets, penalties and uncertainties follow the numbers of
 * events. An event that was held out stays so, and one that was not never will be: `data.holdout`
 * and `data.fraction` are drawn anew among the new events alone, so that the totals come out. A
 * bootstrapped member draws anew from all. A checkpoint made after an update resumes with the same
 * bits in a solver made from all these events at once.
 * @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND (a data set that the other has not), ERROR_SHAPE
 *  (other observables), ERROR_DATA (an earlier event is missing or changed; weights that sum to
 *  nothing), ERROR_BUSY, ERROR_MEMORY; after any of them nothing has changed
 */
SAGIPS_API sagips_status sagips_solver_update_events(sagips_solver *solver,
                                                     const sagips_problem *problem);

/** Write a checkpoint `folder/epoch-N`, N in at least 8 digits, complete or not at all. Collective.
 *  Of the checkpoints there, the newest `checkpoint.keep` are kept. The folder is made if needed.
 *  Models with a state (sagips_stage_set_state()) are asked for it first.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_IO, ERROR_BUSY, ERROR_CALLBACK, ERROR_EXCEPTION,
 *          ERROR_RANGE (a state of more than 4 GiB) */
SAGIPS_API sagips_status sagips_solver_save(sagips_solver *solver, const char *folder);

/** Read a checkpoint: one `epoch-N` folder, or the newest readable one in `folder`. Collective.
 *  The training goes on with the bits it would have had. Refused as a whole, solver unchanged, if it is
 *  damaged or was made with other networks, members, parameters or data. Models with a state get it back
 *  last, stage by stage; where one refuses, those before it have taken theirs.
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_IO, ERROR_FORMAT, ERROR_VERSION, ERROR_MISMATCH, ERROR_BUSY,
 *          ERROR_CALLBACK, ERROR_EXCEPTION */
SAGIPS_API sagips_status sagips_solver_load(sagips_solver *solver, const char *folder);

/** Copy the options in effect as TOML text. @return ERROR_NULL, ERROR_HANDLE */
SAGIPS_API sagips_status sagips_solver_options(const sagips_solver *solver, char *buffer, size_t size,
                                               size_t *needed);

/** Copy the name of the gradient route in use: "vjp", "event differences", "objective differences",
 *  "smoothed differences" or "score"; of stages with different ones all, joined by " + ".
 *  @return ERROR_NULL, ERROR_HANDLE, ERROR_NOT_FOUND */
SAGIPS_API sagips_status sagips_solver_gradient_route(const sagips_solver *solver,
                                                      const char *dataset, char *buffer, size_t size,
                                                      size_t *needed);

/** Register a callback after every epoch; NULL takes it away. @return ERROR_HANDLE, ERROR_BUSY */
SAGIPS_API sagips_status sagips_solver_set_progress_callback(sagips_solver *solver,
                                                             sagips_progress_fn fn, void *user);
/** Register a callback for metrics; NULL takes it away. @return ERROR_HANDLE, ERROR_BUSY */
SAGIPS_API sagips_status sagips_solver_set_metrics_callback(sagips_solver *solver,
                                                            sagips_metrics_fn fn, void *user);
/** Register a callback for messages; NULL takes it away. @return ERROR_HANDLE, ERROR_BUSY */
SAGIPS_API sagips_status sagips_solver_set_log_callback(sagips_solver *solver, sagips_log_fn fn,
                                                        void *user);
/** Run the library's parallel loops in the host's own threads instead of `threads` of ours; NULL
 *  returns to those. Loops do not nest. Callbacks of yours are among the pieces only where their stage
 *  is ::SAGIPS_CONCURRENT. Results do not depend on it. @return ERROR_HANDLE, ERROR_BUSY */
SAGIPS_API sagips_status sagips_solver_set_parallel_for(sagips_solver *solver, sagips_parallel_fn fn,
                                                        void *host);

#ifdef __cplusplus
}
#endif

#endif /* SAGIPS_H */
