! SPDX-License-Identifier: 0BSD
!> Failures end this program with one sentence on stderr. A larger host goes on instead: every call
!> returns its status, and nothing in the library stops. Never fail inside a callback: return a
!> number < 0 there.
module failure
  use, intrinsic :: iso_c_binding, only: c_int
  use, intrinsic :: iso_fortran_env, only: error_unit
  use sagips, only: SAGIPS_OK, sagips_last_error, sagips_status_name
  implicit none
  private
  public :: fail, must

contains

  subroutine fail(text)
    character(len=*), intent(in) :: text

    write (error_unit, '(a)') text
    stop 1, quiet=.true.
  end subroutine

  subroutine must(ierr)
    integer(c_int), intent(in) :: ierr

    if (ierr /= SAGIPS_OK) call fail(sagips_status_name(ierr) // ': ' // sagips_last_error())
  end subroutine
end module failure
