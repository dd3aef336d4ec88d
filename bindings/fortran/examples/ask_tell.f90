! SPDX-License-Identifier: BSD-3-Clause
!> A host that owns the loop: it asks the solver for work, puts the tickets into a queue, has them
!> served in whatever order workers get to them, and tells the answers. The estimate has the bits
!> that a callback gives. The model: decay times of mean life tau, measured with a resolution,
!>   t = -tau ln u1 + sigma z(u2, u3).   Usage: ask_tell [seed]
module decay
  use, intrinsic :: iso_c_binding, only: c_associated, c_double, c_int, c_int64_t, c_null_ptr, c_ptr
  use sagips
  implicit none
  integer, parameter :: dp = c_double, queue_size = 64
  integer(c_int64_t), parameter :: n_events = 20000, epochs = 1000
  real(dp), parameter :: truth(2) = [2.2_dp, 0.5_dp]
  character(len=5), parameter :: names(2) = ['tau  ', 'sigma']
  character, parameter :: lf = new_line('a')
contains
  !> One ticket, or one call. It reads and writes the ticket's own arrays: workers need no lock.
  integer(c_int) function serve(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v
    integer(c_int64_t) :: row, event
    real(dp) :: u(3)

    serve = merge(-1_c_int, 0_c_int, c_associated(user))  ! there is none
    call sagips_batch_view(batch, v)
    do row = 1, batch%n_rows
      do event = 1, batch%n_events
        u = v%uniforms(:, event, row)
        v%outputs(1, event, row) = -v%parameters(1, row) * log(u(1)) &
            + v%parameters(2, row) * sqrt(-2 * log(u(2))) * cos(6.283185307179586_dp * u(3))
      end do
    end do
  end function

  !> The host's loop; returns how many tickets were served.
  integer function train(solver) result(served)
    type(sagips_solver), intent(in) :: solver
    type(sagips_batch) :: queue(queue_size), ticket
    integer :: waiting, next
    integer(c_int) :: ierr
    real :: luck
    waiting = 0; served = 0; ierr = SAGIPS_OK
    do
      ticket%ticket = 0
      if (waiting < queue_size) call sagips_solver_ask(solver, ticket, ierr)
      call sagips_check(ierr)
      if (ticket%ticket /= 0) then  ! its arrays stay where they are until it is told
        waiting = waiting + 1; queue(waiting) = ticket
        cycle
      end if
      if (waiting == 0) return  ! nothing to do and nothing out: SAGIPS_DONE
      call random_number(luck)
      next = min(1 + int(luck * real(waiting)), waiting)  ! for the worker that happens to be free
      ticket = queue(next); queue(next) = queue(waiting); waiting = waiting - 1
      call sagips_solver_tell(solver, ticket%ticket, serve(c_null_ptr, ticket), ierr=ierr)
      call sagips_check(ierr); served = served + 1
    end do
  end function

  subroutine fit(is_external, seed, mean, covariance)
    logical, intent(in) :: is_external
    integer(c_int64_t), intent(in) :: seed
    real(dp), intent(out) :: mean(2), covariance(2, 2)
    type(sagips_stage) :: stage
    type(sagips_pipeline) :: pipeline
    type(sagips_problem) :: problem
    type(sagips_options) :: options
    type(sagips_solver) :: solver
    real(dp), allocatable :: times(:, :)
    integer(c_int) :: ierr

    call sagips_stage_create(stage, 'decay', ierr); call sagips_check(ierr)
    call sagips_stage_set_shape(stage, 0_c_int, 1_c_int, 0_c_int, 3_c_int, ierr)
    call sagips_check(ierr)
    call sagips_stage_set_forward(stage, serve, ierr=ierr)  ! for all but training
    call sagips_check(ierr)
    call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .true., ierr); call sagips_check(ierr)
    call sagips_stage_set_external(stage, is_external, .false., .false., ierr)
    call sagips_check(ierr)
    call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
    call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
    call sagips_pipeline_generate(pipeline, truth, n_events, seed, times, ierr=ierr)
    call sagips_check(ierr)
    call sagips_problem_create(problem, ierr); call sagips_check(ierr)
    call sagips_problem_add_parameter(problem, names(1), 0.5_dp, 5.0_dp, ierr)
    call sagips_check(ierr)
    call sagips_problem_add_parameter(problem, names(2), 0.1_dp, 1.5_dp, ierr)
    call sagips_check(ierr)
    call sagips_problem_add_dataset(problem, 'times', pipeline, ierr); call sagips_check(ierr)
    call sagips_problem_set_events(problem, 'times', times, ierr=ierr); call sagips_check(ierr)
    call sagips_options_create(options, ierr); call sagips_check(ierr)
    call sagips_options_read_toml(options, 'epochs = 1000' // lf // 'rows = 8' // lf // &
        'events = 128' // lf // 'ask.rows = 2', ierr); call sagips_check(ierr)  ! two rows a ticket
    call sagips_options_set_integer(options, 'seed', seed, ierr); call sagips_check(ierr)
    call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
    if (is_external) print '(i0, a)', train(solver), ' tickets served'
    if (.not. is_external) call sagips_solver_step(solver, epochs, ierr=ierr)
    call sagips_check(ierr)
    call sagips_solver_estimate(solver, 0_c_int, mean, covariance, ierr); call sagips_check(ierr)
    call sagips_solver_destroy(solver, ierr); call sagips_options_destroy(options, ierr)
    call sagips_problem_destroy(problem, ierr); call sagips_pipeline_destroy(pipeline, ierr)
    call sagips_stage_destroy(stage, ierr)
  end subroutine
end module decay

program ask_tell
  use decay
  implicit none
  real(dp) :: mean(2, 0:1), covariance(2, 2), sigma(2)
  character(len=32) :: argument
  integer(c_int64_t) :: seed
  integer :: i, status

  call get_command_argument(1, argument)
  read (argument, *, iostat=status) seed; if (status /= 0) seed = 1
  call fit(.false., seed, mean(:, 0), covariance)
  call fit(.true., seed, mean(:, 1), covariance)
  sigma = [(sqrt(covariance(i, i)), i = 1, 2)]
  if (any(transfer(mean(:, 0), [seed]) /= transfer(mean(:, 1), [seed]))) error stop 'other bits'
  print '(a)', 'the bits of a callback'
  print '(a, ": truth ", f5.3, ", found ", f6.4, " +- ", f6.4, ", pull ", sp, f5.2, ss)', &
      (trim(names(i)), truth(i), mean(i, 1), sigma(i), (mean(i, 1) - truth(i)) / sigma(i), i = 1, 2)
  if (any(.not. abs(mean(:, 1) - truth) < 5 * sigma)) error stop 'the truth was not found'
end program ask_tell
