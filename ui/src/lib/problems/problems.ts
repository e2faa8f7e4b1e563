import { ApiError, UNEXPECTED, UNREACHABLE } from '$lib/api/client';
import type { ErrorCode, Problem, ProblemCode, RecorderProblemCode, SourceKind } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';

/** What happened and what to do about it, for every code a source can report. */
const texts: Record<ProblemCode, () => string> = {
  host_not_found: m.problem_host_not_found,
  connection_refused: m.problem_connection_refused,
  timeout: m.problem_timeout,
  tls_untrusted: m.problem_tls_untrusted,
  tls_failed: m.problem_tls_failed,
  bad_credentials: m.problem_bad_credentials,
  not_authorized: m.problem_not_authorized,
  login_needed: m.problem_login_needed,
  rights_missing: m.problem_rights_missing,
  silent_broker: m.problem_silent_broker,
  not_openwb: m.problem_not_openwb,
  sign_in_again: m.problem_sign_in_again,
  signed_out: m.problem_signed_out,
  elli_unavailable: m.problem_elli_unavailable,
  not_charger2: m.problem_not_charger2,
  box_booting: m.problem_box_booting,
  core_not_running: m.problem_core_not_running,
  taken_over: m.problem_taken_over,
  protocol_error: m.problem_protocol_error,
  connection_lost: m.problem_connection_lost,
  password_unavailable: m.problem_password_unavailable,
};

export const PROBLEM_CODES = Object.keys(texts) as ProblemCode[];

/** The same trouble has other causes with another kind of source. */
const textsOf: Record<SourceKind, Partial<Record<ProblemCode, () => string>>> = {
  openwb: {},
  elli: {
    password_unavailable: m.problem_elli_session_unavailable,
  },
  charger2: {
    host_not_found: m.problem_charger2_host_not_found,
    connection_refused: m.problem_charger2_connection_refused,
    timeout: m.problem_charger2_timeout,
    protocol_error: m.problem_charger2_protocol_error,
  },
};

/** The problem in the reader's language; a code of a newer server falls back to its own sentence. */
export function problemText(problem: Problem, kind: SourceKind = 'openwb'): string {
  const text: (() => string) | undefined = textsOf[kind][problem.code] ?? texts[problem.code];
  return text ? text() : problem.detail;
}

const aboutLogin = (code: ProblemCode): boolean => code === 'login_needed' || code === 'not_authorized';

/** Trouble that a user's roles on the openWB can end. */
export const isAboutRights = ({ code }: Problem): boolean => aboutLogin(code) || code === 'rights_missing';

/** openWB's names of the roles that a problem asks for. */
export const rolesIn = (problem: Problem): string[] => problem.detail.match(/\b[a-z]+-\d+-access\b/g) ?? [];

/** The same for a connection with a user: who is signed in need not be told to sign in. */
export const problemTextFor = (problem: Problem, hasUser: boolean, kind?: SourceKind): string =>
  hasUser && aboutLogin(problem.code) ? m.rights_missing() : problemText(problem, kind);

/** Failures that somebody can do something about; the rest are bugs and keep their code for the log. */
const errors: Partial<Record<ErrorCode, () => string>> = {
  starting: m.error_starting,
  start_failed: m.error_start_failed,
  stopping: m.error_stopping,
  not_signed_in: m.error_not_signed_in,
  too_many_attempts: m.error_too_many_attempts,
  forbidden: m.error_forbidden,
  host_not_allowed: m.error_host_not_allowed,
  origin_not_allowed: m.error_host_not_allowed,
  invalid_value: m.error_invalid_value,
  unknown_source: m.error_unknown_source,
  unknown_charge_point: m.error_unknown_charge_point,
  charge_point_offline: m.error_charge_point_offline,
  command_not_possible: m.error_command_not_possible,
  card_decides: m.error_card_decides,
  command_not_allowed: m.error_command_not_allowed,
  too_many_commands: m.error_too_many_commands,
  connection_lost: m.error_connection_lost,
  not_confirmed: m.error_not_confirmed,
  box_refused: m.error_box_refused,
  import_running: m.error_import_running,
  wrong_source: m.error_wrong_source,
  not_linkable: m.error_not_linkable,
  elli_callback_invalid: m.error_elli_callback_invalid,
  elli_sign_in_refused: m.error_elli_sign_in_refused,
  elli_sign_in_expired: m.error_elli_sign_in_expired,
  elli_other_account: m.error_elli_other_account,
  elli_sign_in_again: m.error_elli_sign_in_again,
  elli_unreachable: m.error_elli_unreachable,
  elli_busy: m.error_elli_busy,
  elli_refused: m.error_elli_refused,
  elli_ticket_invalid: m.error_elli_ticket_invalid,
  unknown_series: m.error_unknown_series,
  period_too_long: m.error_period_too_long,
  demo_locked: m.error_demo_locked,
  demo_failed: m.error_demo_failed,
  not_listening: m.error_not_listening,
  secrets_unavailable: m.error_secrets_unavailable,
  disk_full: m.error_disk_full,
  read_only: m.error_read_only,
  timed_out: m.error_timed_out,
};

/** A failed request in words. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return m.error_unexpected({ code: error instanceof Error ? error.name : 'error' });
  if (error.code === UNREACHABLE) return m.error_unreachable();
  const told = error.code === UNEXPECTED ? undefined : errors[error.code];
  return told ? told() : m.error_unexpected({ code: error.code });
}

const recorderTexts: Record<RecorderProblemCode, () => string> = {
  disk_full: m.error_disk_full,
  read_only: m.error_read_only,
  clock_set_back: m.recorder_clock_set_back,
  database_failed: m.recorder_database_failed,
};

/** Why nothing is being written, in words. */
export const recorderText = (problem: { code: RecorderProblemCode; detail: string }): string =>
  recorderTexts[problem.code]?.() ?? problem.detail;

const noticeTexts: Record<string, () => string> = {
  database_moved_aside: m.notice_database_moved_aside,
  database_damaged: m.notice_database_damaged,
  clock_set_back: m.notice_clock_set_back,
  secrets_in_file: m.notice_secrets_in_file,
  put_back_refused: m.notice_put_back_refused,
};

/** A notice in words; one of a newer server keeps its own sentence. */
export const noticeText = (notice: { code: string; detail: string }): string =>
  noticeTexts[notice.code]?.() ?? notice.detail;

/** SHA-256 in pairs, the way boxes and browsers print it. */
export const fingerprintText = (hex: string): string =>
  (
    hex
      .replaceAll(':', '')
      .toUpperCase()
      .match(/.{1,2}/g) ?? []
  ).join(' ');
