import type { components } from '$lib/api/schema';

export type Price = components['schemas']['Price'];
export type RecordedPrice = components['schemas']['RecordedPrice'];

/** A price in € per kWh and when it holds, in epoch milliseconds. */
export interface Slot {
  from: number;
  to: number;
  price: number;
}

export const slotsOf = (prices: readonly Price[]): Slot[] =>
  prices.map(({ start, end, eur_per_kwh }) => ({ from: Date.parse(start), to: Date.parse(end), price: eur_per_kwh }));

export const slotAt = (slots: readonly Slot[], at: number): Slot | null =>
  slots.find((slot) => slot.from <= at && at < slot.to) ?? null;

/** What holds now and what is known of the time to come. */
export const ahead = (slots: readonly Slot[], now: number): Slot[] => slots.filter((slot) => slot.to > now);

/** The slot with the lowest price; the first of several. */
export const cheapest = (slots: readonly Slot[]): Slot | null =>
  slots.reduce<Slot | null>((best, slot) => (best === null || slot.price < best.price ? slot : best), null);

/** Stretches of time at which the price is at most `most`, neighbours joined. */
export function stretchesUpTo(slots: readonly Slot[], most: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const slot of slots) {
    if (slot.price > most) continue;
    const last = found.at(-1);
    if (last && last.to === slot.from) last.to = slot.to;
    else found.push({ from: slot.from, to: slot.to });
  }
  return found;
}

/** The mean price over a span, weighted by time; null where none is known. */
export function meanOver(slots: readonly Slot[], from: number, to: number): number | null {
  let sum = 0;
  let time = 0;
  for (const slot of slots) {
    const length = Math.min(slot.to, to) - Math.max(slot.from, from);
    if (length <= 0) continue;
    sum += slot.price * length;
    time += length;
  }
  return time === 0 ? null : sum / time;
}

/** The prices of one tariff: two boxes that tell the same market must not be drawn twice. */
export function ofOneSource(prices: readonly RecordedPrice[]): RecordedPrice[] {
  const first = prices[0]?.source_id;
  return prices.filter((price) => price.source_id === first);
}

/** The prices that a chart spans: from zero, or from below it where energy is given away. */
export function scaleOf(slots: readonly Slot[], limit: number | null): { low: number; high: number } {
  const values = [...slots.map((slot) => slot.price), ...(limit === null ? [] : [limit])];
  return { low: Math.min(0, ...values), high: Math.max(0.01, ...values) };
}
