import type { ChargeLogImport } from '$lib/api/types';
import { modeWords } from '$lib/charge-points/words';
import { monthAndYear } from '$lib/format/time';
import { m } from '$lib/paraglide/messages';

type Problem = NonNullable<ChargeLogImport['problem']>;

/** Why an import broke off and what to do about it. */
const problems: Record<Problem['code'], () => string> = {
  offline: m.import_offline,
  no_answer: m.import_no_answer,
  not_allowed: m.import_not_allowed,
  no_log_file: m.import_no_log_file,
  not_kept: m.import_not_kept,
  cut_off: m.import_cut_off,
};

export const IMPORT_PROBLEM_CODES = Object.keys(problems) as Problem['code'][];

/** The reason in the reader's language; a code of a newer server falls back to its own sentence. */
export function importProblemText(problem: Problem): string {
  const text: (() => string) | undefined = problems[problem.code];
  return text ? text() : problem.detail;
}

/** `2026-11` as November 2026. */
export function monthWords(month: string): string {
  const at = Date.parse(`${month}-15T12:00:00Z`);
  return Number.isNaN(at) ? month : monthAndYear(at, 'UTC');
}

/** A mode as it is called on the other pages; 1.9 logs one more that nobody can set. */
export const logModeWords = (mode: string): string => (mode === 'night' ? m.log_mode_night() : modeWords(mode));
