! SPDX-License-Identifier: 0BSD
!> Files of measured events: NAME.raw holds doubles, the observables of one event after those of the
!> other; every other file is text, one event a line, its observables separated by commas or blanks.
!> Empty lines, those that begin with #, and a header that is no number are passed over.
module events
  use, intrinsic :: iso_c_binding, only: c_double, c_int64_t
  use failure, only: fail
  implicit none
  private
  public :: read_events, write_events

  integer, parameter :: dp = c_double

contains

  !> Events (width, n) of a file. Stops the program if they cannot be read.
  subroutine read_events(path, width, values)
    character(len=*), intent(in) :: path
    integer, intent(in) :: width
    real(dp), allocatable, intent(out) :: values(:, :)
    integer :: unit, status, ending

    ending = index(path, '.raw', back=.true.)
    if (ending > 0 .and. ending == len(path) - 3) then
      open (newunit=unit, file=path, access='stream', form='unformatted', status='old', &
          action='read', iostat=status)
      if (status /= 0) call fail(path // ' cannot be opened; check its name')
      call read_raw(unit, path, width, values)
    else
      open (newunit=unit, file=path, status='old', action='read', iostat=status)
      if (status /= 0) call fail(path // ' cannot be opened; check its name')
      call read_text(unit, path, width, values)
    end if
    close (unit)
    if (size(values) == 0) call fail(path // ' holds no events')
  end subroutine

  subroutine read_raw(unit, path, width, values)
    integer, intent(in) :: unit, width
    character(len=*), intent(in) :: path
    real(dp), allocatable, intent(out) :: values(:, :)
    integer(c_int64_t) :: bytes, event_bytes
    integer :: status

    inquire (unit=unit, size=bytes)
    event_bytes = int(width, c_int64_t) * storage_size(1.0_dp) / 8
    if (modulo(bytes, event_bytes) /= 0) call fail(path // ' does not hold whole events of doubles')
    allocate (values(width, bytes / event_bytes))
    read (unit, iostat=status) values
    if (status /= 0) call fail(path // ' cannot be read to its end')
  end subroutine

  subroutine read_text(unit, path, width, values)
    integer, intent(in) :: unit, width
    character(len=*), intent(in) :: path
    real(dp), allocatable, intent(out) :: values(:, :)
    real(dp), allocatable :: more(:, :)
    real(dp) :: event(width)
    character(len=4096) :: line
    character(len=20) :: place
    integer(c_int64_t) :: n, number
    integer :: status

    allocate (values(width, 1024))
    n = 0
    number = 0
    do
      read (unit, '(a)', iostat=status) line
      if (status /= 0) exit
      number = number + 1
      line = adjustl(line)
      if (line == '' .or. line(1:1) == '#') cycle
      if (.not. is_event(line, width, event)) then
        if (n == 0 .and. verify(line(1:1), '+-.0123456789') /= 0) cycle  ! a header
        write (place, '(i0)') number
        call fail(path // ':' // trim(place) // ' holds no event (must be as many numbers as ' // &
            'there are observables); correct or remove it')
      end if
      if (n == size(values, 2)) then
        allocate (more(width, 2 * n))
        more(:, :n) = values
        call move_alloc(more, values)
      end if
      n = n + 1
      values(:, n) = event
    end do
    values = values(:, :n)
  end subroutine

  !> Whether a line holds `width` numbers and nothing else.
  logical function is_event(line, width, event)
    character(len=*), intent(in) :: line
    integer, intent(in) :: width
    real(dp), intent(out) :: event(width)
    character(len=1) :: beyond
    integer :: status

    is_event = .false.
    if (scan(line, '/*;"''') > 0) return  ! these have a meaning of their own to Fortran
    read (line, *, iostat=status) event
    if (status /= 0) return
    read (line, *, iostat=status) event, beyond
    is_event = status /= 0
  end function

  !> Writes events (width, n) as text.
  subroutine write_events(path, values)
    character(len=*), intent(in) :: path
    real(dp), intent(in) :: values(:, :)
    integer(c_int64_t) :: n
    integer :: unit, status

    open (newunit=unit, file=path, status='replace', action='write', iostat=status)
    do n = 1, size(values, 2, c_int64_t)
      if (status == 0) write (unit, '(*(es24.16e3, :, ","))', iostat=status) values(:, n)
    end do
    if (status == 0) close (unit, iostat=status)
    if (status /= 0) call fail(path // ' cannot be written; check the folder')
  end subroutine
end module events
