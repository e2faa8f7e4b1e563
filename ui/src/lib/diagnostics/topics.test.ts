import { describe, expect, it } from 'vitest';

import type { Topic } from '$lib/api/types';

import { readAddress, writeAddress } from './address';
import { detailOf, find, isHidden, isNotUnderstood, readable, understandingOf } from './topics';

const topic = (name: string, value: string, meaning: string): Topic => ({
  topic: name,
  value,
  meaning,
  retained: true,
  at: '2026-11-22T12:00:00Z',
});

const power = topic('openWB/counter/0/get/power', '-2950.1', 'Counter { id: 0, value: Power(Some(-2950.1)) }');
const strange = topic('openWB/nobody/knows', '1', 'unknown');
const broken = topic('openWB/pv/get/power', 'x', 'malformed: not JSON');
const internal = topic('openWB/set/counter/0/x', '1', 'ignored');
const secret = topic('openWB/system/backup_password', '(hidden)', 'ignored');
const all = [power, strange, broken, internal, secret];

describe('what is made of a topic', () => {
  it('is told apart', () => {
    expect(all.map(understandingOf)).toEqual(['understood', 'unknown', 'malformed', 'ignored', 'ignored']);
    expect(all.filter(isNotUnderstood)).toEqual([strange, broken]);
    expect(all.filter(isHidden)).toEqual([secret]);
  });

  it('says what was read, or why nothing could be', () => {
    expect(detailOf(power)).toContain('Power');
    expect(detailOf(broken)).toBe('not JSON');
    expect(detailOf(strange)).toBeNull();
  });
});

describe('searching topics', () => {
  it('wants every word, anywhere, in any case', () => {
    expect(find(all, 'COUNTER power', false)).toEqual([power]);
    expect(find(all, '2950', false)).toEqual([power]);
    expect(find(all, '  ', false)).toEqual(all);
    expect(find(all, 'nothing like it', false)).toEqual([]);
  });

  it('can leave out what was understood', () => {
    expect(find(all, '', true)).toEqual([strange, broken]);
    expect(find(all, 'pv', true)).toEqual([broken]);
  });
});

it('lays documents out and leaves everything else as it is', () => {
  expect(readable('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  for (const value of ['-2950.1', '"text"', '{"cut":…', '']) expect(readable(value)).toBe(value);
});

it('keeps what is shown in the address', () => {
  for (const address of [
    { source: null, search: '', notUnderstood: false },
    { source: 'a-b', search: 'chargepoint/3 power', notUnderstood: true },
  ]) {
    expect(readAddress(new URLSearchParams(writeAddress(address)))).toEqual(address);
  }
  expect(writeAddress({ source: null, search: 'get/power', notUnderstood: false })).toBe('q=get/power');
});
