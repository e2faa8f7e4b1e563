import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { language } from '$lib/language/language.svelte';

import { bytes, energy, inWords, number, percent, power, THIN_SPACE } from './number';

afterEach(() => {
  language.choice = 'system';
});

describe('in German', () => {
  beforeEach(() => {
    language.choice = 'de';
  });

  it('shows power in W below one kilowatt and in kW above', () => {
    expect(power(523.4)).toEqual({ text: '523', unit: 'W' });
    expect(power(999.4)).toEqual({ text: '999', unit: 'W' });
    expect(power(999.6)).toEqual({ text: '1,0', unit: 'kW' });
    expect(power(11_034)).toEqual({ text: '11,0', unit: 'kW' });
  });

  it('writes a real minus and never minus zero', () => {
    expect(power(-4830).text).toBe('−4,8');
    expect(power(-0.2).text).toBe('0');
  });

  it('shows energy with as many digits as matter', () => {
    expect(inWords(energy(640))).toBe(`640${THIN_SPACE}Wh`);
    expect(inWords(energy(8431))).toBe(`8,43${THIN_SPACE}kWh`);
    expect(inWords(energy(18_431))).toBe(`18,4${THIN_SPACE}kWh`);
    expect(inWords(energy(1_234_567))).toBe(`1.234,6${THIN_SPACE}kWh`);
    expect(inWords(energy(12_345_678))).toBe(`12,35${THIN_SPACE}MWh`);
  });
});

describe('in English', () => {
  beforeEach(() => {
    language.choice = 'en';
  });

  it('uses points and commas the English way', () => {
    expect(power(4212).text).toBe('4.2');
    expect(energy(1_234_567).text).toBe('1,234.6');
  });

  it('shows sizes of files', () => {
    expect(inWords(bytes(187_654_321))).toBe(`179${THIN_SPACE}MB`);
    expect(inWords(bytes(1536))).toBe(`1.5${THIN_SPACE}KB`);
  });
});

it('shows a dash for what is not known, and never a zero', () => {
  for (const unknown of [null, undefined, Number.NaN]) {
    expect(power(unknown).text).toBe('–');
    expect(energy(unknown).text).toBe('–');
    expect(percent(unknown).text).toBe('–');
    expect(number(unknown)).toBe('–');
  }
});
