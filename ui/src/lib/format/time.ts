import { language } from '$lib/language/language.svelte';
import { m } from '$lib/paraglide/messages';

import { THIN_SPACE, UNKNOWN } from './number';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: number, options: Intl.DateTimeFormatOptions, zone?: string): string {
  const key = `${language.locale} ${zone ?? ''} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language.locale, zone ? { ...options, timeZone: zone } : options);
    formats.set(key, found);
  }
  return found.format(at);
}

/** 17:42 */
export const clockTime = (at: number, zone?: string): string =>
  format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, zone);

/** 17:42:10 */
export const clockTimeWithSeconds = (at: number, zone?: string): string =>
  format(at, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }, zone);

/** Mo, 22. Nov., 17:42 */
export const dayAndTime = (at: number, zone?: string): string =>
  format(
    at,
    { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    zone,
  );

/** 22.11.2026, 17:42 */
export const dateAndTime = (at: number, zone?: string): string =>
  format(
    at,
    { day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    zone,
  );

export const dayAndMonth = (at: number, zone: string): string => format(at, { day: 'numeric', month: 'short' }, zone);
export const weekdayAndDay = (at: number, zone: string): string =>
  format(at, { weekday: 'short', day: '2-digit', month: '2-digit' }, zone);
export const shortMonth = (at: number, zone: string): string => format(at, { month: 'short' }, zone);
export const monthAndYear = (at: number, zone: string): string => format(at, { month: 'long', year: 'numeric' }, zone);
export const fullDay = (at: number, zone: string): string =>
  format(at, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, zone);

/** The zone's own short name at that instant (MEZ or MESZ), which tells a repeated hour apart. */
export function zoneName(at: number, zone: string): string {
  const options = { hour: 'numeric', timeZoneName: 'short', timeZone: zone } as const;
  const parts = new Intl.DateTimeFormat(language.locale, options).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

const parts = (seconds: number) => ({
  d: Math.floor(seconds / 86_400),
  h: Math.floor((seconds % 86_400) / 3600),
  min: Math.floor((seconds % 3600) / 60),
  s: Math.floor(seconds % 60),
});

/** A time span stays in one piece. */
const NO_BREAK = '\u00a0';

const join = (...pieces: [number, string][]) => pieces.map(([value, unit]) => value + THIN_SPACE + unit).join(NO_BREAK);

/** The two largest units: 1 h 41 min. */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null || !Number.isFinite(milliseconds)) return UNKNOWN;
  const { d, h, min, s } = parts(Math.max(0, milliseconds) / 1000);
  const days = m.unit_days();
  if (d > 0) return h > 0 ? join([d, days], [h, 'h']) : join([d, days]);
  if (h > 0) return min > 0 ? join([h, 'h'], [min, 'min']) : join([h, 'h']);
  if (min > 0) return join([min, 'min']);
  return join([s, 's']);
}

/** How old a value is, in words: just now, 12 s ago, 3 min ago. */
export function age(milliseconds: number | null): string {
  if (milliseconds === null) return m.age_unknown();
  if (milliseconds < 5000) return m.age_now();
  const { d, h, min, s } = parts(milliseconds / 1000);
  if (d > 0) return m.age_ago({ duration: join([d, m.unit_days()]) });
  if (h > 0) return m.age_ago({ duration: join([h, 'h']) });
  if (min > 0) return m.age_ago({ duration: join([min, 'min']) });
  return m.age_ago({ duration: join([s, 's']) });
}
