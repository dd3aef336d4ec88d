! SPDX-License-Identifier: BSD-3-Clause
!> An old simulation behind a thin adapter: spectrometer.f is called event by event. It has no
!> derivatives, digitises, rejects, and draws as many random numbers as it likes, from a generator
!> of its own. Each event gets seeds made from row_key, so that equal keys mean equal events, and
!> one event's numbers do not move those of the next. Rejected events get weight 0.
!> COMMON and SAVE serve one thread at a time, and so does a stage that is not SAGIPS_CONCURRENT.
!> Usage: spectrometer [seed]
module spectrometer
  use, intrinsic :: iso_c_binding, only: c_associated, c_double, c_int, c_int64_t, c_ptr
  use sagips
  implicit none
  integer, parameter :: dp = c_double

contains

  integer(c_int) function simulate(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v
    integer(c_int64_t) :: row, event
    integer :: ok

    simulate = merge(-1_c_int, 0_c_int, c_associated(user))  ! all state is in COMMON, none in user
    call sagips_batch_view(batch, v)
    do row = 1, batch%n_rows
      do event = 1, batch%n_events
        call seed_event(v%row_key(row), event)
        call spevt(v%parameters(1, row), v%parameters(2, row), v%outputs(1, event, row), &
            v%outputs(2, event, row), ok)
        if (ok == 0) v%weight(event, row) = 0
      end do
    end do
  end function

  !> From 64 bits of key and an event's number to the two seeds that the old generator wants:
  !> shifts and exclusive or (Marsaglia, 2003), since integers of Fortran must not overflow.
  subroutine seed_event(key, event)
    integer(c_int64_t), intent(in) :: key, event
    integer(c_int64_t) :: x
    integer :: i

    x = ieor(key, event * 1999999973_c_int64_t)
    do i = 1, 4
      x = ieor(x, ishft(x, 13))
      x = ieor(x, ishft(x, -7))
      x = ieor(x, ishft(x, 17))
    end do
    call spseed(1 + int(modulo(ishft(x, -1), 2147483562_c_int64_t)), &
        1 + int(modulo(ishft(x, -20), 2147483398_c_int64_t)))
  end subroutine
end module spectrometer

program closure
  use spectrometer
  implicit none
  integer(c_int64_t), parameter :: n_events = 30000, epochs = 1000
  character(len=9), parameter :: names(2) = ['slope    ', 'asymmetry']
  real(dp), parameter :: truth(2) = [0.8_dp, 0.4_dp]
  real(dp), allocatable :: events(:, :), weights(:)
  real(dp) :: mean(2), covariance(2, 2), sigma(2)
  type(sagips_stage) :: stage
  type(sagips_pipeline) :: pipeline
  type(sagips_problem) :: problem
  type(sagips_options) :: options
  type(sagips_solver) :: solver
  character(len=32) :: argument
  integer(c_int64_t) :: seed
  integer(c_int) :: ierr, i, status

  call get_command_argument(1, argument)
  read (argument, *, iostat=status) seed; if (status /= 0) seed = 1
  call spinit
  call sagips_stage_create(stage, 'spectrometer', ierr); call sagips_check(ierr)
  call sagips_stage_set_shape(stage, 0_c_int, 2_c_int, 0_c_int, 0_c_int, ierr)
  call sagips_check(ierr)
  call sagips_stage_set_forward(stage, simulate, ierr=ierr); call sagips_check(ierr)
  call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
  call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
  call sagips_pipeline_generate(pipeline, truth, n_events, seed, events, weights, ierr=ierr)
  call sagips_check(ierr)

  call sagips_problem_create(problem, ierr); call sagips_check(ierr)
  call sagips_problem_add_parameter(problem, names(1), 0.3_dp, 1.5_dp, ierr)
  call sagips_check(ierr)
  call sagips_problem_add_parameter(problem, names(2), -0.9_dp, 0.9_dp, ierr)
  call sagips_check(ierr)
  call sagips_problem_add_dataset(problem, 'data', pipeline, ierr); call sagips_check(ierr)
  call sagips_problem_set_events(problem, 'data', events, weights, ierr); call sagips_check(ierr)
  call sagips_options_create(options, ierr); call sagips_check(ierr)
  call sagips_options_set_integer(options, 'seed', seed, ierr); call sagips_check(ierr)
  call sagips_options_set_integer(options, 'epochs', epochs, ierr); call sagips_check(ierr)
  call sagips_options_set(options, 'events', '512', ierr); call sagips_check(ierr)
  call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
  call sagips_solver_step(solver, epochs, ierr=ierr); call sagips_check(ierr)
  call sagips_solver_estimate(solver, 0_c_int, mean, covariance, ierr); call sagips_check(ierr)

  call sagips_solver_destroy(solver, ierr); call sagips_check(ierr)
  call sagips_options_destroy(options, ierr); call sagips_check(ierr)
  call sagips_problem_destroy(problem, ierr); call sagips_check(ierr)
  call sagips_pipeline_destroy(pipeline, ierr); call sagips_check(ierr)
  call sagips_stage_destroy(stage, ierr); call sagips_check(ierr)
  sigma = [(sqrt(covariance(i, i)), i = 1, 2)]
  print '(a, ": truth ", f5.3, ", found ", f6.4, " +- ", f6.4, ", pull ", sp, f5.2, ss)', &
      (trim(names(i)), truth(i), mean(i), sigma(i), (mean(i) - truth(i)) / sigma(i), i = 1, 2)
  if (any(.not. abs(mean - truth) < 5 * sigma)) error stop 'the truth was not found'
end program closure
