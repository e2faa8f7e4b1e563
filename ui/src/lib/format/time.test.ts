import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { language } from '$lib/language/language.svelte';

import { age, clockTime, duration, zoneName } from './time';

const plain = (text: string) => text.replaceAll(/[\u202f\u00a0]/g, ' ');
const at = Date.parse('2026-10-25T00:30:00Z');
const HOUR = 3_600_000;

afterEach(() => {
  language.choice = 'system';
});

describe('durations and ages', () => {
  beforeEach(() => {
    language.choice = 'de';
  });

  it('name the two largest units', () => {
    expect(plain(duration(41_000))).toBe('41 s');
    expect(plain(duration(HOUR + 41 * 60_000 + 7000))).toBe('1 h 41 min');
    expect(plain(duration(50 * HOUR))).toBe('2 Tg. 2 h');
    expect(duration(null)).toBe('–');
  });

  it('are said in words', () => {
    expect(age(1200)).toBe('gerade eben');
    expect(plain(age(192_000))).toBe('vor 3 min');
    expect(age(null)).toBe('noch nichts gehört');
  });

  it('do not break between number and unit', () => {
    expect(duration(2 * HOUR + 60_000)).not.toContain(' ');
  });
});

it('tells the time on the household’s clock, wherever the device is', () => {
  language.choice = 'de';
  expect(clockTime(at, 'Europe/Berlin')).toBe('02:30');
  expect(clockTime(at + HOUR, 'Europe/Berlin')).toBe('02:30');
  expect(clockTime(at, 'America/New_York')).toBe('20:30');
});

it('names the zone so that a repeated hour can be told apart', () => {
  language.choice = 'de';
  expect([zoneName(at, 'Europe/Berlin'), zoneName(at + HOUR, 'Europe/Berlin')]).toEqual(['MESZ', 'MEZ']);
  language.choice = 'en';
  expect([zoneName(at, 'Europe/Berlin'), zoneName(at + HOUR, 'Europe/Berlin')]).toEqual(['CEST', 'CET']);
});
