! SPDX-License-Identifier: BSD-3-Clause
!> SAGIPS as a plug-in of the framework in framework.f90: four subroutines. It collects events, trains
!> at the end of the job, and stops where the framework has been told to.
module fit_plugin
  use, intrinsic :: iso_c_binding
  use sagips
  implicit none
  integer, parameter :: dp = c_double
  character(len=2), parameter :: names(6) = ['s0', 'a0', 'b0', 's1', 'a1', 'b1']
  real(dp), parameter :: truth(6) = [1.5_dp, 1.4_dp, 3.0_dp, 2.0_dp, 2.2_dp, 4.0_dp]
  real(dp), parameter :: upper(6) = [3.0_dp, 4.0_dp, 6.0_dp, 3.0_dp, 4.0_dp, 6.0_dp]
  integer(c_int64_t), parameter :: horizon = 2000
  integer(c_int64_t) :: epochs
  type(sagips_pipeline) :: pipeline
  type(sagips_options) :: options
  type(sagips_problem) :: problem
  real(dp) :: mean(6), covariance(6, 6)
  logical, volatile :: stop_was_asked_for = .false.  ! by the framework

contains

  subroutine configure(settings)
    character(len=*), intent(in) :: settings
    integer(c_int) :: ierr

    call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
    call sagips_pipeline_add_builtin(pipeline, 'kuma6', ierr=ierr); call sagips_check(ierr)
    call sagips_pipeline_add_builtin(pipeline, 'smear', 'sigma=0.05', ierr); call sagips_check(ierr)
    call sagips_options_create(options, ierr); call sagips_check(ierr)
    call sagips_options_read_toml(options, settings, ierr); call sagips_check(ierr)
  end subroutine

  subroutine begin_job
    integer(c_int) :: ierr
    integer :: i

    call sagips_problem_create(problem, ierr); call sagips_check(ierr)
    do i = 1, 6
      call sagips_problem_add_parameter(problem, names(i), 0.5_dp, upper(i), ierr)
      call sagips_check(ierr)
    end do
    call sagips_problem_add_dataset(problem, 'data', pipeline, ierr); call sagips_check(ierr)
  end subroutine

  !> Numbers: threads come as they like, bits do not.
  subroutine event(number, values)
    integer(c_int64_t), intent(in) :: number
    real(dp), intent(in) :: values(2)
    integer(c_int) :: ierr

    call sagips_problem_add_events(problem, 'data', reshape(values, [2, 1]), numbers=[number], &
        ierr=ierr)
    call sagips_check(ierr)
  end subroutine

  subroutine end_job
    type(sagips_solver) :: solver
    integer(c_int) :: ierr

    call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_set_progress_callback(solver, go_on, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_step(solver, horizon, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_estimate(solver, 0_c_int, mean, covariance, ierr); call sagips_check(ierr)
    call sagips_solver_destroy(solver, ierr); call sagips_problem_destroy(problem, ierr)
  end subroutine

  integer(c_int) function go_on(user, progress) bind(c)
    type(c_ptr), value :: user
    type(sagips_progress), intent(in) :: progress

    epochs = progress%epoch
    go_on = merge(1, 0, stop_was_asked_for .or. c_associated(user))  ! no pointer was given
  end function

end module fit_plugin
