import type { PreferenceKey } from './types';

const name = (key: PreferenceKey) => `ladebuch.${key}`;

/** localStorage may be switched off; a forgotten preference must never break a page. */
export function readStored(key: PreferenceKey): string | null {
  try {
    return localStorage.getItem(name(key));
  } catch {
    return null;
  }
}

export function writeStored(key: PreferenceKey, value: string): void {
  try {
    localStorage.setItem(name(key), value);
  } catch {
    // The choice then lasts as long as the page.
  }
}
