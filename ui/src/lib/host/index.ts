import { browserHost } from './browser';
import type { Host } from './types';

export type { Connection, Host, LiveListener, PreferenceKey, Stop } from './types';

/** The app window announces itself; everything else is a browser. */
async function find(): Promise<Host> {
  if ('__TAURI_INTERNALS__' in window) return (await import('./tauri')).windowHost;
  return browserHost;
}

let found: Promise<Host> | undefined;

/** The host of this page; found once. */
export const host = (): Promise<Host> => (found ??= find());
