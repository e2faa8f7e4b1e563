import { describe, expect, it } from 'vitest';

import { fits, parseNumber } from './entry';

describe('a number that somebody typed', () => {
  it('is read with a comma or a point', () => {
    expect(parseNumber(' 12,5 ')).toBe(12.5);
    expect(parseNumber('12.5')).toBe(12.5);
    expect(parseNumber('−3')).toBe(-3);
    for (const text of ['', 'ten', '1e3', '1,2,3', '0x10']) expect(parseNumber(text), text).toBeNull();
  });

  it('must lie within bounds and on a step', () => {
    const bounds = { min: 0.1, max: 200, step: 0.1 };
    for (const value of [0.1, 0.3, 12.7, 200]) expect(fits(value, bounds), String(value)).toBe(true);
    for (const value of [null, 0, 0.15, 200.1, Number.NaN]) expect(fits(value, bounds), String(value)).toBe(false);
  });
});
