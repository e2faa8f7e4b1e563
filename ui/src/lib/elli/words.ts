import type { ElliAccount, ElliStation } from '$lib/api/types';
import { energy, inWords, number, UNKNOWN } from '$lib/format/number';
import { m } from '$lib/paraglide/messages';

type State = ElliAccount['state'];

const states: Record<State, () => string> = {
  unknown: m.elli_state_unknown,
  signed_in: m.elli_state_signed_in,
  sign_in_again: m.elli_state_sign_in_again,
  signed_out: m.elli_state_signed_out,
};

export const accountStateWords = (state: State): string => states[state]();

/** Elli's own words that are known; one that is not stands for itself. */
const ellis: Record<string, () => string> = {
  connected: m.elli_word_connected,
  disconnected: m.elli_word_disconnected,
  connected_in_quarantine_mode: m.elli_word_quarantine,
  activated: m.elli_word_activated,
  active: m.elli_word_active,
  completed: m.elli_word_completed,
  aborted: m.elli_word_aborted,
  available: m.elli_word_available,
  occupied: m.elli_word_occupied,
  unavailable: m.elli_word_unavailable,
  charging: m.elli_word_charging,
  paused: m.elli_word_paused,
  idle: m.elli_word_idle,
  evdetected: m.elli_word_detected,
  suspendedev: m.elli_word_suspended_ev,
  suspendedevse: m.elli_word_suspended_evse,
  authorization_csms: m.elli_word_authorization_csms,
  no_authorization_cs: m.elli_word_no_authorization,
  no_authorization_csms: m.elli_word_no_authorization,
  authorization_e_roaming: m.elli_word_authorization_roaming,
  private_card_owned: m.elli_word_private_card,
  private_remote: m.elli_word_remote,
  fleet_card: m.elli_word_fleet_card,
  app: m.elli_word_app,
  none: m.elli_word_no_authorization,
};

export const elliWords = (word: string): string => ellis[word.toLowerCase()]?.() ?? word;

type SyncProblem = NonNullable<ElliAccount['sync']['problem']>;

const noAnswer = (status: number | null): string =>
  status === null ? m.elli_sync_no_answer() : m.elli_sync_server({ status });

const troubles: Record<SyncProblem['code'], (status: number | null) => string> = {
  elli_signed_out: () => m.problem_signed_out(),
  elli_sign_in_again: () => m.problem_sign_in_again(),
  elli_unreachable: noAnswer,
  elli_busy: () => m.elli_sync_busy(),
  elli_refused: (status) => m.elli_sync_refused({ status: status ?? UNKNOWN }),
  secrets_unavailable: () => m.problem_elli_session_unavailable(),
  not_kept: () => m.elli_sync_not_kept(),
};

export const SYNC_TROUBLES = Object.keys(troubles) as SyncProblem['code'][];

/** What went wrong when the account was read; a code of a newer server falls back to its own sentence. */
export function syncProblemWords({ code, status, detail }: SyncProblem): string {
  const words: ((status: number | null) => string) | undefined = troubles[code];
  return words ? words(status) : detail;
}

/** How far reading the records is, in one line. */
export function recordsWords({ state, received, total, kept, finished_at }: ElliAccount['records']): string {
  switch (state) {
    case 'never':
      return m.elli_records_never();
    case 'running':
      return total === null
        ? m.elli_records_running({ received: number(received) })
        : m.elli_records_running_of({ received: number(received), total: number(total) });
    case 'complete':
      return finished_at === null
        ? m.elli_records_kept({ kept: number(kept) })
        : m.elli_records_complete({ kept: number(kept) });
    case 'incomplete':
      return m.elli_records_incomplete({ kept: number(kept) });
    case 'failed':
      return m.elli_records_failed({ kept: number(kept) });
  }
}

/** Part of the records that has come in; null while nobody knows how many there are. */
export const recordsShare = ({ received, total }: ElliAccount['records']): number | null =>
  total === null || total === 0 ? null : Math.min(1, received / total);

/** The records that are kept and that Elli shows as well: these can be compared. */
export const stillShown = (totals: ElliStation['totals']) => ({
  wattHours: totals.kept_energy_wh - totals.gone_energy_wh,
  count: totals.kept_records - totals.gone_records,
});

/** How far the records that are kept are from Elli's own sum, in words; null if they agree or were not compared. */
export function differenceWords(totals: ElliStation['totals']): string | null {
  const { elli_records, elli_energy_wh, agree } = totals;
  if (agree !== false || elli_records === null || elli_energy_wh === null) return null;
  const shown = stillShown(totals);
  const [wattHours, count] = [elli_energy_wh - shown.wattHours, elli_records - shown.count];
  // One up and one down is no amount that anybody could look for.
  if (wattHours * count < 0) return m.elli_totals_apart();
  const values = { energy: inWords(energy(Math.abs(wattHours))), records: number(Math.abs(count)) };
  return wattHours + count > 0 ? m.elli_totals_more(values) : m.elli_totals_less(values);
}
