import { CalendarDate } from '@internationalized/date';
import { describe, expect, it } from 'vitest';

import { readAddress, writeAddress } from './address';

const today = new CalendarDate(2026, 11, 22);
const read = (query: string) => readAddress(new URLSearchParams(query), today);
const again = (query: string) => writeAddress(read(query), today);

describe('the address of the history page', () => {
  it('shows today when it says nothing', () => {
    const address = read('');
    expect(address.period.start.toString()).toBe('2026-11-22');
    expect(address).toMatchObject({ view: 'power', series: null, table: false, prices: false });
    expect(again('')).toBe('');
  });

  it('reads back as what was written', () => {
    for (const query of [
      'period=month',
      'period=month&date=2026-03-01',
      'date=2026-10-25',
      'period=range&from=2026-01-05&to=2026-02-04',
      'period=year&date=2025-01-01&view=power',
      'view=energy&series=3,5&table=1',
      'table=1&prices=1',
      'series=',
    ]) {
      expect(again(query)).toBe(query);
    }
  });

  it('shows bars for longer periods and a curve for a day', () => {
    expect(read('period=month').view).toBe('energy');
    expect(read('period=day').view).toBe('power');
    expect(read('period=month&view=power').view).toBe('power');
  });

  it('moves a date to the start of its period', () => {
    expect(again('period=month&date=2026-03-17')).toBe('period=month&date=2026-03-01');
  });

  it('takes nonsense for nothing', () => {
    const address = read('period=century&date=2026-99-99&view=pie&series=1,x,-2,3&table=yes');
    expect(address.period.kind).toBe('day');
    expect(address.period.start.toString()).toBe('2026-11-22');
    expect(address.view).toBe('power');
    expect(address.series).toEqual([1, 3]);
    expect(address.table).toBe(false);
  });
});
