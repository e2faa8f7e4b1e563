import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, it } from 'vitest';

import type { ChargeLogRow } from '$lib/api/types';
import { language } from '$lib/language/language.svelte';

import { byMonth, endsSameDay } from './months';
import { IMPORT_PROBLEM_CODES, importProblemText, logModeWords, monthWords } from './words';

const row = (id: number, begin: string | null): ChargeLogRow => ({
  id,
  source_id: 'source',
  charge_point_id: null,
  charge_point_name: 'Garage',
  begin,
  end: null,
  ambiguous: false,
  energy_wh: 1000,
  energy_since_plug_in_wh: null,
  meter_start_wh: null,
  meter_end_wh: null,
  mode: null,
  vehicle: null,
  tag: null,
  cost_eur: null,
  soc_start_percent: null,
  soc_end_percent: null,
  created_at: null,
  faulted: false,
  gone_at: null,
  earlier_versions: 0,
  unreadable: begin === null ? 'no time' : null,
});

afterEach(() => {
  language.choice = 'system';
});

describe('imported rows', () => {
  it('stand below the month of the household in which they began', () => {
    const months = byMonth(
      [
        row(4, '2026-11-30T23:30:00Z'),
        row(3, '2026-11-30T22:30:00Z'),
        row(2, '2026-11-01T10:00:00Z'),
        row(1, '2025-11-01T10:00:00Z'),
      ],
      'Europe/Berlin',
    );
    expect(months.map((month) => [month.key, month.rows.map(({ id }) => id)])).toEqual([
      ['2026-12', [4]],
      ['2026-11', [3, 2]],
      ['2025-11', [1]],
    ]);
  });

  it('without a time have a group of their own at the end', () => {
    const months = byMonth([row(2, '2026-11-01T10:00:00Z'), row(1, null), row(0, null)], 'Europe/Berlin');
    expect(months.map((month) => month.key)).toEqual(['2026-11', null]);
    expect(months[1]?.rows).toHaveLength(2);
  });

  it('name the day of their end only if it is another one', () => {
    const [begin, late] = [Date.parse('2026-11-22T20:00:00Z'), Date.parse('2026-11-22T23:30:00Z')];
    expect(endsSameDay(begin, late, 'UTC')).toBe(true);
    expect(endsSameDay(begin, late, 'Europe/Berlin')).toBe(false);
  });
});

describe('every reason for which an import can break off', () => {
  it('is known here', () => {
    const text = readFileSync('../crates/server/openapi.json', 'utf8');
    const document = JSON.parse(text) as { components: { schemas: Record<string, { enum?: string[] }> } };
    expect([...IMPORT_PROBLEM_CODES].sort()).toEqual(document.components.schemas.ImportTrouble?.enum?.sort());
  });

  it.each(IMPORT_PROBLEM_CODES)('%s says in both languages what to do', (code) => {
    language.choice = 'de';
    const de = importProblemText({ code, detail: 'detail' });
    language.choice = 'en';
    const en = importProblemText({ code, detail: 'detail' });
    expect(de).not.toBe(en);
    for (const text of [de, en]) {
      expect(text).toMatch(/\.$/);
      expect(text).not.toContain('detail');
    }
  });
});

it('names months and modes in the reader’s language', () => {
  language.choice = 'de';
  expect(monthWords('2026-03')).toBe('März 2026');
  expect(logModeWords('night')).toBe('Nachtladen');
  expect(logModeWords('pv')).toBe('PV');
  language.choice = 'en';
  expect(monthWords('2026-03')).toBe('March 2026');
  expect(monthWords('strange')).toBe('strange');
  expect(logModeWords('from_the_future')).toBe('from_the_future');
});
