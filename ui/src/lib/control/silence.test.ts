import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { language } from '$lib/language/language.svelte';

import { silenceWords } from './silence';

const plain = (sentences: string[]) => sentences.join(' ').replaceAll('\u202f', ' ');

beforeEach(() => {
  language.choice = 'en';
});
afterEach(() => {
  language.choice = 'system';
});

describe('a box that nobody talks to', () => {
  it('falls back to its fail-safe current after its time-out', () => {
    expect(plain(silenceWords(15, 6))).toMatch(/15 s.*6 A/);
    expect(plain(silenceWords(2.3, 6))).toMatch(/2\.3 s/);
  });

  it('is said not to be relied upon with 0 A', () => {
    expect(silenceWords(15, 0)).toHaveLength(2);
  });

  it('keeps its limit with the watchdog off, whatever the fail-safe current', () => {
    expect(silenceWords(0, 6)).toEqual(silenceWords(0, 0));
  });

  it('promises nothing as long as it has not told', () => {
    expect(silenceWords(null, 6)).toEqual(silenceWords(15, null));
  });
});
