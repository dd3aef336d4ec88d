! SPDX-License-Identifier: BSD-3-Clause
!> A theory code as there are many: it integrates a function of one number, and gives it nothing
!> else. Nothing in this file knows of SAGIPS.
module theory
  use, intrinsic :: iso_c_binding, only: dp => c_double
  implicit none

contains

  !> Simpson's rule.
  real(dp) function theory_integrate(f, a, b)
    real(dp), external :: f
    real(dp), intent(in) :: a, b
    real(dp) :: h

    h = (b - a) / 2
    theory_integrate = h / 3 * (f(a) + 4 * f(a + h) + f(b))
  end function
end module theory
