! SPDX-License-Identifier: BSD-3-Clause
!> A detector as there are many: a derived type with a calibration, a function that makes one, and
!> what it has to say. Nothing in this file knows of SAGIPS.
module calorimeter
  use, intrinsic :: iso_c_binding, only: dp => c_double, i8 => c_int64_t
  implicit none

  !> A row of cells from 0 to `length`.
  type :: detector
    real(dp) :: cells_per_length
    real(dp), allocatable :: gain(:), efficiency(:)  ! of each cell
    integer(i8) :: fails_at_epoch = -1  ! the accident of this example
  end type

contains

  !> A new detector, or null() where the calibration makes no sense. The caller deallocates it.
  function new_detector(length, gain, efficiency) result(new)
    real(dp), intent(in) :: length, gain(:), efficiency(:)
    type(detector), pointer :: new

    new => null()
    if (.not. length > 0 .or. size(gain) < 2 .or. size(gain) /= size(efficiency)) return
    allocate (new)
    new%cells_per_length = size(gain) / length
    new%gain = gain
    new%efficiency = efficiency
  end function

  !> Interpolated between the centres of cells, which are at place = 0, 1, ...
  pure real(dp) function at(table, place)
    real(dp), intent(in) :: table(0:), place
    real(dp) :: inside, part
    integer :: below

    inside = min(max(place, 0.0_dp), real(ubound(table, 1), dp))
    below = min(int(inside), ubound(table, 1) - 1)
    part = inside - below
    at = table(below) * (1 - part) + table(below + 1) * part
  end function
end module calorimeter
