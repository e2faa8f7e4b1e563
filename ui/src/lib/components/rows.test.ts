import { describe, expect, it } from 'vitest';

import { rowsInView } from './rows';

describe('the rows of a long list that are drawn', () => {
  it('are those in view and a few around them', () => {
    expect(rowsInView(0, 400, 40, 800)).toEqual({ first: 0, end: 20 });
    expect(rowsInView(4000, 400, 40, 800)).toEqual({ first: 90, end: 120 });
  });

  it('are none beyond either end', () => {
    expect(rowsInView(-2000, 400, 40, 800)).toEqual({ first: 0, end: 0 });
    expect(rowsInView(31_900, 400, 40, 800)).toEqual({ first: 787, end: 800 });
    expect(rowsInView(99_000, 400, 40, 800)).toEqual({ first: 800, end: 800 });
    expect(rowsInView(0, 400, 40, 3)).toEqual({ first: 0, end: 3 });
  });
});
