import type { SourceKind } from '$lib/api/types';
import { modeWords } from '$lib/charge-points/words';
import { amperes, energy, inWords, percent, price, seconds } from '$lib/format/number';
import { m } from '$lib/paraglide/messages';

import type { Command, CommandKind, CommandLimit, CommandOutcome, CommandRefusal } from './command';

interface Named {
  name: string;
  external_id: string;
}

const modeHints: Record<string, () => string> = {
  instant: m.mode_hint_instant,
  min_pv: m.mode_hint_min_pv,
  pv: m.mode_hint_pv,
  eco: m.mode_hint_eco,
  scheduled: m.mode_hint_scheduled,
  time: m.mode_hint_time,
  standby: m.mode_hint_standby,
  stop: m.mode_hint_stop,
};

const modeHintsOfCharger2: Record<string, () => string> = {
  instant: m.mode_hint_charge,
  stop: m.mode_hint_pause,
};

/** What a mode means, in plain words; of one that this version does not know nobody can say it. */
export const modeHint = (mode: string, kind?: SourceKind): string =>
  (kind === 'charger2' ? modeHintsOfCharger2[mode] : undefined)?.() ?? modeHints[mode]?.() ?? m.mode_hint_unknown();

/** Whole amperes, as boxes are set in. */
export const wholeAmperes = (current: number): string => inWords({ ...amperes(current), text: String(current) });

/** A least current; zero is no current at all but a decision. */
export const minCurrentWords = (current: number): string =>
  current === 0 ? m.control_min_current_zero() : wholeAmperes(current);

/** A state of charge that zero switches off. */
export const minSocWords = (soc: number): string => (soc === 0 ? m.control_off() : inWords(percent(soc)));

export function limitValueWords(limit: CommandLimit): string {
  if (limit.kind === 'energy') return inWords(energy(limit.energy_wh));
  return limit.kind === 'soc' ? inWords(percent(limit.soc_percent)) : m.control_limit_none();
}

/** Where a vehicle's state of charge comes from, as far as the box's word for it is known. */
export function socSourceWords(source: string | null): string {
  if (source === null) return m.soc_source_none();
  if (source === 'manual') return m.soc_source_manual();
  return source === 'module' ? m.soc_source_module() : m.soc_source_named({ name: source });
}

/** A time-out that zero switches off. */
export const watchdogWords = (timeout: number): string => (timeout === 0 ? m.control_off() : inWords(seconds(timeout)));

/** A command as the journal tells it. */
export function commandWords(command: Command, vehicles: readonly Named[] = [], kind?: SourceKind): string {
  switch (command.kind) {
    case 'mode':
      return m.command_mode({ mode: modeWords(command.mode, kind) });
    case 'current':
      return m.command_current({ value: wholeAmperes(command.current_a) });
    case 'limit':
      return m.command_limit({ value: limitValueWords(command.limit) });
    case 'min_current':
      return m.command_min_current({ value: minCurrentWords(command.current_a) });
    case 'min_soc':
      return m.command_min_soc({ value: minSocWords(command.soc_percent) });
    case 'max_price':
      return m.command_max_price({ value: inWords(price(command.eur_per_kwh)) });
    case 'locked':
      return command.locked ? m.command_lock() : m.command_unlock();
    case 'vehicle': {
      const known = vehicles.find((one) => one.external_id === command.vehicle_id);
      return m.command_vehicle({ vehicle: known?.name ?? command.vehicle_id });
    }
    case 'priority':
      return command.priority ? m.command_priority_on() : m.command_priority_off();
    case 'vehicle_soc':
      return m.command_vehicle_soc({ value: inWords(percent(command.soc_percent)) });
    case 'query_soc':
      return m.command_query_soc();
    case 'reset_energy':
      return m.command_reset_energy();
    case 'failsafe_current':
      return m.command_failsafe_current({ value: wholeAmperes(command.current_a) });
    case 'watchdog':
      return m.command_watchdog({ value: watchdogWords(command.seconds) });
  }
}

const outcomes: Record<CommandOutcome, () => string> = {
  pending: m.outcome_pending,
  confirmed: m.outcome_confirmed,
  not_confirmed: m.outcome_not_confirmed,
  refused: m.outcome_refused,
  interrupted: m.outcome_interrupted,
};

export const COMMAND_OUTCOMES = Object.keys(outcomes) as CommandOutcome[];
/** What became of a command; an outcome of a newer server keeps its own name. */
export const outcomeWords = (outcome: CommandOutcome): string => outcomes[outcome]?.() ?? outcome;

const refusals: Record<CommandRefusal, () => string> = {
  offline: m.refusal_offline,
  not_possible: m.refusal_not_possible,
  out_of_range: m.refusal_out_of_range,
  card_decides: m.refusal_card_decides,
  not_allowed: m.refusal_not_allowed,
  busy: m.refusal_busy,
  not_noted: m.refusal_not_noted,
  box_refused: m.refusal_box_refused,
  connection_lost: m.refusal_connection_lost,
};

export const COMMAND_REFUSALS = Object.keys(refusals) as CommandRefusal[];
/** Why a command did not reach the box; a reason of a newer server keeps its own name. */
export const refusalWords = (refusal: CommandRefusal): string => refusals[refusal]?.() ?? refusal;

/** What shows only after the box's next control cycle. */
const SLOW: ReadonlySet<CommandKind> = new Set(['vehicle', 'vehicle_soc', 'query_soc', 'reset_energy']);

export const sendingWords = (kind: CommandKind): string =>
  SLOW.has(kind) ? m.control_sending_slow() : m.control_sending();
