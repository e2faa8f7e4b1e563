import type { LiveChargePoint } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';

import type { Abilities, CommandKind } from './command';

/** Settings of a profile; the others are states of the moment and end by themselves. */
const OF_PROFILE: ReadonlySet<CommandKind> = new Set([
  'mode',
  'current',
  'limit',
  'min_current',
  'min_soc',
  'max_price',
  'priority',
]);

/** Whether a change can be put back when the vehicle is unplugged: it would hold for good, and there is a vehicle. */
export const canPutBack = (abilities: Abilities, point: Pick<LiveChargePoint, 'plugged'>): boolean =>
  abilities.lasting === 'for_good' && point.plugged === true;

/** Whether a command is to be put back. */
export const putsBack = (
  kind: CommandKind,
  abilities: Abilities,
  point: Pick<LiveChargePoint, 'plugged'>,
  thisChargeOnly: boolean,
): boolean => OF_PROFILE.has(kind) && thisChargeOnly && canPutBack(abilities, point);

/** For how long a change of settings will hold, said before it is made. */
export function lastingWords(
  abilities: Abilities,
  point: Pick<LiveChargePoint, 'plugged'>,
  thisChargeOnly: boolean,
): string | null {
  if (abilities.lasting === 'until_unplug') return m.control_lasts_until_unplug();
  if (abilities.lasting !== 'for_good') return null;
  if (canPutBack(abilities, point) && thisChargeOnly) return m.control_lasts_this_charge();
  return abilities.one_mode_for_all ? m.control_lasts() : m.control_lasts_profile();
}

/** The same where there is little room. */
export function lastingShortly(
  abilities: Abilities,
  point: Pick<LiveChargePoint, 'plugged'>,
  thisChargeOnly: boolean,
): string | null {
  if (abilities.lasting === null) return null;
  const ends = abilities.lasting === 'until_unplug' || (canPutBack(abilities, point) && thisChargeOnly);
  return ends ? m.control_lasts_until_unplug() : m.control_lasts_short();
}
