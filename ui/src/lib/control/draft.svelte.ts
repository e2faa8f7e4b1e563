/** So long nothing may move before a value counts as meant. */
export const PAUSE_MS = 500;

/**
 * A value that somebody is still moving. It is handed over once, when it was let go and rested for a
 * moment, so that ten steps are one command.
 */
export class Draft {
  value = $state<number | null>(null);
  readonly #done: (value: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(done: (value: number) => void) {
    this.#done = done;
  }

  /** Still held: nothing is handed over. */
  move(value: number): void {
    clearTimeout(this.#timer);
    this.value = value;
  }

  /** Let go; another move within the pause starts over. */
  rest(value: number): void {
    this.move(value);
    this.#timer = setTimeout(() => this.#finish(value), PAUSE_MS);
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.value = null;
  }

  #finish(value: number): void {
    this.value = null;
    this.#done(value);
  }
}

/** The places of a slider: `list`, and what is reported if it lies between them. */
export function placesWith(list: readonly number[], reported: number | null): number[] {
  if (reported === null || list.includes(reported)) return [...list];
  return [...list, reported].sort((a, b) => a - b);
}

/** Whole numbers from `from` to `to`. */
export const steps = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.max(0, Math.floor((to - from) / step + 1e-9)) + 1 }, (_, index) => from + index * step);
