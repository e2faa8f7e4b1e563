import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { repeatWhileVisible, type Repeating } from './repeat';

let hidden = false;
let repeating: Repeating | undefined;

function show(visible: boolean) {
  hidden = !visible;
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  hidden = false;
  vi.useFakeTimers();
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
});

afterEach(() => {
  repeating?.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('asking again and again', () => {
  it('waits for the answer and then for the pause', async () => {
    let answer: () => void = () => undefined;
    const work = vi.fn(() => new Promise<void>((done) => (answer = done)));
    repeating = repeatWhileVisible(work, () => 2000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(work).toHaveBeenCalledTimes(1);
    answer();
    await vi.advanceTimersByTimeAsync(1999);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('rests while the page is hidden and asks at once when it is back', async () => {
    const work = vi.fn(() => Promise.resolve());
    repeating = repeatWhileVisible(work, () => 2000);
    await vi.advanceTimersByTimeAsync(0);
    show(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(work).toHaveBeenCalledTimes(1);
    show(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('asks once more at once when told to while it waits for an answer', async () => {
    const answers: (() => void)[] = [];
    const work = vi.fn(() => new Promise<void>((done) => answers.push(done)));
    repeating = repeatWhileVisible(work, () => 60_000);
    repeating.now();
    expect(work).toHaveBeenCalledTimes(1);
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('ends for good and tells what is still running', async () => {
    let given: AbortSignal | undefined;
    const work = vi.fn((signal: AbortSignal) => {
      given = signal;
      return new Promise<void>(() => undefined);
    });
    repeating = repeatWhileVisible(work, () => 1);
    repeating.stop();
    expect(given?.aborted).toBe(true);
    show(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(work).toHaveBeenCalledTimes(1);
  });
});
