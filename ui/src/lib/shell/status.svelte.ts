import { SvelteSet } from 'svelte/reactivity';

import { api, ApiError, ask } from '$lib/api/client';
import type { Status } from '$lib/api/types';

type Notice = Status['notices'][number];

const keyOf = (notice: Notice) => `${notice.code} ${notice.at}`;

const EVERY_MS = 30_000;

/** What the server says about itself, asked for now and then. */
class ServerStatus {
  current = $state.raw<Status | null>(null);
  /** Why Ladebuch could not start, in its own words; null if it did. */
  startFailure = $state.raw<string | null>(null);
  readonly #dismissed = new SvelteSet<string>();

  /** Why nothing is being written; null while all is well. */
  readonly recorderProblem = $derived(this.current?.recorder.problem ?? null);

  /** The newest matter that was not put away yet. */
  readonly notice = $derived.by(() => {
    const open = this.current?.notices.filter((notice) => !this.#dismissed.has(keyOf(notice))) ?? [];
    return open.at(-1) ?? null;
  });

  async refresh(): Promise<void> {
    try {
      this.current = await ask(api.GET('/api/v1/status'));
      this.startFailure = null;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'start_failed') this.startFailure = error.message;
      throw error;
    }
  }

  dismiss(notice: Notice): void {
    this.#dismissed.add(keyOf(notice));
  }

  /** Asks until stopped; failures are the connection's matter and shown there. */
  watch(): () => void {
    const look = () => void this.refresh().catch(() => undefined);
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }
}

export const serverStatus = new ServerStatus();
