! SPDX-License-Identifier: BSD-3-Clause
!> Problems and trainings through the Fortran module, on the built-in kuma6.
module observers
  use, intrinsic :: iso_c_binding
  use sagips
  implicit none

  !> What the callbacks saw.
  type :: diary
    integer(c_int64_t) :: epoch = 0
    integer(c_int64_t) :: metrics_epoch = 0
    integer(c_int64_t) :: n_bodies = 0
    integer :: n_estimates = 0
  end type

contains

  integer(c_int) function stop_at_three(user, progress) bind(c)
    type(c_ptr), value :: user
    type(sagips_progress), intent(in) :: progress
    type(diary), pointer :: d

    call c_f_pointer(user, d)
    d%epoch = progress%epoch
    stop_at_three = merge(1_c_int, 0_c_int, progress%epoch >= 3)
  end function

  subroutine note_metrics(user, metrics) bind(c)
    type(c_ptr), value :: user
    type(sagips_metrics), intent(in) :: metrics
    type(diary), pointer :: d
    type(sagips_progress), pointer :: progress
    real(c_double), pointer :: estimate(:), members(:, :)

    call c_f_pointer(user, d)
    call c_f_pointer(metrics%progress, progress)
    call c_f_pointer(metrics%estimate, estimate, [metrics%n_parameters])
    call c_f_pointer(metrics%members, members, [metrics%n_parameters, metrics%n_members])
    d%metrics_epoch = progress%epoch
    d%n_estimates = count(abs(members(:, 1) - estimate) <= 0)
  end subroutine

  subroutine print_log(user, level, text) bind(c)
    type(c_ptr), value :: user
    integer(c_int), value :: level
    type(c_ptr), value :: text

    print '(a, l1, i2, 2a)', 'log ', c_associated(user), level, ': ', sagips_string(text)
  end subroutine

  integer(c_int) function run_here(host, n, body, ctx) bind(c)
    type(c_ptr), value :: host
    integer(c_int64_t), value :: n
    procedure(sagips_body_fn) :: body
    type(c_ptr), value :: ctx
    type(diary), pointer :: d
    integer(c_int64_t) :: i

    call c_f_pointer(host, d)
    do i = 0, n - 1
      call body(ctx, i)
    end do
    d%n_bodies = d%n_bodies + n
    run_here = 0
  end function
end module observers

