! SPDX-License-Identifier: BSD-3-Clause
!> Your own forward model with its vector-Jacobian product, closed on itself: events are generated
!> at a known truth, and training has to find it again. Two Kumaraswamy laws, drawn by inversion,
!>   y = s (1 - (1-u)^(1/b))^(1/a),   (s, a, b) = p(1:3) for the first and p(4:6) for the second.
!> Usage: kuma6 [epochs] [--bits]; --bits prints the estimate as hexadecimal doubles, to compare.
module kuma6
  use, intrinsic :: iso_c_binding, only: c_double, c_f_pointer, c_int, c_int64_t, c_loc, c_ptr
  use sagips
  implicit none
  integer, parameter :: dp = c_double

contains

  !> The model and its product; `user` points at the limits that keep a uniform where y is finite.
  integer(c_int) function model(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v
    real(dp), pointer :: limits(:)
    real(dp) :: p(3), w, t, x, y, g
    integer(c_int64_t) :: row, event, j

    call c_f_pointer(user, limits, [2])
    call sagips_batch_view(batch, v)
    do row = 1, batch%n_rows
      do event = 1, batch%n_events
        do j = 1, 2
          p = v%parameters(3*j-2:3*j, row)
          w = 1 - min(max(v%uniforms(j, event, row), limits(1)), limits(2))
          t = w**(1 / p(3))
          x = (1 - t)**(1 / p(2))
          y = p(1) * x
          if (batch%request == SAGIPS_FORWARD) then
            v%outputs(j, event, row) = y
          else
            g = v%grad_outputs(j, event, row)
            v%grad_parameters(3*j-2:3*j, row) = v%grad_parameters(3*j-2:3*j, row) + g * [x, &
                -(y * log(x) / p(2)), y * t * log(w) / (p(2) * (1 - t) * p(3) * p(3))]
          end if
        end do
      end do
    end do
    model = 0
  end function
end module kuma6

program closure
  use kuma6
  implicit none
  character(len=2), parameter :: names(6) = ['s0', 'a0', 'b0', 's1', 'a1', 'b1']
  real(dp), parameter :: lower(6) = [0.5_dp, 0.5_dp, 1.0_dp, 0.5_dp, 0.5_dp, 1.0_dp]
  real(dp), parameter :: upper(6) = [3.0_dp, 4.0_dp, 6.0_dp, 3.0_dp, 4.0_dp, 6.0_dp]
  real(dp), parameter :: truth(6) = [1.5_dp, 1.4_dp, 3.0_dp, 2.0_dp, 2.2_dp, 4.0_dp]
  real(dp), target :: limits(2) = [1e-7_dp, 1.0_dp - 2e-7_dp]
  real(dp), allocatable :: events(:, :)
  real(dp) :: mean(6), covariance(6, 6)
  type(sagips_stage) :: stage
  type(sagips_pipeline) :: pipeline
  type(sagips_check_report) :: report
  type(sagips_problem) :: problem
  type(sagips_options) :: options
  type(sagips_solver) :: solver
  type(sagips_progress) :: progress
  character(len=32) :: argument = ''
  integer(c_int64_t) :: n_events = 100000, seed = 1, epochs = 0
  integer(c_int) :: ierr
  integer :: i, status
  logical :: bits

  call get_command_argument(1, argument)
  read (argument, *, iostat=status) epochs; if (status /= 0) epochs = 0  ! the option's default
  call get_command_argument(command_argument_count(), argument)
  bits = argument == '--bits'

  call sagips_stage_create(stage, 'kuma6', ierr); call sagips_check(ierr)
  call sagips_stage_set_shape(stage, 0_c_int, 2_c_int, 0_c_int, 2_c_int, ierr)
  call sagips_check(ierr)
  call sagips_stage_set_forward(stage, model, c_loc(limits), ierr=ierr); call sagips_check(ierr)
  call sagips_stage_set_backward(stage, model, ierr); call sagips_check(ierr)
  call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .true., ierr); call sagips_check(ierr)
  call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
  call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
  call sagips_pipeline_generate(pipeline, truth, n_events, seed, events, ierr=ierr)
  call sagips_check(ierr)

  call sagips_pipeline_check(pipeline, lower, upper, seed, report, ierr); call sagips_check(ierr)
  if (.not. bits) print '(a)', sagips_string(report%text)
  if (report%passed == 0) error stop 'the model fails its check'

  call sagips_problem_create(problem, ierr); call sagips_check(ierr)
  do i = 1, 6
    call sagips_problem_add_parameter(problem, names(i), lower(i), upper(i), ierr)
    call sagips_check(ierr)
  end do
  call sagips_problem_add_dataset(problem, 'data', pipeline, ierr); call sagips_check(ierr)
  call sagips_problem_set_events(problem, 'data', events, ierr=ierr); call sagips_check(ierr)
  call sagips_options_create(options, ierr); call sagips_check(ierr)
  call sagips_options_preset(options, 'fast', ierr); call sagips_check(ierr)
  if (epochs > 0) call sagips_options_set_integer(options, 'epochs', epochs, ierr)
  call sagips_check(ierr)

  call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
  call sagips_solver_progress(solver, progress, ierr); call sagips_check(ierr)
  call sagips_solver_step(solver, progress%epochs, ierr=ierr); call sagips_check(ierr)
  call sagips_solver_estimate(solver, 0_c_int, mean, covariance, ierr); call sagips_check(ierr)
  if (bits) then
    print '(z16.16)', mean
  else
    print '(a, /, (a, t10, 2f11.5, f13.5))', 'parameter      truth   estimate  uncertainty', &
        (names(i), truth(i), mean(i), sqrt(covariance(i, i)), i = 1, 6)
  end if

  call sagips_solver_destroy(solver, ierr); call sagips_check(ierr)
  call sagips_options_destroy(options, ierr); call sagips_check(ierr)
  call sagips_problem_destroy(problem, ierr); call sagips_check(ierr)
  call sagips_pipeline_destroy(pipeline, ierr); call sagips_check(ierr)
  call sagips_stage_destroy(stage, ierr); call sagips_check(ierr)
end program closure
