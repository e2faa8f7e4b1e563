import type { ChargeLogRow } from '$lib/api/types';
import { localDate } from '$lib/period/zone';

export interface Month {
  /** `2026-11`; null for rows that name no time. */
  key: string | null;
  /** An instant in it, to name it by. */
  at: number | null;
  rows: ChargeLogRow[];
}

/** Rows as they come, one group for each month of the household in which they began. */
export function byMonth(rows: ChargeLogRow[], zone: string): Month[] {
  const months: Month[] = [];
  for (const row of rows) {
    const at = row.begin === null ? null : Date.parse(row.begin);
    const key = at === null ? null : localDate(at, zone).toString().slice(0, 7);
    const last = months.at(-1);
    if (last && last.key === key) last.rows.push(row);
    else months.push({ key, at, rows: [row] });
  }
  return months;
}

/** True when a charge ended on the day on which it began, so that its end needs no date. */
export const endsSameDay = (begin: number, end: number, zone: string): boolean =>
  localDate(begin, zone).compare(localDate(end, zone)) === 0;
