/** Part of a long list: from `first` up to, not including, `end`. */
export interface RowRange {
  first: number;
  end: number;
}

/** Rows drawn above and below what is visible, so that a flick of the finger meets no blank. */
const SPARE = 10;

/** Which rows of equal height a viewport shows whose top is `scrolled` below the top of the list. */
export function rowsInView(scrolled: number, viewport: number, height: number, count: number): RowRange {
  const first = Math.floor(scrolled / height) - SPARE;
  const end = Math.ceil((scrolled + viewport) / height) + SPARE;
  const within = (row: number) => Math.min(Math.max(row, 0), count);
  return { first: within(first), end: within(end) };
}
