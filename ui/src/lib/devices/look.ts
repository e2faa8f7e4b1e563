import BatteryMedium from '@lucide/svelte/icons/battery-medium';
import CircleHelp from '@lucide/svelte/icons/circle-question-mark';
import Gauge from '@lucide/svelte/icons/gauge';
import House from '@lucide/svelte/icons/house';
import PlugZap from '@lucide/svelte/icons/plug-zap';
import Sun from '@lucide/svelte/icons/sun';
import UtilityPole from '@lucide/svelte/icons/utility-pole';
import type { Component } from 'svelte';

import type { DeviceKind, FlowRole } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';

type Icon = Component<{ class?: string; 'aria-hidden'?: 'true' }>;

const icons: Record<FlowRole, Icon> = {
  grid: UtilityPole,
  pv: Sun,
  battery: BatteryMedium,
  home: House,
  charge_point: PlugZap,
  meter: Gauge,
  unknown: CircleHelp,
};

export const iconOf = (kind: FlowRole): Icon => icons[kind];

const SLOTS = 8;

/** A device's colour, the same on every page: its energy's hue, or its own slot for what has many of a kind. */
export function colorOf(kind: FlowRole, slot = 0): string {
  if (kind === 'charge_point' || kind === 'meter') return `var(--slot-${((slot % SLOTS) + SLOTS) % SLOTS})`;
  return `var(--energy-${kind})`;
}

/** Power leaving the house keeps the colour of where it came from, at 40 %. */
export const exportColor = (color: string): string => `color-mix(in oklab, ${color} 40%, var(--raised))`;

const names: Record<FlowRole, () => string> = {
  grid: m.kind_grid,
  pv: m.kind_pv,
  battery: m.kind_battery,
  home: m.kind_home,
  charge_point: m.kind_charge_point,
  meter: m.kind_meter,
  unknown: m.kind_unknown,
};

export const kindName = (kind: FlowRole): string => names[kind]();

/** What a device is called. A box has no name for the house itself. */
export function nameOf(device: { kind: DeviceKind; name: string; external_id?: string }): string {
  // A box without names for its devices leaves its own designation, which says nothing to a person.
  const nameless = device.name === device.external_id && device.kind !== 'charge_point' && device.kind !== 'meter';
  return device.kind === 'home' || nameless ? kindName(device.kind) : device.name;
}

/** The order of a house's devices, from where power comes to where it goes. */
const order: DeviceKind[] = ['pv', 'grid', 'battery', 'home', 'charge_point', 'meter'];
export const byKind = (a: { kind: DeviceKind; name: string }, b: { kind: DeviceKind; name: string }): number =>
  order.indexOf(a.kind) - order.indexOf(b.kind) || a.name.localeCompare(b.name);
