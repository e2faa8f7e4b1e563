import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { language } from '$lib/language/language.svelte';

import { isRepeatedHour, isZone, ticks, timeOfDay } from './zone';

const BERLIN = 'Europe/Berlin';
const HOUR = 3_600_000;
const autumn = { from: Date.parse('2026-10-24T22:00:00Z'), to: Date.parse('2026-10-25T23:00:00Z') };
const spring = { from: Date.parse('2026-03-28T23:00:00Z'), to: Date.parse('2026-03-29T22:00:00Z') };

beforeEach(() => {
  language.choice = 'de';
});
afterEach(() => {
  language.choice = 'system';
});

const hours = (span: { from: number; to: number }, most: number) =>
  ticks(span.from, span.to, BERLIN, most).at.map((at) => timeOfDay(at, BERLIN));

describe('the day of 25 hours', () => {
  it('has 02:00 twice and says which is which', () => {
    const labels = hours(autumn, 30);
    expect(labels).toHaveLength(26);
    expect(labels.slice(1, 5)).toEqual(['01:00', '02:00 MESZ', '02:00 MEZ', '03:00']);
  });

  it('marks only the hour that comes twice', () => {
    const repeated = Array.from({ length: 25 }, (_, hour) => isRepeatedHour(autumn.from + hour * HOUR, BERLIN));
    expect(repeated.filter(Boolean)).toHaveLength(2);
    expect(repeated.slice(2, 4)).toEqual([true, true]);
  });

  it('keeps round hours on the wall clock after the change', () => {
    expect(hours(autumn, 10)).toEqual([
      '00:00',
      '03:00',
      '06:00',
      '09:00',
      '12:00',
      '15:00',
      '18:00',
      '21:00',
      '00:00',
    ]);
  });
});

it('leaves 02:00 out on the day of 23 hours', () => {
  const labels = hours(spring, 30);
  expect(labels).toHaveLength(24);
  expect(labels.slice(0, 4)).toEqual(['00:00', '01:00', '03:00', '04:00']);
});

it('puts days at local midnights across the change', () => {
  const from = Date.parse('2026-10-21T22:00:00Z');
  const found = ticks(from, Date.parse('2026-10-28T23:00:00Z'), BERLIN, 10);
  expect(found.unit).toBe('day');
  expect(found.at.map((at) => new Date(at).toISOString().slice(11, 13))).toEqual([
    '22',
    '22',
    '22',
    '22',
    '23',
    '23',
    '23',
    '23',
  ]);
});

it('never gives more labels than there is room for, from minutes to years', () => {
  const from = autumn.from;
  for (const span of [5 / 60, 1, 6, 24, 24 * 7, 24 * 31, 24 * 366]) {
    for (const most of [2, 5, 12]) {
      const found = ticks(from, from + span * HOUR, BERLIN, most).at;
      expect(found.length, `${span} h with room for ${most}`).toBeLessThanOrEqual(most + 2);
    }
  }
});

it('knows a time zone by its name', () => {
  expect(isZone('Europe/Berlin')).toBe(true);
  expect(isZone('Europe/Nowhere')).toBe(false);
  expect(isZone('')).toBe(false);
});
