import type { CalendarDate } from '@internationalized/date';

import {
  intervalFor,
  parseDay,
  PERIOD_KINDS,
  periodAt,
  rangeOf,
  lastDay,
  type Period,
  type PeriodKind,
} from '$lib/period/period';

export type View = 'power' | 'energy';

/** What the history page shows, as its address says it: it can be sent to somebody or gone back to. */
export interface HistoryAddress {
  period: Period;
  view: View;
  /** Ids of the shown series; null lets the page choose. */
  series: number[] | null;
  table: boolean;
  /** With the electricity price beside the curves. */
  prices: boolean;
}

const isKind = (text: string | null): text is PeriodKind => PERIOD_KINDS.some((kind) => kind === text);

/** A curve for a day or two, bars for anything longer. */
export const usualView = (period: Period): View => (intervalFor(period) === 'hour' ? 'power' : 'energy');

function readPeriod(query: URLSearchParams, today: CalendarDate): Period {
  const kind = query.get('period');
  if (kind === 'range') {
    const from = parseDay(query.get('from'));
    const to = parseDay(query.get('to'));
    if (from && to) return rangeOf(from, to);
  }
  return periodAt(isKind(kind) ? kind : 'day', parseDay(query.get('date')) ?? today);
}

function readSeries(text: string | null): number[] | null {
  if (text === null) return null;
  return text
    .split(',')
    .filter((part) => /^\d+$/.test(part))
    .map(Number);
}

export function readAddress(query: URLSearchParams, today: CalendarDate): HistoryAddress {
  const period = readPeriod(query, today);
  const view = query.get('view');
  return {
    period,
    view: view === 'power' || view === 'energy' ? view : usualView(period),
    series: readSeries(query.get('series')),
    table: query.get('table') === '1',
    prices: query.get('prices') === '1',
  };
}

/** The shortest query that reads back as the same address. */
export function writeAddress(address: HistoryAddress, today: CalendarDate): string {
  const { period, view, series, table, prices } = address;
  const query = new URLSearchParams();
  if (period.kind !== 'day') query.set('period', period.kind);
  if (period.kind === 'range') {
    query.set('from', period.start.toString());
    query.set('to', lastDay(period).toString());
  } else if (period.start.compare(periodAt(period.kind, today).start) !== 0) {
    query.set('date', period.start.toString());
  }
  if (view !== usualView(period)) query.set('view', view);
  if (series !== null) query.set('series', series.join(','));
  if (table) query.set('table', '1');
  if (prices) query.set('prices', '1');
  // Commas and colons are plain characters in a query and easier to read.
  return query.toString().replaceAll('%2C', ',');
}
