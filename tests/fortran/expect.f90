! SPDX-License-Identifier: BSD-3-Clause
!> Claims of the Fortran tests: silent while they hold, and counted.
module expect
  use, intrinsic :: iso_c_binding, only: c_double, c_int, c_int64_t
  use sagips
  implicit none
  private
  public :: claim, claim_ok, same, finish

  integer :: n_failed = 0

contains

  subroutine claim(text, holds)
    character(len=*), intent(in) :: text
    logical, intent(in) :: holds

    if (holds) return
    n_failed = n_failed + 1
    print '(2a)', 'FAILED: ', text
  end subroutine

  subroutine claim_ok(text, ierr)
    character(len=*), intent(in) :: text
    integer(c_int), intent(in) :: ierr

    call claim(text, ierr == SAGIPS_OK)
    if (ierr /= SAGIPS_OK) print '(4a)', '  ', sagips_status_name(ierr), ': ', sagips_last_error()
  end subroutine

  !> Equal to the last bit.
  elemental logical function same(a, b)
    real(c_double), intent(in) :: a, b

    same = transfer(a, 0_c_int64_t) == transfer(b, 0_c_int64_t)
  end function

  subroutine finish()
    if (n_failed > 0) error stop 'claims failed'
  end subroutine
end module expect
