import type { SourceState } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';

const states: Record<SourceState, () => string> = {
  connecting: m.state_connecting,
  live: m.state_live,
  stale: m.state_stale,
  offline: m.state_offline,
};

export const stateText = (state: SourceState): string => states[state]();
