import type { LiveDevice } from '$lib/api/types';

/** What the cloud adds to what is seen from near; null where that is known from near. */
export interface Added {
  power_w: number | null;
  energy_wh: number | null;
  tag: string | null;
  /** When the cloud said so. */
  at: string;
}

/** Two witnesses of one wallbox: what is known from near counts, the cloud fills in what is not. */
export function addedBy(far: LiveDevice | undefined, near: LiveDevice): Added | null {
  const [here, there] = [near.charge_point, far?.charge_point];
  if (!far || far.stale || !here || !there) return null;
  // From near a vehicle is seen to leave at once; the cloud hears of it minutes later.
  const gone = here.plugged === false;
  const added = {
    power_w: near.power_w === null && !gone ? far.power_w : null,
    energy_wh: here.energy_since_plug_in_wh === null && !gone ? there.energy_since_plug_in_wh : null,
    tag: here.tag === null && !gone ? there.tag : null,
    at: far.updated_at,
  };
  return added.power_w === null && added.energy_wh === null && added.tag === null ? null : added;
}
