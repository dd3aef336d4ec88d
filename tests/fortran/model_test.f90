! SPDX-License-Identifier: BSD-3-Clause
!> A forward model in Fortran: what the views of a batch show, the state behind `user`, and failures.
module scaled_model
  use, intrinsic :: iso_c_binding
  use sagips
  use expect
  implicit none

  type :: state
    integer :: n_calls = 0
    integer :: n_destroyed = 0
    integer(c_int) :: answer = 0
  end type

contains

  !> y1 = p1 + u1 and y2 = p2 p3 u2, lost where u3 > 1/2; the auxiliary is the sum of p.
  integer(c_int) function forward(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(state), pointer :: s
    type(sagips_view) :: v
    integer(c_int64_t) :: n, e, row, event

    call c_f_pointer(user, s)
    s%n_calls = s%n_calls + 1
    forward = s%answer
    if (s%answer /= 0) return
    call sagips_batch_view(batch, v)
    n = batch%n_rows
    e = batch%n_events
    call claim('the library knows this batch', batch%struct_size == c_sizeof(batch))
    call claim('the request is forward', batch%request == SAGIPS_FORWARD)
    call claim('parameters are (P, N)', all(shape(v%parameters, c_int64_t) == [3_c_int64_t, n]))
    call claim('uniforms are (U, E, N)', all(shape(v%uniforms, c_int64_t) == [3_c_int64_t, e, n]))
    call claim('outputs are (Y, E, N)', all(shape(v%outputs, c_int64_t) == [2_c_int64_t, e, n]))
    call claim('weights are (E, N)', all(shape(v%weight, c_int64_t) == [e, n]))
    call claim('auxiliaries are (A, N)', all(shape(v%auxiliary, c_int64_t) == [1_c_int64_t, n]))
    call claim('the tape is (n_tape, N)', all(shape(v%tape, c_int64_t) == [4_c_int64_t, n]))
    call claim('keys are (N)', size(v%row_key, kind=c_int64_t) == n)
    call claim('row status is (N)', size(v%row_status, kind=c_int64_t) == n)
    call claim('a first stage has no inputs', .not. associated(v%inputs))
    call claim('uniforms lie in (0, 1)', all(v%uniforms > 0 .and. v%uniforms < 1))
    call claim('weights start as 1', all(same(v%weight, 1.0_c_double)))
    do row = 1, n
      v%auxiliary(1, row) = sum(v%parameters(:, row))
      do event = 1, e
        v%outputs(1, event, row) = v%parameters(1, row) + v%uniforms(1, event, row)
        v%outputs(2, event, row) = v%parameters(2, row) * v%parameters(3, row) &
            * v%uniforms(2, event, row)
        if (v%uniforms(3, event, row) > 0.5) v%weight(event, row) = 0
      end do
    end do
  end function

  !> Doubles both inputs: a second stage.
  integer(c_int) function double_it(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v

    call claim('no user is no user', .not. c_associated(user))
    call sagips_batch_view(batch, v)
    call claim('inputs have the shape of outputs', all(shape(v%inputs) == shape(v%outputs)))
    call claim('no uniforms, no tape, no auxiliaries', .not. (associated(v%uniforms) .or. &
        associated(v%tape) .or. associated(v%auxiliary)))
    where (spread(v%weight_in, 1, 2) > 0) v%outputs = 2 * v%inputs
    double_it = 0
  end function

  !> The number of calls so far.
  integer(c_int) function save(user, buffer, size, needed) bind(c)
    type(c_ptr), value :: user, buffer
    integer(c_size_t), value :: size
    integer(c_size_t), intent(out) :: needed
    type(state), pointer :: s
    integer, pointer :: saved

    call c_f_pointer(user, s)
    needed = c_sizeof(s%n_calls)
    save = 0
    if (.not. c_associated(buffer)) return
    save = merge(0_c_int, 1_c_int, size >= needed)
    if (save /= 0) return
    call c_f_pointer(buffer, saved)
    saved = s%n_calls
  end function

  integer(c_int) function restore(user, bytes, size) bind(c)
    type(c_ptr), value :: user, bytes
    integer(c_size_t), value :: size
    type(state), pointer :: s
    integer, pointer :: saved

    call c_f_pointer(user, s)
    restore = merge(0_c_int, 1_c_int, size == c_sizeof(s%n_calls))
    if (restore /= 0) return
    call c_f_pointer(bytes, saved)
    s%n_calls = saved
  end function

  subroutine destroy(user) bind(c)
    type(c_ptr), value :: user
    type(state), pointer :: s

    call c_f_pointer(user, s)
    s%n_destroyed = s%n_destroyed + 1
  end subroutine
end module scaled_model

program model_test
  use scaled_model
  implicit none
  integer(c_int64_t), parameter :: n_events = 1000
  real(c_double), parameter :: point(3) = [10, 2, 3]
  type(state), target :: s
  type(sagips_stage) :: stage, second
  type(sagips_pipeline) :: pipeline
  type(sagips_check_report) :: report
  real(c_double), allocatable :: events(:, :), twice(:, :), weights(:), again(:), auxiliary(:)
  integer(c_int) :: n_outputs, n_auxiliary, ierr

  call sagips_stage_create(stage, 'scaled', ierr)
  call claim_ok('a stage is created', ierr)
  call sagips_stage_set_shape(stage, 0_c_int, 2_c_int, 1_c_int, 3_c_int, ierr)
  call claim_ok('it has a shape', ierr)
  call sagips_stage_set_forward(stage, forward, c_loc(s), destroy, ierr)
  call claim_ok('and a model', ierr)
  call sagips_stage_set_tape(stage, 4_c_int, ierr)
  call claim_ok('and a tape', ierr)
  call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .true., ierr)
  call claim_ok('and a flag', ierr)
  call sagips_stage_set_step(stage, SAGIPS_ONE_SIDED, 1e-3_c_double, ierr)
  call claim_ok('and a step', ierr)
  call sagips_stage_set_step(stage, SAGIPS_CENTRAL, 0.5_c_double, ierr)
  call claim('half the range is no step', ierr == SAGIPS_ERROR_RANGE)
  call sagips_stage_set_step(stage, SAGIPS_SMOOTHED, 0.0_c_double, ierr)
  call claim_ok('and another scheme', ierr)
  call sagips_stage_set_directions(stage, 4_c_int, ierr)
  call claim_ok('and directions', ierr)
  call sagips_stage_set_directions(stage, 17_c_int, ierr)
  call claim('but not too many', ierr == SAGIPS_ERROR_RANGE)
  call sagips_stage_set_step(stage, SAGIPS_ONE_SIDED, 1e-3_c_double, ierr)
  call claim_ok('and the first scheme again', ierr)
  call sagips_stage_set_state(stage, save, restore, ierr)
  call claim_ok('a state is set', ierr)
  call sagips_stage_set_state(stage, save, ierr=ierr)
  call claim('but not half of one', ierr == SAGIPS_ERROR_NULL)
  call sagips_stage_set_state(stage, ierr=ierr)
  call claim_ok('and taken away again', ierr)
  call sagips_stage_set_external(stage, .true., .true., .true., ierr)
  call claim_ok('a stage can be served from outside', ierr)
  call sagips_stage_set_external(stage, .false., .false., .false., ierr)
  call claim_ok('or not', ierr)
  call sagips_stage_set_log_probability(stage, forward, ierr)
  call claim_ok('a log-probability is set', ierr)
  call sagips_stage_set_log_probability(stage, ierr=ierr)
  call claim_ok('and taken away again', ierr)
  call sagips_stage_set_parameters(stage, [0_c_int, 0_c_int], ierr)
  call claim('a column cannot come twice', ierr == SAGIPS_ERROR_RANGE)
  call sagips_stage_set_backward(stage, forward, ierr)
  call claim_ok('a product is set', ierr)
  call sagips_stage_set_backward(stage, ierr=ierr)
  call claim_ok('and taken away again', ierr)

  call sagips_pipeline_create(pipeline, ierr)
  call claim_ok('a pipeline is created', ierr)
  call sagips_pipeline_shape(pipeline, n_outputs, n_auxiliary, ierr)
  call claim('an empty pipeline has no shape', ierr == SAGIPS_ERROR_STATE)
  call sagips_pipeline_add(pipeline, stage, ierr)
  call claim_ok('it takes a stage', ierr)
  call sagips_pipeline_shape(pipeline, n_outputs, n_auxiliary, ierr)
  call claim('and has its shape', n_outputs == 2 .and. n_auxiliary == 1)
  call sagips_stage_destroy(stage, ierr)
  call claim('the copy keeps the state', s%n_destroyed == 0)

  call sagips_pipeline_generate(pipeline, point, n_events, 7_c_int64_t, events, weights, auxiliary, &
      ierr)
  call claim_ok('events are generated', ierr)
  call claim('by the model', s%n_calls > 0)
  call claim('in the shape (Y, N)', all(shape(events) == [2, 1000]))
  call claim('with weights (N)', size(weights) == 1000)
  call claim('about half of them lost', abs(count(weights > 0) - 500) < 100)
  call claim('and auxiliaries (A)', size(auxiliary) == 1)
  call claim('of the right value', same(auxiliary(1), 15.0_c_double))
  call claim('the first observable leads', all(pack(events(1, :), weights > 0) > 10))
  call claim('the second follows', all(pack(events(2, :), weights > 0) < 6))

  call sagips_stage_create(second, 'double', ierr)
  call sagips_stage_set_shape(second, 2_c_int, 2_c_int, 0_c_int, 0_c_int, ierr)
  call sagips_stage_set_forward(second, double_it, ierr=ierr)
  call sagips_pipeline_add(pipeline, second, ierr)
  call claim_ok('a second stage follows', ierr)
  call sagips_pipeline_generate(pipeline, point, n_events, 7_c_int64_t, twice, ierr=ierr)
  call claim('lost events need weights', ierr == SAGIPS_ERROR_LOST)
  call sagips_pipeline_generate(pipeline, point, n_events, 7_c_int64_t, twice, again, ierr=ierr)
  call claim_ok('and runs', ierr)
  call claim('losing the same', all(same(again, weights)))
  call claim('on the events of the first', all(pack(same(twice, 2 * events), &
      spread(weights > 0, 1, 2))))

  call sagips_pipeline_check(pipeline, [1.0_c_double, 1.0_c_double, 1.0_c_double], &
      [2.0_c_double, 2.0_c_double, 2.0_c_double], 1_c_int64_t, report, ierr)
  call claim_ok('the model is checked', ierr)
  call claim('it is deterministic', report%deterministic == 1)
  call claim('it has no product', report%has_backward == 0)
  call claim('the report is a text', sagips_string(report%text) /= '')

  s%answer = -1
  call sagips_pipeline_generate(pipeline, point, n_events, 7_c_int64_t, events, ierr=ierr)
  call claim('a negative answer stops', ierr == SAGIPS_ERROR_CALLBACK)
  call sagips_stage_destroy(second, ierr)
  call sagips_pipeline_destroy(pipeline, ierr)
  call claim('the last copy releases the state once', s%n_destroyed == 1)

  call sagips_pipeline_create(pipeline, ierr)
  call sagips_pipeline_add_builtin(pipeline, 'kuma6', ierr=ierr)
  call claim_ok('a built-in stage is added', ierr)
  call sagips_pipeline_add_builtin(pipeline, 'kuma7', ierr=ierr)
  call claim('one that is not there is told', ierr == SAGIPS_ERROR_NOT_FOUND)
  call sagips_pipeline_add_builtin(pipeline, 'smear', 'sigma=0.01,0.02', ierr)
  call claim_ok('one is added behind it', ierr)
  call sagips_pipeline_add_background(pipeline, 'fraction=0.5', &
      reshape([-1.0_c_double, -2.0_c_double, -3.0_c_double, -4.0_c_double], [2, 2]), &
      [0.0_c_double, 1.0_c_double], ierr)
  call claim_ok('a background is added', ierr)
  call sagips_pipeline_generate(pipeline, [1.5_c_double, 1.4_c_double, 3.0_c_double, &
      2.0_c_double, 2.2_c_double, 4.0_c_double], 1000_c_int64_t, 7_c_int64_t, events, ierr=ierr)
  call claim_ok('they generate', ierr)
  call claim('an event of weight 0 is never drawn', count(events(1, :) < -0.5) == &
      count(events(1, :) < -2.5))
  call claim('half of the events are of the sample', &
      abs(count(events(1, :) < -2.5 .and. events(2, :) < -3.5) - 500) < 80)
  call sagips_pipeline_add_background(pipeline, 'fraction=0.5', &
      reshape([1.0_c_double, 2.0_c_double], [1, 2]), ierr=ierr)
  call claim('a background of other observables is told', ierr == SAGIPS_ERROR_SHAPE)
  call sagips_pipeline_destroy(pipeline, ierr)
  call finish()
end program model_test
