! SPDX-License-Identifier: BSD-3-Clause
!> Texts, failures and options through the Fortran module.
program options_test
  use, intrinsic :: iso_c_binding, only: c_associated, c_double, c_int, c_int64_t
  use sagips
  use expect
  implicit none
  type(sagips_options) :: options, other
  type(sagips_option_info) :: info
  character(len=:), allocatable :: text, copy
  character(len=5) :: short
  character(len=2000) :: long
  integer(c_int) :: ierr
  real(c_double) :: rate

  call claim('no error text before the first failure', sagips_last_error() == '')
  call sagips_last_error_copy(long)
  call claim('and its copy is blank', long == '')
  call claim('the library has the version of the module', sagips_version() == &
      10000 * SAGIPS_VERSION_MAJOR + 100 * SAGIPS_VERSION_MINOR + SAGIPS_VERSION_PATCH)
  call claim('the version is a text', scan(sagips_version_string(), '.') > 0)
  call claim('the build is described', len(sagips_build_info()) > 0)
  call claim('a status has a name', sagips_status_name(SAGIPS_ERROR_RANGE) == 'SAGIPS_ERROR_RANGE')
  call claim('a status has a meaning', sagips_status_text(SAGIPS_OK) == 'success')
  call claim('an unknown status is told', sagips_status_name(-7_c_int) == 'unknown status')

  call sagips_options_set(options, 'epochs', '10', ierr)
  call claim('a handle that was not created is refused', ierr /= SAGIPS_OK)
  call sagips_options_create(options, ierr)
  call claim_ok('options are created', ierr)

  ! A failure stops nothing, and its text waits.
  call sagips_options_set(options, 'epoch', '10', ierr)
  call claim('an unknown option is refused', ierr == SAGIPS_ERROR_OPTION)
  text = sagips_last_error()
  call claim('the nearest name is told', index(text, 'epochs') > 0)
  call sagips_options_set(options, 'epochs', '10', ierr)
  call claim_ok('a known option is set', ierr)
  call claim('success keeps the text of the last failure', sagips_last_error() == text)
  call sagips_last_error_copy(short)
  call claim('a short text is cut', short == text(:5))
  call sagips_last_error_copy(long)
  call claim('a long text is filled with blanks', long == text)

  call sagips_last_error_set(SAGIPS_ERROR_DATA, 'a text of my own', ierr)
  call claim('a check of my own has a status', ierr == SAGIPS_ERROR_DATA)
  call claim('and a text', sagips_last_error() == 'a text of my own')
  call sagips_last_error_set(SAGIPS_OK, 'nothing', ierr)
  call claim('success is no failure', ierr == SAGIPS_ERROR_RANGE)
  call sagips_check(SAGIPS_OK)

  call sagips_options_set(options, 'epochs   ', '20   ', ierr)
  call claim_ok('trailing blanks are cut', ierr)
  call sagips_options_get(options, 'epochs', text, ierr)
  call claim('what was set comes back', ierr == SAGIPS_OK .and. text == '20' .and. len(text) == 2)
  call sagips_options_set_integer(options, 'epochs', 30_c_int64_t, ierr)
  call sagips_options_get(options, 'epochs', text, ierr)
  call claim('an integer comes back', text == '30')
  call sagips_options_set_real(options, 'generator.rate', 2.5e-4_c_double, ierr)
  call sagips_options_get(options, 'generator.rate', text, ierr)
  read (text, *) rate
  call claim('a real number comes back', same(rate, 2.5e-4_c_double))
  call sagips_options_set_boolean(options, 'generator.fresh_events', .true., ierr)
  call sagips_options_get(options, 'generator.fresh_events', text, ierr)
  call claim('a boolean comes back', text == 'true')
  call sagips_options_set_boolean(options, 'generator.fresh_events', .false., ierr)
  call sagips_options_get(options, 'generator.fresh_events', text, ierr)
  call claim('and the other one', text == 'false')
  call sagips_options_get(options, 'no.such', text, ierr)
  call claim('an unknown option reads as blank', ierr == SAGIPS_ERROR_OPTION .and. text == '')
  call sagips_options_set(options, 'epochs', 'many', ierr)
  call claim('a word is no integer', ierr == SAGIPS_ERROR_TYPE)
  call sagips_options_set_integer(options, 'epochs', -1_c_int64_t, ierr)
  call claim('a negative count is refused', ierr == SAGIPS_ERROR_RANGE)
  call sagips_options_preset(options, 'no such preset', ierr)
  call claim('an unknown preset is refused', ierr == SAGIPS_ERROR_NOT_FOUND)

  call sagips_options_write_toml(options, text, ierr)
  call claim_ok('options are written', ierr)
  call sagips_options_create(other, ierr)
  call sagips_options_read_toml(other, text, ierr)
  call claim_ok('and read', ierr)
  call sagips_options_write_toml(other, copy, ierr)
  call claim('to the same table', copy == text)
  call sagips_options_read_toml(other, 'epochs = [', ierr)
  call claim('broken TOML is refused', ierr == SAGIPS_ERROR_FORMAT)
  call sagips_options_load_toml(other, '/no/such/file.toml', ierr)
  call claim('a file that is not there is told', ierr == SAGIPS_ERROR_IO)

  call sagips_options_describe(0_c_int, info, ierr)
  call claim_ok('the first option is described', ierr)
  call claim('with its key', sagips_string(info%key) /= '')
  call claim('and its default', sagips_string(info%default_value) /= '')
  call claim('and a sentence', sagips_string(info%sentence) /= '')
  call sagips_options_describe(sagips_options_count(), info, ierr)
  call claim('indices count from 0', ierr == SAGIPS_ERROR_RANGE)

  call sagips_options_destroy(options, ierr)
  call claim('destroy nulls the handle', ierr == SAGIPS_OK .and. .not. c_associated(options%ptr))
  call sagips_options_destroy(options, ierr)
  call claim_ok('and may be repeated', ierr)
  call sagips_options_destroy(other, ierr)
  call finish()
end program options_test
