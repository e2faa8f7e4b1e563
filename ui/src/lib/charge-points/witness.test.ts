import { describe, expect, it } from 'vitest';

import type { LiveChargePoint, LiveDevice } from '$lib/api/types';

import { addedBy } from './witness';

const seen = (power_w: number | null, point: Partial<LiveChargePoint>, rest: Partial<LiveDevice> = {}): LiveDevice =>
  ({
    power_w,
    stale: false,
    updated_at: '2026-11-22T12:00:00Z',
    ...rest,
    charge_point: { plugged: true, energy_since_plug_in_wh: null, tag: null, ...point },
  }) as LiveDevice;

const far = seen(6900, { energy_since_plug_in_wh: 8123, tag: '…12-1' });

describe('what the cloud adds to a wallbox that is seen from near', () => {
  it('is what the near one does not know', () => {
    expect(addedBy(far, seen(null, {}))).toEqual({
      power_w: 6900,
      energy_wh: 8123,
      tag: '…12-1',
      at: '2026-11-22T12:00:00Z',
    });
    expect(addedBy(far, seen(7000, { energy_since_plug_in_wh: 8000 }))).toMatchObject({
      power_w: null,
      energy_wh: null,
      tag: '…12-1',
    });
  });

  it('is nothing once the vehicle has left, when it is old, or when all is known', () => {
    expect(addedBy(far, seen(null, { plugged: false }))).toBeNull();
    expect(addedBy({ ...far, stale: true }, seen(null, {}))).toBeNull();
    expect(addedBy(far, seen(7000, { energy_since_plug_in_wh: 8000, tag: '…5678' }))).toBeNull();
    expect(addedBy(undefined, seen(null, {}))).toBeNull();
  });
});
