import { api, ask } from '$lib/api/client';
import type { EnergyHistory, Interval, PowerHistory, Series } from '$lib/api/types';

import type { View } from './address';

/** Enough for every pixel of a wide screen. */
const MAX_POINTS = 1500;

export interface Query {
  view: View;
  series: number[];
  /** Local dates, or instants while zoomed. */
  from: string;
  to: string;
  interval: Interval;
}

export type Answer =
  { view: 'power'; query: Query; history: PowerHistory } | { view: 'energy'; query: Query; history: EnergyHistory };

/** What the history page asked for last and what it got. The last answer stays until the next one is there. */
export class HistoryData {
  series = $state.raw<Series[] | null>(null);
  zone = $state<string | null>(null);
  answer = $state.raw<Answer | null>(null);
  loading = $state(false);
  error = $state.raw<unknown>(null);
  #running: AbortController | null = null;

  async loadSeries(): Promise<void> {
    try {
      const list = await ask(api.GET('/api/v1/series'));
      this.series = list.series;
      this.zone = list.zone;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async load(query: Query): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.loading = true;
    try {
      const answer = await request(query, running.signal);
      if (this.#running !== running) return;
      this.answer = answer;
      this.error = null;
    } catch (error) {
      if (this.#running !== running) return;
      this.error = error;
    }
    this.loading = false;
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
  }
}

async function request(query: Query, signal: AbortSignal): Promise<Answer> {
  const range = { series: query.series.join(','), from: query.from, to: query.to };
  if (query.view === 'power') {
    const params = { query: { ...range, max_points: MAX_POINTS } };
    return { view: 'power', query, history: await ask(api.GET('/api/v1/history/power', { params, signal })) };
  }
  const params = { query: { ...range, interval: query.interval } };
  return { view: 'energy', query, history: await ask(api.GET('/api/v1/history/energy', { params, signal })) };
}

export type Flavour = 'rfc4180' | 'excel_de';

/** The address of the same values as a file. */
export function csvPath(query: Query, flavour: Flavour): string {
  const parameters = new URLSearchParams({ series: query.series.join(','), from: query.from, to: query.to, flavour });
  if (query.view === 'power') parameters.set('max_points', String(MAX_POINTS));
  else parameters.set('interval', query.interval);
  return `/api/v1/history/${query.view}.csv?${parameters.toString()}`;
}

/** True if nothing at all was recorded in the answered time. */
export const isEmpty = (answer: Answer): boolean =>
  answer.view === 'power'
    ? answer.history.series.every((one) => one.mean.every((value) => value === null))
    : answer.history.series.every((one) => one.wh.every((value) => value === null));
