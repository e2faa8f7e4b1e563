import type { Gap } from '$lib/api/types';
import { energy, inWords, number, percent, power, price, THIN_SPACE, UNKNOWN } from '$lib/format/number';
import { clockTimeWithSeconds, dayAndMonth } from '$lib/format/time';
import { m } from '$lib/paraglide/messages';
import { timeOfDay } from '$lib/period/zone';
import { meanOver, type Slot } from '$lib/prices/tariff';

import type { Answer } from '../data.svelte';
import type { ShownSeries } from '../series';
import { causeWords, intervalWords, markWords } from '../words';
import { overlaps } from './frame';

interface Row {
  id: number;
  name: string;
  color: string;
  value: string;
  note: string | null;
}

/** The price is no series; no series has this number. */
const PRICE = -1;

/** What the chart says about one place on its time axis. */
export interface Reading {
  title: string;
  rows: Row[];
  gap: Gap | null;
}

/** How many places the marker can stand on. */
export function slotCount(answer: Answer): number {
  if (answer.view === 'energy') return Math.max(0, answer.history.bounds.length - 1);
  return Math.max(0, ...answer.history.series.map((one) => one.mean.length));
}

/** Start and end of a slot in time. */
export function slotSpan(answer: Answer, index: number): { from: number; to: number } {
  if (answer.view === 'energy') {
    const { bounds } = answer.history;
    return { from: Date.parse(bounds[index] ?? ''), to: Date.parse(bounds[index + 1] ?? '') };
  }
  const from = Date.parse(answer.history.start) + index * answer.history.step_ms;
  return { from, to: from + answer.history.step_ms };
}

/** The slot under a place of the plot, given as a part of its width. */
export function slotAt(answer: Answer, part: number, from: number, to: number): number {
  const last = slotCount(answer) - 1;
  const index =
    answer.view === 'energy'
      ? Math.floor(part * (last + 1))
      : Math.floor((from + part * (to - from) - Date.parse(answer.history.start)) / answer.history.step_ms);
  return Math.min(last, Math.max(0, index));
}

/** The middle of a slot as a part of the plot's width. */
export function slotPlace(answer: Answer, index: number, from: number, to: number): number {
  if (answer.view === 'energy') return (index + 0.5) / slotCount(answer);
  const span = slotSpan(answer, index);
  return ((span.from + span.to) / 2 - from) / (to - from);
}

const isRecovered = (ranges: number[][], index: number) => ranges.some(([a = 0, b = -1]) => index >= a && index <= b);

export function readingAt(answer: Answer, series: ShownSeries[], index: number, prices: Slot[]): Reading {
  const span = slotSpan(answer, index);
  const { zone } = answer.history;
  const gap = answer.history.gaps.find((one) => overlaps(one, span.from, span.to)) ?? null;
  if (answer.view === 'energy') {
    const rows = series.map((shown): Row => {
      const found = answer.history.series.find((one) => one.id === shown.id);
      const mark = found?.marks[index] ?? 'none';
      return { ...shown, value: inWords(energy(found?.wh[index])), note: markWords(mark) };
    });
    return { title: intervalWords(span.from, span.to, answer.history.interval, zone), rows, gap };
  }
  const rows = series.map(({ id, name, color, quantity }): Row => {
    const found = answer.history.series.find((one) => one.id === id);
    const mean = found?.mean[index] ?? null;
    const min = found?.min[index] ?? null;
    const max = found?.max[index] ?? null;
    const soc = quantity === 'soc';
    const value = inWords(soc ? percent(mean) : power(mean));
    const spread = !soc && min !== null && max !== null && max - min >= Math.max(500, Math.abs(mean ?? 0) * 0.3);
    const kilowatts = (watts: number) => number(watts / 1000, 1);
    const note = isRecovered(found?.recovered ?? [], index)
      ? m.mark_recovered()
      : spread
        ? `${m.chart_min_max({ min: kilowatts(min), max: kilowatts(max) })}${THIN_SPACE}kW`
        : null;
    return { id, name, color, value, note };
  });
  if (prices.length > 0) {
    const value = inWords(price(meanOver(prices, span.from, span.to)));
    rows.push({ id: PRICE, name: m.price_title(), color: 'var(--muted)', value, note: null });
  }
  const precise = answer.history.step_ms < 60_000 ? clockTimeWithSeconds(span.from, zone) : timeOfDay(span.from, zone);
  return { title: `${dayAndMonth(span.from, zone)}, ${precise}`, rows, gap };
}

/** The reading in one sentence, for those who hear the chart. */
export const spoken = (reading: Reading): string =>
  [
    reading.title,
    ...reading.rows.filter((row) => !row.value.startsWith(UNKNOWN)).map((row) => `${row.name} ${row.value}`),
    reading.gap ? causeWords(reading.gap.cause) : '',
  ]
    .filter(Boolean)
    .join(', ');
