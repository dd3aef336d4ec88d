! SPDX-License-Identifier: BSD-3-Clause
!> A theory code whose callback has no user pointer: it integrates a function of one number, and how
!> that function learns the parameters is not its business. The bridge is a module variable that
!> every thread has for itself. The law is that of energies,   f(E) = E^n exp(-E/T) .
!> Usage: no_user_pointer [seed]
module energies
  use, intrinsic :: iso_c_binding
  use theory
  use sagips
  implicit none
  integer, parameter :: n_cells = 200
  real(dp), parameter :: width = 20.0_dp / n_cells

  type :: law
    real(dp) :: n = 0, temperature = 1
  end type
  type(law), save :: the_law
  !$omp threadprivate(the_law)  ! each thread has its own

contains

  !> The function that the theory code is given.
  real(dp) function integrand(energy)
    real(dp), intent(in) :: energy

    integrand = energy**the_law%n * exp(-energy / the_law%temperature)
  end function

  !> The model: inversion of the integral, piece by piece.
  integer(c_int) function draw_energies(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v
    type(law) :: before
    integer(c_int64_t) :: row, event, i, above, middle
    real(dp) :: total(0:n_cells), target

    draw_energies = merge(-1, 0, c_associated(user))  ! none was given
    call sagips_batch_view(batch, v)
    before = the_law
    do row = 1, batch%n_rows
      the_law = law(v%parameters(1, row), v%parameters(2, row))
      total(0) = 0
      do i = 1, n_cells
        total(i) = total(i - 1) + theory_integrate(integrand, width * (i - 1), width * i)
      end do
      do event = 1, batch%n_events
        target = v%uniforms(1, event, row) * total(n_cells)
        i = 0; above = n_cells
        do while (above - i > 1)
          middle = (i + above) / 2
          if (total(middle) <= target) i = middle
          if (total(middle) > target) above = middle
        end do
        v%outputs(1, event, row) = width * (i + (target - total(i)) / (total(above) - total(i)))
      end do
    end do
    the_law = before  ! calls may nest
  end function

end module energies

program closure
  use energies
  implicit none
  integer(c_int64_t), parameter :: n_events = 20000, epochs = 1000
  real(dp), parameter :: truth(2) = [1.5_dp, 1.2_dp]
  real(dp), allocatable :: events(:, :)
  real(dp) :: mean(2, 2), covariance(2, 2), sigma(2)
  type(sagips_stage) :: stage
  type(sagips_pipeline) :: pipeline
  type(sagips_problem) :: problem
  type(sagips_options) :: options
  type(sagips_solver) :: solver
  character(len=32) :: argument
  integer(c_int64_t) :: seed, threads
  integer(c_int) :: ierr, i, status

  call get_command_argument(1, argument)
  read (argument, *, iostat=status) seed; if (status /= 0) seed = 1
  call sagips_stage_create(stage, 'energies', ierr); call sagips_check(ierr)
  call sagips_stage_set_shape(stage, 0_c_int, 1_c_int, 0_c_int, 1_c_int, ierr)
  call sagips_check(ierr)
  call sagips_stage_set_forward(stage, draw_energies, ierr=ierr); call sagips_check(ierr)
  call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .true., ierr); call sagips_check(ierr)
  !$ call sagips_stage_set_flag(stage, SAGIPS_CONCURRENT, .true., ierr); call sagips_check(ierr)
  call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
  call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
  call sagips_pipeline_generate(pipeline, truth, n_events, seed, events, ierr=ierr)
  call sagips_check(ierr)
  call sagips_problem_create(problem, ierr); call sagips_check(ierr)
  call sagips_problem_add_parameter(problem, 'n', 0.5_dp, 3.0_dp, ierr); call sagips_check(ierr)
  call sagips_problem_add_parameter(problem, 'T', 0.5_dp, 2.0_dp, ierr); call sagips_check(ierr)
  call sagips_problem_add_dataset(problem, 'data', pipeline, ierr); call sagips_check(ierr)
  call sagips_problem_set_events(problem, 'data', events, ierr=ierr); call sagips_check(ierr)
  call sagips_options_create(options, ierr); call sagips_check(ierr)
  call sagips_options_set(options, 'rows', '4', ierr); call sagips_check(ierr)
  call sagips_options_set(options, 'events', '128', ierr); call sagips_check(ierr)
  call sagips_options_set_integer(options, 'epochs', epochs, ierr); call sagips_check(ierr)
  call sagips_options_set_integer(options, 'seed', seed, ierr); call sagips_check(ierr)
  do threads = 1, 2
    call sagips_options_set_integer(options, 'threads', threads, ierr); call sagips_check(ierr)
    call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_step(solver, epochs, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_estimate(solver, 0_c_int, mean(:, threads), covariance, ierr)
    call sagips_check(ierr)
    call sagips_solver_destroy(solver, ierr)
  end do
  call sagips_options_destroy(options, ierr); call sagips_problem_destroy(problem, ierr)
  call sagips_pipeline_destroy(pipeline, ierr); call sagips_stage_destroy(stage, ierr)

  if (any(transfer(mean(:, 1), [seed]) /= transfer(mean(:, 2), [seed]))) error stop 'DIFFERENT'
  print '(a)', 'one thread and two: the same bits'
  sigma = [(sqrt(covariance(i, i)), i = 1, 2)]
  print '(a, ": truth ", f5.3, ", found ", f6.4, " +- ", f6.4, ", pull ", sp, f5.2, ss)', &
      ('nT'(i:i), truth(i), mean(i, 1), sigma(i), (mean(i, 1) - truth(i)) / sigma(i), i = 1, 2)
  if (any(.not. abs(mean(:, 1) - truth) < 5 * sigma)) error stop 'the truth was not found'
end program closure
