import { CalendarDate } from '@internationalized/date';
import { describe, expect, it } from 'vitest';

import { periodAt } from '$lib/period/period';

import { clip, zoomAt } from './chart/zoom';
import { csvPath } from './data.svelte';
import { queryFor, spanOf, wholeBars } from './query';

const BERLIN = 'Europe/Berlin';
const HOUR = 3_600_000;
const address = {
  period: periodAt('month', new CalendarDate(2026, 10, 1)),
  view: 'energy' as const,
  series: null,
  table: false,
  prices: false,
};

describe('what is asked for', () => {
  it('sends whole periods as local dates', () => {
    expect(queryFor(address, [1, 2], null, BERLIN)).toEqual({
      view: 'energy',
      series: [1, 2],
      from: '2026-10-01',
      to: '2026-11-01',
      interval: 'day',
    });
  });

  it('widens a zoom into bars to whole local days, and to hours below two days', () => {
    const noon = Date.parse('2026-10-24T10:20:00Z');
    const days = wholeBars({ from: noon, to: noon + 72 * HOUR }, BERLIN);
    expect(new Date(days.from).toISOString()).toBe('2026-10-23T22:00:00.000Z');
    expect(new Date(days.to).toISOString()).toBe('2026-10-27T23:00:00.000Z');
    const hours = queryFor(address, [1], { from: noon, to: noon + 3 * HOUR }, BERLIN);
    expect(hours).toMatchObject({ from: '2026-10-24T10:00:00.000Z', to: '2026-10-24T14:00:00.000Z', interval: 'hour' });
  });

  it('asks for the same values as a file', () => {
    expect(csvPath(queryFor(address, [1, 2], null, BERLIN), 'excel_de')).toBe(
      '/api/v1/history/energy.csv?series=1%2C2&from=2026-10-01&to=2026-11-01&flavour=excel_de&interval=day',
    );
  });
});

describe('zoom', () => {
  const whole = spanOf(periodAt('day', new CalendarDate(2026, 10, 25)), BERLIN);

  it('knows the day of 25 hours', () => {
    expect((whole.to - whole.from) / HOUR).toBe(25);
  });

  it('keeps what is under the pointer in its place', () => {
    const zoomed = zoomAt(whole, 0.25, 0.5, whole);
    const place = whole.from + 0.25 * 25 * HOUR;
    expect(zoomed).not.toBeNull();
    if (zoomed) expect((place - zoomed.from) / (zoomed.to - zoomed.from)).toBeCloseTo(0.25);
  });

  it('ends at the whole period, which is no zoom', () => {
    expect(zoomAt(whole, 0.5, 3, whole)).toBeNull();
  });

  it('stays within the period and does not vanish', () => {
    const early = clip({ from: whole.from - HOUR, to: whole.from + HOUR }, whole);
    expect(early).toEqual({ from: whole.from, to: whole.from + 2 * HOUR });
    const thin = clip({ from: whole.from, to: whole.from + 1 }, whole);
    expect(thin && thin.to - thin.from).toBe(5 * 60_000);
  });
});
