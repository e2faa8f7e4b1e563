import {
  CalendarDate,
  fromAbsolute,
  parseDate,
  startOfMonth,
  startOfYear,
  toCalendarDate,
} from '@internationalized/date';

import { language } from '$lib/language/language.svelte';
import { m } from '$lib/paraglide/messages';
import type { Interval } from '$lib/api/types';

export const PERIOD_KINDS = ['day', 'week', 'month', 'year', 'range'] as const;
export type PeriodKind = (typeof PERIOD_KINDS)[number];

/** Whole local days of the household: from `start` up to but without `end`. */
export interface Period {
  kind: PeriodKind;
  start: CalendarDate;
  end: CalendarDate;
}

/** Weeks start on Monday whatever the language: a household's week does not change with it. */
function startOfWeek(date: CalendarDate): CalendarDate {
  const weekday = new Date(Date.UTC(date.year, date.month - 1, date.day)).getUTCDay();
  return date.subtract({ days: (weekday + 6) % 7 });
}

/** The period of a kind that holds a date; a range starts as the seven days up to it. */
export function periodAt(kind: PeriodKind, date: CalendarDate): Period {
  switch (kind) {
    case 'day':
      return { kind, start: date, end: date.add({ days: 1 }) };
    case 'week': {
      const start = startOfWeek(date);
      return { kind, start, end: start.add({ weeks: 1 }) };
    }
    case 'month': {
      const start = startOfMonth(date);
      return { kind, start, end: start.add({ months: 1 }) };
    }
    case 'year': {
      const start = startOfYear(date);
      return { kind, start, end: start.add({ years: 1 }) };
    }
    case 'range':
      return { kind, start: date.subtract({ days: 6 }), end: date.add({ days: 1 }) };
  }
}

/** A free range from its first to its last day, whichever way round they were picked. */
export function rangeOf(first: CalendarDate, last: CalendarDate): Period {
  const [start, until] = first.compare(last) <= 0 ? [first, last] : [last, first];
  return { kind: 'range', start, end: until.add({ days: 1 }) };
}

export const dayCount = (period: Period): number => period.end.compare(period.start);

/** The neighbour; a range moves by its own length. */
export function shift(period: Period, steps: 1 | -1): Period {
  if (period.kind === 'range') {
    const days = dayCount(period) * steps;
    return { kind: 'range', start: period.start.add({ days }), end: period.end.add({ days }) };
  }
  return periodAt(period.kind, steps > 0 ? period.end : period.start.subtract({ days: 1 }));
}

export const lastDay = (period: Period): CalendarDate => period.end.subtract({ days: 1 });

/** The date that keeps its place when the kind of period changes: today if visible, else the first day. */
export function anchor(period: Period, now: CalendarDate): CalendarDate {
  const visible = period.start.compare(now) <= 0 && period.end.compare(now) > 0;
  return visible ? now : period.start;
}

/** The date in a zone at a moment, given in epoch milliseconds. */
export const todayIn = (zone: string, at: number): CalendarDate => toCalendarDate(fromAbsolute(at, zone));

export function parseDay(text: string | null): CalendarDate | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  try {
    return parseDate(text);
  } catch {
    return null;
  }
}

/** Which bars an energy chart of this length gets. */
export function intervalFor(period: Period): Interval {
  const days = dayCount(period);
  if (days <= 2) return 'hour';
  return days <= 62 ? 'day' : 'month';
}

/** ISO 8601: the week that holds the year's first Thursday is week 1. */
export function weekNumber(date: CalendarDate): number {
  const thursday = startOfWeek(date).add({ days: 3 });
  return Math.floor(thursday.compare(new CalendarDate(thursday.year, 1, 1)) / 7) + 1;
}

// Calendar days have no zone: they are shown as the same day everywhere.
const asUtc = (date: CalendarDate) => Date.UTC(date.year, date.month - 1, date.day);
const dates = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language.locale, { ...options, timeZone: 'UTC' });

/** The period in words, as a heading: "So., 22. November 2026", "KW 47 · 16.–22. Nov. 2026". */
export function label(period: Period): string {
  const start = asUtc(period.start);
  const last = asUtc(lastDay(period));
  switch (period.kind) {
    case 'day':
      return dates({ weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }).format(start);
    case 'month':
      return dates({ month: 'long', year: 'numeric' }).format(start);
    case 'year':
      return dates({ year: 'numeric' }).format(start);
    case 'week':
    case 'range': {
      const days = dates({ day: 'numeric', month: 'short', year: 'numeric' }).formatRange(start, last);
      return period.kind === 'week' ? m.period_week_label({ week: weekNumber(period.start), days }) : days;
    }
  }
}
