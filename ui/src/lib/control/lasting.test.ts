import { describe, expect, it } from 'vitest';

import type { Abilities } from './command';
import { canPutBack, lastingWords, putsBack } from './lasting';

const abilities = (change: Partial<Abilities>): Abilities => ({
  modes: ['instant', 'pv', 'stop'],
  one_mode_for_all: false,
  current_a: { min: 6, max: 32 },
  energy_limit_wh: null,
  soc_limit: false,
  min_current_a: null,
  min_soc: false,
  max_price: false,
  lock: true,
  priority: true,
  vehicles: [],
  soc_source: null,
  vehicle_soc: false,
  query_soc: false,
  reset_energy: false,
  failsafe_current_a: null,
  watchdog: false,
  lasting: 'for_good',
  ...change,
});
const plugged = { plugged: true };
const empty = { plugged: false };

describe('how long a change holds', () => {
  it('can be limited to this charge only where there is one, and something to put back', () => {
    expect(canPutBack(abilities({}), plugged)).toBe(true);
    expect(canPutBack(abilities({}), empty)).toBe(false);
    expect(canPutBack(abilities({}), { plugged: null })).toBe(false);
    expect(canPutBack(abilities({ lasting: 'until_unplug' }), plugged)).toBe(false);
    expect(canPutBack(abilities({ one_mode_for_all: true }), plugged)).toBe(true);
  });

  it('concerns the profile, not the moment', () => {
    expect(putsBack('mode', abilities({}), plugged, true)).toBe(true);
    expect(putsBack('mode', abilities({}), plugged, false)).toBe(false);
    for (const kind of ['locked', 'vehicle', 'vehicle_soc', 'query_soc', 'reset_energy'] as const) {
      expect(putsBack(kind, abilities({}), plugged, true), kind).toBe(false);
    }
  });

  it('is said before it happens, and differently in each case', () => {
    const said = [
      lastingWords(abilities({}), plugged, true),
      lastingWords(abilities({}), plugged, false),
      lastingWords(abilities({ lasting: 'until_unplug' }), plugged, true),
      lastingWords(abilities({ one_mode_for_all: true }), plugged, false),
    ];
    expect(new Set(said).size).toBe(4);
    expect(said).not.toContain(null);
    expect(lastingWords(abilities({ lasting: null }), plugged, true)).toBeNull();
  });
});
