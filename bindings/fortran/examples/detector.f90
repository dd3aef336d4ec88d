! SPDX-License-Identifier: BSD-3-Clause
!> A detector with state behind a built-in theory. The derived type goes to the stage as a C
!> pointer, with the subroutine that releases it. It has no parameters of the fit, so it asks to see
!> none. Its calibration fails once: a negative answer ends the step, and the training goes on to
!> the same bits as if nothing had happened. Usage: detector [seed]
module detector_stage
  use, intrinsic :: iso_c_binding
  use calorimeter
  use sagips
  implicit none
  integer :: n_released = 0
contains
  subroutine release(user) bind(c)
    type(c_ptr), value :: user
    type(detector), pointer :: d
    call c_f_pointer(user, d); deallocate (d)
    n_released = n_released + 1
  end subroutine

  !> The stage: a value becomes gain times itself and noise, and is seen with an efficiency.
  integer(c_int) function measure(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(detector), pointer :: d
    type(sagips_view) :: v
    integer(c_int64_t) :: row, event, j
    real(dp) :: x, z, u(4), place

    call c_f_pointer(user, d); call sagips_batch_view(batch, v)
    measure = merge(-1, 0, batch%training == 1 .and. batch%epoch == d%fails_at_epoch)
    if (measure /= 0) d%fails_at_epoch = -1  ! once
    if (measure /= 0) return  ! the calibration data base does not answer
    do row = 1, batch%n_rows
      do event = 1, batch%n_events
        if (.not. v%weight_in(event, row) > 0) cycle  ! lost, with inputs that mean nothing
        u = v%uniforms(:, event, row)
        do j = 1, 2
          x = v%inputs(j, event, row)
          z = sqrt(-2 * log(u(2*j-1))) * cos(6.283185307179586_dp * u(2*j))
          place = x * d%cells_per_length - 0.5_dp
          v%outputs(j, event, row) = at(d%gain, place) * x + 0.05_dp * z
          v%weight(event, row) = v%weight(event, row) * at(d%efficiency, place)
        end do
      end do
    end do
  end function

end module detector_stage

program closure
  use detector_stage
  implicit none
  integer(c_int64_t), parameter :: n_events = 50000, epochs = 1500
  character(len=2), parameter :: names(6) = ['s0', 'a0', 'b0', 's1', 'a1', 'b1']
  real(dp), parameter :: truth(6) = [1.5_dp, 1.4_dp, 3.0_dp, 2.0_dp, 2.2_dp, 4.0_dp]
  real(dp), parameter :: lower(6) = [0.5_dp, 0.5_dp, 1.0_dp, 0.5_dp, 0.5_dp, 1.0_dp]
  real(dp), parameter :: upper(6) = [3.0_dp, 4.0_dp, 6.0_dp, 3.0_dp, 4.0_dp, 6.0_dp]
  real(dp), allocatable :: events(:, :), weights(:)
  real(dp) :: mean(6, 2), covariance(6, 6), sigma(6)
  type(detector), pointer :: d
  type(sagips_stage) :: stage
  type(sagips_pipeline) :: pipeline
  type(sagips_problem) :: problem
  type(sagips_options) :: options
  type(sagips_solver) :: solver
  type(sagips_progress) :: progress
  character(len=32) :: argument
  integer(c_int64_t) :: seed, left
  integer(c_int) :: ierr, no_parameters(0), i, run, status

  call get_command_argument(1, argument)
  read (argument, *, iostat=status) seed; if (status /= 0) seed = 1
  d => new_detector(2.0_dp, gain=[0.9_dp, 0.95_dp, 1.02_dp, 1.0_dp, 0.97_dp], &
      efficiency=[0.6_dp, 0.8_dp, 0.9_dp, 0.95_dp, 0.95_dp])
  if (.not. associated(d)) error stop 'the calibration makes no sense'
  call sagips_stage_create(stage, 'calorimeter', ierr); call sagips_check(ierr)
  call sagips_stage_set_shape(stage, 2_c_int, 2_c_int, 0_c_int, 4_c_int, ierr)
  call sagips_check(ierr)
  call sagips_stage_set_parameters(stage, no_parameters, ierr); call sagips_check(ierr)
  call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .true., ierr); call sagips_check(ierr)
  call sagips_stage_set_forward(stage, measure, c_loc(d), release, ierr); call sagips_check(ierr)
  call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
  call sagips_pipeline_add_builtin(pipeline, 'kuma6', ierr=ierr); call sagips_check(ierr)
  call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
  call sagips_stage_destroy(stage, ierr)  ! the pipeline has a copy, and keeps d
  call sagips_check(ierr)
  call sagips_pipeline_generate(pipeline, truth, n_events, seed, events, weights, ierr=ierr)
  call sagips_check(ierr)
  call sagips_problem_create(problem, ierr); call sagips_check(ierr)
  do i = 1, 6
    call sagips_problem_add_parameter(problem, names(i), lower(i), upper(i), ierr)
    call sagips_check(ierr)
  end do
  call sagips_problem_add_dataset(problem, 'data', pipeline, ierr); call sagips_check(ierr)
  call sagips_problem_set_events(problem, 'data', events, weights, ierr); call sagips_check(ierr)
  call sagips_options_create(options, ierr); call sagips_check(ierr)
  call sagips_options_set(options, 'events', '256', ierr); call sagips_check(ierr)
  call sagips_options_set_integer(options, 'seed', seed, ierr); call sagips_check(ierr)
  call sagips_options_set_integer(options, 'epochs', epochs, ierr); call sagips_check(ierr)
  do run = 1, 2
    if (run == 2) d%fails_at_epoch = epochs / 2
    call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_step(solver, epochs, progress, ierr)
    left = epochs - progress%epoch
    if (ierr == SAGIPS_ERROR_CALLBACK) call sagips_solver_step(solver, left, ierr=ierr)
    call sagips_check(ierr)
    call sagips_solver_estimate(solver, 0_c_int, mean(:, run), covariance, ierr)
    call sagips_check(ierr)
    call sagips_solver_destroy(solver, ierr)
  end do
  call sagips_options_destroy(options, ierr); call sagips_problem_destroy(problem, ierr)
  call sagips_pipeline_destroy(pipeline, ierr)  ! the last copy
  if (n_released /= 1) error stop 'the detector was not released'
  if (any(transfer(mean(:, 1), [seed]) /= transfer(mean(:, 2), [seed]))) error stop 'DIFFERENT'
  print '(a)', 'with and without a failure: the same bits'
  sigma = [(sqrt(covariance(i, i)), i = 1, 6)]
  print '(a, ": truth ", f4.2, ", found ", f6.4, " +- ", f6.4, ", pull ", sp, f5.2, ss)', &
      (names(i), truth(i), mean(i, 1), sigma(i), (mean(i, 1) - truth(i)) / sigma(i), i = 1, 6)
  if (any(.not. abs(mean(:, 1) - truth) < 5 * sigma)) error stop 'the truth was not found'
end program closure
