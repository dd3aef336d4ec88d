! SPDX-License-Identifier: 0BSD
!> check     judges the model before you trust it
!> closure   makes events at the known truth, writes them to closure.csv, and finds the truth again
!> run FILE  finds the parameters of your events
!> closure and run take the number of epochs as a last word.
program main
  use, intrinsic :: iso_c_binding, only: c_int, c_int64_t
  use sagips
  use model
  use events, only: read_events, write_events
  use failure, only: fail
  implicit none
  type(sagips_pipeline) :: pipeline
  real(dp), allocatable :: values(:, :)
  real(dp) :: mean(n_parameters), sigma(n_parameters)
  character(len=4096) :: command, path
  integer(c_int64_t) :: epochs
  integer :: n_words
  integer(c_int) :: ierr
  logical :: is_complete

  call get_command_argument(1, command)
  call get_command_argument(2, path)
  n_words = merge(2, 1, command == 'run')
  epochs = epochs_at(n_words + 1)
  is_complete = command_argument_count() == n_words .or. epochs > 0

  pipeline = model_pipeline()
  if (command == 'check' .and. command_argument_count() == 1) then
    call check()
  else if (command == 'closure' .and. is_complete) then
    call closure()
  else if (command == 'run' .and. is_complete) then
    call read_events(trim(path), int(n_observables), values)
    call fit()
  else
    call fail('usage: check | closure [epochs] | run FILE [epochs]')
  end if
  call sagips_pipeline_destroy(pipeline, ierr); call sagips_check(ierr)

contains

  subroutine check()
    type(sagips_check_report) :: report

    call sagips_pipeline_check(pipeline, lower, upper, 1_c_int64_t, report, ierr)
    call sagips_check(ierr)
    print '(a)', sagips_string(report%text)
    if (report%passed == 0) call fail('the model fails its check; see the text above')
  end subroutine

  subroutine closure()
    real(dp) :: pull
    integer :: i

    call sagips_pipeline_generate(pipeline, truth, 50000_c_int64_t, 1_c_int64_t, values, ierr=ierr)
    call sagips_check(ierr)
    call write_events('closure.csv', values)
    call fit()
    do i = 1, n_parameters
      pull = (mean(i) - truth(i)) / sigma(i)
      print '(2a, f6.3, a, sp, f5.1, a)', trim(names(i)), ': truth ', truth(i), ', off by ', pull, &
          ' uncertainties'
      if (.not. abs(pull) < 5) call fail('the closure fails: ' // names(i))
    end do
  end subroutine

  !> Trains on `values`, events (n_observables, n); prints and sets `mean` and `sigma`.
  subroutine fit()
    type(sagips_problem) :: problem
    type(sagips_options) :: options
    type(sagips_solver) :: solver
    type(sagips_progress) :: progress
    type(sagips_assessment) :: verdict
    real(dp) :: covariance(n_parameters, n_parameters)
    integer :: i

    call sagips_problem_create(problem, ierr); call sagips_check(ierr)
    do i = 1, n_parameters
      call sagips_problem_add_parameter(problem, names(i), lower(i), upper(i), ierr)
      call sagips_check(ierr)
    end do
    call sagips_problem_add_dataset(problem, 'data', pipeline, ierr); call sagips_check(ierr)
    call sagips_problem_set_events(problem, 'data', values, ierr=ierr); call sagips_check(ierr)
    call sagips_options_create(options, ierr); call sagips_check(ierr)  ! see `sagips options`
    if (epochs > 0) then
      call sagips_options_set_integer(options, 'epochs', epochs, ierr); call sagips_check(ierr)
    end if

    call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
    call sagips_solver_progress(solver, progress, ierr); call sagips_check(ierr)
    call sagips_solver_step(solver, progress%epochs, progress, ierr); call sagips_check(ierr)
    call sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, mean, covariance, ierr)
    call sagips_check(ierr)
    sigma = [(sqrt(covariance(i, i)), i = 1, n_parameters)]
    print '(i0, a, i0, a, f6.1, a)', size(values, 2), ' events, ', progress%epoch, ' epochs, ', &
        progress%seconds_training, ' s'
    print '(a, /, (a, t11, f11.5, f13.5))', 'parameter    estimate  uncertainty', &
        (names(i), mean(i), sigma(i), i = 1, n_parameters)
    call sagips_solver_assess(solver, SAGIPS_ALL_MEMBERS, verdict, ierr=ierr)
    call sagips_check(ierr)
    print '(3a, f4.2, a)', 'the model ', &
        trim(merge('fits        ', 'does NOT fit', verdict%fits == 1)), ' the events (p = ', &
        verdict%p_value, ')'
    call sagips_solver_destroy(solver, ierr); call sagips_check(ierr)
    call sagips_options_destroy(options, ierr); call sagips_check(ierr)
    call sagips_problem_destroy(problem, ierr); call sagips_check(ierr)
  end subroutine

  !> The number of epochs in word `i`, the last; 0 where there is none.
  integer(c_int64_t) function epochs_at(i)
    integer, intent(in) :: i
    character(len=32) :: word
    integer :: status

    call get_command_argument(i, word)
    read (word, '(i32)', iostat=status) epochs_at
    if (status /= 0 .or. command_argument_count() /= i) epochs_at = 0
  end function
end program main
