import type { LiveDevice } from '$lib/api/types';
import {
  amperes,
  apparentEnergy,
  apparentPower,
  energy,
  inWords,
  percent,
  power,
  volts,
  type Quantity,
} from '$lib/format/number';
import { age, clockTimeWithSeconds } from '$lib/format/time';
import { live } from '$lib/live/store.svelte';
import { m } from '$lib/paraglide/messages';

export interface Fact {
  label: string;
  text: string;
  /** What a box or a person calls something: no language changes it. */
  foreign?: boolean;
}

const list = (values: (number | null)[] | null, format: (value: number | null) => Quantity) =>
  values === null ? null : values.map((value) => inWords(format(value))).join(' · ');

export const known = (facts: (Omit<Fact, 'text'> & { text: string | null })[]): Fact[] =>
  facts.filter((fact): fact is Fact => fact.text !== null);

/** What a device measures, phase by phase, and its meters. */
export function measured(device: LiveDevice): Fact[] {
  const battery = device.kind === 'battery';
  const imported = battery
    ? m.device_battery_imported()
    : device.kind === 'charge_point'
      ? m.device_charged()
      : m.device_imported();
  const counters = [
    { label: imported, value: device.imported_wh },
    { label: battery ? m.device_battery_exported() : m.device_exported(), value: device.exported_wh },
    { label: m.device_produced(), value: device.produced_wh },
  ];
  return known([
    { label: m.device_soc(), text: device.soc_percent === null ? null : inWords(percent(device.soc_percent)) },
    {
      label: m.cp_apparent_power(),
      text: device.apparent_power_va === null ? null : inWords(apparentPower(device.apparent_power_va)),
    },
    { label: m.device_phases(), text: list(device.powers_w, power) },
    { label: m.device_currents(), text: list(device.currents_a, amperes) },
    { label: m.device_voltages(), text: list(device.voltages_v, volts) },
    {
      label: m.device_apparent_energy(),
      text: device.apparent_energy_vah === null ? null : inWords(apparentEnergy(device.apparent_energy_vah)),
    },
    ...counters.map(({ label, value }) => ({ label, text: value === null ? null : inWords(energy(value)) })),
  ]);
}

/** Where a device's values come from and how old they are. */
export const origin = (device: LiveDevice): Fact[] =>
  known([
    { label: m.device_source(), text: live.source(device.source_id)?.name ?? null, foreign: true },
    { label: m.device_external_id(), text: device.external_id, foreign: true },
    {
      label: m.device_updated(),
      text: `${clockTimeWithSeconds(Date.parse(device.updated_at), live.zone)} · ${age(live.age(device.updated_at))}`,
    },
  ]);
