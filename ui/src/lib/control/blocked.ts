import type { LiveDevice } from '$lib/api/types';
import { live } from '$lib/live/store.svelte';
import { m } from '$lib/paraglide/messages';
import { problemText } from '$lib/problems/problems';

/** Why nothing can be asked of a charge point now; null if all is well. */
export function blockedBy(device: LiveDevice): string | null {
  const source = live.source(device.source_id);
  if (!source || source.state === 'connecting') return m.control_blocked_connecting();
  if (source.state === 'offline') {
    return source.problem ? problemText(source.problem, source.kind) : m.control_blocked_offline();
  }
  if (source.state === 'stale' || device.stale) return m.control_blocked_stale();
  return null;
}

/** The same where there is little room. */
export function blockedShortly(device: LiveDevice): string | null {
  return blockedBy(device) === null ? null : m.control_blocked();
}
