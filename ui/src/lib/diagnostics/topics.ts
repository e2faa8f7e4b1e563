import type { Topic } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';

/** What Ladebuch makes of a topic. */
export type Understanding = 'understood' | 'ignored' | 'unknown' | 'malformed';

/** Stands for a value that nobody is shown. */
const HIDDEN = '(hidden)';
const MALFORMED = 'malformed: ';

export function understandingOf({ meaning }: Topic): Understanding {
  if (meaning === 'ignored' || meaning === 'unknown') return meaning;
  return meaning.startsWith(MALFORMED) ? 'malformed' : 'understood';
}

export function isNotUnderstood(topic: Topic): boolean {
  const understanding = understandingOf(topic);
  return understanding === 'unknown' || understanding === 'malformed';
}

const words: Record<Understanding, () => string> = {
  understood: m.diag_understood,
  ignored: m.diag_ignored,
  unknown: m.diag_unknown,
  malformed: m.diag_malformed,
};

export const understandingWords = (topic: Topic): string => words[understandingOf(topic)]();

/** What was read from a value, or why nothing could be; null where there is nothing to add. */
export function detailOf(topic: Topic): string | null {
  const understanding = understandingOf(topic);
  if (understanding === 'malformed') return topic.meaning.slice(MALFORMED.length);
  return understanding === 'understood' ? topic.meaning : null;
}

export const isHidden = (topic: Topic): boolean => topic.value === HIDDEN;

/** The topics in which every word of a search occurs, in the topic, its value or what was read from it. */
export function find(topics: Topic[], search: string, notUnderstood: boolean): Topic[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  return topics.filter((topic) => {
    if (notUnderstood && !isNotUnderstood(topic)) return false;
    if (wanted.length === 0) return true;
    const text = `${topic.topic}\n${topic.value}\n${topic.meaning}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** A value for reading: documents get a line for each of their members. */
export function readable(value: string): string {
  if (!/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    // Cut, or no document after all: shown as it is.
    return value;
  }
}
