import type { LiveChargePoint, LiveDevice } from '$lib/api/types';
import { limitValueWords, socSourceWords } from '$lib/control/words';
import { amperes, apparentEnergy, celsius, energy, inWords, kilometres, percent } from '$lib/format/number';
import { age, dayAndTime } from '$lib/format/time';
import { known, measured, origin, type Fact } from '$lib/house/facts';
import { live } from '$lib/live/store.svelte';
import { m } from '$lib/paraglide/messages';

import { boxStateWords, modeWords, phasesWords, stateWords } from './words';

const yesNo = (value: boolean | null) => (value === null ? null : value ? m.control_on() : m.control_off());

function limitValue(limit: LiveChargePoint['limit']): string | null {
  if (limit?.kind === 'energy' && limit.energy_wh !== null)
    return limitValueWords({ kind: 'energy', energy_wh: limit.energy_wh });
  if (limit?.kind === 'soc' && limit.soc_percent !== null)
    return limitValueWords({ kind: 'soc', soc_percent: limit.soc_percent });
  return limit?.kind === 'none' ? m.control_limit_none() : null;
}

/** Only an openWB deals with vehicles. */
const socSource = (device: LiveDevice, { abilities }: LiveChargePoint) =>
  abilities !== null && live.kindOf(device) === 'openwb' ? socSourceWords(abilities.soc_source) : null;

/** Everything that is known of a charge point, in the order in which somebody would ask. */
export function factsOf(device: LiveDevice, point: LiveChargePoint): Fact[] {
  const letter = point.state === null ? '' : ` (${point.state})`;
  const soc =
    point.vehicle_soc_percent === null
      ? null
      : [
          inWords(percent(point.vehicle_soc_percent)),
          ...(point.vehicle_soc_at === null ? [] : [age(live.age(point.vehicle_soc_at))]),
        ].join(' · ');
  return [
    ...known([
      { label: m.fact_state(), text: stateWords(point.state) + letter },
      {
        label: m.fact_box_state(),
        text: point.box_state === null ? null : `${point.box_state} · ${boxStateWords(point.box_state)}`,
      },
      {
        label: m.fact_plugged_since(),
        text: point.plugged_since && dayAndTime(Date.parse(point.plugged_since), live.zone),
      },
      {
        label: m.fact_since_plug_in(),
        text: point.energy_since_plug_in_wh === null ? null : inWords(energy(point.energy_since_plug_in_wh)),
      },
      {
        label: m.control_towards_limit(),
        text: point.energy_towards_limit_wh === null ? null : inWords(energy(point.energy_towards_limit_wh)),
      },
      { label: m.control_limit(), text: limitValue(point.limit) },
      { label: m.fact_mode_in_force(), text: point.charge_mode && modeWords(point.charge_mode, live.kindOf(device)) },
      {
        label: m.fact_offered(),
        text: point.offered_current_a === null ? null : inWords(amperes(point.offered_current_a)),
      },
      { label: m.fact_phases(), text: point.phases_in_use ? phasesWords(point.phases_in_use) : null },
      { label: m.fact_tag(), text: point.tag },
      { label: m.control_vehicle(), text: point.vehicle?.name ?? null, foreign: true },
      { label: m.fact_vehicle_soc(), text: soc },
      { label: m.fact_soc_source(), text: socSource(device, point) },
      {
        label: m.fact_range(),
        text: point.vehicle_range_km === null ? null : inWords(kilometres(point.vehicle_range_km)),
      },
      {
        label: m.fact_apparent_since_power_on(),
        text:
          point.apparent_since_power_on_vah === null
            ? null
            : inWords(apparentEnergy(point.apparent_since_power_on_vah)),
      },
      {
        label: m.fact_temperature(),
        text: point.temperature_c === null ? null : inWords(celsius(point.temperature_c)),
      },
      { label: m.control_priority(), text: yesNo(point.priority) },
      { label: m.control_night(), text: yesNo(point.settings?.night_charging ?? null) },
    ]),
    ...measured(device),
    ...origin(device),
  ];
}
