import { SvelteMap } from 'svelte/reactivity';

import type { House, LiveDevice, LiveMessage, LiveSource, SourceKind } from '$lib/api/types';
import type { Connection, Host, Stop } from '$lib/host';

import { clock } from './clock.svelte';

/** All is well, something wants attention, something is old, or nothing comes in; in rising order of concern. */
export type Health = 'connecting' | 'live' | 'troubled' | 'stale' | 'offline' | 'empty';

/**
 * The live view as the page holds it: a snapshot, then changes. Objects are replaced whole,
 * so only what shows a changed device is drawn again.
 */
export class LiveStore {
  connection = $state<Connection>('connecting');
  /** False until the first snapshot has come. */
  ready = $state(false);
  demo = $state(false);
  zone = $state('Europe/Berlin');
  house = $state.raw<House | null>(null);
  sources = $state.raw<LiveSource[]>([]);
  readonly devices = new SvelteMap<string, LiveDevice>();
  /** When the connection to the server broke, in this device's time. */
  closedAt = $state<number | null>(null);

  #revision = -1;
  /** Server time minus this device's time: ages must not depend on a phone's wrong clock. */
  #skew = $state(0);

  /** Every device with a place of its own: a station that is also seen from near has its place there. */
  readonly shown = $derived(
    [...this.devices.values()].filter((device) => device.linked_to === null || !this.devices.has(device.linked_to)),
  );
  readonly chargePoints = $derived(this.shown.filter((device) => device.kind === 'charge_point'));

  readonly health = $derived.by((): Health => {
    if (!this.ready) return this.connection === 'closed' ? 'offline' : 'connecting';
    if (this.closedAt !== null) return 'offline';
    if (this.sources.length === 0) return 'empty';
    const states = this.sources.map((source) => source.state);
    if (states.includes('offline')) return 'offline';
    if (states.includes('stale')) return 'stale';
    if (states.includes('connecting')) return 'connecting';
    return this.sources.some((source) => source.problem) ? 'troubled' : 'live';
  });

  /** The server's time now; follows the shared ticker. */
  get now(): number {
    return clock.now + this.#skew;
  }

  /** Age in milliseconds of something that happened at a server time. */
  age(at: string | null | undefined): number | null {
    return at == null ? null : Math.max(0, this.now - Date.parse(at));
  }

  source(id: string): LiveSource | undefined {
    return this.sources.find((source) => source.id === id);
  }

  /** What kind of source sees a device. */
  kindOf(device: { source_id: string }): SourceKind | undefined {
    return this.source(device.source_id)?.kind;
  }

  /** The same wallbox as the cloud sees it. */
  witness(id: string): LiveDevice | undefined {
    return [...this.devices.values()].find((device) => device.linked_to === id);
  }

  start(host: Host): Stop {
    // What an earlier visit left behind says nothing about now.
    this.ready = false;
    this.closedAt = null;
    return host.live({
      message: (text) => this.apply(JSON.parse(text) as LiveMessage),
      connection: (state) => this.connected(state),
    });
  }

  connected(state: Connection): void {
    this.connection = state;
    if (state === 'closed') this.closedAt ??= Date.now();
  }

  apply(message: LiveMessage): void {
    if (message.type === 'snapshot') {
      const { snapshot } = message;
      this.#revision = snapshot.revision;
      this.#tellTime(snapshot.at);
      this.demo = snapshot.demo;
      this.zone = snapshot.zone;
      this.house = snapshot.house;
      this.sources = snapshot.sources;
      const kept = new Set(snapshot.devices.map((device) => device.id));
      for (const id of [...this.devices.keys()]) if (!kept.has(id)) this.devices.delete(id);
      for (const device of snapshot.devices) this.devices.set(device.id, device);
      this.ready = true;
      // Only now are the values on the page true again.
      this.closedAt = null;
      return;
    }
    // A change that the snapshot already held.
    if (message.revision <= this.#revision) return;
    this.#revision = message.revision;
    this.#tellTime(message.at);
    this.house = message.house;
    const gone = new Set([...message.removed_sources, ...message.sources.map((source) => source.id)]);
    if (gone.size > 0) {
      const order = this.sources.map((source) => source.id);
      const place = (source: LiveSource) => (order.includes(source.id) ? order.indexOf(source.id) : order.length);
      this.sources = [...this.sources.filter((source) => !gone.has(source.id)), ...message.sources].sort(
        (a, b) => place(a) - place(b),
      );
    }
    for (const device of message.devices) this.devices.set(device.id, device);
    for (const id of message.removed) this.devices.delete(id);
  }

  #tellTime(at: string): void {
    const skew = Date.parse(at) - Date.now();
    // The network's jitter is no news about the clocks.
    if (Math.abs(skew - this.#skew) > 1000) this.#skew = skew;
  }
}

export const live = new LiveStore();
