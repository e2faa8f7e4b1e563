import type { LiveChargePoint } from '$lib/api/types';
import { amperes, energy, inWords, percent } from '$lib/format/number';
import { m } from '$lib/paraglide/messages';

type Letter = NonNullable<LiveChargePoint['state']>;

const states: Record<Letter, () => string> = {
  A: m.cp_state_A,
  B: m.cp_state_B,
  C: m.cp_state_C,
  F: m.cp_state_F,
};

export const stateWords = (letter: Letter | null): string => (letter ? states[letter]() : m.cp_state_unknown());

const modes: Record<string, () => string> = {
  instant: m.cp_mode_instant,
  min_pv: m.cp_mode_min_pv,
  pv: m.cp_mode_pv,
  eco: m.cp_mode_eco,
  scheduled: m.cp_mode_scheduled,
  time: m.cp_mode_time,
  standby: m.cp_mode_standby,
  stop: m.cp_mode_stop,
};

/** A mode this version does not know keeps the box's own word. */
export const modeWords = (mode: string): string => modes[mode]?.() ?? mode;

/** What the box wants to reach before it stops on its own. */
export function limitWords(limit: LiveChargePoint['limit']): string | null {
  if (limit?.kind === 'energy' && limit.energy_wh != null)
    return m.cp_limit_energy({ energy: inWords(energy(limit.energy_wh)) });
  if (limit?.kind === 'soc' && limit.soc_percent != null)
    return m.cp_limit_soc({ soc: inWords(percent(limit.soc_percent)) });
  return null;
}

export const phasesWords = (phases: number): string =>
  phases === 1 ? m.cp_phases_one() : m.cp_phases({ count: phases });

/** The highest current of any phase, beside what the box offers. */
export function currentWords(currents: (number | null)[] | null, offered: number | null): string | null {
  const measured = currents?.filter((value) => value !== null) ?? [];
  const highest = measured.length > 0 ? Math.max(...measured) : null;
  if (highest !== null && highest >= 0.1) {
    if (offered === null) return inWords(amperes(highest));
    return m.cp_current({ current: inWords(amperes(highest)), offered: inWords(amperes(offered)) });
  }
  return offered !== null && offered > 0 ? m.cp_offered({ offered: inWords(amperes(offered)) }) : null;
}
