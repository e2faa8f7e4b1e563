import type { LiveChargePoint, SourceKind } from '$lib/api/types';
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

/** A box that knows nothing of sun and prices charges or does not. */
const modesOfCharger2: Record<string, () => string> = {
  instant: m.cp_mode_charge,
  stop: m.cp_mode_pause,
};

/** A mode this version does not know keeps the box's own word. */
export const modeWords = (mode: string, kind?: SourceKind): string =>
  (kind === 'charger2' ? modesOfCharger2[mode] : undefined)?.() ?? modes[mode]?.() ?? mode;

/** The letters of a Charger 2's socket. 1 is not allowed, 2 allowed. */
const boxStates: Record<string, () => string> = {
  A1: m.box_state_A,
  A2: m.box_state_A,
  B1: m.box_state_B1,
  B2: m.box_state_B2,
  C1: m.box_state_C1,
  C2: m.box_state_C2,
  DERATING: m.box_state_DERATING,
  E: m.box_state_E,
  F: m.box_state_F,
  ERROR: m.box_state_ERROR,
};

/** What the socket does, in words; letters of a newer box stand for themselves. */
export const boxStateWords = (state: string): string => boxStates[state]?.() ?? state;

/** Currents are read in tenths of an ampere. */
const HALF_A_STEP = 0.05;

/** Where a box allows less than was asked of it; a pause is no such limit. */
export function narrowerWords(point: LiveChargePoint): string | null {
  const asked = point.settings?.current_a ?? null;
  const allowed = point.offered_current_a;
  if (asked === null || allowed === null || point.settings?.mode === 'stop') return null;
  if (allowed >= asked - HALF_A_STEP) return null;
  return m.cp_narrower({ allowed: inWords(amperes(allowed)), asked: inWords(amperes(asked)) });
}

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
