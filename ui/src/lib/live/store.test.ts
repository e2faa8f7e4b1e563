import { beforeEach, describe, expect, it } from 'vitest';

import type { House, LiveDevice, LiveMessage, LiveSource, SourceState } from '$lib/api/types';

import { LiveStore } from './store.svelte';

const house: House = { inputs: [], outputs: [], input_w: null, output_w: null, unknown_w: null };

const source = (id: string, state: SourceState = 'live'): LiveSource => ({
  id,
  kind: 'openwb',
  name: id,
  state,
  since: '2026-11-22T12:00:00Z',
  last_heard_at: null,
  software_version: null,
  problem: null,
  retry_at: null,
  tariff: null,
  unknown_topics: 0,
  malformed: 0,
  last_malformed: null,
});

const device = (id: string, power_w: number | null): LiveDevice => ({
  id,
  source_id: 'box',
  kind: 'meter',
  name: id,
  external_id: id,
  linked_to: null,
  color_slot: 0,
  updated_at: '2026-11-22T12:00:00Z',
  stale: false,
  fault: null,
  power_w,
  powers_w: null,
  currents_a: null,
  voltages_v: null,
  apparent_power_va: null,
  apparent_energy_vah: null,
  imported_wh: null,
  exported_wh: null,
  produced_wh: null,
  soc_percent: null,
  charge_point: null,
});

const snapshot = (revision: number, sources: LiveSource[], devices: LiveDevice[]): LiveMessage => ({
  type: 'snapshot',
  snapshot: { at: new Date().toISOString(), revision, demo: false, zone: 'Europe/Berlin', house, sources, devices },
});

type Changes = Extract<LiveMessage, { type: 'changes' }>;
const changes = (revision: number, change: Partial<Changes>): LiveMessage => ({
  type: 'changes',
  at: new Date().toISOString(),
  revision,
  house,
  sources: [],
  devices: [],
  removed: [],
  removed_sources: [],
  ...change,
});

let store: LiveStore;
beforeEach(() => {
  store = new LiveStore();
});

describe('the live store', () => {
  it('is not ready before the first snapshot', () => {
    expect(store.ready).toBe(false);
    expect(store.health).toBe('connecting');
  });

  it('replaces devices by id and leaves the others as they are', () => {
    store.apply(snapshot(1, [source('box')], [device('a', 1), device('b', 2)]));
    const untouched = store.devices.get('b');
    store.apply(changes(2, { devices: [device('a', 5)] }));
    expect(store.devices.get('a')?.power_w).toBe(5);
    expect(store.devices.get('b')).toBe(untouched);
  });

  it('forgets what is gone', () => {
    store.apply(snapshot(1, [source('box'), source('other')], [device('a', 1), device('b', 2)]));
    store.apply(changes(2, { removed: ['b'], removed_sources: ['other'] }));
    expect([...store.devices.keys()]).toEqual(['a']);
    expect(store.sources.map((one) => one.id)).toEqual(['box']);
    store.apply(snapshot(3, [], [device('c', 1)]));
    expect([...store.devices.keys()]).toEqual(['c']);
  });

  it('keeps sources in their order when one of them changes', () => {
    store.apply(snapshot(1, [source('first'), source('second')], []));
    store.apply(changes(2, { sources: [source('first', 'stale'), source('third')] }));
    expect(store.sources.map((one) => one.id)).toEqual(['first', 'second', 'third']);
    expect(store.source('first')?.state).toBe('stale');
  });

  it('ignores changes that the snapshot already held', () => {
    store.apply(snapshot(7, [source('box')], [device('a', 7)]));
    store.apply(changes(7, { devices: [device('a', 1)] }));
    expect(store.devices.get('a')?.power_w).toBe(7);
  });

  it('shows the most serious state of its sources', () => {
    store.apply(snapshot(1, [source('a'), source('b', 'stale')], []));
    expect(store.health).toBe('stale');
    store.apply(changes(2, { sources: [source('a', 'offline')] }));
    expect(store.health).toBe('offline');
    store.apply(snapshot(3, [source('a'), source('b')], []));
    expect(store.health).toBe('live');
    store.apply(snapshot(4, [], []));
    expect(store.health).toBe('empty');
  });

  it('is offline from the break of the connection until a new snapshot is there', () => {
    store.apply(snapshot(1, [source('box')], []));
    store.connected('closed');
    expect(store.health).toBe('offline');
    store.connected('connecting');
    store.connected('open');
    expect(store.health).toBe('offline');
    store.apply(snapshot(1, [source('box')], []));
    expect(store.health).toBe('live');
  });

  it('measures ages with the server’s clock', () => {
    const hourAhead = new Date(Date.now() + 3_600_000).toISOString();
    store.apply({
      type: 'snapshot',
      snapshot: { at: hourAhead, revision: 1, demo: false, zone: 'Europe/Berlin', house, sources: [], devices: [] },
    });
    expect(store.age(hourAhead)).toBeLessThan(2000);
    expect(store.age(null)).toBeNull();
  });
});
