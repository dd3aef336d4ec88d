! SPDX-License-Identifier: 0BSD
!> The model, an example to replace: decay times with the mean life tau, measured with a Gaussian
!> resolution sigma,
!>   y = -tau log(u1) + sigma g,   g = sqrt(-2 log(u2)) cos(2 pi u3),   u uniform in (0, 1).
!> Kinds are those of iso_c_binding, so that flags like -fdefault-real-8 change nothing.
module model
  use, intrinsic :: iso_c_binding, only: c_double, c_int, c_int64_t, c_ptr
  use sagips
  implicit none
  private
  public :: dp, n_parameters, n_observables, names, lower, upper, truth, model_pipeline

  integer, parameter :: dp = c_double
  integer(c_int), parameter :: n_observables = 1  ! of an event
  integer(c_int), parameter :: n_uniforms = 3     ! random numbers that an event takes

  integer, parameter :: n_parameters = 2
  character(len=5), parameter :: names(n_parameters) = ['tau  ', 'sigma']
  real(dp), parameter :: lower(n_parameters) = [0.5_dp, 0.1_dp]  ! the box that is searched
  real(dp), parameter :: upper(n_parameters) = [5.0_dp, 2.0_dp]
  real(dp), parameter :: truth(n_parameters) = [2.2_dp, 0.8_dp]  ! of the closure test

contains

  !> How an event moves with (tau, sigma), which is also dy/dparameter, since y is linear in them.
  pure function motion(u)
    real(dp), intent(in) :: u(n_uniforms)
    real(dp) :: motion(n_parameters)

    motion = [-log(u(1)), sqrt(-2 * log(u(2))) * cos(6.283185307179586_dp * u(3))]
  end function

  !> Theory and detector: N rows of parameters -> E events each. A pure function of the batch: all
  !> randomness comes from `uniforms`. An event that the detector misses gets weight 0.
  integer(c_int) function forward(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v
    integer(c_int64_t) :: row, event

    call sagips_batch_view(batch, v)
    do row = 1, batch%n_rows
      do event = 1, batch%n_events
        v%outputs(1, event, row) = &
            dot_product(v%parameters(:, row), motion(v%uniforms(:, event, row)))
      end do
    end do
    forward = 0  ! > 0 skips this epoch, < 0 stops the training
  end function

  !> The vector-Jacobian product: ADDS grad_outputs * dy/dparameter. You have no derivative? Delete
  !> this function and its line below: differences take its place, at the cost of more calls.
  integer(c_int) function backward(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v
    integer(c_int64_t) :: row, event

    call sagips_batch_view(batch, v)
    do row = 1, batch%n_rows
      do event = 1, batch%n_events
        v%grad_parameters(:, row) = v%grad_parameters(:, row) + &
            v%grad_outputs(1, event, row) * motion(v%uniforms(:, event, row))
      end do
    end do
    backward = 0
  end function

  !> parameters -> events
  function model_pipeline() result(pipeline)
    type(sagips_pipeline) :: pipeline
    type(sagips_stage) :: stage
    integer(c_int) :: ierr

    call sagips_stage_create(stage, 'decay', ierr); call sagips_check(ierr)
    call sagips_stage_set_shape(stage, 0_c_int, n_observables, 0_c_int, n_uniforms, ierr)
    call sagips_check(ierr)
    call sagips_stage_set_forward(stage, forward, ierr=ierr); call sagips_check(ierr)
    call sagips_stage_set_backward(stage, backward, ierr); call sagips_check(ierr)
    ! No event jumps, is cut or steps in weight. Delete this where your model does one of those.
    call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .true., ierr); call sagips_check(ierr)

    call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
    call sagips_pipeline_add(pipeline, stage, ierr)  ! a copy; more may follow
    call sagips_check(ierr)
    call sagips_stage_destroy(stage, ierr); call sagips_check(ierr)
  end function
end module model
