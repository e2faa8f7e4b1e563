import type { LiveDevice } from '$lib/api/types';
import { nameOf } from '$lib/devices/look';
import { age } from '$lib/format/time';
import { m } from '$lib/paraglide/messages';

import { live } from './store.svelte';

/** Why a device's values must not be taken for the present. */
export function staleness(device: LiveDevice): string {
  // Until the box has said that it is alive, nobody knows how old its retained values are.
  if (live.source(device.source_id)?.state === 'connecting') return m.device_waiting();
  return m.device_stale({ age: age(live.age(device.updated_at)) });
}

/** Where a device's values come from and how old they are. */
export function provenance(device: LiveDevice): string {
  const source = live.source(device.source_id)?.name ?? m.unknown();
  return m.provenance({ device: nameOf(device), source, age: age(live.age(device.updated_at)) });
}
