import { Server } from './server.mjs';

/** What a worker has to know of the demo that all of them look at. */
export interface Demo {
  url: string;
  token: string;
}

const VARIABLE = 'LADEBUCH_E2E_DEMO';

/**
 * Starts the demo once for all workers: living through thirteen months takes a while, and no test changes it.
 * Returns what ends it.
 */
export default async function startDemo(): Promise<() => Promise<void>> {
  const server = await Server.start('--demo');
  const demo: Demo = { url: server.url, token: server.token };
  process.env[VARIABLE] = JSON.stringify(demo);
  return () => server.stop();
}

/** The demo that was started for all. */
export function runningDemo(): Demo {
  const told = process.env[VARIABLE];
  if (told === undefined) throw new Error('the demo is not running');
  return JSON.parse(told) as Demo;
}
