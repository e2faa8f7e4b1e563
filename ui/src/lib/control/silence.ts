import { m } from '$lib/paraglide/messages';

import { watchdogWords, wholeAmperes } from './words';

/** What a box is going to do when nobody talks to it any more, as far as its settings are known. */
export function silenceWords(timeout: number | null, current: number | null): string[] {
  if (timeout === null || current === null) return [m.silence_not_told()];
  if (timeout === 0) return [m.silence_off()];
  const falls = m.silence_falls({ time: watchdogWords(timeout), current: wholeAmperes(current) });
  return current === 0 ? [falls, m.silence_zero()] : [falls];
}
