! SPDX-License-Identifier: BSD-3-Clause
!> The Fortran face of sagips.h, in its order: the subroutine sagips_noun_verb is the function
!> sagips_noun_verb() of C. What it does, in which units, and how it can fail is documented there.
!>
!> Where Fortran differs from C:
!> - Handles are small types around the C pointer `ptr`. All kinds are those of iso_c_binding, c_int
!>   for int32_t and c_int64_t for int64_t and uint64_t: flags like -fdefault-real-8 change nothing.
!>   A default `logical` follows -fdefault-integer-8: compile the module with your flags.
!>   The handle that a `_create` makes is its first argument.
!> - The first index is the last one of C, without a copy: events(Y, N) here is (N, Y) there.
!>   Members of an ensemble and columns of parameters count from 0, as in C.
!> - Every subroutine ends in `ierr`, which must be given: 0 for success, or SAGIPS_ERROR_..., with
!>   the text in sagips_last_error(). Nothing in the library or here stops the program, since it may
!>   be a part of a larger one; so no failure may pass because a word was left out. A program that
!>   wants to end says so: `call sagips_check(ierr)` prints the text and stops.
!> - What the caller says yes or no to is a default `logical`. Structs of C keep integer(c_int), 1
!>   for yes.
!> - Arrays know their sizes: counts of C are taken from them. Arrays that do not fit together are
!>   SAGIPS_ERROR_SHAPE, and nothing is read or written.
!> - Text goes in as character(len=*), trailing blanks cut. Results whose size the caller does not
!>   know (text, events, weights of networks) are allocatable and come back with it.
!> - Callbacks are module procedures with bind(c) that match the abstract interfaces below. Never
!>   pass a contained procedure: it needs an executable stack. State travels in `user`, by c_loc.
module sagips
  use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_double, c_f_pointer, c_float, &
      c_funloc, c_funptr, c_int, c_int64_t, c_loc, c_null_char, c_null_funptr, c_null_ptr, c_ptr, &
      c_size_t, c_sizeof
  use, intrinsic :: iso_fortran_env, only: error_unit
  implicit none
  private

  ! status
  public :: sagips_status_name, sagips_status_text, sagips_last_error, sagips_last_error_copy, &
      sagips_last_error_set, sagips_check
  ! version
  public :: sagips_version, sagips_version_string, sagips_build_info
  ! batch, callbacks
  public :: sagips_batch_view, sagips_stage_fn, sagips_destroy_fn, sagips_save_fn, &
      sagips_restore_fn, sagips_progress_fn, sagips_metrics_fn, sagips_log_fn, sagips_parallel_fn, &
      sagips_body_fn
  ! options
  public :: sagips_options_create, sagips_options_destroy, sagips_options_preset, &
      sagips_options_set, sagips_options_set_integer, sagips_options_set_real, &
      sagips_options_set_boolean, sagips_options_get, sagips_options_read_toml, &
      sagips_options_load_toml, sagips_options_write_toml, sagips_options_count, &
      sagips_options_describe
  ! stage
  public :: sagips_stage_create, sagips_stage_destroy, sagips_stage_set_shape, &
      sagips_stage_set_parameters, sagips_stage_set_forward, sagips_stage_set_backward, &
      sagips_stage_set_log_probability, sagips_stage_set_state, sagips_stage_set_external, &
      sagips_stage_set_flag, sagips_stage_set_tape, sagips_stage_set_step, &
      sagips_stage_set_directions
  ! pipeline
  public :: sagips_pipeline_create, sagips_pipeline_destroy, sagips_pipeline_add, &
      sagips_pipeline_add_builtin, sagips_pipeline_add_background, sagips_pipeline_shape, &
      sagips_pipeline_generate, sagips_pipeline_check
  ! problem
  public :: sagips_problem_create, sagips_problem_destroy, sagips_problem_add_parameter, &
      sagips_problem_set_unit, sagips_problem_set_scale, sagips_problem_set_fixed, &
      sagips_problem_set_start, sagips_problem_set_prior, sagips_problem_add_dataset, &
      sagips_problem_set_events, sagips_problem_set_events_float, sagips_problem_borrow_events, &
      sagips_problem_borrow_events_float, &
      sagips_problem_add_events, sagips_problem_add_events_float, sagips_problem_event_count, &
      sagips_problem_set_auxiliary, sagips_problem_set_dataset_weight
  ! comm
  public :: sagips_comm_create_serial, sagips_comm_destroy, sagips_comm_shape
  ! solver
  public :: sagips_solver_create, sagips_solver_destroy, sagips_solver_shape, sagips_solver_step, &
      sagips_solver_progress, sagips_solver_request_stop, sagips_solver_condition, &
      sagips_solver_parameter_name, sagips_solver_dataset_name, sagips_solver_predict, &
      sagips_solver_estimate, sagips_solver_describe_estimate, sagips_solver_assess, &
      sagips_solver_weight_count, sagips_solver_get_weights, sagips_solver_set_weights, &
      sagips_solver_update_events, sagips_solver_save, sagips_solver_load, sagips_solver_options, &
      sagips_solver_gradient_route, &
      sagips_solver_set_progress_callback, sagips_solver_set_metrics_callback, &
      sagips_solver_set_log_callback, sagips_solver_set_parallel_for, &
      sagips_solver_ask, sagips_solver_tell, sagips_solver_ticket, sagips_solver_tickets
  ! text of C: a pointer or an array of characters, up to its terminator
  public :: sagips_string

  ! ---------------------------------------------------------------------------------- status ---

  integer(c_int), parameter, public :: &
      SAGIPS_OK = 0, &
      SAGIPS_ERROR_NULL = 1, &
      SAGIPS_ERROR_HANDLE = 2, &
      SAGIPS_ERROR_STRUCT_SIZE = 3, &
      SAGIPS_ERROR_OPTION = 4, &
      SAGIPS_ERROR_TYPE = 5, &
      SAGIPS_ERROR_RANGE = 6, &
      SAGIPS_ERROR_SHAPE = 7, &
      SAGIPS_ERROR_DATA = 8, &
      SAGIPS_ERROR_NOT_FOUND = 9, &
      SAGIPS_ERROR_STATE = 10, &
      SAGIPS_ERROR_BUSY = 11, &
      SAGIPS_ERROR_CALLBACK = 12, &
      SAGIPS_ERROR_EXCEPTION = 13, &
      SAGIPS_ERROR_NONFINITE = 14, &
      SAGIPS_ERROR_ROW = 15, &
      SAGIPS_ERROR_SKIPPED = 16, &
      SAGIPS_ERROR_LOST = 17, &
      SAGIPS_ERROR_NUMERIC = 18, &
      SAGIPS_ERROR_IO = 19, &
      SAGIPS_ERROR_FORMAT = 20, &
      SAGIPS_ERROR_MISMATCH = 21, &
      SAGIPS_ERROR_VERSION = 22, &
      SAGIPS_ERROR_MEMORY = 23, &
      SAGIPS_ERROR_UNSUPPORTED = 24, &
      SAGIPS_ERROR_INTERNAL = 25, &
      SAGIPS_ERROR_EXISTS = 26

  ! --------------------------------------------------------------------------------- version ---

  !> Of this module; sagips_version() is that of the library that is loaded.
  integer(c_int), parameter, public :: SAGIPS_VERSION_MAJOR = 0
  integer(c_int), parameter, public :: SAGIPS_VERSION_MINOR = 1
  integer(c_int), parameter, public :: SAGIPS_VERSION_PATCH = 0

  ! --------------------------------------------------------------------------------- handles ---

  type, public :: sagips_options
    type(c_ptr) :: ptr = c_null_ptr
  end type
  type, public :: sagips_stage
    type(c_ptr) :: ptr = c_null_ptr
  end type
  type, public :: sagips_pipeline
    type(c_ptr) :: ptr = c_null_ptr
  end type
  type, public :: sagips_problem
    type(c_ptr) :: ptr = c_null_ptr
  end type
  type, public :: sagips_comm
    type(c_ptr) :: ptr = c_null_ptr
  end type
  type, public :: sagips_solver
    type(c_ptr) :: ptr = c_null_ptr
  end type

  ! ----------------------------------------------------------------------------------- batch ---

  integer(c_int), parameter, public :: &
      SAGIPS_FORWARD = 0, SAGIPS_BACKWARD = 1, SAGIPS_LOG_PROBABILITY = 2
  integer(c_int), parameter, public :: SAGIPS_HOST = 0

  !> N rows of parameters with E events each, as C hands them to a callback: see sagips_batch_view.
  type, bind(c), public :: sagips_batch
    integer(c_size_t) :: struct_size
    integer(c_int64_t) :: ticket
    integer(c_int) :: request
    integer(c_int) :: member
    integer(c_int) :: training
    integer(c_int) :: dataset
    integer(c_int64_t) :: epoch
    integer(c_int64_t) :: n_rows
    integer(c_int64_t) :: n_events
    integer(c_int) :: n_parameters
    integer(c_int) :: n_inputs
    integer(c_int) :: n_outputs
    integer(c_int) :: n_auxiliary
    integer(c_int) :: n_uniforms
    integer(c_int) :: n_tape
    type(c_ptr) :: parameters
    type(c_ptr) :: inputs
    type(c_ptr) :: weight_in
    type(c_ptr) :: uniforms
    type(c_ptr) :: row_key
    type(c_ptr) :: outputs
    type(c_ptr) :: weight
    type(c_ptr) :: auxiliary
    type(c_ptr) :: tape
    type(c_ptr) :: row_status
    type(c_ptr) :: grad_outputs
    type(c_ptr) :: grad_weight
    type(c_ptr) :: grad_auxiliary
    type(c_ptr) :: grad_inputs
    type(c_ptr) :: grad_parameters
    type(c_ptr) :: device_stream
    type(c_ptr) :: log_probability
    integer(c_int) :: stage
    integer(c_int) :: memory
  end type

  !> The arrays of a batch, for the time of the callback; null() where C has NULL. What a callback
  !> reads and what it writes is told at sagips_batch in sagips.h.
  type, public :: sagips_view
    real(c_double), pointer, contiguous :: parameters(:, :) => null()       ! (P, N) read
    real(c_double), pointer, contiguous :: inputs(:, :, :) => null()        ! (inputs, E, N) read
    real(c_double), pointer, contiguous :: weight_in(:, :) => null()        ! (E, N) read
    real(c_double), pointer, contiguous :: uniforms(:, :, :) => null()      ! (U, E, N) read
    integer(c_int64_t), pointer, contiguous :: row_key(:) => null()         ! (N) read
    real(c_double), pointer, contiguous :: outputs(:, :, :) => null()       ! (Y, E, N)
    real(c_double), pointer, contiguous :: weight(:, :) => null()           ! (E, N)
    real(c_double), pointer, contiguous :: auxiliary(:, :) => null()        ! (A, N)
    real(c_double), pointer, contiguous :: tape(:, :) => null()             ! (n_tape, N)
    integer(c_int), pointer, contiguous :: row_status(:) => null()          ! (N)
    real(c_double), pointer, contiguous :: grad_outputs(:, :, :) => null()  ! (Y, E, N) read
    real(c_double), pointer, contiguous :: grad_weight(:, :) => null()      ! (E, N) read
    real(c_double), pointer, contiguous :: grad_auxiliary(:, :) => null()   ! (A, N) read
    real(c_double), pointer, contiguous :: grad_inputs(:, :, :) => null()   ! (inputs, E, N) add to
    real(c_double), pointer, contiguous :: grad_parameters(:, :) => null()  ! (P, N) add to
    real(c_double), pointer, contiguous :: log_probability(:, :) => null()  ! (E, N)
  end type

  ! --------------------------------------------------------------------------------- options ---

  integer(c_int), parameter, public :: &
      SAGIPS_INTEGER = 0, SAGIPS_REAL = 1, SAGIPS_BOOLEAN = 2, SAGIPS_TEXT = 3

  !> One row of the option table; sagips_string() reads the texts.
  type, bind(c), public :: sagips_option_info
    integer(c_size_t) :: struct_size
    type(c_ptr) :: key
    integer(c_int) :: type
    integer(c_int) :: reserved
    type(c_ptr) :: default_value
    type(c_ptr) :: range
    type(c_ptr) :: unit
    type(c_ptr) :: sentence
  end type

  ! ----------------------------------------------------------------------------------- stage ---

  integer(c_int), parameter, public :: SAGIPS_SMOOTH = 16, SAGIPS_CONCURRENT = 32
  integer(c_int), parameter, public :: &
      SAGIPS_CENTRAL = 0, SAGIPS_ONE_SIDED = 1, SAGIPS_SMOOTHED = 2

  ! -------------------------------------------------------------------------------- pipeline ---

  !> What sagips_pipeline_check found; sagips_string() reads the text.
  type, bind(c), public :: sagips_check_report
    integer(c_size_t) :: struct_size
    integer(c_int) :: passed
    integer(c_int) :: deterministic
    integer(c_int) :: finite
    integer(c_int) :: has_backward
    integer(c_int) :: gradient_correct
    integer(c_int) :: worst_parameter
    real(c_double) :: worst_error
    real(c_double) :: worst_sigma
    real(c_double) :: lost_fraction
    real(c_double) :: seconds_per_row
    real(c_double) :: seconds_per_event
    character(kind=c_char) :: text(4096)
    real(c_double) :: failed_fraction
  end type

  ! --------------------------------------------------------------------------------- problem ---

  integer(c_int), parameter, public :: SAGIPS_LINEAR = 0, SAGIPS_LOGARITHMIC = 1
  integer(c_int), parameter, public :: &
      SAGIPS_GAUSSIAN = 0, SAGIPS_UPPER_LIMIT = 1, SAGIPS_LOWER_LIMIT = 2

  ! ---------------------------------------------------------------------------------- solver ---

  integer(c_int), parameter, public :: &
      SAGIPS_STOP_NONE = 0, SAGIPS_STOP_REQUESTED = 1, SAGIPS_STOP_CONVERGED = 2, &
      SAGIPS_STOP_HORIZON = 3
  integer(c_int), parameter, public :: SAGIPS_READY = 0, SAGIPS_INSIDE = 1
  !> What the request of a batch says where sagips_solver_ask has nothing to hand out.
  integer(c_int), parameter, public :: SAGIPS_WAIT = 3, SAGIPS_DONE = 4
  integer(c_int), parameter, public :: &
      SAGIPS_GENERATOR = 0, SAGIPS_GENERATOR_AVERAGE = 1, SAGIPS_DISCRIMINATOR = 2
  !> Instead of the index of a member: all members of the ensemble together.
  integer(c_int), parameter, public :: SAGIPS_ALL_MEMBERS = -1

  type, bind(c), public :: sagips_progress
    integer(c_size_t) :: struct_size
    integer(c_int64_t) :: epoch
    integer(c_int64_t) :: epochs
    integer(c_int64_t) :: skipped
    integer(c_int64_t) :: synthetic_events
    integer(c_int) :: stop_reason
    integer(c_int) :: converged
    real(c_double) :: loss_discriminator
    real(c_double) :: loss_generator
    real(c_double) :: loss_auxiliary
    real(c_double) :: drift
    real(c_double) :: seconds_training
    real(c_double) :: seconds_callback
    integer(c_int64_t) :: rows_run
    integer(c_int64_t) :: rows_failed
    integer(c_int64_t) :: rows_resampled
  end type

  !> c_f_pointer(metrics%estimate, array, [metrics%n_parameters]) gives the estimate as an array,
  !> c_f_pointer(metrics%members, array, [metrics%n_parameters, metrics%n_members]) those of the
  !> members, and c_f_pointer(metrics%progress, progress) the progress.
  type, bind(c), public :: sagips_metrics
    integer(c_size_t) :: struct_size
    integer(c_int) :: n_members
    integer(c_int) :: n_parameters
    type(c_ptr) :: estimate
    type(c_ptr) :: spread
    real(c_double) :: grad_norm
    real(c_double) :: events_per_second
    real(c_double) :: lost_fraction
    type(c_ptr) :: progress
    type(c_ptr) :: members
    real(c_double) :: failed_fraction
  end type

  !> As C has it; sagips_solver_describe_estimate takes the arrays themselves.
  type, bind(c), public :: sagips_estimate
    integer(c_size_t) :: struct_size
    type(c_ptr) :: mean
    type(c_ptr) :: covariance
    type(c_ptr) :: statistical
    type(c_ptr) :: ensemble
    type(c_ptr) :: training
    type(c_ptr) :: member_sigma
    type(c_ptr) :: member_covariance
    type(c_ptr) :: members
    integer(c_int) :: n_members
    integer(c_int) :: reserved
  end type

  type, bind(c), public :: sagips_assessment
    integer(c_size_t) :: struct_size
    integer(c_int) :: fits
    integer(c_int) :: converged
    real(c_double) :: auc
    real(c_double) :: p_value
    real(c_double) :: drift_sigma
    integer(c_int64_t) :: n_held_out
  end type

  ! ------------------------------------------------------------------------------- callbacks ---

  abstract interface
    !> A forward model, its vector-Jacobian product or its log-probability: 0 to go on, > 0 to skip,
    !> < 0 to stop.
    integer(c_int) function sagips_stage_fn(user, batch) bind(c)
      import
      type(c_ptr), value :: user
      type(sagips_batch), intent(inout) :: batch
    end function

    !> Releases a user pointer.
    subroutine sagips_destroy_fn(user) bind(c)
      import
      type(c_ptr), value :: user
    end subroutine

    !> Writes what a model remembers: 0, or another number to fail. `buffer` has `size` bytes, or is
    !> c_null_ptr to ask for the size alone, which always goes to `needed`.
    integer(c_int) function sagips_save_fn(user, buffer, size, needed) bind(c)
      import
      type(c_ptr), value :: user, buffer
      integer(c_size_t), value :: size
      integer(c_size_t), intent(out) :: needed
    end function

    !> Takes back what was saved: 0, or another number to refuse it.
    integer(c_int) function sagips_restore_fn(user, bytes, size) bind(c)
      import
      type(c_ptr), value :: user, bytes
      integer(c_size_t), value :: size
    end function

    !> Called after every committed epoch: 0 to go on.
    integer(c_int) function sagips_progress_fn(user, progress) bind(c)
      import
      type(c_ptr), value :: user
      type(sagips_progress), intent(in) :: progress
    end function

    subroutine sagips_metrics_fn(user, metrics) bind(c)
      import
      type(c_ptr), value :: user
      type(sagips_metrics), intent(in) :: metrics
    end subroutine

    !> `text` is read by sagips_string().
    subroutine sagips_log_fn(user, level, text) bind(c)
      import
      type(c_ptr), value :: user
      integer(c_int), value :: level
      type(c_ptr), value :: text
    end subroutine

    !> Calls body(ctx, i) for i = 0, ..., n - 1, each once, in any thread.
    integer(c_int) function sagips_parallel_fn(host, n, body, ctx) bind(c)
      import
      type(c_ptr), value :: host
      integer(c_int64_t), value :: n
      procedure(sagips_body_fn) :: body
      type(c_ptr), value :: ctx
    end function

    subroutine sagips_body_fn(ctx, i) bind(c)
      import
      type(c_ptr), value :: ctx
      integer(c_int64_t), value :: i
    end subroutine
  end interface

  ! -------------------------------------------------------------------------------- generics ---

  interface sagips_string
    procedure text_of_pointer, text_of_characters
  end interface

  !> The library takes a copy of the events.
  interface sagips_problem_set_events
    procedure sagips_problem_set_events_double, sagips_problem_set_events_float
  end interface

  !> The library takes a copy. From any thread, and from several at once.
  interface sagips_problem_add_events
    procedure sagips_problem_add_events_double, sagips_problem_add_events_float
  end interface

  !> The library keeps pointing at the events instead of copying them. They must be a pointer or a
  !> target, contiguous, and stay unchanged until the last problem and solver that use them is gone
  !> or has other events. A contiguous dummy argument of yours may be a copy: lend what it is of.
  interface sagips_problem_borrow_events
    procedure sagips_problem_borrow_events_double, sagips_problem_borrow_events_float
  end interface

  interface assign_view
    procedure assign_view_1, assign_view_2, assign_view_3
  end interface

  ! ------------------------------------------------------------------------------- C library ---

  ! Those that need no wrapper are public under their own name.
  interface
    integer(c_size_t) function c_strlen(text) bind(c, name="strlen")
      import
      type(c_ptr), value :: text
    end function

    ! status

    type(c_ptr) function c_status_name(status) bind(c, name="sagips_status_name")
      import
      integer(c_int), value :: status
    end function

    type(c_ptr) function c_status_text(status) bind(c, name="sagips_status_text")
      import
      integer(c_int), value :: status
    end function

    type(c_ptr) function c_last_error() bind(c, name="sagips_last_error")
      import
    end function

    integer(c_size_t) function c_last_error_copy(buffer, size) &
        bind(c, name="sagips_last_error_copy")
      import
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: size
    end function

    integer(c_int) function c_last_error_set(status, text) bind(c, name="sagips_last_error_set")
      import
      integer(c_int), value :: status
      character(kind=c_char), intent(in) :: text(*)
    end function

    ! version

    integer(c_int) function sagips_version() bind(c, name="sagips_version")
      import
    end function

    type(c_ptr) function c_version_string() bind(c, name="sagips_version_string")
      import
    end function

    type(c_ptr) function c_build_info() bind(c, name="sagips_build_info")
      import
    end function

    ! options

    integer(c_int) function c_options_create(options) bind(c, name="sagips_options_create")
      import
      type(c_ptr), intent(inout) :: options
    end function

    integer(c_int) function c_options_destroy(options) bind(c, name="sagips_options_destroy")
      import
      type(c_ptr), intent(inout) :: options
    end function

    integer(c_int) function c_options_preset(options, name) bind(c, name="sagips_options_preset")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: name(*)
    end function

    integer(c_int) function c_options_set(options, key, text) bind(c, name="sagips_options_set")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: key(*), text(*)
    end function

    integer(c_int) function c_options_set_integer(options, key, value) &
        bind(c, name="sagips_options_set_integer")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: key(*)
      integer(c_int64_t), value :: value
    end function

    integer(c_int) function c_options_set_real(options, key, value) &
        bind(c, name="sagips_options_set_real")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: key(*)
      real(c_double), value :: value
    end function

    integer(c_int) function c_options_set_boolean(options, key, value) &
        bind(c, name="sagips_options_set_boolean")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: key(*)
      integer(c_int), value :: value
    end function

    integer(c_int) function c_options_get(options, key, buffer, size, needed) &
        bind(c, name="sagips_options_get")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: key(*)
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: size
      integer(c_size_t), intent(out) :: needed
    end function

    integer(c_int) function c_options_read_toml(options, text) &
        bind(c, name="sagips_options_read_toml")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: text(*)
    end function

    integer(c_int) function c_options_load_toml(options, path) &
        bind(c, name="sagips_options_load_toml")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(in) :: path(*)
    end function

    integer(c_int) function c_options_write_toml(options, buffer, size, needed) &
        bind(c, name="sagips_options_write_toml")
      import
      type(c_ptr), value :: options
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: size
      integer(c_size_t), intent(out) :: needed
    end function

    integer(c_int) function sagips_options_count() bind(c, name="sagips_options_count")
      import
    end function

    integer(c_int) function c_options_describe(index, info) &
        bind(c, name="sagips_options_describe")
      import
      integer(c_int), value :: index
      type(sagips_option_info), intent(inout) :: info
    end function

    ! stage

    integer(c_int) function c_stage_create(stage, name) bind(c, name="sagips_stage_create")
      import
      type(c_ptr), intent(inout) :: stage
      character(kind=c_char), intent(in) :: name(*)
    end function

    integer(c_int) function c_stage_destroy(stage) bind(c, name="sagips_stage_destroy")
      import
      type(c_ptr), intent(inout) :: stage
    end function

    integer(c_int) function c_stage_set_shape(stage, n_inputs, n_outputs, n_auxiliary, n_uniforms) &
        bind(c, name="sagips_stage_set_shape")
      import
      type(c_ptr), value :: stage
      integer(c_int), value :: n_inputs, n_outputs, n_auxiliary, n_uniforms
    end function

    integer(c_int) function c_stage_set_parameters(stage, n, columns) &
        bind(c, name="sagips_stage_set_parameters")
      import
      type(c_ptr), value :: stage
      integer(c_int), value :: n
      integer(c_int), intent(in) :: columns(*)
    end function

    integer(c_int) function c_stage_set_forward(stage, forward, user, destroy) &
        bind(c, name="sagips_stage_set_forward")
      import
      type(c_ptr), value :: stage
      type(c_funptr), value :: forward
      type(c_ptr), value :: user
      type(c_funptr), value :: destroy
    end function

    integer(c_int) function c_stage_set_backward(stage, backward) &
        bind(c, name="sagips_stage_set_backward")
      import
      type(c_ptr), value :: stage
      type(c_funptr), value :: backward
    end function

    integer(c_int) function c_stage_set_log_probability(stage, log_probability) &
        bind(c, name="sagips_stage_set_log_probability")
      import
      type(c_ptr), value :: stage
      type(c_funptr), value :: log_probability
    end function

    integer(c_int) function c_stage_set_state(stage, save, restore) &
        bind(c, name="sagips_stage_set_state")
      import
      type(c_ptr), value :: stage
      type(c_funptr), value :: save, restore
    end function

    integer(c_int) function c_stage_set_external(stage, external, has_backward, &
        has_log_probability) bind(c, name="sagips_stage_set_external")
      import
      type(c_ptr), value :: stage
      integer(c_int), value :: external, has_backward, has_log_probability
    end function

    integer(c_int) function c_stage_set_flag(stage, flag, value) &
        bind(c, name="sagips_stage_set_flag")
      import
      type(c_ptr), value :: stage
      integer(c_int), value :: flag, value
    end function

    integer(c_int) function c_stage_set_tape(stage, n) bind(c, name="sagips_stage_set_tape")
      import
      type(c_ptr), value :: stage
      integer(c_int), value :: n
    end function

    integer(c_int) function c_stage_set_step(stage, scheme, step) &
        bind(c, name="sagips_stage_set_step")
      import
      type(c_ptr), value :: stage
      integer(c_int), value :: scheme
      real(c_double), value :: step
    end function

    integer(c_int) function c_stage_set_directions(stage, n) &
        bind(c, name="sagips_stage_set_directions")
      import
      type(c_ptr), value :: stage
      integer(c_int), value :: n
    end function

    ! pipeline

    integer(c_int) function c_pipeline_create(pipeline) bind(c, name="sagips_pipeline_create")
      import
      type(c_ptr), intent(inout) :: pipeline
    end function

    integer(c_int) function c_pipeline_destroy(pipeline) bind(c, name="sagips_pipeline_destroy")
      import
      type(c_ptr), intent(inout) :: pipeline
    end function

    integer(c_int) function c_pipeline_add(pipeline, stage) bind(c, name="sagips_pipeline_add")
      import
      type(c_ptr), value :: pipeline, stage
    end function

    integer(c_int) function c_pipeline_add_builtin(pipeline, name, settings) &
        bind(c, name="sagips_pipeline_add_builtin")
      import
      type(c_ptr), value :: pipeline
      character(kind=c_char), intent(in) :: name(*), settings(*)
    end function

    integer(c_int) function c_pipeline_add_background(pipeline, settings, events, weights, n, &
        n_observables) bind(c, name="sagips_pipeline_add_background")
      import
      type(c_ptr), value :: pipeline
      character(kind=c_char), intent(in) :: settings(*)
      real(c_double), intent(in) :: events(*)
      real(c_double), intent(in), optional :: weights(*)
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_observables
    end function

    integer(c_int) function c_pipeline_shape(pipeline, n_outputs, n_auxiliary) &
        bind(c, name="sagips_pipeline_shape")
      import
      type(c_ptr), value :: pipeline
      integer(c_int), intent(out), optional :: n_outputs, n_auxiliary
    end function

    integer(c_int) function c_pipeline_generate(pipeline, n_parameters, parameters, n_events, &
        seed, n_outputs, events, weights, n_auxiliary, auxiliary) &
        bind(c, name="sagips_pipeline_generate")
      import
      type(c_ptr), value :: pipeline
      integer(c_int), value :: n_parameters
      real(c_double), intent(in) :: parameters(*)
      integer(c_int64_t), value :: n_events, seed
      integer(c_int), value :: n_outputs
      real(c_double), intent(out) :: events(*)
      real(c_double), intent(out), optional :: weights(*)
      integer(c_int), value :: n_auxiliary
      real(c_double), intent(out), optional :: auxiliary(*)
    end function

    integer(c_int) function c_pipeline_check(pipeline, n_parameters, lower, upper, seed, report) &
        bind(c, name="sagips_pipeline_check")
      import
      type(c_ptr), value :: pipeline
      integer(c_int), value :: n_parameters
      real(c_double), intent(in) :: lower(*), upper(*)
      integer(c_int64_t), value :: seed
      type(sagips_check_report), intent(inout) :: report
    end function

    ! problem

    integer(c_int) function c_problem_create(problem) bind(c, name="sagips_problem_create")
      import
      type(c_ptr), intent(inout) :: problem
    end function

    integer(c_int) function c_problem_destroy(problem) bind(c, name="sagips_problem_destroy")
      import
      type(c_ptr), intent(inout) :: problem
    end function

    integer(c_int) function c_problem_add_parameter(problem, name, lower, upper) &
        bind(c, name="sagips_problem_add_parameter")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: name(*)
      real(c_double), value :: lower, upper
    end function

    integer(c_int) function c_problem_set_unit(problem, parameter, unit) &
        bind(c, name="sagips_problem_set_unit")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: parameter(*), unit(*)
    end function

    integer(c_int) function c_problem_set_scale(problem, parameter, scale) &
        bind(c, name="sagips_problem_set_scale")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: parameter(*)
      integer(c_int), value :: scale
    end function

    integer(c_int) function c_problem_set_fixed(problem, parameter, value) &
        bind(c, name="sagips_problem_set_fixed")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: parameter(*)
      real(c_double), value :: value
    end function

    integer(c_int) function c_problem_set_start(problem, parameter, value) &
        bind(c, name="sagips_problem_set_start")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: parameter(*)
      real(c_double), value :: value
    end function

    integer(c_int) function c_problem_set_prior(problem, parameter, mean, sigma) &
        bind(c, name="sagips_problem_set_prior")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: parameter(*)
      real(c_double), value :: mean, sigma
    end function

    integer(c_int) function c_problem_add_dataset(problem, name, pipeline) &
        bind(c, name="sagips_problem_add_dataset")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: name(*)
      type(c_ptr), value :: pipeline
    end function

    integer(c_int) function c_problem_set_events(problem, dataset, events, weights, n, &
        n_observables, row_stride) bind(c, name="sagips_problem_set_events")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      real(c_double), intent(in) :: events(*)
      real(c_double), intent(in), optional :: weights(*)
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_observables
      integer(c_int64_t), value :: row_stride
    end function

    integer(c_int) function c_problem_borrow_events(problem, dataset, events, weights, n, &
        n_observables, row_stride, user, release) &
        bind(c, name="sagips_problem_borrow_events")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      real(c_double), intent(in) :: events(*)
      real(c_double), intent(in), optional :: weights(*)
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_observables
      integer(c_int64_t), value :: row_stride
      type(c_ptr), value :: user
      type(c_funptr), value :: release
    end function

    integer(c_int) function c_problem_set_events_float(problem, dataset, events, weights, n, &
        n_observables, row_stride) bind(c, name="sagips_problem_set_events_float")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      real(c_float), intent(in) :: events(*)
      real(c_float), intent(in), optional :: weights(*)
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_observables
      integer(c_int64_t), value :: row_stride
    end function

    integer(c_int) function c_problem_borrow_events_float(problem, dataset, events, weights, n, &
        n_observables, row_stride, user, release) &
        bind(c, name="sagips_problem_borrow_events_float")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      real(c_float), intent(in) :: events(*)
      real(c_float), intent(in), optional :: weights(*)
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_observables
      integer(c_int64_t), value :: row_stride
      type(c_ptr), value :: user
      type(c_funptr), value :: release
    end function

    integer(c_int) function c_problem_add_events(problem, dataset, events, weights, numbers, n, &
        n_observables, row_stride) bind(c, name="sagips_problem_add_events")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      real(c_double), intent(in) :: events(*)
      real(c_double), intent(in), optional :: weights(*)
      integer(c_int64_t), intent(in), optional :: numbers(*)
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_observables
      integer(c_int64_t), value :: row_stride
    end function

    integer(c_int) function c_problem_add_events_float(problem, dataset, events, weights, numbers, &
        n, n_observables, row_stride) bind(c, name="sagips_problem_add_events_float")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      real(c_float), intent(in) :: events(*)
      real(c_float), intent(in), optional :: weights(*)
      integer(c_int64_t), intent(in), optional :: numbers(*)
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_observables
      integer(c_int64_t), value :: row_stride
    end function

    integer(c_int) function c_problem_event_count(problem, dataset, n) &
        bind(c, name="sagips_problem_event_count")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      integer(c_int64_t), intent(out) :: n
    end function

    integer(c_int) function c_problem_set_auxiliary(problem, dataset, index, target, sigma, &
        penalty) bind(c, name="sagips_problem_set_auxiliary")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      integer(c_int), value :: index
      real(c_double), value :: target, sigma
      integer(c_int), value :: penalty
    end function

    integer(c_int) function c_problem_set_dataset_weight(problem, dataset, weight) &
        bind(c, name="sagips_problem_set_dataset_weight")
      import
      type(c_ptr), value :: problem
      character(kind=c_char), intent(in) :: dataset(*)
      real(c_double), value :: weight
    end function

    ! comm

    integer(c_int) function c_comm_create_serial(comm) bind(c, name="sagips_comm_create_serial")
      import
      type(c_ptr), intent(inout) :: comm
    end function

    integer(c_int) function c_comm_destroy(comm) bind(c, name="sagips_comm_destroy")
      import
      type(c_ptr), intent(inout) :: comm
    end function

    integer(c_int) function c_comm_shape(comm, rank, size) bind(c, name="sagips_comm_shape")
      import
      type(c_ptr), value :: comm
      integer(c_int), intent(out), optional :: rank, size
    end function

    ! solver

    integer(c_int) function c_solver_create(solver, problem, options, comm) &
        bind(c, name="sagips_solver_create")
      import
      type(c_ptr), intent(inout) :: solver
      type(c_ptr), value :: problem, options, comm
    end function

    integer(c_int) function c_solver_destroy(solver) bind(c, name="sagips_solver_destroy")
      import
      type(c_ptr), intent(inout) :: solver
    end function

    integer(c_int) function c_solver_shape(solver, n_parameters, n_members, n_datasets) &
        bind(c, name="sagips_solver_shape")
      import
      type(c_ptr), value :: solver
      integer(c_int), intent(out), optional :: n_parameters, n_members, n_datasets
    end function

    integer(c_int) function c_solver_step(solver, n_epochs, progress) &
        bind(c, name="sagips_solver_step")
      import
      type(c_ptr), value :: solver
      integer(c_int64_t), value :: n_epochs
      type(sagips_progress), intent(inout), optional :: progress
    end function

    integer(c_int) function c_solver_ask(solver, batch) bind(c, name="sagips_solver_ask")
      import
      type(c_ptr), value :: solver
      type(sagips_batch), intent(inout) :: batch
    end function

    integer(c_int) function c_solver_tell(solver, ticket, answer, progress) &
        bind(c, name="sagips_solver_tell")
      import
      type(c_ptr), value :: solver
      integer(c_int64_t), value :: ticket
      integer(c_int), value :: answer
      type(sagips_progress), intent(inout), optional :: progress
    end function

    integer(c_int) function c_solver_ticket(solver, ticket, batch) &
        bind(c, name="sagips_solver_ticket")
      import
      type(c_ptr), value :: solver
      integer(c_int64_t), value :: ticket
      type(sagips_batch), intent(inout) :: batch
    end function

    integer(c_int) function c_solver_tickets(solver, size, tickets, n) &
        bind(c, name="sagips_solver_tickets")
      import
      type(c_ptr), value :: solver
      integer(c_int64_t), value :: size
      integer(c_int64_t), intent(inout) :: tickets(*)
      integer(c_int64_t), intent(out) :: n
    end function

    integer(c_int) function c_solver_progress(solver, progress) &
        bind(c, name="sagips_solver_progress")
      import
      type(c_ptr), value :: solver
      type(sagips_progress), intent(inout) :: progress
    end function

    integer(c_int) function c_solver_request_stop(solver) &
        bind(c, name="sagips_solver_request_stop")
      import
      type(c_ptr), value :: solver
    end function

    integer(c_int) function c_solver_condition(solver, condition) &
        bind(c, name="sagips_solver_condition")
      import
      type(c_ptr), value :: solver
      integer(c_int), intent(out) :: condition
    end function

    integer(c_int) function c_solver_parameter_name(solver, index, buffer, size, needed) &
        bind(c, name="sagips_solver_parameter_name")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: index
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: size
      integer(c_size_t), intent(out) :: needed
    end function

    integer(c_int) function c_solver_dataset_name(solver, index, buffer, size, needed) &
        bind(c, name="sagips_solver_dataset_name")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: index
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: size
      integer(c_size_t), intent(out) :: needed
    end function

    integer(c_int) function c_solver_predict(solver, member, n, n_parameters, parameters) &
        bind(c, name="sagips_solver_predict")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: member
      integer(c_int64_t), value :: n
      integer(c_int), value :: n_parameters
      real(c_double), intent(out) :: parameters(*)
    end function

    integer(c_int) function c_solver_estimate(solver, member, n_parameters, mean, covariance) &
        bind(c, name="sagips_solver_estimate")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: member, n_parameters
      real(c_double), intent(out) :: mean(*)
      real(c_double), intent(out), optional :: covariance(*)
    end function

    integer(c_int) function c_solver_describe_estimate(solver, member, n_parameters, estimate) &
        bind(c, name="sagips_solver_describe_estimate")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: member, n_parameters
      type(sagips_estimate), intent(inout) :: estimate
    end function

    integer(c_int) function c_solver_assess(solver, member, dataset, assessment) &
        bind(c, name="sagips_solver_assess")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: member
      character(kind=c_char), intent(in) :: dataset(*)
      type(sagips_assessment), intent(inout) :: assessment
    end function

    integer(c_int) function c_solver_weight_count(solver, network, dataset, count) &
        bind(c, name="sagips_solver_weight_count")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: network
      character(kind=c_char), intent(in) :: dataset(*)
      integer(c_int64_t), intent(out) :: count
    end function

    integer(c_int) function c_solver_get_weights(solver, member, network, dataset, n, weights) &
        bind(c, name="sagips_solver_get_weights")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: member, network
      character(kind=c_char), intent(in) :: dataset(*)
      integer(c_int64_t), value :: n
      real(c_float), intent(out) :: weights(*)
    end function

    integer(c_int) function c_solver_set_weights(solver, member, network, dataset, n, weights) &
        bind(c, name="sagips_solver_set_weights")
      import
      type(c_ptr), value :: solver
      integer(c_int), value :: member, network
      character(kind=c_char), intent(in) :: dataset(*)
      integer(c_int64_t), value :: n
      real(c_float), intent(in) :: weights(*)
    end function

    integer(c_int) function c_solver_update_events(solver, problem) &
        bind(c, name="sagips_solver_update_events")
      import
      type(c_ptr), value :: solver, problem
    end function

    integer(c_int) function c_solver_save(solver, folder) bind(c, name="sagips_solver_save")
      import
      type(c_ptr), value :: solver
      character(kind=c_char), intent(in) :: folder(*)
    end function

    integer(c_int) function c_solver_load(solver, folder) bind(c, name="sagips_solver_load")
      import
      type(c_ptr), value :: solver
      character(kind=c_char), intent(in) :: folder(*)
    end function

    integer(c_int) function c_solver_options(solver, buffer, size, needed) &
        bind(c, name="sagips_solver_options")
      import
      type(c_ptr), value :: solver
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: size
      integer(c_size_t), intent(out) :: needed
    end function

    integer(c_int) function c_solver_gradient_route(solver, dataset, buffer, size, needed) &
        bind(c, name="sagips_solver_gradient_route")
      import
      type(c_ptr), value :: solver
      character(kind=c_char), intent(in) :: dataset(*)
      character(kind=c_char), intent(out) :: buffer(*)
      integer(c_size_t), value :: size
      integer(c_size_t), intent(out) :: needed
    end function

    integer(c_int) function c_solver_set_progress_callback(solver, fn, user) &
        bind(c, name="sagips_solver_set_progress_callback")
      import
      type(c_ptr), value :: solver
      type(c_funptr), value :: fn
      type(c_ptr), value :: user
    end function

    integer(c_int) function c_solver_set_metrics_callback(solver, fn, user) &
        bind(c, name="sagips_solver_set_metrics_callback")
      import
      type(c_ptr), value :: solver
      type(c_funptr), value :: fn
      type(c_ptr), value :: user
    end function

    integer(c_int) function c_solver_set_log_callback(solver, fn, user) &
        bind(c, name="sagips_solver_set_log_callback")
      import
      type(c_ptr), value :: solver
      type(c_funptr), value :: fn
      type(c_ptr), value :: user
    end function

    integer(c_int) function c_solver_set_parallel_for(solver, fn, host) &
        bind(c, name="sagips_solver_set_parallel_for")
      import
      type(c_ptr), value :: solver
      type(c_funptr), value :: fn
      type(c_ptr), value :: host
    end function
  end interface

