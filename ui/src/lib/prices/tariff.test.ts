import { describe, expect, it } from 'vitest';

import { ahead, cheapest, meanOver, ofOneSource, scaleOf, slotAt, stretchesUpTo, type Slot } from './tariff';

/** Hours from zero on, one for each price. */
const hours = (...prices: number[]): Slot[] =>
  prices.map((price, index) => ({ from: index * 60, to: (index + 1) * 60, price }));

describe('a tariff', () => {
  it('knows what holds now and what is to come', () => {
    const slots = hours(0.3, 0.2, 0.1);
    expect(slotAt(slots, 60)?.price).toBe(0.2);
    expect(slotAt(slots, 180)).toBeNull();
    expect(ahead(slots, 60).map((slot) => slot.price)).toEqual([0.2, 0.1]);
    expect(cheapest(hours(0.2, 0.1, 0.1))?.from).toBe(60);
    expect(cheapest([])).toBeNull();
  });

  it('joins the hours that are cheap enough', () => {
    expect(stretchesUpTo(hours(0.1, 0.2, 0.5, 0.2), 0.2)).toEqual([
      { from: 0, to: 120 },
      { from: 180, to: 240 },
    ]);
    expect(stretchesUpTo(hours(0.5), 0.2)).toEqual([]);
  });

  it('weighs a mean by time and knows nothing where there is no price', () => {
    expect(meanOver(hours(0.1, 0.3), 30, 120)).toBeCloseTo((0.1 * 30 + 0.3 * 60) / 90);
    expect(meanOver(hours(0.1), 60, 120)).toBeNull();
  });

  it('is drawn from zero, or from below it where energy is given away', () => {
    expect(scaleOf(hours(0.2, 0.3), null)).toEqual({ low: 0, high: 0.3 });
    expect(scaleOf(hours(-0.05, 0.3), 0.4)).toEqual({ low: -0.05, high: 0.4 });
  });

  it('is one tariff, also where two boxes tell it', () => {
    const price = (source_id: string) => ({ start: '', end: '', eur_per_kwh: 0.2, source_id });
    expect(ofOneSource([price('a'), price('b'), price('a')])).toHaveLength(2);
  });
});
