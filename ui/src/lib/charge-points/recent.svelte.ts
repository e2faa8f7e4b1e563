import { SvelteMap } from 'svelte/reactivity';

import { api, ask } from '$lib/api/client';

const SPAN_MS = 30 * 60_000;
const EVERY_MS = 30_000;

export interface RecentPower {
  values: (number | null)[];
}

/** The last half hour of every charge point, from the recorded history. */
export class RecentPowers {
  readonly byDevice = new SvelteMap<string, RecentPower>();

  async #load(): Promise<void> {
    const { series } = await ask(api.GET('/api/v1/series'));
    const wanted = series.filter((one) => one.device_kind === 'charge_point' && one.quantity === 'power');
    if (wanted.length === 0) return;
    const now = Date.now();
    const query = {
      series: wanted.map((one) => one.id).join(','),
      from: new Date(now - SPAN_MS).toISOString(),
      to: new Date(now).toISOString(),
      max_points: 120,
    };
    const history = await ask(api.GET('/api/v1/history/power', { params: { query } }));
    for (const found of history.series) {
      const owner = wanted.find((one) => one.id === found.id);
      if (owner) this.byDevice.set(owner.device_id, { values: found.mean });
    }
  }

  /** Loads now and then until stopped; the cards do without when it fails. */
  watch(): () => void {
    const load = () => void this.#load().catch(() => undefined);
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }
}
