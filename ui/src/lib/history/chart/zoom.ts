/** A span of time within the period, in epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** Less than this shows nothing that was recorded. */
const SHORTEST_MS = 5 * 60_000;

/** Clips a wished span to the period; the whole period is no zoom. */
export function clip(wish: Span, whole: Span): Span | null {
  const length = Math.max(wish.to - wish.from, Math.min(SHORTEST_MS, whole.to - whole.from));
  if (length >= whole.to - whole.from) return null;
  const from = Math.min(Math.max(wish.from, whole.from), whole.to - length);
  return { from, to: from + length };
}

/** Zooms by a factor around a place, given as a part of the shown span: what is under the pointer stays there. */
export function zoomAt(shown: Span, part: number, factor: number, whole: Span): Span | null {
  const centre = shown.from + part * (shown.to - shown.from);
  return clip({ from: centre - (centre - shown.from) * factor, to: centre + (shown.to - centre) * factor }, whole);
}
