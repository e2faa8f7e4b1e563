import type { LiveDevice } from '$lib/api/types';
import { boxStateWords } from '$lib/charge-points/words';
import { live } from '$lib/live/store.svelte';
import { m } from '$lib/paraglide/messages';

interface FaultWords {
  text: string;
  /** A box's own words, which no language changes. */
  foreign: boolean;
}

/** Trouble that a source reports. An openWB puts it into words itself; of the others Ladebuch knows what it is. */
export function faultWords(device: LiveDevice): FaultWords | null {
  if (device.fault === null) return null;
  const boxState = device.charge_point?.box_state ?? null;
  if (boxState !== null) return { text: boxStateWords(boxState), foreign: false };
  if (live.kindOf(device) === 'elli') return { text: m.elli_station_away(), foreign: false };
  return { text: device.fault.text, foreign: true };
}
