import { number } from '$lib/format/number';
import { clockTimeWithSeconds, dayAndMonth } from '$lib/format/time';
import { m } from '$lib/paraglide/messages';
import { timeOfDay } from '$lib/period/zone';
import { meanOver, type Slot } from '$lib/prices/tariff';

import { slotCount, slotSpan } from './chart/cursor';
import type { Answer } from './data.svelte';
import type { ShownSeries } from './series';
import { mean, peak, total } from './totals';
import { causeWords, intervalWords } from './words';
import { overlaps } from './chart/frame';

export interface TableRow {
  key: number;
  time: string;
  values: string[];
  marks: string;
}

export interface Table {
  columns: { id: number; name: string; unit: string; color: string }[];
  rows: TableRow[];
  totals: { label: string; values: string[] }[];
}

const DIGITS = 2;
const CENTS = 100;
/** The price is no series; no series has this number. */
const PRICE = -1;

/** The chart's values as rows and columns, with the same rounding in every cell of a column. */
export function tableOf(answer: Answer, series: ShownSeries[], from: number, to: number, prices: Slot[]): Table {
  const count = slotCount(answer);
  const { zone } = answer.history;
  const valuesOf = (shown: ShownSeries): (number | null)[] =>
    answer.view === 'energy'
      ? (answer.history.series.find((one) => one.id === shown.id)?.wh ?? [])
      : (answer.history.series.find((one) => one.id === shown.id)?.mean ?? []);
  const cell = (shown: ShownSeries, value: number | null | undefined) =>
    shown.quantity === 'soc' ? number(value, 0) : number(value == null ? null : value / 1000, DIGITS);
  const values = series.map(valuesOf);

  function marksAt(index: number, span: { from: number; to: number }): string {
    const words = new Set<string>();
    for (const shown of series) {
      if (answer.view === 'energy') {
        const mark = answer.history.series.find((one) => one.id === shown.id)?.marks[index];
        if (mark === 'recovered') words.add(m.mark_recovered_short());
        if (mark === 'partial') words.add(m.mark_partial_short());
      } else {
        const ranges = answer.history.series.find((one) => one.id === shown.id)?.recovered ?? [];
        if (ranges.some(([a = 0, b = -1]) => index >= a && index <= b)) words.add(m.mark_recovered_short());
      }
    }
    for (const gap of answer.history.gaps) if (overlaps(gap, span.from, span.to)) words.add(causeWords(gap.cause));
    return [...words].join(', ');
  }

  function timeText(span: { from: number; to: number }): string {
    if (answer.view === 'energy') return intervalWords(span.from, span.to, answer.history.interval, zone);
    const precise =
      answer.history.step_ms < 60_000 ? clockTimeWithSeconds(span.from, zone) : timeOfDay(span.from, zone);
    return to - from > 25 * 3_600_000 ? `${dayAndMonth(span.from, zone)}, ${precise}` : precise;
  }

  /** Prices are one more column, where there are any. */
  const priceCell = (price: number | null) =>
    prices.length === 0 ? [] : [number(price === null ? null : price * CENTS, 1)];
  const pricesShown: (number | null)[] = [];

  const rows: TableRow[] = [];
  for (let index = 0; index < count; index += 1) {
    const span = slotSpan(answer, index);
    if (span.to <= from || span.from >= to) continue;
    // What lies ahead is no row: a table ends where the values end.
    if (span.from > Date.now()) break;
    const price = meanOver(prices, span.from, span.to);
    pricesShown.push(price);
    rows.push({
      key: index,
      time: timeText(span),
      values: [...series.map((shown, column) => cell(shown, values[column]?.[index])), ...priceCell(price)],
      marks: marksAt(index, span),
    });
  }

  const summary = (label: string, of: (column: (number | null)[]) => number | null) => ({
    label,
    values: [...series.map((shown, column) => cell(shown, of(values[column] ?? []))), ...priceCell(of(pricesShown))],
  });
  return {
    columns: [
      ...series.map((shown) => ({
        id: shown.id,
        name: shown.name,
        unit: shown.quantity === 'soc' ? '%' : answer.view === 'energy' ? 'kWh' : 'kW',
        color: shown.color,
      })),
      ...(prices.length === 0 ? [] : [{ id: PRICE, name: m.price_title(), unit: 'ct/kWh', color: 'var(--muted)' }]),
    ],
    rows,
    totals:
      answer.view === 'energy'
        ? [summary(m.table_total(), total)]
        : [summary(m.table_mean_max(), mean), summary(m.table_max(), peak)],
  };
}
