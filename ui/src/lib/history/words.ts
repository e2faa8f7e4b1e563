import type { GapCause, Interval, Mark } from '$lib/api/types';
import { clockTime, dayAndMonth, dayAndTime, fullDay, monthAndYear, shortMonth, weekdayAndDay } from '$lib/format/time';
import { m } from '$lib/paraglide/messages';
import { timeOfDay } from '$lib/period/zone';

const causes: Record<GapCause, () => string> = {
  recorder_off: m.gap_recorder_off,
  source_offline: m.gap_source_offline,
  value_unknown: m.gap_value_unknown,
  clock_set_back: m.gap_clock_set_back,
  write_failed: m.gap_write_failed,
  counter_reset: m.gap_counter_reset,
  counter_jump: m.gap_counter_jump,
};

export const GAP_CAUSES = Object.keys(causes) as GapCause[];
export const causeWords = (cause: GapCause): string => causes[cause]();

/** What a value is worth, if it is not simply measured. */
export function markWords(mark: Mark): string | null {
  if (mark === 'recovered') return m.mark_recovered();
  if (mark === 'partial') return m.mark_partial();
  return mark === 'none' ? m.mark_none() : null;
}

/** The name of one bar: an hour, a day or a month. */
export function intervalWords(from: number, to: number, interval: Interval, zone: string): string {
  if (interval === 'month') return monthAndYear(from, zone);
  if (interval === 'day') return fullDay(from, zone);
  return `${weekdayAndDay(from, zone)}, ${timeOfDay(from, zone)} – ${clockTime(to, zone)}`;
}

/** The name of one bar where there is little room. */
export function shortIntervalWords(from: number, interval: Interval, zone: string): string {
  if (interval === 'month') return shortMonth(from, zone);
  return interval === 'day' ? dayAndMonth(from, zone) : timeOfDay(from, zone);
}

/** A zoomed span, from its first to its last minute. */
export function spanWords(from: number, to: number, zone: string): string {
  const sameDay = dayAndMonth(from, zone) === dayAndMonth(to - 1, zone);
  const end = sameDay ? timeOfDay(to, zone) : dayAndTime(to, zone);
  return `${dayAndTime(from, zone)} – ${end}`;
}
