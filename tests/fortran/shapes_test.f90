! SPDX-License-Identifier: BSD-3-Clause
!> Arrays that do not fit together are refused with a text, nothing is read beyond them, and texts and
!> arrays that fit come back whole.
module shape_cases
  use, intrinsic :: iso_c_binding
  use sagips
  use expect
  implicit none

contains

  !> The call just made failed for its shapes, and says for which.
  subroutine claim_shape(what, ierr)
    character(len=*), intent(in) :: what
    integer(c_int), intent(in) :: ierr

    call claim(what // ' of a wrong shape are refused', ierr == SAGIPS_ERROR_SHAPE)
    call claim(what // ' are named', index(sagips_last_error(), what // ' has the shape (') == 1)
    call claim('with what to do', index(sagips_last_error(), 'must be (') > 0)
  end subroutine

  !> Doubles its input: a second stage without a product.
  integer(c_int) function double_it(user, batch) bind(c)
    type(c_ptr), value :: user
    type(sagips_batch), intent(inout) :: batch
    type(sagips_view) :: v

    double_it = merge(-1_c_int, 0_c_int, c_associated(user))  ! there is none
    call sagips_batch_view(batch, v)
    v%outputs = 2 * v%inputs
  end function

  !> Two stages with different routes, whose names joined are long.
  subroutine make_pipeline(pipeline)
    type(sagips_pipeline), intent(out) :: pipeline
    type(sagips_stage) :: stage
    integer(c_int) :: ierr

    call sagips_pipeline_create(pipeline, ierr); call sagips_check(ierr)
    call sagips_pipeline_add_builtin(pipeline, 'kuma6', ierr=ierr); call sagips_check(ierr)
    call sagips_stage_create(stage, 'double', ierr); call sagips_check(ierr)
    call sagips_stage_set_shape(stage, 2_c_int, 2_c_int, 0_c_int, 0_c_int, ierr)
    call sagips_check(ierr)
    call sagips_stage_set_forward(stage, double_it, ierr=ierr); call sagips_check(ierr)
    call sagips_stage_set_parameters(stage, [integer(c_int) ::], ierr); call sagips_check(ierr)
    call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
    call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .true., ierr); call sagips_check(ierr)
    call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
    call sagips_stage_set_flag(stage, SAGIPS_SMOOTH, .false., ierr); call sagips_check(ierr)
    call sagips_stage_set_step(stage, SAGIPS_SMOOTHED, 0.0_c_double, ierr); call sagips_check(ierr)
    call sagips_pipeline_add(pipeline, stage, ierr); call sagips_check(ierr)
    call sagips_stage_destroy(stage, ierr); call sagips_check(ierr)
  end subroutine
end module shape_cases

program shapes_test
  use shape_cases
  implicit none
  integer(c_int64_t), parameter :: n = 500
  real(c_double), parameter :: truth(6) = [1.5_c_double, 1.4_c_double, 3.0_c_double, 2.0_c_double, &
      2.2_c_double, 4.0_c_double]
  real(c_double), parameter :: lower(6) = 0.5_c_double, upper(6) = 6.0_c_double
  character(len=2), parameter :: names(6) = ['s0', 'a0', 'b0', 's1', 'a1', 'b1']
  type(sagips_pipeline) :: pipeline
  type(sagips_problem) :: problem
  type(sagips_options) :: options
  type(sagips_solver) :: solver
  type(sagips_check_report) :: report
  real(c_double), allocatable, target :: events(:, :), few(:), many(:)
  real(c_float), allocatable, target :: singles(:, :), few_singles(:)
  real(c_double), pointer, contiguous :: nothing(:, :), no_weights(:)
  real(c_double) :: mean(6), wide(6, 7), matrix(6, 6), second(6, 6), members(6, 2), strided(12, 12)
  integer(c_int64_t) :: numbers(n + 1), i
  character(len=:), allocatable :: route, text
  integer(c_int) :: ierr, k

  call make_pipeline(pipeline)
  call sagips_pipeline_generate(pipeline, truth, n, 1_c_int64_t, events, ierr=ierr)
  call sagips_check(ierr)
  singles = real(events, c_float)
  allocate (few(n - 1), many(n + 1), few_singles(n - 1))
  few = 1
  many = 1
  few_singles = 1
  numbers = [(i, i = 1, n + 1)]

  call sagips_pipeline_check(pipeline, lower, upper(:5), 1_c_int64_t, report, ierr)
  call claim_shape('upper', ierr)
  call sagips_pipeline_add_background(pipeline, 'fraction=0.5', events, few, ierr)
  call claim_shape('weights', ierr)
  call sagips_problem_create(problem, ierr); call sagips_check(ierr)
  do k = 1, 6
    call sagips_problem_add_parameter(problem, names(k), lower(k), upper(k), ierr)
    call sagips_check(ierr)
  end do
  call sagips_problem_add_dataset(problem, 'data', pipeline, ierr); call sagips_check(ierr)

  ! 1. Events.
  call sagips_problem_set_events(problem, 'data', events, few, ierr)
  call claim_shape('weights', ierr)
  call claim('both sizes are told', index(sagips_last_error(), '(499) (must be (500)') > 0)
  call sagips_problem_set_events(problem, 'data', singles, few_singles, ierr)
  call claim_shape('weights', ierr)
  call sagips_problem_add_events(problem, 'data', events, many, numbers(:n), ierr)
  call claim_shape('weights', ierr)
  call sagips_problem_add_events(problem, 'data', events, many(:n), numbers, ierr)
  call claim_shape('numbers', ierr)
  call sagips_problem_add_events(problem, 'data', singles, numbers=numbers, ierr=ierr)
  call claim_shape('numbers', ierr)
  call sagips_problem_event_count(problem, 'data', i, ierr)
  call claim('nothing was taken', ierr == SAGIPS_OK .and. i == 0)
  call sagips_problem_borrow_events(problem, 'data', events, few, ierr=ierr)
  call claim_shape('weights', ierr)
  call sagips_problem_borrow_events(problem, 'data', singles, few_singles, ierr=ierr)
  call claim_shape('weights', ierr)
  nullify (nothing, no_weights)
  call sagips_problem_borrow_events(problem, 'data', nothing, ierr=ierr)
  call claim('events must be somewhere', ierr == SAGIPS_ERROR_NULL)
  call sagips_problem_borrow_events(problem, 'data', events, n_observables=3_c_int, ierr=ierr)
  call claim('more observables than there are', ierr == SAGIPS_ERROR_SHAPE)
  call sagips_problem_borrow_events(problem, 'data', events, no_weights, ierr=ierr)
  call claim_ok('null() is no weights', ierr)
  call sagips_problem_borrow_events(problem, 'data', events, many(:n), ierr=ierr)
  call claim_ok('weights that fit', ierr)

  ! 2. What a solver tells.
  call sagips_options_create(options, ierr); call sagips_check(ierr)
  call sagips_options_read_toml(options, 'epochs = 3' // new_line('a') // 'ensemble.members = 2', &
      ierr)
  call sagips_check(ierr)
  call sagips_solver_create(solver, problem, options, ierr=ierr); call sagips_check(ierr)
  call sagips_solver_gradient_route(solver, 'data', route, ierr)
  call claim('a long route is whole', route == &
      'vjp + objective differences + event differences + smoothed differences')
  call sagips_solver_gradient_route(solver, 'none', text, ierr)
  call claim('none without the data set', ierr == SAGIPS_ERROR_NOT_FOUND .and. text == '')
  call sagips_solver_step(solver, 3_c_int64_t, ierr=ierr); call sagips_check(ierr)
  call sagips_solver_predict(solver, 0_c_int, wide(:5, :), ierr)
  call claim('proposals are (P, n)', ierr == SAGIPS_ERROR_SHAPE)
  call sagips_solver_estimate(solver, 0_c_int, mean, wide, ierr)
  call claim_shape('covariance', ierr)
  call sagips_solver_estimate(solver, 0_c_int, mean, matrix(:, :5), ierr)
  call claim_shape('covariance', ierr)
  call describe(wide, matrix, mean, members)
  call claim_shape('statistical', ierr)
  call describe(matrix, wide(:5, :), mean, members)
  call claim_shape('member_covariance', ierr)
  call describe(matrix, second, mean(:5), members)
  call claim_shape('member_sigma', ierr)
  call describe(matrix, second, mean, members(:, :1))
  call claim_shape('members', ierr)
  call describe(matrix, second, mean, members)
  call claim_ok('all shapes fit', ierr)
  strided = -1
  call sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, strided(1::2, 1), strided(1::2, 2::2), ierr)
  call claim_ok('strided arrays are fine', ierr)
  call sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, mean, matrix, ierr)
  call claim('and filled', all(same(strided(1::2, 1), mean)) .and. &
      all(same(strided(1::2, 2::2), matrix)))
  call claim('with nothing in between', all(same(strided(2::2, :), -1.0_c_double)))

  call sagips_solver_destroy(solver, ierr); call sagips_check(ierr)
  call sagips_options_destroy(options, ierr); call sagips_check(ierr)
  call sagips_problem_destroy(problem, ierr); call sagips_check(ierr)
  call sagips_pipeline_destroy(pipeline, ierr); call sagips_check(ierr)
  call finish()

contains

  subroutine describe(statistical, member_covariance, sigma, all_members)
    real(c_double), intent(out) :: statistical(:, :), member_covariance(:, :), sigma(:)
    real(c_double), intent(out) :: all_members(:, :)
    real(c_double) :: middle(6)

    call sagips_solver_describe_estimate(solver, SAGIPS_ALL_MEMBERS, middle, &
        statistical=statistical, member_covariance=member_covariance, member_sigma=sigma, &
        members=all_members, ierr=ierr)
  end subroutine
end program shapes_test
