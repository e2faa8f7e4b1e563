import { ApiError, hostFetch } from '$lib/api/client';
import type { ProblemDetails } from '$lib/api/types';
import { host } from '$lib/host';
import { intervalFor, type Period } from '$lib/period/period';
import { localDate, startOfDay } from '$lib/period/zone';

import type { HistoryAddress } from './address';
import type { Span } from './chart/zoom';
import { csvPath, type Flavour, type Query } from './data.svelte';

const HOUR = 3_600_000;
const TWO_DAYS = 49 * HOUR;

/** The period as instants: it starts and ends at midnight on the household's clock. */
export const spanOf = (period: Period, zone: string): Span => ({
  from: startOfDay(period.start, zone),
  to: startOfDay(period.end, zone),
});

/** Widens a span to whole hours or days, so that no bar is cut. */
export function wholeBars(span: Span, zone: string): Span {
  if (span.to - span.from <= TWO_DAYS) {
    return { from: Math.floor(span.from / HOUR) * HOUR, to: Math.ceil(span.to / HOUR) * HOUR };
  }
  const last = localDate(span.to - 1, zone).add({ days: 1 });
  return { from: startOfDay(localDate(span.from, zone), zone), to: startOfDay(last, zone) };
}

function intervalOf(span: Span): Query['interval'] {
  if (span.to - span.from <= TWO_DAYS) return 'hour';
  return span.to - span.from <= 62 * 24 * HOUR ? 'day' : 'month';
}

/** What to ask the server for. Whole periods go as local dates: their midnights are the server's to find. */
export function queryFor(address: HistoryAddress, series: number[], zoom: Span | null, zone: string): Query {
  const { period, view } = address;
  if (zoom === null) {
    return { view, series, from: period.start.toString(), to: period.end.toString(), interval: intervalFor(period) };
  }
  const span = view === 'energy' ? wholeBars(zoom, zone) : zoom;
  return {
    view,
    series,
    from: new Date(span.from).toISOString(),
    to: new Date(span.to).toISOString(),
    interval: intervalOf(span),
  };
}

/** Fetches what a query shows as a file and hands it over. */
export async function saveCsv(query: Query, flavour: Flavour, zone: string): Promise<void> {
  const request = new Request(new URL(csvPath(query, flavour), location.origin), { headers: { accept: 'text/csv' } });
  const response = await hostFetch(request);
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Partial<ProblemDetails>;
    throw new ApiError(problem, response.status);
  }
  const day = (text: string) => (text.includes('T') ? localDate(Date.parse(text), zone).toString() : text);
  const name = `ladebuch-${query.view}-${day(query.from)}.csv`;
  await (await host()).saveFile(name, await response.blob());
}
