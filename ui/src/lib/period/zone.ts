import { CalendarDate, fromAbsolute, toCalendarDate, type ZonedDateTime } from '@internationalized/date';

import { clockTime, zoneName } from '$lib/format/time';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const wallClock = (at: number, zone: string) => {
  const local = fromAbsolute(at, zone);
  return `${local.day} ${local.hour}:${local.minute}`;
};

/** True in the hour that a clock set back shows twice. */
export function isRepeatedHour(at: number, zone: string): boolean {
  const here = wallClock(at, zone);
  return here === wallClock(at - HOUR, zone) || here === wallClock(at + HOUR, zone);
}

/** 02:00, and in a repeated hour 02:00 MESZ and 02:00 MEZ. */
export function timeOfDay(at: number, zone: string): string {
  const text = clockTime(at, zone);
  return isRepeatedHour(at, zone) ? `${text} ${zoneName(at, zone)}` : text;
}

export const startOfDay = (date: CalendarDate, zone: string): number => date.toDate(zone).getTime();

export const localDate = (at: number, zone: string): CalendarDate => toCalendarDate(fromAbsolute(at, zone));

export type TickUnit = 'minute' | 'hour' | 'day' | 'month';
export interface Ticks {
  unit: TickUnit;
  at: number[];
}

const MINUTE_STEPS = [1, 2, 5, 10, 15, 30, 60];
const HOUR_STEPS = [2, 3, 6, 12];
const DAY_STEPS = [1, 2, 7];

/** Every instant of a fixed step whose wall clock passes the test. */
function walk(from: number, to: number, zone: string, step: number, passes: (local: ZonedDateTime) => boolean) {
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    if (passes(fromAbsolute(at, zone))) found.push(at);
  }
  return found;
}

function eachDay(
  from: number,
  to: number,
  zone: string,
  next: (date: CalendarDate) => CalendarDate,
  first: CalendarDate,
) {
  const found: number[] = [];
  for (let date = first; startOfDay(date, zone) <= to; date = next(date)) {
    const at = startOfDay(date, zone);
    if (at >= from) found.push(at);
  }
  return found;
}

/**
 * Round instants on the household's clock for an axis with room for `most` labels. On the day the clock is set back
 * both 02:00 are there, on the day it is set forward none is.
 */
export function ticks(from: number, to: number, zone: string, most: number): Ticks {
  const span = to - from;
  for (const minutes of MINUTE_STEPS) {
    if (span / (minutes * MINUTE) <= most) {
      const at = walk(from, to, zone, minutes * MINUTE, (local) => local.minute % minutes === 0);
      return { unit: minutes === 60 ? 'hour' : 'minute', at };
    }
  }
  for (const hours of HOUR_STEPS) {
    if (span / (hours * HOUR) <= most) {
      const at = walk(from, to, zone, HOUR / 2, (local) => local.minute === 0 && local.hour % hours === 0);
      return { unit: 'hour', at };
    }
  }
  const first = localDate(from, zone);
  for (const days of DAY_STEPS) {
    if (span / (days * 24 * HOUR) <= most) {
      return { unit: 'day', at: eachDay(from, to, zone, (date) => date.add({ days }), first) };
    }
  }
  const months = Math.max(1, Math.ceil(span / (30 * 24 * HOUR) / most));
  const at = eachDay(from, to, zone, (date) => date.add({ months }), first.set({ day: 1 }));
  return { unit: 'month', at };
}

/** True for a name of the IANA time zone list that this device knows. */
export function isZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Time zones to choose from; any other known name can be typed. */
export const zonesOfDevice = (): string[] => Intl.supportedValuesOf('timeZone');
