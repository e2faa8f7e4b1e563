import type { Gap } from '$lib/api/types';

import type { Answer } from '../data.svelte';
import { overlaps } from './frame';

/** A shaded stretch of the plot, as parts of its width. */
export interface Band {
  left: number;
  width: number;
  gap: Gap;
}

/** Where the chart has to say that something is missing, and why. */
export function bandsOf(answer: Answer, from: number, to: number): Band[] {
  const { history } = answer;
  const gaps = history.gaps.filter((gap) => overlaps(gap, from, to));
  if (answer.view === 'power') {
    return gaps.map((gap) => {
      const start = Math.max(from, Date.parse(gap.from));
      const end = Math.min(to, Date.parse(gap.to));
      return { left: (start - from) / (to - from), width: (end - start) / (to - from), gap };
    });
  }
  // Bars have no time within them: only an interval without any value is shaded, whole.
  const bounds = answer.history.bounds.map((at) => Date.parse(at));
  const count = bounds.length - 1;
  return bounds.slice(0, -1).flatMap((start, index) => {
    const gap = gaps.find((one) => overlaps(one, start, bounds[index + 1] ?? start));
    const empty = answer.history.series.every((one) => one.wh[index] == null);
    return gap && empty ? [{ left: index / count, width: 1 / count, gap }] : [];
  });
}
