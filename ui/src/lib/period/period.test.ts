import { CalendarDate } from '@internationalized/date';
import { afterEach, describe, expect, it } from 'vitest';

import { language } from '$lib/language/language.svelte';

import { anchor, dayCount, intervalFor, label, parseDay, periodAt, rangeOf, shift, weekNumber } from './period';

const day = (text: string) => parseDay(text) as CalendarDate;
const ends = (period: { start: CalendarDate; end: CalendarDate }) => [period.start.toString(), period.end.toString()];

afterEach(() => {
  language.choice = 'system';
});

describe('a period', () => {
  it('covers whole local days, weeks from Monday, months and years', () => {
    const date = day('2026-11-22');
    expect(ends(periodAt('day', date))).toEqual(['2026-11-22', '2026-11-23']);
    expect(ends(periodAt('week', date))).toEqual(['2026-11-16', '2026-11-23']);
    expect(ends(periodAt('month', date))).toEqual(['2026-11-01', '2026-12-01']);
    expect(ends(periodAt('year', date))).toEqual(['2026-01-01', '2027-01-01']);
    expect(ends(periodAt('range', date))).toEqual(['2026-11-16', '2026-11-23']);
  });

  it('moves to its neighbours without slipping at month ends', () => {
    expect(ends(shift(periodAt('month', day('2026-01-31')), 1))).toEqual(['2026-02-01', '2026-03-01']);
    expect(ends(shift(periodAt('month', day('2026-03-31')), -1))).toEqual(['2026-02-01', '2026-03-01']);
    expect(ends(shift(periodAt('year', day('2024-02-29')), 1))).toEqual(['2025-01-01', '2026-01-01']);
    expect(ends(shift(rangeOf(day('2026-11-01'), day('2026-11-10')), -1))).toEqual(['2026-10-22', '2026-11-01']);
  });

  it('takes the ends of a range in either order', () => {
    expect(ends(rangeOf(day('2026-11-10'), day('2026-11-01')))).toEqual(['2026-11-01', '2026-11-11']);
  });

  it('chooses bars that can be told apart', () => {
    const date = day('2026-11-22');
    expect(intervalFor(periodAt('day', date))).toBe('hour');
    expect(intervalFor(periodAt('week', date))).toBe('day');
    expect(intervalFor(periodAt('month', date))).toBe('day');
    expect(intervalFor(periodAt('year', date))).toBe('month');
  });

  it('keeps today in sight when its kind changes', () => {
    const today = day('2026-11-22');
    expect(anchor(periodAt('month', today), today).toString()).toBe('2026-11-22');
    expect(anchor(periodAt('month', day('2026-03-05')), today).toString()).toBe('2026-03-01');
  });

  it('counts weeks as ISO 8601 does', () => {
    expect(weekNumber(day('2026-11-22'))).toBe(47);
    expect(weekNumber(day('2027-01-03'))).toBe(53);
    expect(weekNumber(day('2025-12-29'))).toBe(1);
  });

  it('counts the days of a leap year', () => {
    expect(dayCount(periodAt('year', day('2024-06-01')))).toBe(366);
  });

  it('has a heading in both languages', () => {
    language.choice = 'de';
    expect(label(periodAt('day', day('2026-11-22')))).toBe('So., 22. November 2026');
    expect(label(periodAt('week', day('2026-11-22')))).toContain('KW 47');
    expect(label(periodAt('month', day('2026-11-22')))).toBe('November 2026');
    language.choice = 'en';
    expect(label(periodAt('week', day('2026-11-22')))).toContain('Week 47');
  });
});

it('refuses what is no date', () => {
  for (const text of ['2026-13-01', '2026-02-30', 'today', '22.11.2026', '', null]) expect(parseDay(text)).toBeNull();
});
