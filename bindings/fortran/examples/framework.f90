! SPDX-License-Identifier: BSD-3-Clause
!> A framework that owns the main program, the threads that read files, the life cycle of plug-ins,
!> and the signals. The files are made up here. Threads are those of OpenMP; compiled without it, one
!> reads all files, to the same bits. Usage: framework [seed]
!>
!>   configure -> begin_job -> event, event, ... (from all threads at once) -> end_job
module signals
  use, intrinsic :: iso_c_binding
  use fit_plugin, only: stop_was_asked_for
  implicit none
  integer(c_int), parameter :: sigterm = 15

  interface
    type(c_funptr) function signal(number, handler) bind(c)
      import
      integer(c_int), value :: number
      type(c_funptr), value :: handler
    end function
    integer(c_int) function raise(number) bind(c)
      import
      integer(c_int), value :: number
    end function
  end interface

contains

  subroutine ask_for_stop(number) bind(c)
    integer(c_int), value :: number

    stop_was_asked_for = number == sigterm
  end subroutine
end module signals

program framework
  use fit_plugin
  use signals
  implicit none
  integer(c_int64_t), parameter :: n_events = 40000, n_files = 4
  real(dp), allocatable :: events(:, :)
  real(dp) :: sigma(6)
  character(len=64) :: settings
  character(len=32) :: argument
  type(c_funptr) :: handler
  integer(c_int64_t) :: seed
  integer(c_int) :: ierr
  integer :: i, status

  call get_command_argument(1, argument)
  read (argument, *, iostat=status) seed; if (status /= 0) seed = 1
  handler = signal(sigterm, c_funloc(ask_for_stop))
  write (settings, '(a, i0, a, a, i0)') 'epochs = ', horizon, new_line('a'), 'seed = ', seed
  call configure(settings)
  call sagips_pipeline_generate(pipeline, truth, n_events, seed, events, ierr=ierr)
  call sagips_check(ierr)
  call run_job
  if (epochs /= horizon) error stop 'the training is not at its end'
  sigma = [(sqrt(covariance(i, i)), i = 1, 6)]
  print '(a, ": truth ", f4.2, ", found ", f6.4, " +- ", f6.4, ", pull ", sp, f5.2, ss)', &
      (names(i), truth(i), mean(i), sigma(i), (mean(i) - truth(i)) / sigma(i), i = 1, 6)
  if (any(.not. abs(mean - truth) < 5 * sigma)) error stop 'the truth was not found'

  status = raise(sigterm)  ! comes to the framework, and through it to the plug-in
  call run_job
  if (epochs /= 1) error stop 'the training did not stop'
  handler = signal(sigterm, handler)
  if (.not. c_associated(handler, c_funloc(ask_for_stop))) error stop 'the handler was changed'
  call sagips_options_destroy(options, ierr); call sagips_pipeline_destroy(pipeline, ierr)

contains

  !> A thread for each file; a file holds every fourth event.
  subroutine run_job
    integer(c_int64_t) :: file, number

    call begin_job
    !$omp parallel do private(number) num_threads(n_files)
    do file = 1, n_files
      do number = file, n_events, n_files
        call event(number, events(:, number))
      end do
    end do
    call end_job
  end subroutine
end program framework
