import { describe, expect, it } from 'vitest';

import type { Flow, House } from '$lib/api/types';

import { barsOf, roomFor } from './segments';

const flow = (role: Flow['role'], power_w: number): Flow => ({ role, device_id: `${role}-1`, power_w, stale: false });

const house = (inputs: Flow[], outputs: Flow[], unknown_w: number | null = null): House => ({
  inputs,
  outputs,
  input_w: inputs.reduce((sum, one) => sum + one.power_w, 0),
  output_w: outputs.reduce((sum, one) => sum + one.power_w, 0),
  unknown_w,
});

const roles = (segments: { role: string }[]) => segments.map((one) => one.role);

describe('the two bars of the house', () => {
  it('are equally long when nothing is unknown', () => {
    const bars = barsOf(
      house([flow('grid', 7300), flow('pv', 4200)], [flow('home', 500), flow('charge_point', 11_000)]),
      new Map(),
    );
    expect(roles(bars.inputs)).toEqual(['pv', 'grid']);
    expect(roles(bars.outputs)).toEqual(['home', 'charge_point']);
    expect(bars.inputs.reduce((sum, one) => sum + one.share, 0)).toBeCloseTo(1);
    expect(bars.outputs.reduce((sum, one) => sum + one.share, 0)).toBeCloseTo(1);
  });

  it('show what is missing on either side as a segment of its own', () => {
    const missingOut = barsOf(house([flow('pv', 1000)], [flow('home', 600)], 400), new Map());
    expect(roles(missingOut.outputs)).toEqual(['home', 'unknown']);
    const missingIn = barsOf(house([flow('pv', 600)], [flow('home', 1000)], -400), new Map());
    expect(roles(missingIn.inputs)).toEqual(['pv', 'unknown']);
    expect(missingIn.inputs.at(-1)?.share).toBeCloseTo(0.4);
  });

  it('stay empty without values', () => {
    expect(barsOf(house([], []), new Map())).toEqual({ inputs: [], outputs: [], total: 0 });
  });
});

it('gives up a label step by step as its segment gets thin', () => {
  const rooms = [200, 110, 30, 12, 4].map((width) => roomFor(width, 'Garage', '11.0 kW'));
  expect(rooms).toEqual(['full', 'short', 'icon', 'dot', 'none']);
});
