import type { Flow, FlowRole, House, LiveDevice } from '$lib/api/types';
import { colorOf, exportColor, kindName } from '$lib/devices/look';
import { m } from '$lib/paraglide/messages';

/** A flow, or the remainder that belongs to no device. */
interface Part extends Omit<Flow, 'role' | 'device_id'> {
  role: FlowRole;
  device_id: string | null;
}

export type Side = 'in' | 'out';

export interface Segment {
  key: string;
  role: FlowRole;
  side: Side;
  name: string;
  watts: number;
  /** Part of the whole bar, 0 to 1. */
  share: number;
  color: string;
  /** Drawn around a pale segment, so that it still stands out from the page. */
  outline: string | null;
  stale: boolean;
  device: LiveDevice | null;
}

export interface Bars {
  inputs: Segment[];
  outputs: Segment[];
  total: number;
}

const inOrder: FlowRole[] = ['pv', 'battery', 'grid', 'meter', 'unknown'];
const outOrder: FlowRole[] = ['home', 'charge_point', 'meter', 'battery', 'grid', 'unknown'];

function nameOf(flow: Part, side: Side, device: LiveDevice | null, alone: boolean): string {
  if (flow.role === 'grid') return side === 'in' ? m.flow_grid_in() : m.kind_export();
  if (flow.role === 'battery' && alone) return side === 'in' ? m.flow_battery_in() : m.flow_battery_out();
  // A box has no name for the house itself.
  if (flow.role === 'home' || (alone && flow.role === 'pv')) return kindName(flow.role);
  return device?.name ?? kindName(flow.role);
}

/**
 * The house as two bars of the same length: what comes in and where it goes. What is measured on one side only
 * fills the other as a segment of its own, so that nothing is hidden.
 */
export function barsOf(house: House, devices: ReadonlyMap<string, LiveDevice>): Bars {
  const inputs = house.inputs.filter((flow) => flow.power_w > 0);
  const outputs = house.outputs.filter((flow) => flow.power_w > 0);
  const sum = (flows: Part[]) => flows.reduce((total, flow) => total + flow.power_w, 0);
  const remainder = house.unknown_w ?? 0;
  const unknown = (watts: number): Part[] =>
    watts > 0 ? [{ role: 'unknown', device_id: null, power_w: watts, stale: false }] : [];
  const allIn = [...inputs, ...unknown(-remainder)];
  const allOut = [...outputs, ...unknown(remainder)];
  const total = Math.max(sum(allIn), sum(allOut));

  const mainInput = inputs.filter((flow) => flow.role !== 'grid').sort((a, b) => b.power_w - a.power_w)[0];
  const exported = colorOf(mainInput?.role ?? 'grid');

  const segments = (flows: Part[], side: Side, order: FlowRole[]) =>
    flows
      .map((flow, index): Segment => {
        const device = flow.device_id === null ? null : (devices.get(flow.device_id) ?? null);
        const alone = flows.filter((other) => other.role === flow.role).length === 1;
        const leaves = side === 'out' && flow.role === 'grid';
        const color = colorOf(flow.role, device?.color_slot);
        return {
          key: `${side} ${flow.role} ${flow.device_id ?? index}`,
          role: flow.role,
          side,
          name: nameOf(flow, side, device, alone),
          watts: flow.power_w,
          share: total > 0 ? flow.power_w / total : 0,
          color: leaves ? exportColor(exported) : color,
          outline: leaves ? exported : null,
          stale: flow.stale,
          device,
        };
      })
      .sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role) || a.name.localeCompare(b.name));

  return { inputs: segments(allIn, 'in', inOrder), outputs: segments(allOut, 'out', outOrder), total };
}

/** How much of its label a segment has room for. */
export type Room = 'full' | 'short' | 'icon' | 'dot' | 'none';

const ICON_PX = 18;
const CHARACTER_PX = 7.6;
const PADDING_PX = 14;

export function roomFor(width: number, name: string, value: string): Room {
  const valuePx = value.length * CHARACTER_PX;
  if (width >= PADDING_PX + ICON_PX + 6 + name.length * CHARACTER_PX + 6 + valuePx) return 'full';
  if (width >= PADDING_PX + ICON_PX + 6 + valuePx) return 'short';
  if (width >= ICON_PX + 6) return 'icon';
  return width >= 10 ? 'dot' : 'none';
}
