/** Something that is asked again and again while somebody can see the page. */
export interface Repeating {
  /** Asks at once instead of after the pause. */
  now(): void;
  stop(): void;
}

/**
 * Repeats `work`, the next time `pause()` milliseconds after the last answer. A hidden page asks nothing; coming back
 * asks at once. `work` deals with its own failures and gives up when the signal says so.
 */
export function repeatWhileVisible(work: (signal: AbortSignal) => Promise<void>, pause: () => number): Repeating {
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let again = false;

  async function round() {
    clearTimeout(timer);
    if (stopped.signal.aborted || document.hidden) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await work(stopped.signal);
    } finally {
      running = false;
    }
    if (stopped.signal.aborted) return;
    timer = setTimeout(round, again ? 0 : pause());
    again = false;
  }

  const now = () => void round();
  document.addEventListener('visibilitychange', now);
  now();
  return {
    now,
    stop() {
      stopped.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', now);
    },
  };
}