program training_test
  use observers
  use expect
  implicit none
  real(c_double), parameter :: truth(6) = [1.5_c_double, 1.4_c_double, 3.0_c_double, 2.0_c_double, &
      2.2_c_double, 4.0_c_double]
  character(len=*), parameter :: folder = 'checkpoints of training_test'
  type(sagips_options) :: options
  type(sagips_pipeline) :: pipeline
  type(sagips_problem) :: problem
  type(sagips_comm) :: comm
  type(sagips_solver) :: solver, other
  type(sagips_progress) :: progress
  type(sagips_assessment) :: assessment
  type(diary), target :: d
  real(c_double), allocatable, target :: events(:, :), table(:, :)
  real(c_float), allocatable, target :: single(:, :)
  real(c_double), pointer, contiguous :: borrowed(:, :)
  real(c_double) :: mean(6), again(6), covariance(6, 6), too_short(5), rows(6, 10)
  real(c_float), allocatable :: weights(:), copy(:)
  character(len=:), allocatable :: text
  integer(c_int64_t) :: n_weights
  integer(c_int) :: ierr, n_parameters, n_members, n_datasets, rank, n_ranks, condition

  ! 1. The problem, in every way that events come.
  call sagips_pipeline_create(pipeline, ierr)
  call sagips_pipeline_add_builtin(pipeline, 'kuma6', ierr=ierr)
  call sagips_pipeline_generate(pipeline, truth, 2000_c_int64_t, 1_c_int64_t, events, ierr=ierr)
  call claim_ok('events are generated', ierr)
  call make_problem()
  call sagips_problem_add_parameter(problem, 's0', 0.0_c_double, 1.0_c_double, ierr)
  call claim('a name can be taken once', ierr /= SAGIPS_OK)
  call sagips_problem_set_unit(problem, 's0', 'GeV', ierr)
  call claim_ok('a unit is set', ierr)
  call sagips_problem_set_scale(problem, 's0', SAGIPS_LOGARITHMIC, ierr)
  call claim_ok('a scale is set', ierr)
  call sagips_problem_set_start(problem, 's0', 1.0_c_double, ierr)
  call claim_ok('a start is set', ierr)
  call sagips_problem_set_prior(problem, 's1', 2.0_c_double, 0.1_c_double, ierr)
  call claim_ok('a prior is set', ierr)
  call sagips_problem_set_fixed(problem, 'b1', 4.0_c_double, ierr)
  call claim_ok('a parameter is fixed', ierr)
  call sagips_problem_set_auxiliary(problem, 'data', 0_c_int, 1.0_c_double, 0.1_c_double, &
      SAGIPS_GAUSSIAN, ierr)
  call claim('kuma6 has no auxiliary', ierr == SAGIPS_ERROR_RANGE)
  call sagips_problem_set_dataset_weight(problem, 'data', 2.0_c_double, ierr)
  call claim_ok('a data set is weighted', ierr)
  call sagips_problem_destroy(problem, ierr)

  call sagips_options_create(options, ierr)
  call sagips_options_set(options, 'epochs', '10', ierr)
  call sagips_options_set(options, 'metrics.every', '2', ierr)
  call claim_ok('metrics come every second epoch', ierr)
  call make_problem()
  call sagips_solver_create(solver, problem, options, ierr=ierr)
  call claim('a problem needs events', ierr == SAGIPS_ERROR_STATE)
  call sagips_problem_set_events(problem, 'data', events(:1, :), ierr=ierr)
  call claim('two observables are needed', ierr == SAGIPS_ERROR_SHAPE)
  call sagips_problem_set_events(problem, 'no data', events, ierr=ierr)
  call claim('a data set must exist', ierr == SAGIPS_ERROR_NOT_FOUND)
  call sagips_problem_set_events(problem, 'data', events, ierr=ierr)
  mean = estimate_of('a copy')
  allocate (table(3, size(events, 2)))
  table(1, :) = -1
  table(2:3, :) = events
  call sagips_problem_set_events(problem, 'data', table(2:3, :), ierr=ierr)
  call claim('columns of a table', all(same(estimate_of('columns'), mean)))
  table(1:2, :) = events
  table(3, :) = 1
  call sagips_problem_borrow_events(problem, 'data', table, n_observables=2_c_int, ierr=ierr)
  call claim('a borrowed table', all(same(estimate_of('a table'), mean)))
  borrowed => events
  call sagips_problem_borrow_events(problem, 'data', borrowed, ierr=ierr)
  call claim('a borrowed pointer', all(same(estimate_of('a pointer'), mean)))
  call sagips_problem_set_events(problem, 'data', events, table(3, :), ierr)
  call claim('weights of 1', all(same(estimate_of('weights'), mean)))
  table(3, :) = 0
  call sagips_problem_set_events(problem, 'data', events, table(3, :), ierr)
  call claim('weights of 0', ierr == SAGIPS_ERROR_DATA)
  call added_events()
  single = real(events, c_float)
  call sagips_problem_set_events(problem, 'data', single, ierr=ierr)
  again = estimate_of('single precision')
  call sagips_problem_borrow_events(problem, 'data', single, ierr=ierr)
  call claim('single precision, borrowed', all(same(estimate_of('single'), again)))
  call sagips_problem_set_events(problem, 'data', events, ierr=ierr)

  ! 2. The training.
  call sagips_comm_create_serial(comm, ierr)
  call claim_ok('a communicator is created', ierr)
  call sagips_comm_shape(comm, rank, n_ranks, ierr=ierr)
  call claim('rank 0 of 1', rank == 0 .and. n_ranks == 1)
  call sagips_solver_create(solver, problem, options, comm, ierr)
  call claim_ok('a solver is created', ierr)
  call sagips_solver_shape(solver, n_parameters, n_members, n_datasets, ierr=ierr)
  call claim('6 parameters, 1 member, 1 data set', n_parameters == 6 .and. n_members == 1 .and. &
      n_datasets == 1)
  call sagips_solver_gradient_route(solver, 'data', text, ierr)
  call claim('kuma6 has a product', ierr == SAGIPS_OK .and. text == 'vjp')
  call sagips_solver_options(solver, text, ierr)
  call claim('its options are told', ierr == SAGIPS_OK .and. index(text, 'epochs = 10') > 0)

  call sagips_solver_set_progress_callback(solver, stop_at_three, c_loc(d), ierr)
  call claim_ok('progress is watched', ierr)
  call sagips_solver_set_metrics_callback(solver, note_metrics, c_loc(d), ierr)
  call claim_ok('metrics are watched', ierr)
  call sagips_solver_set_log_callback(solver, print_log, ierr=ierr)
  call claim_ok('messages are printed', ierr)
  call sagips_solver_set_parallel_for(solver, run_here, c_loc(d), ierr)
  call claim_ok('loops run here', ierr)
  call sagips_solver_step(solver, 10_c_int64_t, progress, ierr)
  call claim_ok('it trains', ierr)
  call claim('until the callback stops it', progress%epoch == 3 .and. d%epoch == 3)
  call claim('and says so', progress%stop_reason == SAGIPS_STOP_REQUESTED)
  call claim('metrics came', d%metrics_epoch == 2 .and. d%n_estimates == 6)
  call claim('loops ran', d%n_bodies > 0)
  call sagips_solver_set_progress_callback(solver, ierr=ierr)
  call sagips_solver_set_metrics_callback(solver, ierr=ierr)
  call sagips_solver_set_log_callback(solver, ierr=ierr)
  call sagips_solver_set_parallel_for(solver, ierr=ierr)
  call sagips_solver_request_stop(solver, ierr)
  call sagips_solver_step(solver, 10_c_int64_t, progress, ierr=ierr)
  call claim('a request ends the next step', progress%epoch == 3)
  call sagips_solver_condition(solver, condition, ierr)
  call claim('it is ready', condition == SAGIPS_READY)

  ! 3. Checkpoints: the rest of the training, twice.
  call sagips_solver_save(solver, folder, ierr)
  call claim_ok('it is saved', ierr)
  call sagips_solver_step(solver, 10_c_int64_t, progress, ierr)
  call claim('it reaches the horizon', progress%stop_reason == SAGIPS_STOP_HORIZON)
  call sagips_solver_estimate(solver, 0_c_int, mean, covariance, ierr)
  call claim_ok('it has an estimate', ierr)
  call claim('with a symmetric covariance', all(abs(covariance - transpose(covariance)) <= &
      1e-6_c_double * maxval(abs(covariance))))
  call sagips_solver_create(other, problem, options, ierr=ierr)
  call sagips_solver_load(other, folder, ierr)
  call claim_ok('it is loaded', ierr)
  call sagips_solver_progress(other, progress, ierr)
  call claim('where it was saved', progress%epoch == 3)
  call sagips_solver_step(other, 10_c_int64_t, ierr=ierr)
  call sagips_solver_estimate(other, 0_c_int, again, ierr=ierr)
  call claim('and ends in the same bits', ierr == SAGIPS_OK .and. all(same(again, mean)))
  call sagips_solver_load(other, '/no/such/folder', ierr)
  call claim('a folder that is not there is told', ierr == SAGIPS_ERROR_IO)

  ! 4. What else it tells.
  call sagips_solver_estimate(solver, 0_c_int, too_short, ierr=ierr)
  call claim('an array of the wrong size is refused', ierr == SAGIPS_ERROR_SHAPE)
  call sagips_solver_predict(solver, 0_c_int, rows, ierr)
  call claim('proposals lie in the box', ierr == SAGIPS_OK .and. all(rows > 0 .and. rows < 7))
  call sagips_solver_predict(solver, 1_c_int, rows, ierr)
  call claim('there is one member', ierr == SAGIPS_ERROR_RANGE)
  call sagips_solver_assess(solver, 0_c_int, assessment, 'data', ierr)
  call claim('it is assessed on held-out events', ierr == SAGIPS_OK .and. &
      assessment%n_held_out > 0)
  call sagips_solver_weight_count(solver, SAGIPS_GENERATOR, count=n_weights, ierr=ierr)
  call claim('a generator has weights', ierr == SAGIPS_OK .and. n_weights > 0)
  call sagips_solver_get_weights(solver, 0_c_int, SAGIPS_DISCRIMINATOR, 'data', weights, ierr)
  call claim_ok('weights are copied out', ierr)
  weights = weights / 2
  call sagips_solver_set_weights(solver, 0_c_int, SAGIPS_DISCRIMINATOR, 'data', weights, ierr)
  call claim_ok('and in', ierr)
  call sagips_solver_get_weights(solver, 0_c_int, SAGIPS_DISCRIMINATOR, 'data', copy, ierr)
  call claim('without a change', maxval(abs(copy - weights)) <= 0)
  call sagips_solver_set_weights(solver, 0_c_int, SAGIPS_DISCRIMINATOR, 'data', weights(2:), ierr)
  call claim('their number must fit', ierr == SAGIPS_ERROR_SHAPE)

  call sagips_solver_parameter_name(solver, 4_c_int, text, ierr)
  call claim('parameters have names', ierr == SAGIPS_OK .and. text == 'a1')
  call sagips_solver_parameter_name(solver, 6_c_int, text, ierr)
  call claim('six of them', ierr == SAGIPS_ERROR_RANGE)
  call sagips_solver_dataset_name(solver, 0_c_int, text, ierr)
  call claim('and so have data sets', ierr == SAGIPS_OK .and. text == 'data')
  call train_three()

  call sagips_solver_destroy(solver, ierr)
  call claim('destroy nulls the handle', ierr == SAGIPS_OK .and. .not. c_associated(solver%ptr))
  call sagips_solver_destroy(other, ierr)
  call sagips_comm_destroy(comm, ierr)
  call sagips_problem_destroy(problem, ierr)
  call sagips_pipeline_destroy(pipeline, ierr)
  call sagips_options_destroy(options, ierr)
  call finish()

