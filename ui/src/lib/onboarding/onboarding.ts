import { host } from '$lib/host';

let seen = false;

/** Whether this device should be led to the welcome page when nothing is connected. */
export async function wantsWelcome(): Promise<boolean> {
  return !seen && (await (await host()).preferences.get('welcome')) !== 'seen';
}

/** The welcome was finished or skipped; it can still be opened by its address. */
export async function welcomeSeen(): Promise<void> {
  seen = true;
  await (await host()).preferences.set('welcome', 'seen');
}
