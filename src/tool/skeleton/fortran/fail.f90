! SPDX-License-Identifier: 0BSD
!> Failures end this program with one sentence on stderr; those of the library by sagips_check. A
!> larger host goes on instead: every call returns its status, and nothing in the library stops. Never
!> fail inside a callback: return a number < 0 there.
module failure
  use, intrinsic :: iso_fortran_env, only: error_unit
  implicit none
  private
  public :: fail

contains

  subroutine fail(text)
    character(len=*), intent(in) :: text

    write (error_unit, '(a)') text
    stop 1, quiet=.true.
  end subroutine
end module failure