contains

  !> The same events, call by call and backwards, put right by their numbers.
  subroutine added_events()
    type(sagips_problem) :: whole
    type(sagips_solver) :: grown
    integer(c_int64_t) :: numbers(size(events, 2)), n, half, i

    whole = problem
    call make_problem()
    n = size(events, 2)
    half = n / 2
    numbers = [(10 * i, i = 1, n)]
    call sagips_problem_add_events(problem, 'data', events(:, half + 1:), numbers=numbers(half + 1:), &
        ierr=ierr)
    call claim_ok('the second half is added', ierr)
    call sagips_problem_add_events(problem, 'data', events(:, :half), ierr=ierr)
    call claim('numbers for all or for none', ierr == SAGIPS_ERROR_STATE)
    call sagips_solver_create(grown, problem, options, ierr=ierr)
    call sagips_problem_add_events(problem, 'data', events(:, :half), &
        [(1.0_c_double, i = 1, half)], numbers(:half), ierr)
    call claim_ok('the first half is added', ierr)
    call sagips_problem_event_count(problem, 'data', i, ierr)
    call claim('all are there', i == n)
    call claim('added events', all(same(estimate_of('added events'), mean)))
    call sagips_solver_update_events(grown, problem, ierr)
    call claim_ok('a solver takes over more events', ierr)
    call sagips_solver_update_events(grown, whole, ierr)
    call claim('a solver keeps its events', ierr == SAGIPS_ERROR_DATA)
    call sagips_solver_destroy(grown, ierr)
    call sagips_problem_destroy(problem, ierr)
    problem = whole
  end subroutine

  !> A problem without events.
  subroutine make_problem()
    call sagips_problem_create(problem, ierr)
    call sagips_problem_add_parameter(problem, 's0', 0.5_c_double, 3.0_c_double, ierr)
    call sagips_problem_add_parameter(problem, 'a0', 0.5_c_double, 4.0_c_double, ierr)
    call sagips_problem_add_parameter(problem, 'b0', 1.0_c_double, 6.0_c_double, ierr)
    call sagips_problem_add_parameter(problem, 's1', 0.5_c_double, 3.0_c_double, ierr)
    call sagips_problem_add_parameter(problem, 'a1', 0.5_c_double, 4.0_c_double, ierr)
    call sagips_problem_add_parameter(problem, 'b1', 1.0_c_double, 6.0_c_double, ierr)
    call sagips_problem_add_dataset(problem, 'data', pipeline, ierr)
    call claim_ok('a data set is added', ierr)
  end subroutine

  !> An ensemble, its mean, and the parts of its covariance.
  subroutine train_three()
    type(sagips_solver) :: three
    real(c_double) :: middle(6), sum(6, 6), parts(6, 6, 3), spread(6), sample(6, 6), members(6, 3)
    integer(c_int) :: k

    call sagips_options_set_integer(options, 'ensemble.members', 3_c_int64_t, ierr)
    call sagips_solver_create(three, problem, options, ierr=ierr)
    call sagips_options_set_integer(options, 'ensemble.members', 1_c_int64_t, ierr)
    call sagips_solver_step(three, 10_c_int64_t, ierr=ierr)
    call sagips_solver_describe_estimate(three, SAGIPS_ALL_MEMBERS, middle, sum, parts(:, :, 1), &
        parts(:, :, 2), parts(:, :, 3), spread, sample, members, ierr)
    call claim_ok('an ensemble is described', ierr)
    call claim('by the mean of its members', all(abs(middle - (members(:, 1) + members(:, 2) + &
        members(:, 3)) / 3) < 1e-12_c_double))
    call claim('and a sum of covariances', all(abs(sum - parts(:, :, 1) - parts(:, :, 2) - &
        parts(:, :, 3)) <= 1e-12_c_double * maxval(abs(sum))))
    call claim('with 1/M and 1/(M - 1)', all(abs(spread**2 * 3 / 2 - [(sample(k, k), k = 1, 6)]) < &
        1e-12_c_double))
    call sagips_solver_describe_estimate(three, 1_c_int, again, &
        members=members(:, :1), ierr=ierr)
    call claim('one member is what it is', ierr == SAGIPS_OK .and. all(same(again, members(:, 1))))
    call sagips_solver_destroy(three, ierr)
  end subroutine

  !> The estimate after two epochs with the events that were just set.
  function estimate_of(what) result(found)
    character(len=*), intent(in) :: what
    real(c_double) :: found(6)

    call claim_ok('events are set: ' // what, ierr)
    call sagips_solver_create(solver, problem, options, ierr=ierr)
    call sagips_solver_step(solver, 2_c_int64_t, ierr=ierr)
    call sagips_solver_estimate(solver, 0_c_int, found, ierr=ierr)
    call claim_ok('an estimate from ' // what, ierr)
    call sagips_solver_destroy(solver, ierr)
  end function
end program training_test
