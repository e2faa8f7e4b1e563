import type { LiveSource, SourceState } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';

const states: Record<SourceState, () => string> = {
  connecting: m.state_connecting,
  live: m.state_live,
  stale: m.state_stale,
  offline: m.state_offline,
};

/** How a source is doing. An account that nobody is signed in to can be reached, but not read. */
export function stateText({ state, problem }: Pick<LiveSource, 'state' | 'problem'>): string {
  if (problem?.code === 'sign_in_again') return m.elli_state_sign_in_again();
  if (problem?.code === 'signed_out') return m.elli_state_signed_out();
  return states[state]();
}
