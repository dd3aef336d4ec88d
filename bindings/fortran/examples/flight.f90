! SPDX-License-Identifier: BSD-3-Clause
!> A solver of equations as there are many: it takes steps of its own, and tells by `info` whether it
!> arrived. A particle flies past a centre of strength p(1) through a gas that drags at it,
!>   x'' = -p(1) x/|x|^3 - p(2) x'.   Nothing in this file knows of SAGIPS.
module flight
  use, intrinsic :: iso_c_binding, only: dp => c_double
  implicit none
  real(dp), parameter :: tolerance = 1e-3_dp

contains

  pure function slope(p, s)
    real(dp), intent(in) :: p(2), s(4)  ! s = x, y, vx, vy
    real(dp) :: slope(4), q

    q = s(1) * s(1) + s(2) * s(2) + 1e-10_dp
    slope = [s(3:4), -p(1) / (q * sqrt(q)) * s(1:2) - p(2) * s(3:4)]
  end function

  !> Velocity at time 8 of a particle that starts at (-3, b) with velocity (1, 0), by the orders 3
  !> and 2 of Bogacki and Shampine (1989). info = 1 where `steps` are not enough.
  pure subroutine fly(p, b, steps, velocity, info)
    real(dp), intent(in) :: p(2), b
    integer, intent(in) :: steps
    real(dp), intent(out) :: velocity(2)
    integer, intent(out) :: info
    real(dp) :: s(4), k1(4), k2(4), k3(4), k4(4), t(4), h, left, error
    integer :: step

    s = [-3.0_dp, b, 1.0_dp, 0.0_dp]; h = 0.2_dp; left = 8
    k1 = slope(p, s)
    do step = 1, steps
      if (left <= 0) exit
      h = min(h, left)
      k2 = slope(p, s + h / 2 * k1)
      k3 = slope(p, s + h * 3 / 4 * k2)
      t = s + h / 9 * (2 * k1 + 3 * k2 + 4 * k3)
      k4 = slope(p, t)
      error = maxval(h * abs(-5 * k1 / 72 + k2 / 12 + k3 / 9 - k4 / 8))
      if (error <= tolerance) then
        s = t; k1 = k4; left = left - h
      end if
      h = h * min(4.0_dp, max(0.2_dp, &
          0.9_dp * (tolerance / max(error, 1e-12_dp))**(1.0_dp / 3)))
    end do
    velocity = s(3:4)
    info = merge(1, 0, left > 0)
  end subroutine
end module flight
