import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Draft, PAUSE_MS, placesWith, steps } from './draft.svelte';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a value that is being moved', () => {
  it('is handed over once, when it was let go and rested', () => {
    const done = vi.fn();
    const draft = new Draft(done);
    for (const value of [11, 12, 13]) draft.move(value);
    vi.advanceTimersByTime(10 * PAUSE_MS);
    expect(done).not.toHaveBeenCalled();
    expect(draft.value).toBe(13);

    draft.rest(13);
    vi.advanceTimersByTime(PAUSE_MS);
    expect(done).toHaveBeenCalledExactlyOnceWith(13);
    expect(draft.value).toBeNull();
  });

  it('is one command for ten quick steps', () => {
    const done = vi.fn();
    const draft = new Draft(done);
    for (let value = 7; value <= 16; value += 1) {
      draft.rest(value);
      vi.advanceTimersByTime(PAUSE_MS / 2);
    }
    vi.advanceTimersByTime(PAUSE_MS);
    expect(done).toHaveBeenCalledExactlyOnceWith(16);
  });

  it('is forgotten with its page', () => {
    const done = vi.fn();
    const draft = new Draft(done);
    draft.rest(16);
    draft.drop();
    vi.advanceTimersByTime(10 * PAUSE_MS);
    expect(done).not.toHaveBeenCalled();
  });
});

describe('the places of a slider', () => {
  it('are whole steps', () => {
    expect(steps(6, 9)).toEqual([6, 7, 8, 9]);
    expect(steps(0, 100, 25)).toEqual([0, 25, 50, 75, 100]);
    expect(steps(6, 6)).toEqual([6]);
  });

  it('hold what is reported even where nobody would choose it', () => {
    expect(placesWith([0, 6, 7], 6)).toEqual([0, 6, 7]);
    expect(placesWith([0, 6, 7], 3)).toEqual([0, 3, 6, 7]);
    expect(placesWith([0, 6, 7], null)).toEqual([0, 6, 7]);
  });
});
