/** Reads a number as people write it, with a comma or a point; null if it is none. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.').replace('−', '-');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

export interface Bounds {
  min: number;
  max: number;
  step: number;
}

/** True if a value lies within bounds and on one of their steps. */
export function fits(value: number | null, { min, max, step }: Bounds): value is number {
  if (value === null || value < min || value > max) return false;
  // Steps like 0.1 are not exact in binary.
  const count = value / step;
  return Math.abs(count - Math.round(count)) < 1e-6;
}
