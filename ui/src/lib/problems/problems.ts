import { ApiError, UNREACHABLE } from '$lib/api/client';
import type { Problem, ProblemCode } from '$lib/api/types';
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
  silent_broker: m.problem_silent_broker,
  not_openwb: m.problem_not_openwb,
  box_booting: m.problem_box_booting,
  core_not_running: m.problem_core_not_running,
  taken_over: m.problem_taken_over,
  protocol_error: m.problem_protocol_error,
  connection_lost: m.problem_connection_lost,
  password_unavailable: m.problem_password_unavailable,
};

export const PROBLEM_CODES = Object.keys(texts) as ProblemCode[];

/** The problem in the reader's language; a code of a newer server falls back to its own sentence. */
export function problemText(problem: Problem): string {
  const text: (() => string) | undefined = texts[problem.code];
  return text ? text() : problem.detail;
}

/** A failed request in words. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) {
    return error.code === UNREACHABLE ? m.error_unreachable() : m.error_unexpected({ detail: error.message });
  }
  return m.error_unexpected({ detail: error instanceof Error ? error.message : String(error) });
}

/** SHA-256 in pairs, the way boxes and browsers print it. */
export const fingerprintText = (hex: string): string =>
  (
    hex
      .replaceAll(':', '')
      .toUpperCase()
      .match(/.{1,2}/g) ?? []
  ).join(' ');
