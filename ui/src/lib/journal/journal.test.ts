import { beforeEach, describe, expect, it } from 'vitest';

import type { CommandRecord } from '$lib/control/command';

import { Journal, PAGE_SIZE } from './journal.svelte';

const record = (number: number): CommandRecord => ({
  id: String(number).padStart(4, '0'),
  charge_point_id: 'garage',
  command: { kind: 'query_soc' },
  author: 'owner',
  until_unplug: false,
  sent_at: '2026-11-22T12:00:00Z',
  finished_at: null,
  outcome: 'confirmed',
  reason: null,
  said: null,
});

let written: CommandRecord[];
let journal: Journal;
const ids = () => journal.entries?.map((entry) => Number(entry.id));

/** Writes entries up to a number. */
const write = (upTo: number) => {
  for (let number = written.length + 1; number <= upTo; number += 1) written.unshift(record(number));
};

beforeEach(() => {
  written = [];
  journal = new Journal('garage', ({ before, limit }) =>
    Promise.resolve(written.filter((entry) => before === undefined || entry.id < before).slice(0, limit)),
  );
});

describe('the journal', () => {
  it('begins with the newest and goes back as far as asked', async () => {
    write(PAGE_SIZE + 5);
    await journal.refresh();
    expect(journal.entries).toHaveLength(PAGE_SIZE);
    expect(journal.more).toBe(true);
    await journal.loadMore();
    expect(journal.entries).toHaveLength(PAGE_SIZE + 5);
    expect(journal.more).toBe(false);
  });

  it('keeps what was loaded when news comes', async () => {
    write(PAGE_SIZE + 5);
    await journal.refresh();
    await journal.loadMore();
    write(PAGE_SIZE + 7);
    await journal.refresh();
    expect(ids()).toEqual(Array.from({ length: PAGE_SIZE + 7 }, (_, index) => PAGE_SIZE + 7 - index));
    expect(journal.more).toBe(false);
  });

  it('has no hole when more came than one request brings', async () => {
    write(5);
    await journal.refresh();
    write(5 + PAGE_SIZE + 3);
    await journal.refresh();
    expect(journal.entries).toHaveLength(PAGE_SIZE);
    await journal.loadMore();
    expect(ids()).toEqual(Array.from({ length: PAGE_SIZE + 8 }, (_, index) => PAGE_SIZE + 8 - index));
  });

  it('says when it could not be read', async () => {
    const broken = new Journal('garage', () => Promise.reject(new Error('no')));
    await broken.refresh();
    expect(broken.error).toBeInstanceOf(Error);
    expect(broken.loading).toBe(false);
  });
});