contains

  ! ------------------------------------------------------------------------------------ text ---

  !> Text of C at an address; '' at NULL.
  function text_of_pointer(ptr) result(text)
    type(c_ptr), intent(in) :: ptr
    character(len=:), allocatable :: text
    character(kind=c_char), pointer, contiguous :: characters(:)

    text = ''
    if (.not. c_associated(ptr)) return
    call c_f_pointer(ptr, characters, [c_strlen(ptr)])
    text = text_of_characters(characters)
  end function

  !> Text of an array of characters, up to its terminator or its end.
  pure function text_of_characters(characters) result(text)
    character(kind=c_char), intent(in) :: characters(:)
    character(len=:), allocatable :: text
    integer :: i, n

    n = 0
    do while (n < size(characters))
      if (characters(n + 1) == c_null_char) exit
      n = n + 1
    end do
    allocate (character(len=n) :: text)
    do i = 1, n
      text(i:i) = characters(i)
    end do
  end function

  !> A Fortran text as C reads it; absent reads as ''.
  function terminated(text) result(c_text)
    character(len=*), intent(in), optional :: text
    character(len=:, kind=c_char), allocatable :: c_text

    c_text = c_null_char
    if (present(text)) c_text = trim(text) // c_null_char
  end function

  ! ---------------------------------------------------------------------------------- status ---

  !> Name of a status, 'SAGIPS_ERROR_RANGE'.
  function sagips_status_name(status) result(text)
    integer(c_int), intent(in) :: status
    character(len=:), allocatable :: text

    text = sagips_string(c_status_name(status))
  end function

  !> What a status means, in half a sentence.
  function sagips_status_text(status) result(text)
    integer(c_int), intent(in) :: status
    character(len=:), allocatable :: text

    text = sagips_string(c_status_text(status))
  end function

  !> Text of this thread's last failure: the problem, why, and what to do; '' before one.
  function sagips_last_error() result(text)
    character(len=:), allocatable :: text

    text = sagips_string(c_last_error())
  end function

  !> For a text of fixed length: cut or filled with blanks.
  subroutine sagips_last_error_copy(text)
    character(len=*), intent(out) :: text
    character(len=len(text) + 1, kind=c_char) :: buffer
    integer(c_size_t) :: needed

    needed = c_last_error_copy(buffer, len(buffer, kind=c_size_t))
    text = buffer(:min(needed - 1, len(text, kind=c_size_t)))
  end subroutine

  !> The text of a failure that a check of your own found; `ierr` is its status.
  subroutine sagips_last_error_set(status, text, ierr)
    integer(c_int), intent(in) :: status
    character(len=*), intent(in) :: text
    integer(c_int), intent(out) :: ierr

    ierr = c_last_error_set(status, terminated(text))
  end subroutine

  !> For programs: after a failure, prints its name and text to error_unit and ends the program with
  !> status 1. Not in C.
  subroutine sagips_check(ierr)
    integer(c_int), intent(in) :: ierr

    if (ierr == SAGIPS_OK) return
    write (error_unit, '(3a)') sagips_status_name(ierr), ': ', sagips_last_error()
    stop 1, quiet=.true.  ! error stop adds a backtrace
  end subroutine

  !> SAGIPS_ERROR_SHAPE, with its text, where an array has not the shape that follows from another.
  subroutine require_shape(name, found, expected, ierr)
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in) :: found(:), expected(:)
    integer(c_int), intent(out) :: ierr

    ierr = SAGIPS_OK
    if (any(found /= expected)) call sagips_last_error_set(SAGIPS_ERROR_SHAPE, name // &
        ' has the shape (' // listed(found) // ') (must be (' // listed(expected) // &
        '), to fit the other arguments); pass an array of that shape', ierr)
  end subroutine

  !> '6, 1000'
  pure function listed(extents) result(text)
    integer(c_int64_t), intent(in) :: extents(:)
    character(len=:), allocatable :: text
    character(len=20) :: one
    integer :: i

    text = ''
    do i = 1, size(extents)
      write (one, '(i0)') extents(i)
      if (i > 1) text = text // ', '
      text = text // trim(one)
    end do
  end function

  !> The same for a matrix (p, p), where it is given.
  subroutine require_square(name, p, matrix, ierr)
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in) :: p
    real(c_double), intent(in), optional :: matrix(:, :)
    integer(c_int), intent(out) :: ierr

    ierr = SAGIPS_OK
    if (present(matrix)) call require_shape(name, shape(matrix, c_int64_t), [p, p], ierr)
  end subroutine

  !> The same for weights and numbers of n events, where they are given.
  subroutine require_events(n, weights, numbers, ierr)
    integer(c_int64_t), intent(in) :: n
    type(*), intent(in), optional :: weights(:), numbers(:)
    integer(c_int), intent(out) :: ierr

    ierr = SAGIPS_OK
    if (present(weights)) call require_shape('weights', shape(weights, c_int64_t), [n], ierr)
    if (present(numbers) .and. ierr == SAGIPS_OK) &
        call require_shape('numbers', shape(numbers, c_int64_t), [n], ierr)
  end subroutine

  ! --------------------------------------------------------------------------------- version ---

  !> Version of the library that is loaded, 'major.minor.patch'.
  function sagips_version_string() result(text)
    character(len=:), allocatable :: text

    text = sagips_string(c_version_string())
  end function

  !> One line on how the library was built.
  function sagips_build_info() result(text)
    character(len=:), allocatable :: text

    text = sagips_string(c_build_info())
  end function

  ! ----------------------------------------------------------------------------------- batch ---

  !> Arrays over the memory of a batch, without a copy.
  subroutine sagips_batch_view(batch, view)
    type(sagips_batch), intent(in) :: batch
    type(sagips_view), intent(out) :: view
    integer(c_int64_t) :: n, e, p, x, y, a, u, t

    n = batch%n_rows
    e = batch%n_events
    p = batch%n_parameters
    x = batch%n_inputs
    y = batch%n_outputs
    a = batch%n_auxiliary
    u = batch%n_uniforms
    t = batch%n_tape
    call assign_view(view%parameters, batch%parameters, [p, n])
    call assign_view(view%inputs, batch%inputs, [x, e, n])
    call assign_view(view%weight_in, batch%weight_in, [e, n])
    call assign_view(view%uniforms, batch%uniforms, [u, e, n])
    call assign_view(view%row_key, batch%row_key, [n])
    call assign_view(view%outputs, batch%outputs, [y, e, n])
    call assign_view(view%weight, batch%weight, [e, n])
    call assign_view(view%auxiliary, batch%auxiliary, [a, n])
    call assign_view(view%tape, batch%tape, [t, n])
    if (c_associated(batch%row_status)) call c_f_pointer(batch%row_status, view%row_status, [n])
    call assign_view(view%grad_outputs, batch%grad_outputs, [y, e, n])
    call assign_view(view%grad_weight, batch%grad_weight, [e, n])
    call assign_view(view%grad_auxiliary, batch%grad_auxiliary, [a, n])
    call assign_view(view%grad_inputs, batch%grad_inputs, [x, e, n])
    call assign_view(view%grad_parameters, batch%grad_parameters, [p, n])
    call assign_view(view%log_probability, batch%log_probability, [e, n])
  end subroutine

  subroutine assign_view_1(array, ptr, extents)
    integer(c_int64_t), pointer, contiguous, intent(inout) :: array(:)
    type(c_ptr), intent(in) :: ptr
    integer(c_int64_t), intent(in) :: extents(1)

    if (c_associated(ptr)) call c_f_pointer(ptr, array, extents)
  end subroutine

  subroutine assign_view_2(array, ptr, extents)
    real(c_double), pointer, contiguous, intent(inout) :: array(:, :)
    type(c_ptr), intent(in) :: ptr
    integer(c_int64_t), intent(in) :: extents(2)

    if (c_associated(ptr)) call c_f_pointer(ptr, array, extents)
  end subroutine

  subroutine assign_view_3(array, ptr, extents)
    real(c_double), pointer, contiguous, intent(inout) :: array(:, :, :)
    type(c_ptr), intent(in) :: ptr
    integer(c_int64_t), intent(in) :: extents(3)

    if (c_associated(ptr)) call c_f_pointer(ptr, array, extents)
  end subroutine

  ! --------------------------------------------------------------------------------- options ---

  !> A table with the defaults, which are the preset fast.
  subroutine sagips_options_create(options, ierr)
    type(sagips_options), intent(inout) :: options
    integer(c_int), intent(out) :: ierr

    ierr = c_options_create(options%ptr)
  end subroutine

  !> Releases a table.
  subroutine sagips_options_destroy(options, ierr)
    type(sagips_options), intent(inout) :: options
    integer(c_int), intent(out) :: ierr

    ierr = c_options_destroy(options%ptr)
  end subroutine

  !> Every option as in a preset, 'fast' or 'paper'.
  subroutine sagips_options_preset(options, name, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: name
    integer(c_int), intent(out) :: ierr

    ierr = c_options_preset(options%ptr, terminated(name))
  end subroutine

  !> An option from its text, as in a file: '5e-4', 'true', '64,64,64'.
  subroutine sagips_options_set(options, key, text, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: key, text
    integer(c_int), intent(out) :: ierr

    ierr = c_options_set(options%ptr, terminated(key), terminated(text))
  end subroutine

  !> An option of type integer or real.
  subroutine sagips_options_set_integer(options, key, value, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: key
    integer(c_int64_t), intent(in) :: value
    integer(c_int), intent(out) :: ierr

    ierr = c_options_set_integer(options%ptr, terminated(key), value)
  end subroutine

  !> An option of type real.
  subroutine sagips_options_set_real(options, key, value, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: key
    real(c_double), intent(in) :: value
    integer(c_int), intent(out) :: ierr

    ierr = c_options_set_real(options%ptr, terminated(key), value)
  end subroutine

  !> An option of type boolean.
  subroutine sagips_options_set_boolean(options, key, value, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: key
    logical, intent(in) :: value
    integer(c_int), intent(out) :: ierr

    ierr = c_options_set_boolean(options%ptr, terminated(key), merge(1_c_int, 0_c_int, value))
  end subroutine

  !> The value of an option as text; '' after a failure, here and below.
  subroutine sagips_options_get(options, key, text, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: key
    character(len=:), allocatable, intent(out) :: text
    integer(c_int), intent(out) :: ierr
    character(len=:, kind=c_char), allocatable :: buffer
    integer(c_size_t) :: needed

    buffer = c_null_char
    ierr = c_options_get(options%ptr, terminated(key), buffer, len(buffer, kind=c_size_t), needed)
    if (ierr == SAGIPS_OK) then
      buffer = repeat(c_null_char, needed)
      ierr = c_options_get(options%ptr, terminated(key), buffer, len(buffer, kind=c_size_t), &
        needed)
    end if
    text = before_terminator(buffer)
  end subroutine

  function before_terminator(buffer) result(text)
    character(len=*, kind=c_char), intent(in) :: buffer
    character(len=:), allocatable :: text

    text = buffer(:index(buffer, c_null_char) - 1)
  end function

  !> Options from TOML text.
  subroutine sagips_options_read_toml(options, text, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: text
    integer(c_int), intent(out) :: ierr

    ierr = c_options_read_toml(options%ptr, terminated(text))
  end subroutine

  !> Options from a TOML file.
  subroutine sagips_options_load_toml(options, path, ierr)
    type(sagips_options), intent(in) :: options
    character(len=*), intent(in) :: path
    integer(c_int), intent(out) :: ierr

    ierr = c_options_load_toml(options%ptr, terminated(path))
  end subroutine

  !> The whole table as TOML text.
  subroutine sagips_options_write_toml(options, text, ierr)
    type(sagips_options), intent(in) :: options
    character(len=:), allocatable, intent(out) :: text
    integer(c_int), intent(out) :: ierr
    character(len=:, kind=c_char), allocatable :: buffer
    integer(c_size_t) :: needed

    buffer = c_null_char
    ierr = c_options_write_toml(options%ptr, buffer, len(buffer, kind=c_size_t), needed)
    if (ierr == SAGIPS_OK) then
      buffer = repeat(c_null_char, needed)
      ierr = c_options_write_toml(options%ptr, buffer, len(buffer, kind=c_size_t), needed)
    end if
    text = before_terminator(buffer)
  end subroutine

  !> A row of the option table; `index` counts from 0.
  subroutine sagips_options_describe(index, info, ierr)
    integer(c_int), intent(in) :: index
    type(sagips_option_info), intent(out) :: info
    integer(c_int), intent(out) :: ierr

    info%struct_size = c_sizeof(info)
    ierr = c_options_describe(index, info)
  end subroutine

  ! ----------------------------------------------------------------------------------- stage ---

  !> A stage; the name is for messages.
  subroutine sagips_stage_create(stage, name, ierr)
    type(sagips_stage), intent(inout) :: stage
    character(len=*), intent(in) :: name
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_create(stage%ptr, terminated(name))
  end subroutine

  !> Releases a stage; pipelines keep their copies.
  subroutine sagips_stage_destroy(stage, ierr)
    type(sagips_stage), intent(inout) :: stage
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_destroy(stage%ptr)
  end subroutine

  !> Sizes of an event: observables in and out, numbers a row, uniforms.
  subroutine sagips_stage_set_shape(stage, n_inputs, n_outputs, n_auxiliary, n_uniforms, ierr)
    type(sagips_stage), intent(in) :: stage
    integer(c_int), intent(in) :: n_inputs, n_outputs, n_auxiliary, n_uniforms
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_set_shape(stage%ptr, n_inputs, n_outputs, n_auxiliary, n_uniforms)
  end subroutine

  !> The parameters that a stage sees: columns (n) count from 0; of no size: none.
  subroutine sagips_stage_set_parameters(stage, columns, ierr)
    type(sagips_stage), intent(in) :: stage
    integer(c_int), intent(in) :: columns(:)
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_set_parameters(stage%ptr, size(columns, kind=c_int), columns)
  end subroutine

  !> The forward model; `user` goes to every call, `destroy` releases it.
  subroutine sagips_stage_set_forward(stage, forward, user, destroy, ierr)
    type(sagips_stage), intent(in) :: stage
    procedure(sagips_stage_fn) :: forward
    type(c_ptr), intent(in), optional :: user
    procedure(sagips_destroy_fn), optional :: destroy
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_destroy

    c_destroy = c_null_funptr
    if (present(destroy)) c_destroy = c_funloc(destroy)
    ierr = c_stage_set_forward(stage%ptr, c_funloc(forward), user_or_null(user), c_destroy)
  end subroutine

  function user_or_null(user) result(ptr)
    type(c_ptr), intent(in), optional :: user
    type(c_ptr) :: ptr

    ptr = c_null_ptr
    if (present(user)) ptr = user
  end function

  !> The vector-Jacobian product; without `backward` it is taken away again.
  subroutine sagips_stage_set_backward(stage, backward, ierr)
    type(sagips_stage), intent(in) :: stage
    procedure(sagips_stage_fn), optional :: backward
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_backward

    c_backward = c_null_funptr
    if (present(backward)) c_backward = c_funloc(backward)
    ierr = c_stage_set_backward(stage%ptr, c_backward)
  end subroutine

  !> The log-probability of the outputs; without it, it is taken away again.
  subroutine sagips_stage_set_log_probability(stage, log_probability, ierr)
    type(sagips_stage), intent(in) :: stage
    procedure(sagips_stage_fn), optional :: log_probability
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_log_probability

    c_log_probability = c_null_funptr
    if (present(log_probability)) c_log_probability = c_funloc(log_probability)
    ierr = c_stage_set_log_probability(stage%ptr, c_log_probability)
  end subroutine

  !> A state of the model for checkpoints: both, or neither to take them away again.
  subroutine sagips_stage_set_state(stage, save, restore, ierr)
    type(sagips_stage), intent(in) :: stage
    procedure(sagips_save_fn), optional :: save
    procedure(sagips_restore_fn), optional :: restore
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_save, c_restore

    c_save = c_null_funptr
    if (present(save)) c_save = c_funloc(save)
    c_restore = c_null_funptr
    if (present(restore)) c_restore = c_funloc(restore)
    ierr = c_stage_set_state(stage%ptr, c_save, c_restore)
  end subroutine

  !> Lets the host serve a stage in training: also SAGIPS_BACKWARD if has_backward, and
  !> SAGIPS_LOG_PROBABILITY if has_log_probability.
  subroutine sagips_stage_set_external(stage, external, has_backward, has_log_probability, ierr)
    type(sagips_stage), intent(in) :: stage
    logical, intent(in) :: external, has_backward, has_log_probability
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_set_external(stage%ptr, merge(1_c_int, 0_c_int, external), &
        merge(1_c_int, 0_c_int, has_backward), merge(1_c_int, 0_c_int, has_log_probability))
  end subroutine

  !> Sets or clears SAGIPS_SMOOTH or SAGIPS_CONCURRENT.
  subroutine sagips_stage_set_flag(stage, flag, value, ierr)
    type(sagips_stage), intent(in) :: stage
    integer(c_int), intent(in) :: flag
    logical, intent(in) :: value
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_set_flag(stage%ptr, flag, merge(1_c_int, 0_c_int, value))
  end subroutine

  !> Doubles a row kept from forward to backward.
  subroutine sagips_stage_set_tape(stage, n, ierr)
    type(sagips_stage), intent(in) :: stage
    integer(c_int), intent(in) :: n
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_set_tape(stage%ptr, n)
  end subroutine

  !> How to difference a stage; step in fractions of a parameter's range, 0: the default.
  subroutine sagips_stage_set_step(stage, scheme, step, ierr)
    type(sagips_stage), intent(in) :: stage
    integer(c_int), intent(in) :: scheme
    real(c_double), intent(in) :: step
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_set_step(stage%ptr, scheme, step)
  end subroutine

  !> Random directions of SAGIPS_SMOOTHED, 1 to 16.
  subroutine sagips_stage_set_directions(stage, n, ierr)
    type(sagips_stage), intent(in) :: stage
    integer(c_int), intent(in) :: n
    integer(c_int), intent(out) :: ierr

    ierr = c_stage_set_directions(stage%ptr, n)
  end subroutine

  ! -------------------------------------------------------------------------------- pipeline ---

  !> An empty pipeline.
  subroutine sagips_pipeline_create(pipeline, ierr)
    type(sagips_pipeline), intent(inout) :: pipeline
    integer(c_int), intent(out) :: ierr

    ierr = c_pipeline_create(pipeline%ptr)
  end subroutine

  !> Releases a pipeline; problems keep their copies.
  subroutine sagips_pipeline_destroy(pipeline, ierr)
    type(sagips_pipeline), intent(inout) :: pipeline
    integer(c_int), intent(out) :: ierr

    ierr = c_pipeline_destroy(pipeline%ptr)
  end subroutine

  !> Appends a copy of a stage.
  subroutine sagips_pipeline_add(pipeline, stage, ierr)
    type(sagips_pipeline), intent(in) :: pipeline
    type(sagips_stage), intent(in) :: stage
    integer(c_int), intent(out) :: ierr

    ierr = c_pipeline_add(pipeline%ptr, stage%ptr)
  end subroutine

  !> Appends a stage of the library; settings are "key=value" pairs.
  subroutine sagips_pipeline_add_builtin(pipeline, name, settings, ierr)
    type(sagips_pipeline), intent(in) :: pipeline
    character(len=*), intent(in) :: name
    character(len=*), intent(in), optional :: settings
    integer(c_int), intent(out) :: ierr

    ierr = c_pipeline_add_builtin(pipeline%ptr, terminated(name), terminated(settings))
  end subroutine

  !> Appends a sample of background: events (n_observables, n), weights (n) >= 0.
  subroutine sagips_pipeline_add_background(pipeline, settings, events, weights, ierr)
    type(sagips_pipeline), intent(in) :: pipeline
    character(len=*), intent(in) :: settings
    real(c_double), intent(in) :: events(:, :)
    real(c_double), intent(in), optional :: weights(:)
    integer(c_int), intent(out) :: ierr

    call require_events(size(events, 2, c_int64_t), weights, ierr=ierr)
    if (ierr /= SAGIPS_OK) return
    ierr = c_pipeline_add_background(pipeline%ptr, terminated(settings), events, &
        weights, size(events, 2, c_int64_t), size(events, 1, c_int))
  end subroutine

  !> Observables of an event and numbers of a row.
  subroutine sagips_pipeline_shape(pipeline, n_outputs, n_auxiliary, ierr)
    type(sagips_pipeline), intent(in) :: pipeline
    integer(c_int), intent(out), optional :: n_outputs, n_auxiliary
    integer(c_int), intent(out) :: ierr

    ierr = c_pipeline_shape(pipeline%ptr, n_outputs, n_auxiliary)
  end subroutine

  !> Events at one point: parameters (P); events (Y, n_events), weights (n_events) and auxiliary (A)
  !> are allocated here.
  subroutine sagips_pipeline_generate(pipeline, parameters, n_events, seed, events, weights, &
      auxiliary, ierr)
    type(sagips_pipeline), intent(in) :: pipeline
    real(c_double), intent(in) :: parameters(:)
    integer(c_int64_t), intent(in) :: n_events, seed
    real(c_double), allocatable, intent(out) :: events(:, :)
    real(c_double), allocatable, target, intent(out), optional :: weights(:), auxiliary(:)
    integer(c_int), intent(out) :: ierr
    ! gfortran crashes when it hands on an allocatable that is absent, so pointers go in between.
    real(c_double), pointer, contiguous :: c_weights(:), c_auxiliary(:)
    integer(c_int) :: n_outputs, n_auxiliary
    integer :: failed(3)

    nullify (c_weights, c_auxiliary)
    ierr = c_pipeline_shape(pipeline%ptr, n_outputs, n_auxiliary)
    if (ierr == SAGIPS_OK) then
      failed = 0
      allocate (events(n_outputs, n_events), stat=failed(1))
      if (present(weights)) then
        allocate (weights(n_events), stat=failed(2))
        if (failed(2) == 0) c_weights => weights
      end if
      if (present(auxiliary)) then
        allocate (auxiliary(n_auxiliary), stat=failed(3))
        if (failed(3) == 0) c_auxiliary => auxiliary
      end if
      if (any(failed /= 0)) then
        call sagips_last_error_set(SAGIPS_ERROR_MEMORY, &
            'there is no memory for the events; ask for fewer', ierr)
      else
        ierr = c_pipeline_generate(pipeline%ptr, size(parameters, kind=c_int), parameters, &
            n_events, seed, n_outputs, events, c_weights, n_auxiliary, c_auxiliary)
      end if
    end if
  end subroutine

  !> Checks a model in the box from lower (P) to upper (P).
  subroutine sagips_pipeline_check(pipeline, lower, upper, seed, report, ierr)
    type(sagips_pipeline), intent(in) :: pipeline
    real(c_double), intent(in) :: lower(:), upper(:)
    integer(c_int64_t), intent(in) :: seed
    type(sagips_check_report), intent(out) :: report
    integer(c_int), intent(out) :: ierr

    report%struct_size = c_sizeof(report)
    call require_shape('upper', shape(upper, c_int64_t), shape(lower, c_int64_t), ierr)
    if (ierr /= SAGIPS_OK) return
    ierr = c_pipeline_check(pipeline%ptr, size(lower, kind=c_int), lower, upper, seed, report)
  end subroutine

  ! --------------------------------------------------------------------------------- problem ---

  !> An empty problem.
  subroutine sagips_problem_create(problem, ierr)
    type(sagips_problem), intent(inout) :: problem
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_create(problem%ptr)
  end subroutine

  !> Releases a problem; solvers keep their copies.
  subroutine sagips_problem_destroy(problem, ierr)
    type(sagips_problem), intent(inout) :: problem
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_destroy(problem%ptr)
  end subroutine

  !> Appends a parameter with its bounds.
  subroutine sagips_problem_add_parameter(problem, name, lower, upper, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: name
    real(c_double), intent(in) :: lower, upper
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_add_parameter(problem%ptr, terminated(name), lower, upper)
  end subroutine

  !> The unit of a parameter, for tables.
  subroutine sagips_problem_set_unit(problem, parameter, unit, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: parameter, unit
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_set_unit(problem%ptr, terminated(parameter), terminated(unit))
  end subroutine

  !> SAGIPS_LINEAR or SAGIPS_LOGARITHMIC.
  subroutine sagips_problem_set_scale(problem, parameter, scale, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: parameter
    integer(c_int), intent(in) :: scale
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_set_scale(problem%ptr, terminated(parameter), scale)
  end subroutine

  !> Holds a parameter at a value.
  subroutine sagips_problem_set_fixed(problem, parameter, value, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: parameter
    real(c_double), intent(in) :: value
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_set_fixed(problem%ptr, terminated(parameter), value)
  end subroutine

  !> Where the proposals of a parameter start.
  subroutine sagips_problem_set_start(problem, parameter, value, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: parameter
    real(c_double), intent(in) :: value
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_set_start(problem%ptr, terminated(parameter), value)
  end subroutine

  !> Knowledge of a parameter from elsewhere, a Gaussian.
  subroutine sagips_problem_set_prior(problem, parameter, mean, sigma, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: parameter
    real(c_double), intent(in) :: mean, sigma
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_set_prior(problem%ptr, terminated(parameter), mean, sigma)
  end subroutine

  !> Appends a data set with the pipeline that imitates it.
  subroutine sagips_problem_add_dataset(problem, name, pipeline, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: name
    type(sagips_pipeline), intent(in) :: pipeline
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_add_dataset(problem%ptr, terminated(name), pipeline%ptr)
  end subroutine

  !> Copies measured events (Y, N) with weights (N), in place of earlier ones.
  subroutine sagips_problem_set_events_double(problem, dataset, events, weights, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    real(c_double), intent(in) :: events(:, :)
    real(c_double), intent(in), optional :: weights(:)
    integer(c_int), intent(out) :: ierr

    call require_events(size(events, 2, c_int64_t), weights, ierr=ierr)
    if (ierr /= SAGIPS_OK) return
    ierr = c_problem_set_events(problem%ptr, terminated(dataset), events, weights, &
        size(events, 2, c_int64_t), size(events, 1, c_int), 0_c_int64_t)
  end subroutine

  !> The same in single precision.
  subroutine sagips_problem_set_events_float(problem, dataset, events, weights, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    real(c_float), intent(in) :: events(:, :)
    real(c_float), intent(in), optional :: weights(:)
    integer(c_int), intent(out) :: ierr

    call require_events(size(events, 2, c_int64_t), weights, ierr=ierr)
    if (ierr /= SAGIPS_OK) return
    ierr = c_problem_set_events_float(problem%ptr, terminated(dataset), events, &
        weights, size(events, 2, c_int64_t), size(events, 1, c_int), 0_c_int64_t)
  end subroutine

  !> Points at events (W, N), of which the first n_observables of W are used, or all; weights (N),
  !> or null() for none. release(user) is called when nothing uses them any more.
  subroutine sagips_problem_borrow_events_double(problem, dataset, events, weights, &
      n_observables, user, release, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    real(c_double), pointer, contiguous, intent(in) :: events(:, :)
    real(c_double), pointer, contiguous, intent(in), optional :: weights(:)
    integer(c_int), intent(in), optional :: n_observables
    type(c_ptr), intent(in), optional :: user
    procedure(sagips_destroy_fn), optional :: release
    integer(c_int), intent(out) :: ierr
    real(c_double), pointer, contiguous :: c_weights(:)
    integer(c_int) :: n_used
    type(c_ptr) :: c_user
    type(c_funptr) :: c_release

    ierr = SAGIPS_OK
    if (.not. associated(events)) call sagips_last_error_set(SAGIPS_ERROR_NULL, &
        'events is null() (must point to something); associate it before', ierr)
    nullify (c_weights)
    if (present(weights)) c_weights => weights
    if (associated(c_weights) .and. ierr == SAGIPS_OK) &
        call require_events(size(events, 2, c_int64_t), c_weights, ierr=ierr)
    if (ierr /= SAGIPS_OK) return
    n_used = size(events, 1, c_int)
    if (present(n_observables)) n_used = n_observables
    if (n_used > size(events, 1)) then
      call sagips_last_error_set(SAGIPS_ERROR_SHAPE, &
          'n_observables is larger than the first extent of events; lend as many', ierr)
      return
    end if
    c_user = c_null_ptr
    if (present(user)) c_user = user
    c_release = c_null_funptr
    if (present(release)) c_release = c_funloc(release)
    ierr = c_problem_borrow_events(problem%ptr, terminated(dataset), events, c_weights, &
        size(events, 2, c_int64_t), n_used, size(events, 1, c_int64_t), c_user, c_release)
  end subroutine

  !> The same in single precision.
  subroutine sagips_problem_borrow_events_float(problem, dataset, events, weights, &
      n_observables, user, release, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    real(c_float), pointer, contiguous, intent(in) :: events(:, :)
    real(c_float), pointer, contiguous, intent(in), optional :: weights(:)
    integer(c_int), intent(in), optional :: n_observables
    type(c_ptr), intent(in), optional :: user
    procedure(sagips_destroy_fn), optional :: release
    integer(c_int), intent(out) :: ierr
    real(c_float), pointer, contiguous :: c_weights(:)
    integer(c_int) :: n_used
    type(c_ptr) :: c_user
    type(c_funptr) :: c_release

    ierr = SAGIPS_OK
    if (.not. associated(events)) call sagips_last_error_set(SAGIPS_ERROR_NULL, &
        'events is null() (must point to something); associate it before', ierr)
    nullify (c_weights)
    if (present(weights)) c_weights => weights
    if (associated(c_weights) .and. ierr == SAGIPS_OK) &
        call require_events(size(events, 2, c_int64_t), c_weights, ierr=ierr)
    if (ierr /= SAGIPS_OK) return
    n_used = size(events, 1, c_int)
    if (present(n_observables)) n_used = n_observables
    if (n_used > size(events, 1)) then
      call sagips_last_error_set(SAGIPS_ERROR_SHAPE, &
          'n_observables is larger than the first extent of events; lend as many', ierr)
      return
    end if
    c_user = c_null_ptr
    if (present(user)) c_user = user
    c_release = c_null_funptr
    if (present(release)) c_release = c_funloc(release)
    ierr = c_problem_borrow_events_float(problem%ptr, terminated(dataset), events, &
        c_weights, size(events, 2, c_int64_t), n_used, size(events, 1, c_int64_t), c_user, &
        c_release)
  end subroutine

  !> Appends events (Y, N) with weights (N) and numbers (N): different over the data set, in every
  !> call or in none.
  subroutine sagips_problem_add_events_double(problem, dataset, events, weights, numbers, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    real(c_double), intent(in) :: events(:, :)
    real(c_double), intent(in), optional :: weights(:)
    integer(c_int64_t), intent(in), optional :: numbers(:)
    integer(c_int), intent(out) :: ierr

    call require_events(size(events, 2, c_int64_t), weights, numbers, ierr)
    if (ierr /= SAGIPS_OK) return
    ierr = c_problem_add_events(problem%ptr, terminated(dataset), events, weights, &
        numbers, size(events, 2, c_int64_t), size(events, 1, c_int), 0_c_int64_t)
  end subroutine

  !> The same in single precision.
  subroutine sagips_problem_add_events_float(problem, dataset, events, weights, numbers, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    real(c_float), intent(in) :: events(:, :)
    real(c_float), intent(in), optional :: weights(:)
    integer(c_int64_t), intent(in), optional :: numbers(:)
    integer(c_int), intent(out) :: ierr

    call require_events(size(events, 2, c_int64_t), weights, numbers, ierr)
    if (ierr /= SAGIPS_OK) return
    ierr = c_problem_add_events_float(problem%ptr, terminated(dataset), events, &
        weights, numbers, size(events, 2, c_int64_t), size(events, 1, c_int), 0_c_int64_t)
  end subroutine

  !> Number of events that a data set has by now.
  subroutine sagips_problem_event_count(problem, dataset, n, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    integer(c_int64_t), intent(out) :: n
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_event_count(problem%ptr, terminated(dataset), n)
  end subroutine

  !> A measured number that an auxiliary output must reproduce; `index` counts from 0.
  subroutine sagips_problem_set_auxiliary(problem, dataset, index, target, sigma, penalty, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    integer(c_int), intent(in) :: index
    real(c_double), intent(in) :: target, sigma
    integer(c_int), intent(in) :: penalty
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_set_auxiliary(problem%ptr, terminated(dataset), index, target, sigma, penalty)
  end subroutine

  !> Weight of a data set, times its number of events, in the loss.
  subroutine sagips_problem_set_dataset_weight(problem, dataset, weight, ierr)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: dataset
    real(c_double), intent(in) :: weight
    integer(c_int), intent(out) :: ierr

    ierr = c_problem_set_dataset_weight(problem%ptr, terminated(dataset), weight)
  end subroutine

  ! ------------------------------------------------------------------------------------ comm ---

  !> The communicator of a program that runs alone.
  subroutine sagips_comm_create_serial(comm, ierr)
    type(sagips_comm), intent(inout) :: comm
    integer(c_int), intent(out) :: ierr

    ierr = c_comm_create_serial(comm%ptr)
  end subroutine

  !> Releases a communicator. Solvers made with it go on.
  subroutine sagips_comm_destroy(comm, ierr)
    type(sagips_comm), intent(inout) :: comm
    integer(c_int), intent(out) :: ierr

    ierr = c_comm_destroy(comm%ptr)
  end subroutine

  !> Rank, from 0, and number of ranks.
  subroutine sagips_comm_shape(comm, rank, size, ierr)
    type(sagips_comm), intent(in) :: comm
    integer(c_int), intent(out), optional :: rank, size
    integer(c_int), intent(out) :: ierr

    ierr = c_comm_shape(comm%ptr, rank, size)
  end subroutine

  ! ---------------------------------------------------------------------------------- solver ---

  !> A solver of a problem. Without options: the defaults. Without comm: alone.
  subroutine sagips_solver_create(solver, problem, options, comm, ierr)
    type(sagips_solver), intent(inout) :: solver
    type(sagips_problem), intent(in) :: problem
    type(sagips_options), intent(in), optional :: options
    type(sagips_comm), intent(in), optional :: comm
    integer(c_int), intent(out) :: ierr
    type(c_ptr) :: c_options, c_comm

    c_options = c_null_ptr
    if (present(options)) c_options = options%ptr
    c_comm = c_null_ptr
    if (present(comm)) c_comm = comm%ptr
    ierr = c_solver_create(solver%ptr, problem%ptr, c_options, c_comm)
  end subroutine

  !> Releases a solver.
  subroutine sagips_solver_destroy(solver, ierr)
    type(sagips_solver), intent(inout) :: solver
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_destroy(solver%ptr)
  end subroutine

  !> Numbers of parameters P, members M and data sets.
  subroutine sagips_solver_shape(solver, n_parameters, n_members, n_datasets, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(out), optional :: n_parameters, n_members, n_datasets
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_shape(solver%ptr, n_parameters, n_members, n_datasets)
  end subroutine

  !> Trains for n_epochs more epochs, or to the horizon; progress is filled also on failure.
  subroutine sagips_solver_step(solver, n_epochs, progress, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int64_t), intent(in) :: n_epochs
    type(sagips_progress), intent(out), optional :: progress
    integer(c_int), intent(out) :: ierr

    if (present(progress)) progress%struct_size = c_sizeof(progress)
    ierr = c_solver_step(solver%ptr, n_epochs, progress)
  end subroutine

  !> Rows that the host has to serve, in the arrays of sagips_batch_view; batch%ticket is 0 where
  !> there is nothing to do now, and batch%request SAGIPS_WAIT or SAGIPS_DONE.
  subroutine sagips_solver_ask(solver, batch, ierr)
    type(sagips_solver), intent(in) :: solver
    type(sagips_batch), intent(out) :: batch
    integer(c_int), intent(out) :: ierr

    batch%struct_size = c_sizeof(batch)
    ierr = c_solver_ask(solver%ptr, batch)
  end subroutine

  !> Hands in a ticket; answer is 0 without it, > 0: skip this epoch, < 0: all its rows failed.
  subroutine sagips_solver_tell(solver, ticket, answer, progress, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int64_t), intent(in) :: ticket
    integer(c_int), intent(in), optional :: answer
    type(sagips_progress), intent(out), optional :: progress
    integer(c_int), intent(out) :: ierr
    integer(c_int) :: what

    what = 0
    if (present(answer)) what = answer
    if (present(progress)) progress%struct_size = c_sizeof(progress)
    ierr = c_solver_tell(solver%ptr, ticket, what, progress)
  end subroutine

  !> A ticket that is out, by its number.
  subroutine sagips_solver_ticket(solver, ticket, batch, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int64_t), intent(in) :: ticket
    type(sagips_batch), intent(out) :: batch
    integer(c_int), intent(out) :: ierr

    batch%struct_size = c_sizeof(batch)
    ierr = c_solver_ticket(solver%ptr, ticket, batch)
  end subroutine

  !> The tickets that are out, the oldest first; allocated here.
  subroutine sagips_solver_tickets(solver, tickets, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int64_t), allocatable, intent(out) :: tickets(:)
    integer(c_int), intent(out) :: ierr
    integer(c_int64_t) :: none(1), n, n_again

    n = 0
    ierr = c_solver_tickets(solver%ptr, 0_c_int64_t, none, n)
    allocate (tickets(n))
    if (ierr == SAGIPS_OK) ierr = c_solver_tickets(solver%ptr, n, tickets, n_again)
  end subroutine

  !> The state of the training.
  subroutine sagips_solver_progress(solver, progress, ierr)
    type(sagips_solver), intent(in) :: solver
    type(sagips_progress), intent(out) :: progress
    integer(c_int), intent(out) :: ierr

    progress%struct_size = c_sizeof(progress)
    ierr = c_solver_progress(solver%ptr, progress)
  end subroutine

  !> Lets a running step return after its epoch. From any thread.
  subroutine sagips_solver_request_stop(solver, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_request_stop(solver%ptr)
  end subroutine

  !> SAGIPS_READY or SAGIPS_INSIDE.
  subroutine sagips_solver_condition(solver, condition, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(out) :: condition
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_condition(solver%ptr, condition)
  end subroutine

  !> The name of a parameter; `index` counts from 0.
  subroutine sagips_solver_parameter_name(solver, index, text, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: index
    character(len=:), allocatable, intent(out) :: text
    integer(c_int), intent(out) :: ierr
    character(len=:, kind=c_char), allocatable :: buffer
    integer(c_size_t) :: needed

    buffer = c_null_char
    ierr = c_solver_parameter_name(solver%ptr, index, buffer, len(buffer, kind=c_size_t), needed)
    if (ierr == SAGIPS_OK) then
      buffer = repeat(c_null_char, needed)
      ierr = c_solver_parameter_name(solver%ptr, index, buffer, len(buffer, kind=c_size_t), needed)
    end if
    text = before_terminator(buffer)
  end subroutine

  !> The name of a data set; `index` counts from 0.
  subroutine sagips_solver_dataset_name(solver, index, text, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: index
    character(len=:), allocatable, intent(out) :: text
    integer(c_int), intent(out) :: ierr
    character(len=:, kind=c_char), allocatable :: buffer
    integer(c_size_t) :: needed

    buffer = c_null_char
    ierr = c_solver_dataset_name(solver%ptr, index, buffer, len(buffer, kind=c_size_t), needed)
    if (ierr == SAGIPS_OK) then
      buffer = repeat(c_null_char, needed)
      ierr = c_solver_dataset_name(solver%ptr, index, buffer, len(buffer, kind=c_size_t), needed)
    end if
    text = before_terminator(buffer)
  end subroutine

  !> Proposals of the averaged generator; parameters (P, n) says how many.
  subroutine sagips_solver_predict(solver, member, parameters, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: member
    real(c_double), intent(out) :: parameters(:, :)
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_predict(solver%ptr, member, size(parameters, 2, c_int64_t), &
        size(parameters, 1, c_int), parameters)
  end subroutine

  !> mean (P), and covariance (P, P), without which no stage is called.
  subroutine sagips_solver_estimate(solver, member, mean, covariance, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: member
    real(c_double), intent(out) :: mean(:)
    real(c_double), intent(out), optional :: covariance(:, :)
    integer(c_int), intent(out) :: ierr

    call require_square('covariance', size(mean, kind=c_int64_t), covariance, ierr)
    if (ierr /= SAGIPS_OK) return
    ierr = c_solver_estimate(solver%ptr, member, size(mean, kind=c_int), mean, covariance)
  end subroutine

  !> The estimate in parts; what is not wanted is left out. mean, member_sigma (P); covariances
  !> (P, P); members (P, M), or (P, 1) of one member.
  subroutine sagips_solver_describe_estimate(solver, member, mean, covariance, statistical, &
      ensemble, training, member_sigma, member_covariance, members, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: member
    real(c_double), intent(out), target, contiguous :: mean(:)
    real(c_double), intent(out), target, optional, contiguous, dimension(:, :) :: &
        covariance, statistical, ensemble, training, member_covariance, members
    real(c_double), intent(out), target, optional, contiguous :: member_sigma(:)
    integer(c_int), intent(out) :: ierr
    type(sagips_estimate) :: parts
    integer(c_int) :: n_members
    integer(c_int64_t) :: p

    p = size(mean, kind=c_int64_t)
    call require_square('covariance', p, covariance, ierr)
    if (ierr == SAGIPS_OK) call require_square('statistical', p, statistical, ierr)
    if (ierr == SAGIPS_OK) call require_square('ensemble', p, ensemble, ierr)
    if (ierr == SAGIPS_OK) call require_square('training', p, training, ierr)
    if (ierr == SAGIPS_OK) call require_square('member_covariance', p, member_covariance, ierr)
    if (ierr == SAGIPS_OK .and. present(member_sigma)) &
        call require_shape('member_sigma', shape(member_sigma, c_int64_t), [p], ierr)
    if (ierr == SAGIPS_OK .and. present(members)) then
      call sagips_solver_shape(solver, n_members=n_members, ierr=ierr)
      if (ierr == SAGIPS_OK) call require_shape('members', shape(members, c_int64_t), &
          [p, merge(int(n_members, c_int64_t), 1_c_int64_t, member == SAGIPS_ALL_MEMBERS)], ierr)
    end if
    if (ierr /= SAGIPS_OK) return
    parts = sagips_estimate(c_sizeof(parts), c_null_ptr, c_null_ptr, c_null_ptr, c_null_ptr, &
        c_null_ptr, c_null_ptr, c_null_ptr, c_null_ptr, 0, 0)
    if (size(mean) > 0) parts%mean = c_loc(mean)
    if (present(covariance)) parts%covariance = c_loc(covariance)
    if (present(statistical)) parts%statistical = c_loc(statistical)
    if (present(ensemble)) parts%ensemble = c_loc(ensemble)
    if (present(training)) parts%training = c_loc(training)
    if (present(member_sigma)) parts%member_sigma = c_loc(member_sigma)
    if (present(member_covariance)) parts%member_covariance = c_loc(member_covariance)
    if (present(members)) then
      parts%members = c_loc(members)
      parts%n_members = size(members, 2, c_int)
    end if
    ierr = c_solver_describe_estimate(solver%ptr, member, size(mean, kind=c_int), parts)
  end subroutine

  !> Asks whether the fit is done and good. Without `dataset`: all, and the worst is told.
  subroutine sagips_solver_assess(solver, member, assessment, dataset, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: member
    type(sagips_assessment), intent(out) :: assessment
    character(len=*), intent(in), optional :: dataset
    integer(c_int), intent(out) :: ierr

    assessment%struct_size = c_sizeof(assessment)
    ierr = c_solver_assess(solver%ptr, member, terminated(dataset), assessment)
  end subroutine

  !> Weights and biases of a network; `dataset` names a discriminator, here and below.
  subroutine sagips_solver_weight_count(solver, network, dataset, count, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: network
    character(len=*), intent(in), optional :: dataset
    integer(c_int64_t), intent(out) :: count
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_weight_count(solver%ptr, network, terminated(dataset), count)
  end subroutine

  !> A network copied out; weights (count) is allocated here.
  subroutine sagips_solver_get_weights(solver, member, network, dataset, weights, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: member, network
    character(len=*), intent(in), optional :: dataset
    real(c_float), allocatable, intent(out) :: weights(:)
    integer(c_int), intent(out) :: ierr
    integer(c_int64_t) :: count

    ierr = c_solver_weight_count(solver%ptr, network, terminated(dataset), count)
    if (ierr == SAGIPS_OK) then
      allocate (weights(count))
      ierr = c_solver_get_weights(solver%ptr, member, network, terminated(dataset), count, &
          weights)
    end if
  end subroutine

  !> A network copied in: weights (count).
  subroutine sagips_solver_set_weights(solver, member, network, dataset, weights, ierr)
    type(sagips_solver), intent(in) :: solver
    integer(c_int), intent(in) :: member, network
    character(len=*), intent(in), optional :: dataset
    real(c_float), intent(in) :: weights(:)
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_set_weights(solver%ptr, member, network, terminated(dataset), &
        size(weights, kind=c_int64_t), weights)
  end subroutine

  !> Lets a solver train on with the events that the problem has by now.
  subroutine sagips_solver_update_events(solver, problem, ierr)
    type(sagips_solver), intent(in) :: solver
    type(sagips_problem), intent(in) :: problem
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_update_events(solver%ptr, problem%ptr)
  end subroutine

  !> Writes a checkpoint into a folder.
  subroutine sagips_solver_save(solver, folder, ierr)
    type(sagips_solver), intent(in) :: solver
    character(len=*), intent(in) :: folder
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_save(solver%ptr, terminated(folder))
  end subroutine

  !> Goes on from a checkpoint, or from the newest one in a folder.
  subroutine sagips_solver_load(solver, folder, ierr)
    type(sagips_solver), intent(in) :: solver
    character(len=*), intent(in) :: folder
    integer(c_int), intent(out) :: ierr

    ierr = c_solver_load(solver%ptr, terminated(folder))
  end subroutine

  !> The options in effect as TOML text.
  subroutine sagips_solver_options(solver, text, ierr)
    type(sagips_solver), intent(in) :: solver
    character(len=:), allocatable, intent(out) :: text
    integer(c_int), intent(out) :: ierr
    character(len=:, kind=c_char), allocatable :: buffer
    integer(c_size_t) :: needed

    buffer = c_null_char
    ierr = c_solver_options(solver%ptr, buffer, len(buffer, kind=c_size_t), needed)
    if (ierr == SAGIPS_OK) then
      buffer = repeat(c_null_char, needed)
      ierr = c_solver_options(solver%ptr, buffer, len(buffer, kind=c_size_t), needed)
    end if
    text = before_terminator(buffer)
  end subroutine

  !> 'vjp', 'score', ...; of stages with different ones all, joined by ' + '.
  subroutine sagips_solver_gradient_route(solver, dataset, text, ierr)
    type(sagips_solver), intent(in) :: solver
    character(len=*), intent(in) :: dataset
    character(len=:), allocatable, intent(out) :: text
    integer(c_int), intent(out) :: ierr
    character(len=:, kind=c_char), allocatable :: buffer
    integer(c_size_t) :: needed

    buffer = c_null_char
    ierr = c_solver_gradient_route(solver%ptr, terminated(dataset), buffer, &
        len(buffer, kind=c_size_t), needed)
    if (ierr == SAGIPS_OK) then
      buffer = repeat(c_null_char, needed)
      ierr = c_solver_gradient_route(solver%ptr, terminated(dataset), buffer, &
          len(buffer, kind=c_size_t), needed)
    end if
    text = before_terminator(buffer)
  end subroutine

  !> Called after every epoch; without `fn` the callback is taken away, here and below.
  subroutine sagips_solver_set_progress_callback(solver, fn, user, ierr)
    type(sagips_solver), intent(in) :: solver
    procedure(sagips_progress_fn), optional :: fn
    type(c_ptr), intent(in), optional :: user
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_fn

    c_fn = c_null_funptr
    if (present(fn)) c_fn = c_funloc(fn)
    ierr = c_solver_set_progress_callback(solver%ptr, c_fn, user_or_null(user))
  end subroutine

  !> Called for metrics, every `metrics.every` epochs.
  subroutine sagips_solver_set_metrics_callback(solver, fn, user, ierr)
    type(sagips_solver), intent(in) :: solver
    procedure(sagips_metrics_fn), optional :: fn
    type(c_ptr), intent(in), optional :: user
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_fn

    c_fn = c_null_funptr
    if (present(fn)) c_fn = c_funloc(fn)
    ierr = c_solver_set_metrics_callback(solver%ptr, c_fn, user_or_null(user))
  end subroutine

  !> Called for messages.
  subroutine sagips_solver_set_log_callback(solver, fn, user, ierr)
    type(sagips_solver), intent(in) :: solver
    procedure(sagips_log_fn), optional :: fn
    type(c_ptr), intent(in), optional :: user
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_fn

    c_fn = c_null_funptr
    if (present(fn)) c_fn = c_funloc(fn)
    ierr = c_solver_set_log_callback(solver%ptr, c_fn, user_or_null(user))
  end subroutine

  !> `fn` runs loops of the library in threads of the host.
  subroutine sagips_solver_set_parallel_for(solver, fn, host, ierr)
    type(sagips_solver), intent(in) :: solver
    procedure(sagips_parallel_fn), optional :: fn
    type(c_ptr), intent(in), optional :: host
    integer(c_int), intent(out) :: ierr
    type(c_funptr) :: c_fn

    c_fn = c_null_funptr
    if (present(fn)) c_fn = c_funloc(fn)
    ierr = c_solver_set_parallel_for(solver%ptr, c_fn, user_or_null(host))
  end subroutine

end module sagips
