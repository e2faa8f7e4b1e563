import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ElliAccount, ElliStation } from '$lib/api/types';
import { language } from '$lib/language/language.svelte';

import { differenceWords, elliWords, recordsShare, recordsWords, SYNC_TROUBLES, syncProblemWords } from './words';

const records = (change: Partial<ElliAccount['records']>): ElliAccount['records'] => ({
  state: 'never',
  received: 0,
  total: null,
  kept: 0,
  new_records: 0,
  unreadable: 0,
  finished_at: null,
  ...change,
});

const totals = (change: Partial<ElliStation['totals']>): ElliStation['totals'] => ({
  kept_records: 412,
  kept_energy_wh: 5_000_000,
  gone_records: 0,
  gone_energy_wh: 0,
  elli_records: 412,
  elli_energy_wh: 5_000_000,
  checked_at: null,
  agree: true,
  ...change,
});

const plain = (text: string | null) => text?.replaceAll('\u202f', ' ') ?? null;

beforeEach(() => {
  language.choice = 'en';
});
afterEach(() => {
  language.choice = 'system';
});

describe('how far the records are', () => {
  it('is said with what there is, as far as that is known', () => {
    expect(recordsWords(records({ state: 'running', received: 412, total: 1980 }))).toContain('412 of 1,980');
    expect(recordsWords(records({ state: 'running', received: 412 }))).toContain('412');
    expect(recordsWords(records({ state: 'complete', kept: 1980, finished_at: '2026-11-22T12:00:00Z' }))).toContain(
      'complete',
    );
  });

  it('is a share only where there is something to be part of', () => {
    expect(recordsShare(records({ received: 412, total: 1648 }))).toBe(0.25);
    expect(recordsShare(records({ received: 412 }))).toBeNull();
    expect(recordsShare(records({ total: 0 }))).toBeNull();
    // Records that were added meanwhile.
    expect(recordsShare(records({ received: 12, total: 10 }))).toBe(1);
  });
});

describe('the sum against Elli’s own', () => {
  it('says by how much it differs, and which way', () => {
    const more = totals({ agree: false, elli_records: 414, elli_energy_wh: 5_012_300 });
    expect(plain(differenceWords(more))).toBe('At Elli it is 12.3 kWh and 2 records more.');
    const less = totals({ agree: false, elli_records: 412, elli_energy_wh: 4_999_000 });
    expect(plain(differenceWords(less))).toBe('At Elli it is 1.00 kWh and 0 records less.');
  });

  it('leaves out what Elli no longer shows', () => {
    const gone = totals({ agree: false, gone_records: 2, gone_energy_wh: 20_000 });
    expect(plain(differenceWords(gone))).toBe('At Elli it is 20.0 kWh and 2 records more.');
  });

  it('names no amount where one is up and the other down, and nothing where both agree', () => {
    expect(differenceWords(totals({ agree: false, elli_records: 413, elli_energy_wh: 4_000_000 }))).toBe(
      'The two differ.',
    );
    expect(differenceWords(totals({}))).toBeNull();
    expect(differenceWords(totals({ agree: null, elli_records: null }))).toBeNull();
  });
});

it('knows Elli’s words however they are written, and leaves new ones as they are', () => {
  expect(elliWords('SuspendedEV')).toBe(elliWords('suspendedev'));
  expect(elliWords('hibernating')).toBe('hibernating');
});

it('tells by the code what is wrong, never in the server’s own sentence', () => {
  const problems: [(typeof SYNC_TROUBLES)[number], number | null][] = [
    ['elli_signed_out', null],
    ['elli_sign_in_again', null],
    ['elli_unreachable', null],
    ['elli_unreachable', 503],
    ['elli_busy', 429],
    ['elli_refused', 418],
    ['secrets_unavailable', null],
    ['not_kept', null],
  ];
  const texts = problems.map(([code, status]) => syncProblemWords({ code, status, detail: 'Something broke.' }));
  expect(new Set(texts).size).toBe(problems.length);
  for (const text of texts) expect(text).not.toContain('broke');
  expect(new Set(problems.map(([code]) => code))).toEqual(new Set(SYNC_TROUBLES));
});
