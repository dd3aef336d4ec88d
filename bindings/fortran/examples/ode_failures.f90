! SPDX-License-Identifier: BSD-3-Clause
!> A model that now and then fails: a particle flies past a centre of force, by a Runge-Kutta method
!> with steps of its own. Close by, these are so many that the budget of a training runs out, which
!> the solver of equations tells by `info`: the row fails, and the option `failure.policy` says what
!> becomes of it. Usage: ode_failures [seed]
module gas_stage
  use, intrinsic :: iso_c_binding
  use flight
  use sagips
  implicit none
  integer, parameter :: budget = 380, patience = 100000
  real(dp), parameter :: truth(2) = [0.2_dp, 0.05_dp]
  character(len=8), parameter :: names(2) = ['strength', 'drag    ']
  character, parameter :: lf = new_line('a')

contains

  !> A row fails with any of its particles. What is no training deserves the steps that it takes.
  integer(c_int) function gas(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v
    integer(c_int64_t) :: row, event
    integer :: info
    real(dp) :: u(3), turn

    gas = merge(-1, 0, c_associated(user))  ! none was given
    call sagips_batch_view(batch, v)
    do row = 1, batch%n_rows
      do event = 1, batch%n_events
        u = v%uniforms(:, event, row)
        call fly(v%parameters(:, row), u(1), merge(budget, patience, batch%training == 1), &
            v%outputs(:, event, row), info)
        if (info /= 0) v%row_status(row) = 1
        turn = 6.283185307179586_dp * u(2)
        v%outputs(:, event, row) = v%outputs(:, event, row) &
            + 0.1_dp * sqrt(-2 * log(u(3))) * [cos(turn), sin(turn)]
      end do
    end do
  end function

  !> Trains with a policy and tells what came out.
  subroutine close_loop(problem, policy, seed)
    type(sagips_problem), intent(in) :: problem
    character(len=*), intent(in) :: policy
    integer(c_int64_t), intent(in) :: seed
    type(sagips_options) :: options
    type(sagips_solver) :: solver
    type(sagips_progress) :: progress
    real(dp) :: mean(2), covariance(2, 2), sigma(2)
    integer(c_int) :: ierr, i

    call sagips_options_create(options, ierr); call sagips_check(ierr)
    call sagips_options_read_toml(options, &  ! many small rows: with one that fails, little goes
        'epochs = 300' // lf // 'rows = 8' // lf // 'events = 32' // lf // 'growth.factor = 1' &
        // lf // 'uncertainty.events = 8192' // lf // 'failure.limit = 0.3', ierr)
    call sagips_check(ierr)
    call sagips_options_set(options, 'failure.policy', policy, ierr); call sagips_check(ierr)
    call sagips_options_set_integer(options, 'seed', seed, ierr); call sagips_check(ierr)
    call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_step(solver, 300_c_int64_t, progress, ierr); call sagips_check(ierr)
    call sagips_solver_estimate(solver, 0_c_int, mean, covariance, ierr); call sagips_check(ierr)
    call sagips_solver_destroy(solver, ierr); call sagips_options_destroy(options, ierr)
    print '(a, ": ", i0, " rows, ", i0, " failed, ", i0, " drawn again")', policy, &
        progress%rows_run, progress%rows_failed, progress%rows_resampled
    sigma = [(sqrt(covariance(i, i)), i = 1, 2)]
    print '(2x, a, ": truth ", f5.3, ", found ", f6.4, " +- ", f6.4, ", pull ", sp, f5.2, ss)', &
        (trim(names(i)), truth(i), mean(i), sigma(i), (mean(i) - truth(i)) / sigma(i), i = 1, 2)
    if (progress%rows_failed == 0) error stop 'an example of failures must have some'
    if (any(.not. abs(mean - truth) < 5 * sigma)) error stop 'the truth was not found'
  end subroutine

end module gas_stage

program ode_failures
  use gas_stage
  implicit none
  real(dp), allocatable :: events(:, :)
  type(sagips_stage) :: stage
  type(sagips_pipeline) :: pipeline
  type(sagips_problem) :: problem
  character(len=32) :: argument
  integer(c_int64_t), parameter :: n_events = 5000
  integer(c_int64_t) :: seed
  integer(c_int) :: ierr, status

  call get_command_argument(1, argument)
  read (argument, *, iostat=status) seed; if (status /= 0) seed = 1
  call sagips_stage_create(stage, 'gas', ierr); call sagips_check(ierr)
  call sagips_stage_set_shape(stage, 0_c_int, 2_c_int, 0_c_int, 3_c_int, ierr)
  call sagips_check(ierr)
  call sagips_stage_set_forward(stage, gas, ierr=ierr); call sagips_check(ierr)
  ! Not SAGIPS_SMOOTH: steps that adapt let results jump by the tolerance.
  call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
  call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
  call sagips_pipeline_generate(pipeline, truth, n_events, seed, events, ierr=ierr)
  call sagips_check(ierr)
  call sagips_problem_create(problem, ierr); call sagips_check(ierr)
  call sagips_problem_add_parameter(problem, names(1), 0.1_dp, 0.4_dp, ierr)
  call sagips_check(ierr)
  call sagips_problem_add_parameter(problem, names(2), 0.01_dp, 0.1_dp, ierr)
  call sagips_check(ierr)
  call sagips_problem_add_dataset(problem, 'velocities', pipeline, ierr); call sagips_check(ierr)
  call sagips_problem_set_events(problem, 'velocities', events, ierr=ierr); call sagips_check(ierr)
  call close_loop(problem, 'skip', seed)
  call close_loop(problem, 'resample', seed)
  call sagips_problem_destroy(problem, ierr); call sagips_pipeline_destroy(pipeline, ierr)
  call sagips_stage_destroy(stage, ierr)
end program ode_failures
