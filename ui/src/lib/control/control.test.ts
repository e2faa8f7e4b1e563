import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '$lib/api/client';

import type { Asked, Command } from './command';
import { Control, FADE_MS } from './control.svelte';

const pv: Command = { kind: 'mode', mode: 'pv' };
const instant: Command = { kind: 'mode', mode: 'instant' };

/** A box that answers when it is told to. */
class Box {
  readonly heard: Asked[] = [];
  readonly #waiting: { done: () => void; fail: (error: unknown) => void }[] = [];
  /** What the live view holds. */
  view: unknown = {};
  readonly control = new Control(
    (asked) => {
      this.heard.push(asked);
      return new Promise<void>((done, fail) => this.#waiting.push({ done, fail }));
    },
    () => this.view,
  );

  async confirm(): Promise<void> {
    this.#waiting.shift()?.done();
    await vi.advanceTimersByTimeAsync(0);
  }

  async refuse(error: unknown): Promise<void> {
    this.#waiting.shift()?.fail(error);
    await vi.advanceTimersByTimeAsync(0);
  }
}

const step = (control: Control, kind: Command['kind']) => control.progress(kind)?.step ?? null;
const shownMode = (control: Control, told: string) => control.reported('mode', told, (asked) => asked.mode);
const offline = new ApiError({ code: 'charge_point_offline', detail: 'offline' }, 409);

let box: Box;
beforeEach(() => {
  vi.useFakeTimers();
  box = new Box();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a command', () => {
  it('is sending, then confirmed, and then no more worth a word', async () => {
    void box.control.send(pv);
    expect(step(box.control, 'mode')).toBe('sending');
    expect(box.control.wish('mode')).toEqual(pv);
    await box.confirm();
    expect(step(box.control, 'mode')).toBe('confirmed');
    expect(box.control.wish('mode')).toBeNull();
    await vi.advanceTimersByTimeAsync(FADE_MS);
    expect(step(box.control, 'mode')).toBeNull();
  });

  it('is not shown as set while nobody has confirmed it', async () => {
    void box.control.send(pv);
    expect(shownMode(box.control, 'stop')).toBe('stop');
    await box.refuse(offline);
    expect(shownMode(box.control, 'stop')).toBe('stop');
  });

  it('is shown as set once it is confirmed, also before the live view says so', async () => {
    void box.control.send(pv);
    await box.confirm();
    expect(shownMode(box.control, 'stop')).toBe('pv');
    // Whatever the box tells after that is newer.
    box.view = {};
    expect(shownMode(box.control, 'stop')).toBe('stop');
  });

  it('that failed stays until it is tried again or put away', async () => {
    void box.control.send(pv, true);
    await box.refuse(offline);
    await vi.advanceTimersByTimeAsync(10 * FADE_MS);
    expect(box.control.progress('mode')).toMatchObject({ step: 'failed', error: offline });

    box.control.again('mode');
    expect(step(box.control, 'mode')).toBe('sending');
    expect(box.heard).toEqual([
      { command: pv, untilUnplug: true },
      { command: pv, untilUnplug: true },
    ]);
    await box.refuse(offline);
    box.control.dismiss('mode');
    expect(step(box.control, 'mode')).toBeNull();
  });

  it('gives way to a later one of its kind and leaves others alone', async () => {
    void box.control.send(pv);
    void box.control.send(instant);
    void box.control.send({ kind: 'locked', locked: true });
    await box.refuse(offline);
    expect(box.control.wish('mode')).toEqual(instant);
    await box.confirm();
    expect(shownMode(box.control, 'stop')).toBe('instant');
    expect(step(box.control, 'locked')).toBe('sending');
  });

  it('ends once for the journal, however it ended', async () => {
    void box.control.send(pv);
    void box.control.send(instant);
    await box.refuse(offline);
    await box.confirm();
    expect(box.control.ended).toBe(2);
  });
});
