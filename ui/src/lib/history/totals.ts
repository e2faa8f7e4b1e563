import { energy, inWords, percent, power } from '$lib/format/number';
import { m } from '$lib/paraglide/messages';

import type { Answer } from './data.svelte';
import type { ShownSeries } from './series';

const known = (values: (number | null)[]) => values.filter((value) => value !== null);

/** The sum of what is known; null if nothing is. */
export function total(values: (number | null)[]): number | null {
  const found = known(values);
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0);
}

/** The value farthest from zero; feeding in counts as much as drawing. */
export function peak(values: (number | null)[]): number | null {
  return known(values).reduce<number | null>(
    (most, value) => (most === null || Math.abs(value) > Math.abs(most) ? value : most),
    null,
  );
}

export function mean(values: (number | null)[]): number | null {
  const sum = total(values);
  return sum === null ? null : sum / known(values).length;
}

/** True if a series says anything but zero in the answered time. */
export function hasValues(answer: Answer, id: number): boolean {
  const found =
    answer.view === 'energy'
      ? answer.history.series.find((one) => one.id === id)?.wh
      : answer.history.series.find((one) => one.id === id)?.mean;
  return found?.some((value) => value !== null && value !== 0) ?? false;
}

/** What a series comes to in the shown time: kilowatt-hours, or the highest power. */
export function totalWords(answer: Answer, series: ShownSeries): string {
  if (answer.view === 'energy') {
    return inWords(energy(total(answer.history.series.find((one) => one.id === series.id)?.wh ?? [])));
  }
  const found = answer.history.series.find((one) => one.id === series.id);
  if (series.quantity === 'soc') return inWords(percent(found?.mean.findLast((value) => value !== null)));
  const highest = peak([...(found?.max ?? []), ...(found?.min ?? [])]);
  return `${m.chart_peak()} ${inWords(power(highest))}`;
}
