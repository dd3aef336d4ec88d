! SPDX-License-Identifier: BSD-3-Clause
!> A program that ends by sagips_check: see check.sh.
program check_test
  use, intrinsic :: iso_c_binding, only: c_int
  use sagips
  implicit none
  type(sagips_options) :: options
  integer(c_int) :: ierr

  call sagips_options_create(options, ierr); call sagips_check(ierr)
  print '(a)', 'it goes on after a success'
  call sagips_options_set(options, 'epoch', '10', ierr); call sagips_check(ierr)
  print '(a)', 'FAILED: it goes on after a failure'
end program check_test
